"""`arena backup`, `arena restore`, `arena verify`."""

from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.domain import wording
from arena.errors import NotFound, StoreCorrupt
from arena.services import backups, old_layout, paths
from arena.store import backup as stored_backups
from arena.store import ledger


def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Write a consistent copy of a workspace into a new folder, also while the arena runs.

    It holds battles, votes and the ledger. Tokens, keys and kept releases are files of the data folder beside it.
    """
    data = configuration.data_dir(data_dir)
    if running := remote.find(data, workspace):
        typer.echo(running.call("POST", "/api/v1/backups", {"directory": str(directory.resolve())})["directory"])
        return
    backups.refuse_folder(directory.absolute())
    with local.workspace(data, workspace) as opened:
        typer.echo(stored_backups.backup(opened, directory, workspace))


def restore(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Put a backup in place of a workspace that does not exist; what exists is never overwritten."""
    data = configuration.data_dir(data_dir)
    if not directory.is_dir():
        raise NotFound(f"{directory} is not a folder; name the folder of a backup.")
    old_layout.bring_over(data)
    with paths.private_files():
        typer.echo(stored_backups.restore(directory, workspace, paths.workspace_path(data, workspace)))


def verify(data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Recompute the ledger against every vote, and say what does not match."""
    data = configuration.data_dir(data_dir)
    if running := remote.find(data, workspace):
        report = running.call("GET", "/api/v1/verification")
        lines, problems = report["lines"], report["problems"]
    else:
        found = ledger.verify(local.existing(data, workspace))
        lines, problems = found.lines, list(found.problems)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise StoreCorrupt(f"{wording.counted(len(problems), 'problem')} found; restore the last backup that verifies.")
    typer.echo(f"ledger of {wording.counted(lines, 'line')}: every vote is as it was recorded")
