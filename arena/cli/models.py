"""`arena models list|fetch|up`: the embedded models."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.inference import embedded, weights


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
    port: Annotated[int, typer.Option(help="Where to listen on 127.0.0.1; 0 chooses.", min=0, max=65535)] = 0,
) -> None:
    """Serve the embedded model by itself until Ctrl-C, for other programs or another arena."""
    with embedded.EmbeddedServer(weights.fetch(_say), port=port, progress=_say) as server:
        typer.echo(server.endpoint)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _say(sentence: str) -> None:
    typer.echo(sentence, err=True)
