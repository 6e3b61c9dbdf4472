"""Where models are asked whose servers `arena models up` runs: their addresses follow from `serve` and `served_by`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import HttpUrl

from arena.errors import SettingsError
from arena.settings.models import ModelSettings
from arena.settings.serve import ServeSettings

FIRST_PORT = 8001
"""Of the model servers that the file gives no port."""


def placed(path: Path, given: Sequence[ModelSettings]) -> tuple[ModelSettings, ...]:
    """The models of a file, each that has `serve` or `served_by` with its endpoints. Raises `SettingsError` naming the
    file, for what two of them cannot both have.

    Where the file gives a server no port, it is the first from 8001 on that the file does not use, in its order.
    """
    taken = {url.port for model in given for url in model.servers}
    ports = iter(port for port in range(FIRST_PORT, 65_536) if port not in taken)
    served = {m.name: _served(path, m, m.serve, ports) for m in given if m.serve is not None}
    _refuse_shared(path, served)
    models = []
    for model in given:
        if model.served_by is None:
            models.append(served.get(model.name, model))
            continue
        base = served.get(model.served_by)
        if base is None or base.serve is None or model.serve is not None or model.servers:
            raise SettingsError(
                f"{path}: {model.name} is served_by {model.served_by!r}. Name a model that has [models.serve], and "
                f"give {model.name} neither endpoint nor serve of its own."
            )
        if model.served_name not in (base.served_name, *base.serve.lora):
            names = ", ".join((base.served_name, *base.serve.lora))
            raise SettingsError(
                f"{path}: {model.name} has the served_name {model.served_name!r}, and {base.name} serves {names}. "
                "Correct it, or add the adapter to its serve.lora."
            )
        of_server = {"endpoints": base.servers, "api_key_env": model.api_key_env or base.api_key_env}
        models.append(model.model_copy(update=of_server))
    return tuple(models)


def _served(path: Path, model: ModelSettings, serve: ServeSettings, ports: Iterator[int]) -> ModelSettings:
    """The model with an endpoint for each of its replicas."""
    given = model.servers
    if model.served_name in serve.lora:
        raise SettingsError(
            f"{path}: {model.name} and an adapter of its serve.lora are both served as {model.served_name!r}; "
            "rename one."
        )
    for url in given:
        if (url.path or "").rstrip("/") != "/v1" or url.username or url.query:
            raise SettingsError(
                f"{path}: {model.name} has the endpoint {url.scheme}://{url.host}, where serve is to run a server. "
                "Write http://HOST:PORT/v1."
            )
    if len(given) == 1 and serve.replicas > 1:
        first, ports = given[0], iter(range((given[0].port or 80), 65_536))
        given = tuple(HttpUrl(f"{first.scheme}://{first.host}:{next(ports)}/v1") for _ in range(serve.replicas))
    given = given or tuple(HttpUrl(f"http://127.0.0.1:{next(ports)}/v1") for _ in range(serve.replicas))
    if len(given) != serve.replicas:
        raise SettingsError(
            f"{path}: {model.name} has {len(given)} endpoints and {serve.replicas} replica(s). Give it one endpoint a "
            "replica, or the first alone: the others have the ports after it."
        )
    return model.model_copy(update={"endpoint": given[0], "endpoints": given})


def _refuse_shared(path: Path, served: Mapping[str, ModelSettings]) -> None:
    """Raise where two servers would have the same GPU or the same port."""
    owners: dict[str, str] = {}
    for name, model in served.items():
        gpus = () if model.serve is None else model.serve.stated_gpus
        for thing in (*(f"GPU {gpu}" for gpu in gpus), *(f"port {url.port}" for url in model.servers)):
            if thing in owners:
                raise SettingsError(f"{path}: {owners[thing]} and {name} both have {thing}; give each its own.")
            owners[thing] = name
