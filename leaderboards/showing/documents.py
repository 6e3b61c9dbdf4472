"""Boards as JSON (`leaderboard/1`), CSV, Markdown, a terminal table and Arrow, all from the same rows."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow

from leaderboards.fitting import two_way

if TYPE_CHECKING:
    from leaderboards.board import Board, Entry

FIELDS: dict[str, pyarrow.DataType] = {
    "model": pyarrow.string(),
    "rating": pyarrow.float64(),
    "se": pyarrow.float64(),
    "lower": pyarrow.float64(),
    "upper": pyarrow.float64(),
    "rank": pyarrow.int64(),
    "rank_best": pyarrow.int64(),
    "rank_worst": pyarrow.int64(),
    "votes": pyarrow.int64(),
    "wins": pyarrow.int64(),
    "losses": pyarrow.int64(),
    "ties": pyarrow.int64(),
    "both_bad": pyarrow.int64(),
}
"""The fields of an entry, in the order of every document."""

_ESCAPES = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]|~#@"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})
"""Characters that have a meaning in Markdown."""
_BARE_LINK = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
"""The mark that turns a bare address into a link on GitHub and elsewhere."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")


def as_dict(board: "Board") -> dict[str, Any]:
    """The board as plain values; keys as in `leaderboard/1`, with what the method adds behind them."""
    scale = board.scale
    anchor = None if scale.anchor is None else {"model": scale.anchor[0], "rating": scale.anchor[1]}
    cluster = board.interval.cluster
    return {
        "schema": "leaderboard/1",
        "method": board.method,
        "ties": board.ties,
        "both_bad": board.both_bad,
        "scale": {
            "base": None if scale.rate else _short(scale.base),
            "factor": None if scale.rate else _short(scale.factor),
            "mean": _short(scale.mean),
            "anchor": anchor,
        },
        "interval": {
            "kind": board.interval.kind,
            "level": board.interval.level,
            "cluster": None if cluster is None else cluster[0] if len(cluster) == 1 else list(cluster),
        },
        "controls": list(board.controls),
        **({"ridge": board.ridge} if board.ridge else {}),
        **({"weights": board.weights} if board.weights != "none" else {}),
        "votes": board.votes,
        "entries": [_row(entry) for entry in board.entries],
        "islands": [list(group) for group in board.islands],
        "unbounded": [
            {
                "model": outsider.model,
                "direction": outsider.direction,
                "rating": None,
                "se": None,
                "lower": outsider.lower,
                "upper": outsider.upper,
            }
            for outsider in board.unbounded
        ],
        "tie_parameter": board.tie_parameter,
        "critical": board.critical,
        "log_likelihood": board.log_likelihood,
        **board.details,
        "input_sha256": board.counted.sha256(),
        "version": board.version,
    }


def as_json(document: dict[str, Any]) -> str:
    """JSON with two spaces of indent and a final newline."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(board: "Board") -> str:
    """A header and one line per model; a name that a spreadsheet would run as a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    for entry in board.entries:
        row = _row(entry)
        row["model"] = cell(str(row["model"]))
        writer.writerow(["" if value is None else value for value in row.values()])
    return text.getvalue()


def cell(name: str) -> str:
    """A name that a spreadsheet runs as no formula, and that stays one cell: `csv` does not quote a carriage return."""
    plain = name.replace("\r", " ")
    return "'" + plain if name.startswith(_FORMULA_STARTS) else plain


def as_markdown(board: "Board") -> str:
    """A table in Markdown with what it rests on below."""
    behind = digits(board)
    lines = ["| rank | model | rating | interval | votes |", "|---:|---|---:|---:|---:|"]
    for entry in board.entries:
        model = escaped(entry.model)
        lines.append(
            f"| {places(entry)} | {model} | {rating(entry, behind)} | {interval(entry, behind)} | {entry.votes:,} |"
        )
    return "\n".join([*lines, "", escaped(summary(board)), ""])


def as_table(board: "Board") -> str:
    """Aligned columns for a terminal."""
    behind = digits(board)
    rows = [("rank", "", "model", "rating", "interval", "votes")]
    for entry in board.entries:
        rank, _, ranks = places(entry).partition(" ")
        cells = (rank, ranks, entry.model, rating(entry, behind), interval(entry, behind), f"{entry.votes:,}")
        rows.append(cells)
    sides = (str.rjust, str.ljust, str.ljust, str.rjust, str.rjust, str.rjust)
    return "\n".join([*aligned(rows, sides), "", printable(summary(board)), ""])


def aligned(rows: Sequence[Sequence[str]], sides: Sequence[Callable[[str, int], str]]) -> list[str]:
    """Rows as lines of aligned columns, each cell to its side; what is not printable is a question mark."""
    plain = [[printable(text) for text in row] for row in rows]
    width = [max(map(len, column)) for column in zip(*plain, strict=True)]
    return [
        "  ".join(side(text, size) for side, text, size in zip(sides, row, width, strict=True)).rstrip()
        for row in plain
    ]


def printable(text: str) -> str:
    """A text without characters that control a terminal."""
    return "".join(c if c.isprintable() else "?" for c in text)


def escaped(text: str) -> str:
    """A text that Markdown shows as it is, in a cell or a sentence: no column, line, style, link or HTML of its own.

    Only an address of mail still becomes a link on GitHub, which looks for those after escapes are gone.
    """
    return " ".join(_BARE_LINK.sub(r"\\\g<0>", text.translate(_ESCAPES)).splitlines())


def as_arrow(board: "Board") -> pyarrow.Table:
    """One row per model."""
    rows = [_row(entry) for entry in board.entries]
    return pyarrow.Table.from_pylist(rows, schema=pyarrow.schema(list(FIELDS.items())))


def summary(board: "Board") -> str:
    """One or two sentences: votes, method, intervals, and who has no rating."""
    parts = [f"{counted(board.votes, 'vote')}, {board.method}, ties {board.ties}"]
    if board.interval.kind != "none":
        clustered = "" if board.interval.cluster is None else f" clustered by {' and '.join(board.interval.cluster)}"
        parts.append(f"{board.interval.level:.0%} intervals ({board.interval.kind}{clustered})")
    if board.controls:
        parts.append(f"controlled for {', '.join(board.controls)}")
    if board.ridge:
        parts.append(f"shrunk by ridge {board.ridge:g}")
    if board.weights != "none":
        parts.append(f"weighted by {board.weights}")
    text = ", ".join(parts) + "." + _effects(board)
    open_ended = {direction: [u.model for u in board.unbounded if u.direction == direction] for direction in _SAYING}
    for direction, saying in _SAYING.items():
        if open_ended[direction]:
            text += f" {saying}: {', '.join(open_ended[direction])}."
    return text


def _effects(board: "Board") -> str:
    """Sentences on what a method estimates besides ratings: controls, ties, both-bad votes."""
    text = ""
    effects = [_effect(row) for row in board.details.get("coefficients", ())]
    if effects:
        text += f" Effects in logits per standard deviation: {', '.join(effects)}."
    if board.tie_parameter is not None:
        text += f" Tie parameter {board.tie_parameter:.3f}."
    if "two_way" in board.details:
        text += two_way.sentences(board.details["two_way"])
    rates = board.details.get("both_bad_rates", ())
    if rates:
        worst = [f"{r['model']} {r['rate']:.1%} ({r['lower']:.1%} to {r['upper']:.1%})" for r in rates[:_SHOWN]]
        more = "" if len(rates) <= _SHOWN else f" and {len(rates) - _SHOWN} more in the JSON document"
        text += f" Called bad together with the other answer: {', '.join(worst)}{more}."
    return text


def _effect(row: dict[str, Any]) -> str:
    interval = "" if row["se"] is None else f" ({row['lower']:+.3f} to {row['upper']:+.3f})"
    return f"{row['name']} {row['estimate']:+.3f}{interval}"


_SHOWN = 5
"""Rates of both-bad votes in a sentence."""

_SAYING = {
    "above": "Has not lost to the rated models yet, so no rating",
    "below": "Has not won against the rated models yet, so no rating",
    "aside": "No wins join it to the rated models yet, so no rating",
}


def _row(entry: "Entry") -> dict[str, Any]:
    return {name: getattr(entry, name) for name in FIELDS}


def _short(value: float | None) -> float | int | None:
    """A whole number without its point."""
    return int(value) if value is not None and float(value).is_integer() else value


def places(entry: "Entry") -> str:
    """The rank, and from which to which it may be."""
    if entry.rank is None:
        return "-"
    if entry.rank_best is None or entry.rank_best == entry.rank_worst:
        return str(entry.rank)
    return f"{entry.rank} ({entry.rank_best}-{entry.rank_worst})"


def digits(board: "Board") -> int:
    """Digits behind the point: a rate needs more than a rating."""
    return 3 if board.scale.rate else 1


def counted(count: int, noun: str) -> str:
    """A number of things: `1 vote`, `2,000 votes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def rating(entry: "Entry", digits: int) -> str:
    """The rating in digits."""
    return "-" if entry.rating is None else f"{entry.rating:.{digits}f}"


def interval(entry: "Entry", digits: int) -> str:
    """The interval in digits; an unbounded end is left out."""
    if entry.lower is None and entry.upper is None:
        return "-"
    if entry.upper is None:
        return f"over {entry.lower:.{digits}f}"
    if entry.lower is None:
        return f"under {entry.upper:.{digits}f}"
    return f"{entry.lower:.{digits}f} to {entry.upper:.{digits}f}"
