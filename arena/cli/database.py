"""`arena database copy`."""

from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli.options import Workspace
from arena.domain import wording
from arena.errors import InvalidValue
from arena.server import running
from arena.services import database_copy

Place = "A data folder, or postgresql://USER@HOST/DATABASE; left out, the database that ARENA_DATABASE names."


def copy(
    source: Annotated[str | None, typer.Option("--from", help=Place)] = None,
    target: Annotated[str | None, typer.Option("--to", help=Place)] = None,
    workspace: Workspace = "default",
) -> None:
    """Copy a workspace with its accounts and secrets from a data folder into PostgreSQL, or back.

    Every row is compared. No arena may run meanwhile. Started again after a kill it goes on. Media, releases and
    selections stay files. A password belongs into ARENA_DATABASE: everybody on the machine can read a command line.
    """
    source, target = source or _shared(), target or _shared()
    to_database, from_database = (configuration.is_database(one) for one in (target, source))
    if to_database == from_database:
        raise InvalidValue("One of --from and --to is a data folder, and the other a database, postgresql://...")
    running.refuse_second(Path(source if to_database else target))
    if to_database:
        lines = database_copy.into_database(Path(source), target, workspace, say_page)
    else:
        lines = database_copy.into_folder(source, Path(target), workspace)
    typer.echo(f"copied: every row is as it was, and a ledger of {wording.counted(lines, 'line')} verifies")


def _shared() -> str:
    """The database of the environment."""
    found = configuration.database()
    if found is None:
        raise InvalidValue("Say both --from and --to, or set ARENA_DATABASE for the one that is the database.")
    return found


def say_page(table: str, done: int) -> None:
    """Tell how far a copy has come."""
    typer.echo(f"{table}: {done:,}", err=True)
