"""Ranking from a command line: `python -m leaderboards FILE ...`, and what `arena rank` calls.

`run` turns files and options into a document; `document` does the same for votes that are already read. The document
goes to stdout, or to `--out`, and nothing else does.
"""

import argparse
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NoReturn

import numpy

from leaderboards import board, boards, errors, progress, settings
from leaderboards.fitting import fit
from leaderboards.reading import meaning, outcomes, slices, vote_log
from leaderboards.showing import comparing, diagnostics, drawing, plots
from leaderboards.version import __version__

Ranked = board.Board | boards.Boards | comparing.Comparison | diagnostics.Report

FORMATS: dict[str, Callable[[Ranked], str]] = {
    "table": lambda ranked: ranked.to_table(),
    "json": lambda ranked: ranked.to_json(),
    "csv": lambda ranked: ranked.to_csv(),
    "markdown": lambda ranked: ranked.to_markdown(),
}
"""Document formats by the name `--format` takes."""

WRONG_INPUT = 2

CUT = (*slices.COLUMNS, *slices.TIMES, "votes")
"""Options that say which votes."""
_OF_THE_DOCUMENT = (
    *CUT,
    "by",
    "value",
    "compare",
    "report",
    "format",
    "out",
    "plot",
    "figure",
    "map",
    "outcome",
    "unvoted",
)
"""Options that are no settings of a fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of `arena rank`, as they are typed."""

    method: str = "bradley-terry"
    ties: str = "half"
    both_bad: str = "tie"
    interval: str = "sandwich"
    level: float = 0.95
    cluster: str | None = None
    controls: str | None = None
    anchor: str | None = None
    ridge: float = 0.0
    weights: str = "none"
    replicates: int = 1000
    seed: int = 0
    k: float = 4.0
    orders: int = 1
    campaign: str | None = None
    language: str | None = None
    category: str | None = None
    since: str | None = None
    until: str | None = None
    votes: str | None = None
    by: str | None = None
    value: str | None = None
    compare: str | None = None
    report: bool = False
    format: str = "table"
    out: str | None = None
    plot: str | None = None
    figure: str = "ratings"
    map: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    unvoted: str = "refuse"


HELP: dict[str, str] = {
    "method": f"rating method: {', '.join(fit.METHODS)}",
    "ties": f"how a tie counts: {', '.join(settings.TIES)}",
    "both_bad": f"how a both-bad vote counts: {', '.join(settings.BOTH_BAD)}",
    "interval": f"how doubt is measured: {', '.join(settings.INTERVALS)}",
    "level": "confidence of intervals and rank sets, such as 0.95",
    "cluster": "column whose votes may depend on each other, such as rater; two with a comma",
    "controls": "covariates to control for, with commas",
    "anchor": "give one model a fixed rating: MODEL=1000",
    "ridge": "shrink strengths: penalty on their squares in logits; 0 shrinks nothing",
    "weights": f"what a vote weighs: {', '.join(settings.WEIGHTS)}; the last needs a column draw_probability",
    "replicates": "how often the bootstrap refits",
    "seed": "of everything drawn at random",
    "k": "elo: how far one vote moves a rating at most",
    "orders": "elo: 1 keeps the order of votes, more average over as many shuffled orders",
    "campaign": "only votes on battles of this campaign",
    "language": "only votes on prompts in this language",
    "category": "only votes on prompts of this category",
    "since": "only votes cast from this day or moment on, such as 2026-03-01",
    "until": "only votes cast before this day or moment",
    "votes": "which votes: counted leaves out those that are held, all does not; a file without it: every row",
    "by": "a board for each value of a column, for each day, week, month, quarter or year, or for each island",
    "value": "with by: the one board of this value",
    "compare": "lay another board beside it, and what moved: `raw` for the one without controls, or a vote file",
    "report": "also say who is told apart, what settles or changes an order, how firm ranks are, how one scale fits",
    "format": f"document format: {', '.join(FORMATS)}",
    "plot": "also draw the board into this .svg or .png file; with --by a window of time, ratings over time",
    "figure": f"what --plot draws: {', '.join(plots.PLOTS)}",
    "map": "which column is meant: TARGET=COLUMN, such as winner=label; again for each",
    "outcome": f"which value is meant: VALUE=OUTCOME, such as A=model_a; again for each: {outcomes.ACCEPTED}, none",
    "unvoted": f"what becomes of rows nobody voted on: {', '.join(meaning.UNVOTED)}",
    "out": "write the document to this file instead of stdout",
}
"""One line on each option."""


def run(paths: Sequence[str | Path], options: Options) -> str:
    """The document for these files. Raises InputError."""
    if not paths:
        raise errors.InputError("No file was given; name at least one vote file.")
    return document(read(list(paths), options), options)


def read(paths: Any, options: Options) -> vote_log.Votes:
    """The votes of a cut as the options mean them; how many rows were passed over is said on stderr."""
    votes = vote_log.read(
        paths,
        map=dict(meaning.halves("map", options.map, last=False)),
        outcomes=dict(meaning.halves("outcome", options.outcome, last=True)),
        unvoted=options.unvoted,
    )
    if votes.unvoted:
        rows = "1 row" if votes.unvoted == 1 else f"{votes.unvoted:,} rows"
        sys.stderr.write(f"Passed over {rows} without a vote.\n")
    return slices.cut(votes, {name: getattr(options, name) for name in CUT})


def document(votes: Any, options: Options) -> str:
    """The document for votes of any kind `read` takes; empty when it went to `options.out`. Raises InputError."""
    if options.format not in FORMATS:
        raise errors.InputError(f'format is "{options.format}"; accepted: {", ".join(FORMATS)}.')
    if sum((options.by is not None and options.value is None, options.compare is not None, options.report)) > 1:
        raise errors.InputError("by, compare and report each make another document; ask for one at a time.")
    if options.value is not None and options.by is None:
        raise errors.InputError("value picks one board of those that by makes; name a column with --by.")
    given = {option.name: getattr(options, option.name) for option in fields(options)}
    chosen = {name: value for name, value in given.items() if name not in _OF_THE_DOCUMENT}
    one = vote_log.read(_part(votes, options, chosen))
    fitted = (
        fit.fit(one, **chosen)
        if options.by is None or options.value is not None
        else boards.fit_by(one, options.by, **chosen)
    )
    written: Ranked = fitted
    if isinstance(fitted, board.Board) and options.report:
        written = diagnostics.read(fitted, one)
    elif isinstance(fitted, board.Board) and options.compare is not None:
        written = _compared(one, fitted, options, chosen)
    text = FORMATS[options.format](written)
    if options.plot is not None:
        _drawn(fitted, options.figure).save(options.plot)
    if options.out is None:
        return text
    try:
        Path(options.out).write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.InputError(f"{options.out} cannot be written: {error.strerror}.") from error
    return ""


def _part(votes: Any, options: Options, chosen: dict[str, Any]) -> Any:
    """The votes of the one value that is asked for, or all."""
    if options.by is None or options.value is None:
        return votes
    return boards.part_of(votes, options.by, options.value, **chosen)


def _compared(votes: Any, fitted: board.Board, options: Options, chosen: dict[str, Any]) -> comparing.Comparison:
    """The board beside the one without controls, or beside that of another file of the same columns."""
    other = options.compare
    if other is not None and other != "raw":
        before = _part(read(other, options), options, chosen)
        return comparing.compare(fit.fit(before, **chosen), fitted, (Path(other).name, "now"))
    if not fitted.controls:
        raise errors.InputError("compare=raw lays a controlled board beside the raw one; name the controls, too.")
    return comparing.compare(fit.fit(votes, **{**chosen, "controls": None}), fitted)


def _drawn(fitted: board.Board | boards.Boards, figure: str) -> drawing.Figure:
    """The figure asked for."""
    if figure not in plots.PLOTS:
        raise errors.InputError(f'figure is "{figure}"; accepted: {", ".join(plots.PLOTS)}.')
    if isinstance(fitted, board.Board):
        return plots.PLOTS[figure](fitted)
    if fitted.by in boards.WINDOWS:
        return plots.over_time(fitted)
    raise errors.InputError(f"A plot shows one board, or boards over time, not boards by {fitted.by}.")


class Parser(argparse.ArgumentParser):
    """A parser that refuses in one sentence, as everything else here does."""

    def error(self, message: str) -> NoReturn:
        """Raise InputError in place of printing how the program is used."""
        raise errors.InputError(f"{message[:1].upper()}{message[1:]}; {self.prog} --help lists the options.")


def parser() -> Parser:
    """The command line, one flag per field of `Options`."""
    reader = Parser(prog="python -m leaderboards", description="Rank models by votes.", allow_abbrev=False)
    reader.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="CSV, JSON, JSONL or Parquet, each also .gz or .zst; - for standard input",
    )
    reader.add_argument("--version", action="version", version=__version__)
    for option in fields(Options):
        if isinstance(option.default, bool):
            reader.add_argument("--" + option.name, action="store_true", help=HELP[option.name])
            continue
        if isinstance(option.default, tuple):
            form = "TARGET=COLUMN" if option.name == "map" else "VALUE=OUTCOME"
            reader.add_argument("--" + option.name, action="append", default=[], metavar=form, help=HELP[option.name])
            continue
        reader.add_argument(
            "--" + option.name.replace("_", "-"),
            dest=option.name,
            default=option.default,
            type=type(option.default) if isinstance(option.default, int | float) else str,
            help=HELP[option.name],
            metavar=option.name.upper(),
        )
    return reader


_LATER = ("f2py", "ma", "testing")
"""Parts of numpy that scipy names and ranking does not use."""


def quick_start() -> None:
    """Let this process import what nobody calls when somebody does: it takes longer than ranking a small file."""
    for name in _LATER:
        place = f"numpy.{name}"
        found = None if place in sys.modules else importlib.util.find_spec(place)
        if found is not None and found.loader is not None:
            found.loader = importlib.util.LazyLoader(found.loader)
            sys.modules[place] = importlib.util.module_from_spec(found)
            found.loader.exec_module(sys.modules[place])
            setattr(numpy, name, sys.modules[place])


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 2 wrong input with one sentence on stderr."""
    quick_start()
    try:
        given = vars(parser().parse_args(arguments))
        paths = given.pop("files")
        with progress.shown(sys.stderr):
            text = run(paths, Options(**given))
        sys.stdout.write(text)
    except errors.InputError as error:
        sys.stderr.write(f"{errors.shown(error)}\n")
        return WRONG_INPUT
    return 0
