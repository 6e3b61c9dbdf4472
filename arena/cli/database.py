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

Place = "A data folder, or postgresql://USER:PASSWORD@HOST/DATABASE."


def copy(
    source: Annotated[str, typer.Option("--from", help=Place)],
    target: Annotated[str, typer.Option("--to", help=Place)],
    workspace: Workspace = "default",
) -> None:
    """Copy a workspace with its accounts and secrets from a data folder into PostgreSQL, or back.

    Every row is compared. No arena may run meanwhile. Started again after a kill it goes on. Media, releases and
    selections stay files.
    """
    to_database, from_database = (configuration.is_database(one) for one in (target, source))
    if to_database == from_database:
        raise InvalidValue("One of --from and --to is a data folder, and the other a database, postgresql://...")
    running.refuse_second(Path(source if to_database else target))
    if to_database:
        lines = database_copy.into_database(Path(source), target, workspace, _say)
    else:
        lines = database_copy.into_folder(source, Path(target), workspace)
    typer.echo(f"copied: every row is as it was, and a ledger of {wording.counted(lines, 'line')} verifies")


def _say(table: str, done: int) -> None:
    typer.echo(f"{table}: {done:,}", err=True)
