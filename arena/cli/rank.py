"""`arena rank [FILE ...]`: boards from vote files, or from the workspace when no file is named."""

import io
import sys
import urllib.parse
from pathlib import Path

import pyarrow
import pyarrow.parquet
import typer

import leaderboards
from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import workspace_name
from arena.domain.vote import Counting
from arena.errors import InvalidValue
from arena.store import tally
from leaderboards import cli as ranking
from leaderboards import settings


def rank(context: typer.Context) -> None:
    """Rank models by votes: from files (CSV, JSON, JSONL, Parquet, each also gzip), or from the workspace."""
    reader = ranking.parser()
    reader.prog = "arena rank"
    reader.add_argument("--data-dir", type=Path, default=None, help="where the arena's data is, when no file is named")
    reader.add_argument(
        "--workspace", type=workspace_name, default="default", help="which workspace, when no file is named"
    )
    reader.add_argument(
        "--votes",
        choices=list(Counting),
        default=Counting.COUNTED.value,
        help="which votes, when no file is named: counted, or all, with those held",
    )
    try:
        given = vars(reader.parse_args(context.args))
        paths, data_dir, workspace = given.pop("files"), given.pop("data_dir"), given.pop("workspace")
        counting = Counting(given.pop("votes"))
        options = ranking.Options(**given)
        with leaderboards.progress.shown(sys.stderr):
            text = (
                ranking.run(paths, options)
                if paths
                else ranking.document(_votes(configuration.data_dir(data_dir), workspace, options, counting), options)
            )
        sys.stdout.write(text)
    except leaderboards.InputError as error:
        raise InvalidValue(str(error)) from error


def _votes(data_dir: Path, workspace: str, options: ranking.Options, counting: Counting) -> leaderboards.Votes:
    """Every vote of a workspace that a board is made of, with what the controls measure on its answers."""
    measures = [name for name in settings.columns(options.controls) if name in tally.MEASURES]
    if running := remote.find(data_dir, workspace):
        query = urllib.parse.urlencode([("votes", counting.value), *(("measure", name) for name in measures)])
        table = pyarrow.parquet.read_table(io.BytesIO(running.fetch("GET", f"/api/v1/votes?{query}")))
    else:
        with local.workspace(data_dir, workspace) as opened, opened.reading() as connection:
            table = tally.votes(connection, measures, counting)
    return leaderboards.read(table, f"workspace {workspace}")
