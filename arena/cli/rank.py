"""`arena rank [FILE ...]`: boards from vote files, or from the workspace when no file is named.

The words of a cut, `--since` and the like, are options of `leaderboards.cli`: a file is cut there, a workspace in its
store.
"""

import sys
from pathlib import Path

import leaderboards
from arena.errors import InvalidValue
from leaderboards import cli as ranking
from leaderboards import errors


def parser() -> ranking.Parser:
    """The options of `python -m leaderboards`, and which workspace is meant where no file is named."""
    reader = ranking.parser()
    reader.prog = "arena rank"
    reader.add_argument("--data-dir", type=Path, default=None, help="where the arena's data is, when no file is named")
    reader.add_argument("--workspace", default="default", help="which workspace, when no file is named")
    reader.add_argument(
        "--head", help="where no file is named: the votes up to the line of the ledger with this hash, as a board says"
    )
    reader.add_argument(
        "--audit", action="store_true", help="leave out the votes that an audit of the file holds, and say why"
    )
    return reader


def run(arguments: list[str]) -> None:
    """Rank as the arguments say. Raises InvalidValue."""
    ranking.quick_start()
    try:
        given = vars(parser().parse_args(arguments))
        paths, data_dir, workspace = given.pop("files"), given.pop("data_dir"), given.pop("workspace")
        audit, head = given.pop("audit"), given.pop("head")
        options = ranking.Options(**given)
        if not paths and (options.map or options.outcome or options.unvoted != "refuse"):
            raise InvalidValue(
                "map, outcome and unvoted say how a file is meant; name one, for a workspace needs none."
            )
        if paths and head:
            raise InvalidValue("head is a line of a workspace's ledger; name no file.")
        if audit and not paths:
            raise InvalidValue("--audit reads a file of votes; name one.")
        with leaderboards.progress.shown(sys.stderr):
            if audit:
                from arena.cli import audited  # noqa: PLC0415 - a board alone needs no audit

                text = audited.document(ranking.read(paths, options), options)
            elif paths:
                text = ranking.run(paths, options)
            else:
                # files need neither the store nor its packages
                from arena.cli import options as shared  # noqa: PLC0415
                from arena.cli import workspace_votes  # noqa: PLC0415
                from arena.services import board_settings  # noqa: PLC0415

                name = shared.workspace_name(workspace)
                part = board_settings.read({word: getattr(options, word) for word in ranking.CUT})
                votes = workspace_votes.read(data_dir, name, options.controls, part, head)
                text = ranking.document(votes, options)
        sys.stdout.write(text)
    except errors.UnknownColumns as error:
        raise InvalidValue(_imported_first(error) or str(error)) from error
    except leaderboards.InputError as error:
        raise InvalidValue(str(error)) from error


def _imported_first(unknown: errors.UnknownColumns) -> str | None:
    """The sentence for a file that holds votes in a shape which an import reads; None for any other."""
    from arena import imports  # noqa: PLC0415 - most files need none of it

    shape = imports.recognised(unknown.columns)
    if shape is None:
        return None
    if not shape.names_models:
        return (
            f"{unknown.name} ({shape.title}) does not say which models answered, so it makes no board; "
            "`arena import battles` takes it in as training data."
        )
    return (
        f"{unknown.name} ({shape.title}) is read by an import: `arena import battles FILE --data-dir DIR`, and then "
        "`arena rank --data-dir DIR` ranks its models."
    )
