"""What a configuration asks for: which server runs where, with which command."""

import hashlib
import itertools
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from arena.errors import SettingsError
from arena.serving import gpus as cards
from arena.settings import Settings
from arena.settings.models import ModelSettings
from arena.settings.serve import ServeSettings, is_folder

PARALLEL: Final = {
    "--tensor-parallel-size": 1,
    "-tp": 1,
    "--pipeline-parallel-size": 1,
    "-pp": 1,
    "--data-parallel-size": 1,
    "-dp": 1,
}
SEVERAL_MACHINES: Final = frozenset({"ray", "--nnodes", "-n", "--data-parallel-size-local", "-dpl"})
"""Arguments by which a server uses GPUs of other machines too, so that its own are no product of its sizes."""
QUIET: Final = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}
"""Nothing is reported to anybody, unless the caller's environment says so; and the log is there at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPlan:
    """One server that is to run."""

    name: str
    """The model's name and the number of the replica, `MODEL-1`: also the name of its files."""
    model: str
    endpoint: str
    """Base URL ending in /v1."""
    gpus: tuple[int, ...]
    recipe: str
    """Hash of all that is served, GPUs apart: a server of another recipe is another server."""
    command: tuple[str, ...] = field(default=(), compare=False)
    environment: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.endpoint.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[1])


def program(environment: Mapping[str, str]) -> str:
    """The `vllm` of this environment. Raises `SettingsError` when there is none."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("vllm", path=os.pathsep.join((environment.get("PATH", os.defpath), beside)))
    if found is None:
        raise SettingsError(
            "There is no program vllm on PATH; install it with `pip install vllm`, or start this command in the "
            "environment that has it."
        )
    return found


def planned(
    settings: Settings, environment: Mapping[str, str], vllm: str, running: Mapping[str, ServerPlan]
) -> list[ServerPlan]:
    """The servers of a configuration, in its order. `running` ones keep their GPUs where they can.

    Raises `SettingsError` when the file asks for no server, for more GPUs than there are, or for none of what its
    arguments use.
    """
    served = [(model, model.serve) for model in settings.models if model.serve is not None]
    if not served:
        raise SettingsError("No model of the file has a [models.serve] table; add one, as docs/serving.md shows.")
    recipes: dict[str, ServerPlan] = {}
    wants: list[cards.Want] = []
    for model, serve in served:
        _refuse_sizes(model.name, serve)
        for number, endpoint in enumerate(model.servers):
            plan = _recipe(model, serve, number, str(endpoint).rstrip("/"), vllm)
            recipes[plan.name] = plan
            each, before = serve.gpus_each, running.get(plan.name)
            had = before.gpus if before is not None and before.recipe == plan.recipe else ()
            stated = serve.stated_gpus[number * each : (number + 1) * each]
            wants.append(cards.Want(server=plan.name, count=each, stated=stated, had=had))
    asked = any(want.count for want in wants)
    there = cards.present(environment.get("CUDA_VISIBLE_DEVICES")) if asked else []
    given = cards.assign(wants, there)
    keys = frozenset(model.api_key_env for model in settings.models if model.api_key_env is not None)
    own_key = {model.name: model.api_key_env for model, _ in served}
    return [
        ServerPlan(
            name=plan.name,
            model=plan.model,
            endpoint=plan.endpoint,
            gpus=given[name],
            recipe=plan.recipe,
            command=plan.command,
            environment=_environment(environment, keys, own_key[plan.model], given[name]),
        )
        for name, plan in recipes.items()
    ]


def command(model: ModelSettings, serve: ServeSettings, endpoint: str, vllm: str) -> tuple[str, ...]:
    """The command line of one server. It holds no secret: everybody on the machine can read it."""
    host, _, port = endpoint.split("://", 1)[1].split("/", 1)[0].rpartition(":")
    words = [vllm, "serve", _place(serve.model)]
    if serve.revision is not None:
        words += ["--revision", serve.revision]
    words += ["--served-model-name", model.served_name, "--host", host.strip("[]"), "--port", port]
    names = {_option(argument) for argument in serve.args}
    if serve.gpus_each > 1 and not names & (PARALLEL.keys() | SEVERAL_MACHINES):
        words += ["--tensor-parallel-size", str(serve.gpus_each)]
    if serve.lora:
        words += ["--enable-lora"]
        if "--max-loras" not in names:
            words += ["--max-loras", str(len(serve.lora))]  # with fewer, answers of two adapters wait for each other
        words += ["--lora-modules", *(f"{name}={_place(path)}" for name, path in serve.lora.items())]
    return (*words, *serve.args)


def _recipe(model: ModelSettings, serve: ServeSettings, number: int, endpoint: str, vllm: str) -> ServerPlan:
    words = command(model, serve, endpoint, vllm)
    facts = json.dumps([*words[1:], model.api_key_env, serve.gpus_each])
    return ServerPlan(
        name=f"{model.name}-{number + 1}",
        model=model.name,
        endpoint=endpoint,
        gpus=(),
        recipe=hashlib.sha256(facts.encode()).hexdigest(),
        command=words,
    )


def _environment(
    inherited: Mapping[str, str], keys: frozenset[str], own_key: str | None, gpus: Sequence[int]
) -> dict[str, str]:
    """The variables of one server: its own key as vLLM wants it, and no key of another model."""
    if own_key is not None and not inherited.get(own_key):
        raise SettingsError(
            f"The environment variable {own_key} is to hold the key of a model server and is not set; set it."
        )
    kept = {name: value for name, value in inherited.items() if name not in keys and name != "VLLM_API_KEY"}
    own = {"VLLM_API_KEY": inherited[own_key]} if own_key is not None else {}
    return {**QUIET, **kept, **own, **cards.visible_devices(gpus)}


def _place(path: str) -> str:
    """A folder as the server finds it; a hub id as it is."""
    return str(Path(path).expanduser().absolute()) if is_folder(path) else path


def _option(argument: str) -> str:
    return argument.split("=", maxsplit=1)[0].replace("_", "-") if argument.startswith("--") else argument


def _refuse_sizes(name: str, serve: ServeSettings) -> None:
    """Raise where the parallel sizes in `args` are not what `gpus` gives."""
    product, stated = 1, False
    words = [word for argument in serve.args for word in argument.split("=", maxsplit=1)]
    for option, value in itertools.pairwise(words):
        if _option(option) in PARALLEL and value.isdigit():
            product, stated = product * int(value), True
    several = any(_option(word) in SEVERAL_MACHINES for word in words)
    if stated and not several and serve.gpus_each not in (0, product):
        raise SettingsError(
            f"The args of {name} use {product} GPUs, and its gpus gives each replica {serve.gpus_each}; "
            "make them equal."
        )
