"""`arena models list|fetch|up|status`: the models of a configuration, the embedded server, and servers on GPUs."""

import contextlib
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli.options import Config, DataDir
from arena.errors import ArenaError, InvalidValue, SettingsError
from arena.inference import embedded, weights
from arena.inference.server_health import ServerHealth
from arena.serving import plan, status
from arena.serving.records import Folder
from arena.serving.redaction import Redaction
from arena.serving.supervisor import Supervisor
from arena.settings import Settings

CHECK_SECONDS = 5.0
"""For a health check."""


def list_models(
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file; the demo's otherwise.")] = None,
) -> None:
    """Print each model with where it runs."""
    for model in configuration.load(config or configuration.demo_path()).models:
        typer.echo(f"{model.name}\t{model.served_name}\t{' '.join(map(str, model.servers)) or 'embedded'}")


def fetch() -> None:
    """Fetch the embedded model's weights into the user's cache, once."""
    typer.echo(weights.fetch(_say))


def up(
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Run the vLLM servers of this TOML file; the embedded model otherwise."),
    ] = None,
    data_dir: DataDir = None,
    port: Annotated[
        int, typer.Option(help="Where the embedded model listens on 127.0.0.1; 0 chooses.", min=0, max=65535)
    ] = 0,
) -> None:
    """Serve models by themselves until Ctrl-C: the embedded one, or those of a file that have [models.serve]."""
    if config is not None:
        if port:
            raise InvalidValue("--port is for the embedded model; servers of a file listen where its endpoints say.")
        _up(config, data_dir)
        return
    with embedded.EmbeddedServer(weights.fetch(_say), port=port, progress=_say) as server:
        typer.echo(server.endpoint)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def show_status(
    config: Config,
    data_dir: DataDir = None,
    format: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """Print what the vLLM servers of a file do: health, queue, KV cache, tokens a second."""
    if format not in ("table", "json"):
        raise InvalidValue(f"--format is {format!r}; accepted: table, json.")
    settings = configuration.load(config, data_dir=data_dir)
    folder = Folder(settings.data_dir)
    with ServerHealth(CHECK_SECONDS) as health:
        servers = status.now(settings, folder, health, time.sleep)
    watcher = folder.watcher()
    if format == "json":
        typer.echo(json.dumps({"supervisor": watcher, "servers": [asdict(one) for one in servers]}, indent=2))
        return
    for line in _table(servers):
        typer.echo(line)
    for one in servers:
        if one.trouble:
            typer.echo(f"{one.name}: {one.trouble}. Its log is {one.log}.")
        for line in one.log_end:
            typer.echo(f"    {line}")
    typer.echo(f"Watched by process {watcher}." if watcher else "Nobody watches them; `arena models up` does.")


def _up(config: Path, data_dir: Path | None) -> None:
    """Run the servers of a file until SIGINT or SIGTERM; SIGHUP reads the file again."""
    environment = configuration.inherited()
    vllm = plan.program(environment)
    settings = configuration.load(config, data_dir=data_dir)
    stop, reread = threading.Event(), threading.Event()
    folder = Folder(settings.data_dir)
    with folder.watched(), ServerHealth(CHECK_SECONDS) as health:
        supervisor = Supervisor(folder, answers=health.answers, say=_say)

        def follow(settings: Settings) -> None:
            keys = [model.api_key_env for model in settings.models if model.api_key_env is not None]
            plans = plan.planned(settings, environment, vllm, supervisor.running)
            supervisor.follow(plans, Redaction(environment, keys))

        def changed() -> None:
            if reread.is_set():
                reread.clear()
                try:
                    follow(configuration.load(config, data_dir=data_dir))
                except SettingsError as error:
                    _say(f"{error} Until then all stays as it was.")

        supervisor.adopt()
        follow(settings)
        with _signals({signal.SIGINT: stop.set, signal.SIGTERM: stop.set, signal.SIGHUP: reread.set}):
            if not supervisor.run(stop, changed):
                raise ArenaError(f"Every server of {config} was given up; the lines above say why.")


@contextlib.contextmanager
def _signals(wanted: dict[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    before = {number: signal.signal(number, lambda *_, do=do: do()) for number, do in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError):  # the terminal was closed; the servers go on
        typer.echo(sentence, err=True)


def _table(servers: Sequence[status.ServerStatus]) -> list[str]:
    """The servers in columns; what one does not say is a dash."""
    heads = ("server", "state", "GPUs", "answers", "queue", "KV cache", "tokens/s", "first text", "endpoint")
    rows = [heads, *(_row(one) for one in servers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(one: status.ServerStatus) -> tuple[str, ...]:
    def said(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    return (
        one.name,
        one.state.value,
        ",".join(map(str, one.gpus)) or "-",
        said(one.running, "d"),
        said(one.queue, "d"),
        said(one.kv_use, ".0%"),
        said(one.tokens_per_second, ".1f"),
        said(one.first_text_seconds, ".2f") + (" s" if one.first_text_seconds is not None else ""),
        one.endpoint,
    )
