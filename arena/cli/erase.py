"""`arena erase`: let a rater go."""

import urllib.parse
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.domain import wording
from arena.domain.ids import RaterId
from arena.domain.principal import BY_COMMAND
from arena.errors import InvalidValue
from arena.services import import_duplicates, withdrawing


def erase(
    rater_id: Annotated[str | None, typer.Argument(metavar="RATER_ID", show_default=False)] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="With --judge, an imported rater: the name of the data set as `arena import battles --source` was "
            "told, or else the shape, such as lmarena.",
            show_default=False,
        ),
    ] = None,
    judge: Annotated[
        str | None, typer.Option(help="With --source: the rater as the file spells them.", show_default=False)
    ] = None,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Erase a rater: prompts, answers to them, votes, reasons and edits. The ledger stays a valid chain.

    Name the rater by their id, or one who came with an import by --source and --judge.
    """
    erased = _rater(rater_id, source, judge)
    directory = configuration.data_dir(data_dir)
    if running := remote.find(directory, workspace):
        left = running.call("DELETE", f"/api/v1/raters/{urllib.parse.quote(erased, safe='')}")
        votes, line = len(left["votes"]), left["line"]
        later = "; freed parts of the database file and its log hold the texts until the arena starts the next time"
    elif (url := configuration.database()) is not None:
        with local.shared_workspace(directory, workspace, url) as (opened, instance):
            removed = withdrawing.erase_once(opened, instance, BY_COMMAND, erased)
        later = "; what PostgreSQL deleted is in its files until it vacuums"
        votes, line = len(removed.removal.votes), removed.line.sequence
    else:
        with local.workspace(directory, workspace) as opened, local.installation(directory) as instance:
            removed = withdrawing.erase_once(opened, instance, BY_COMMAND, erased)
        with local.workspace(directory, workspace):
            later = ""  # opening it wrote the file anew
        votes, line = len(removed.removal.votes), removed.line.sequence
    typer.echo(
        f"{erased} is erased: {wording.counted(votes, 'vote')} left, line {line} of the ledger says so{later}. "
        "Backups made before hold them still: delete those, or keep them no longer than you must."
    )


def _rater(rater_id: str | None, source: str | None, judge: str | None) -> RaterId:
    if rater_id and source is None and judge is None:
        return RaterId(rater_id)
    if rater_id is None and source and judge:
        return import_duplicates.named(source, judge)
    raise InvalidValue("Name whom to erase: either RATER_ID, or both --source SOURCE and --judge NAME.")
