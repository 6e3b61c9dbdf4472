"""`arena demo`, `arena serve`."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli.options import Config, DataDir
from arena.inference import embedded, weights
from arena.server import run, running
from arena.server.logs import LogFormat
from arena.services.installation import Installation
from arena.settings import Settings

Log = Annotated[LogFormat, typer.Option("--log-format", help="json writes one object a line, with battle ids.")]


def demo(
    port: Annotated[int, typer.Option(help="Where to listen on 127.0.0.1.", min=0, max=65535)] = 7860,
    data_dir: DataDir = None,
    log_format: Log = LogFormat.TEXT,
) -> None:
    """Run the arena with real small models on this machine: no GPU, no account, nothing to configure."""
    path = configuration.demo_path()
    settings = configuration.load(path, data_dir=data_dir).model_copy(update={"host": "127.0.0.1", "port": port})
    _run(settings, log_format)


def serve(
    config: Config,
    data_dir: DataDir = None,
    host: Annotated[str | None, typer.Option(help="Where to listen, instead of the host in the file.")] = None,
    port: Annotated[int | None, typer.Option(help="Instead of the port in the file.", min=0, max=65535)] = None,
    log_format: Log = LogFormat.TEXT,
) -> None:
    """Run the arena with the models of a configuration file."""
    settings = configuration.load(config, data_dir=data_dir)
    told = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.model_copy(update=told)
    _run(settings, log_format)


def _run(settings: Settings, log_format: LogFormat) -> None:
    running.refuse_second(settings.data_dir)
    with with_embedded(settings, _say) as served:
        run.run(served, _started, log_format)


@contextlib.contextmanager
def with_embedded(settings: Settings, say: Callable[[str], None]) -> Iterator[Settings]:
    """The settings with an address for each model that names none: the embedded server's, which runs meanwhile."""
    if all(model.servers for model in settings.models):
        yield settings
        return
    with embedded.EmbeddedServer(weights.fetch(say), progress=say) as server:
        models = [
            model if model.servers else model.model_copy(update={"endpoint": server.endpoint})
            for model in settings.models
        ]
        yield settings.model_copy(update={"models": tuple(models)})


def _started(url: str, arena: Installation) -> None:
    if arena.new_admin_token is not None:
        _say(f"The admin token is in {arena.new_admin_token}; it is shown nowhere else.")
    _say(f"The arena is ready: {url}  (data in {arena.settings.data_dir.resolve()}; Ctrl-C stops it)")


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)
