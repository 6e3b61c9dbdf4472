"""`arena models add|pause|resume|retire`: the models of an arena that runs, over its API."""

from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import remote
from arena.cli.options import DataDir, Workspace
from arena.cli.remote import Remote
from arena.domain.model_state import ModelState
from arena.errors import ArenaError, NotFound

Name = Annotated[str, typer.Argument(metavar="NAME")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in one line. It is published in the log of changes.")]


def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="TOML with one or more [[models]] tables.")],
    state: Annotated[str, typer.Option("--state", help="active, or announced: not drawn yet.")] = ModelState.ACTIVE,
    reason: Reason = "",
    try_out: Annotated[bool, typer.Option("--try", help="Ask each one question and keep nothing.")] = False,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Add the models of a file to the arena that runs, one after another; each is drawn from the next battle on.

    A name is never given twice. The file of the arena stays as it is: what is added here is kept with the workspace.
    """
    arena = _running(data_dir, workspace)
    silent = 0
    for table in configuration.model_tables(file):
        body = {**table, "state": state, "reason": reason, "try": try_out}
        told = arena.call("POST", "/api/v1/models", body)
        if not try_out:
            typer.echo(f"{told['name']}: {told['state']}, line {told['line']} of the ledger")
            continue
        silent += not told["answers"]
        typer.echo(f"{told['name']}: {told['problem'] or 'answers: ' + told['text']}")
        for note in told["notes"]:
            typer.echo(f"  {note}")
    if silent:
        raise ArenaError(f"{silent} of the models in {file} cannot take part; correct what stands above.")


def pause(name: Name, reason: Reason, data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Draw a model for no new battle. Its votes and its place on boards stay; `arena models resume` brings it back."""
    _become(name, ModelState.PAUSED, reason, data_dir, workspace)


def resume(name: Name, reason: Reason, data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Draw a model that is paused or announced."""
    _become(name, ModelState.ACTIVE, reason, data_dir, workspace)


def retire(name: Name, reason: Reason, data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Draw a model no more, for good. Its votes and its place on boards stay."""
    _become(name, ModelState.RETIRED, reason, data_dir, workspace)


def _become(name: str, state: ModelState, reason: str, data_dir: Path | None, workspace: str) -> None:
    body = {"state": state, "reason": reason}
    told = _running(data_dir, workspace).call("PATCH", f"/api/v1/models/{name}", body)
    line = "as it was before" if told["line"] is None else f"line {told['line']} of the ledger"
    typer.echo(f"{told['name']}: {told['state']}, {line}")


def _running(data_dir: Path | None, workspace: str) -> Remote:
    data = configuration.data_dir(data_dir)
    arena = remote.find(data, workspace)
    if arena is None:
        raise NotFound(
            f"No arena runs on {data}. Start it with `arena serve`; what it begins with stands in its configuration."
        )
    return arena
