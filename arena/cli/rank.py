"""`arena rank [FILE ...]`: boards from vote files, or from the workspace when no file is named."""

import sys
from pathlib import Path

import typer

import leaderboards
from arena.cli.options import workspace_name
from arena.domain.vote import Counting
from arena.errors import InvalidValue
from leaderboards import cli as ranking


def rank(context: typer.Context) -> None:
    """Rank models by votes: from files (CSV, JSON, JSONL, Parquet, each also gzip), or from the workspace."""
    run(context.args)


def parser() -> ranking.Parser:
    """The options of `python -m leaderboards`, and which workspace is meant where no file is named."""
    reader = ranking.parser()
    reader.prog = "arena rank"
    reader.add_argument("--data-dir", type=Path, default=None, help="where the arena's data is, when no file is named")
    reader.add_argument("--workspace", default="default", help="which workspace, when no file is named")
    reader.add_argument(
        "--votes",
        choices=list(Counting),
        default=Counting.COUNTED.value,
        help="which votes, when no file is named: counted, or all, with those held",
    )
    return reader


def run(arguments: list[str]) -> None:
    """The same without typer."""
    ranking.quick_start()
    try:
        given = vars(parser().parse_args(arguments))
        paths, data_dir, workspace = given.pop("files"), given.pop("data_dir"), given.pop("workspace")
        counting = Counting(given.pop("votes"))
        options = ranking.Options(**given)
        if not paths and (options.map or options.outcome or options.unvoted != "refuse"):
            raise InvalidValue(
                "map, outcome and unvoted say how a file is meant; name one, for a workspace needs none."
            )
        with leaderboards.progress.shown(sys.stderr):
            if paths:
                text = ranking.run(paths, options)
            else:
                from arena.cli import workspace_votes  # noqa: PLC0415 - files need neither the store nor its packages

                name = workspace_name(workspace)
                text = ranking.document(workspace_votes.read(data_dir, name, options.controls, counting), options)
        sys.stdout.write(text)
    except leaderboards.InputError as error:
        raise InvalidValue(str(error)) from error
