"""`arena import battles FILE...`: votes that were cast elsewhere, into the workspace, with where they came from."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from arena import imports
from arena import settings as configuration
from arena.cli import local, remote
from arena.cli.options import DataDir, Workspace
from arena.cli.progress import Progress
from arena.cli.remote import Remote
from arena.domain import wording
from arena.errors import ArenaError, InvalidValue
from arena.services import importing, sole_work
from arena.services.importing import Import
from leaderboards.errors import InputError
from leaderboards.reading import meaning
from leaderboards.reading.meaning import Meaning

POLL_SECONDS = 0.2
COUNTED = ("votes", "battles", "here", "outside", "unvoted", "unnamed", "unkept", "broken")
"""What an arena says of an import."""


def battles(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="JSON, JSONL, CSV or Parquet, each also .gz or .zst.")
    ],
    shape: Annotated[
        str | None,
        typer.Option("--from", help=f"What the files hold: {', '.join(sorted(imports.SHAPES))}.", show_default=False),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="TARGET=COLUMN", help="Which column is meant, such as winner=label; again for each."
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(metavar="VALUE=OUTCOME", help="Which value is meant, such as A=model_a; again for each."),
    ] = None,
    unvoted: Annotated[
        str, typer.Option(help="What becomes of rows nobody voted on: refuse, one by one, or skip and count them.")
    ] = "refuse",
    source: Annotated[
        str | None,
        typer.Option(help="Name of the data set: keeps its raters apart from those of others.", show_default=False),
    ] = None,
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Take votes in that were cast elsewhere; the same file twice changes nothing."""
    directory = configuration.data_dir(data_dir)
    meant = _meant(mapped or [], outcome or [], unvoted)
    if running := remote.find(directory, workspace):
        done = _remote(running, files, shape, source, meant)
    else:
        done = _local(directory, workspace, files, shape, source, meant)
    if not done.votes + done.here:
        raise InvalidValue(f"Nothing was imported: {_counts(done)}.")
    typer.echo(_counts(done))
    for sentence in _notes(done):
        typer.echo(sentence, err=True)
    if done.broken:
        raise ArenaError(
            f"{', '.join(done.broken)} could not be read to the end: what was read stays, and what the rest holds is "
            "unknown. Get the whole file and import it again."
        )


def _meant(maps: list[str], outcomes: list[str], unvoted: str) -> Meaning:
    """What the options say of columns and values."""
    try:
        columns = dict(meaning.halves("map", maps, last=False))
        values = dict(meaning.halves("outcome", outcomes, last=True))
        return meaning.Meaning(columns=columns, outcomes=values, unvoted=unvoted)
    except InputError as error:
        raise InvalidValue(str(error)) from error


def _local(
    directory: Path, workspace: str, files: list[Path], shape: str | None, source: str | None, meaning: Meaning
) -> Import:
    sources = importing.recognise(files, shape, source, meaning)
    done = Import(job_id="")
    told = 0

    def between() -> None:
        nonlocal told
        told += _tell(done.told[told:], far, done.votes + done.here)

    def breathe() -> None:
        between()
        time.sleep(importing.BREATH_SECONDS)

    did = "began import of votes", importing.named(files)
    with Progress("votes read") as far:
        if (url := configuration.database()) is not None:
            with (
                local.shared_workspace(directory, workspace, url) as (opened, instance),
                sole_work.held(opened.store.others, importing.WORK),
            ):
                local.add_note(instance, workspace, *did)
                importing.import_once(opened, done, sources, breathe)
        else:
            with local.made(directory, workspace) as opened:
                local.note(directory, workspace, *did)
                importing.import_once(opened, done, sources, between)
        between()
    _rest(done.outside, told)
    return done


def _remote(running: Remote, files: list[Path], shape: str | None, source: str | None, meaning: Meaning) -> Import:
    """Have the arena read the files: it runs on this machine."""
    asked = {
        "files": [str(path.resolve()) for path in files],
        "shape": shape,
        "source": source,
        "map": dict(meaning.columns),
        "outcomes": dict(meaning.outcomes),
        "unvoted": meaning.unvoted,
    }
    status: dict[str, Any] = running.call("POST", "/api/v1/imports", asked)
    with Progress("votes read") as far:
        told = _tell(status["told"], far, 0)
        while status["state"] == "reading":
            time.sleep(POLL_SECONDS)
            status = running.call("GET", f"/api/v1/imports/{status['import_id']}?after={told}")
            told += _tell(status["told"], far, status["votes"] + status["here"])
    if status["state"] == "failed":
        raise ArenaError(status["problem"])
    _rest(status["outside"], told)
    return Import(job_id=status["import_id"], **{name: status[name] for name in COUNTED})


def _tell(sentences: list[str], far: Progress, votes: int) -> int:
    """Print these sentences, and how many votes were read. Returns the number of sentences."""
    if sentences:
        far.clear()
    for sentence in sentences:
        typer.echo(sentence, err=True)
    far.say(votes)
    return len(sentences)


def _rest(outside: int, told: int) -> None:
    if outside > told:
        typer.echo(f"{wording.counted(outside - told, 'more row')} left outside and not listed.", err=True)


def _counts(done: Import) -> str:
    return (
        f"{wording.counted(done.votes, 'vote')} on {wording.counted(done.battles, 'new battle')} entered, "
        f"{done.here:,} here already, "
        f"{done.outside:,} left outside" + (f", {done.unvoted:,} passed over without a vote" if done.unvoted else "")
    )


def _notes(done: Import) -> Iterator[str]:
    """What somebody would miss who reads only the counts."""
    if done.unkept:
        named = ", ".join(f"{path} ({wording.counted(rows, 'row')})" for path, rows in sorted(done.unkept.items()))
        yield f"Not kept: {named}."
    if done.unnamed:
        yield (
            f"{wording.counted(done.unnamed, 'vote')} of a source that names no models: they become training data, and "
            "a board shows them under two names made up for the source."
        )
