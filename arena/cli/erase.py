"""`arena erase`: let a rater go."""

import random
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.domain.ids import RaterId
from arena.domain.removal import RemovalKind
from arena.services import arena, withdrawing


def erase(
    rater_id: Annotated[str, typer.Argument(metavar="RATER_ID")],
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Erase a rater: prompts, answers to them, votes, reasons and edits. The ledger stays a valid chain."""
    directory = configuration.data_dir(data_dir)
    if running := remote.find(directory, workspace):
        left = running.call("DELETE", f"/api/v1/raters/{rater_id}")
        votes, line = len(left["votes"]), left["line"]
        later = "; freed parts of the database file are written anew when the arena starts the next time"
    else:
        with local.workspace(directory, workspace) as opened:
            command = withdrawing.removing(RaterId(rater_id), RemovalKind.ERASED, arena.now(), random.SystemRandom())
            removed = opened.submit(command).result()
            withdrawing.sweep(opened, arena.releases_path(directory))
        with local.workspace(directory, workspace):
            later = ""  # opening it wrote the file anew
        votes, line = len(removed.removal.votes), removed.line.sequence
    typer.echo(
        f"{rater_id} is erased: {votes} votes left, line {line} of the ledger says so{later}. "
        "Backups made before hold them still: delete those, or keep them no longer than you must."
    )
