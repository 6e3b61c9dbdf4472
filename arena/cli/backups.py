"""`arena backup`, `arena restore`, `arena verify`."""

from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.database import say_page
from arena.cli.options import DataDir, Workspace
from arena.domain import wording
from arena.errors import InvalidValue, NotFound, StoreCorrupt
from arena.server import running as running_arena
from arena.services import backups, database_copy, installation_backup, old_layout, paths
from arena.store import backup as stored_backups
from arena.store import ledger
from arena.store.instance import Instance

Whole = Annotated[
    bool, typer.Option("--installation", help="All of it: every workspace, its releases, accounts and keys.")
]


def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    installation: Whole = False,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Write a consistent copy of a workspace into a new folder, also while the arena runs.

    It holds battles, votes and the ledger; with --installation everything in the data folder, secrets too.
    """
    data = configuration.data_dir(data_dir)
    asked = {"directory": str(directory.resolve())} | ({"installation": True} if installation else {})
    if running := remote.find_any(data) if installation else remote.find(data, workspace):
        typer.echo(running.call("POST", "/api/v1/backups", asked)["directory"])
    else:
        backups.refuse_folder(directory.absolute())
        typer.echo(_whole(data, directory) if installation else _one(data, workspace, directory))
    if installation:
        typer.echo(
            f"{directory} holds the secrets of this arena: whoever reads it can act as anybody and sign releases. "
            "Its files are open to this user alone; keep copies as closed.",
            err=True,
        )


def _one(data: Path, workspace: str, directory: Path) -> Path:
    if (url := configuration.database()) is not None:
        with local.shared_workspace(data, workspace, url) as (opened, instance):
            written = stored_backups.backup(opened.store, directory, workspace)
            local.add_note(instance, workspace, "backed up the workspace", str(written))
        return written
    with local.noting(data, workspace) as noted, local.workspace(data, workspace) as opened:
        written = stored_backups.backup(opened.store, directory, workspace)
        noted("backed up the workspace", str(written))
    return written


def _whole(data: Path, directory: Path) -> Path:
    local.refuse_database(data)
    if not data.is_dir():
        raise NotFound(f"There is no {data} to back up; name the arena's data with --data-dir.")
    old_layout.bring_over(data)
    with paths.private_files(), Instance.open(paths.instance_path(data)) as instance:
        return installation_backup.write(data, directory, instance, {})


def restore(
    directory: Annotated[Path, typer.Argument(metavar="DIR")],
    installation: Whole = False,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Put a backup in place of a workspace that does not exist; what exists is never overwritten.

    With --installation, a backup of everything in place of a data folder that does not exist; where ARENA_DATABASE
    names a database, into that, too. Started again after a kill it goes on.
    """
    data = configuration.data_dir(data_dir)
    if not directory.is_dir():
        raise NotFound(f"{directory} is not a folder; name the folder of a backup.")
    if installation:
        typer.echo(_restore_whole(directory, data))
        return
    if installation_backup.is_one(directory):
        raise InvalidValue(f"{directory} is a backup of a whole installation; restore it with --installation.")
    local.refuse_database(data)
    old_layout.bring_over(data)
    with paths.private_files():
        typer.echo(stored_backups.restore(directory, workspace, paths.workspace_path(data, workspace)))


def _restore_whole(directory: Path, data: Path) -> Path:
    database = configuration.database()
    if database is None:
        return installation_backup.restore(directory, data)
    running_arena.refuse_second(data)
    return database_copy.restore(directory, data, database, say_page)


def verify(data_dir: DataDir = None, workspace: Workspace = "default") -> None:
    """Recompute the ledger against every vote, and say what does not match."""
    data = configuration.data_dir(data_dir)
    if running := remote.find(data, workspace):
        report = running.call("GET", "/api/v1/verification")
        lines, problems = report["lines"], report["problems"]
    else:
        if (url := configuration.database()) is not None:
            with local.shared_workspace(data, workspace, url) as (opened, _):
                found = opened.store.verify()
        else:
            found = ledger.verify(local.existing(data, workspace))
        lines, problems = found.lines, list(found.problems)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise StoreCorrupt(f"{wording.counted(len(problems), 'problem')} found; restore the last backup that verifies.")
    typer.echo(f"ledger of {wording.counted(lines, 'line')}: every vote is as it was recorded")
