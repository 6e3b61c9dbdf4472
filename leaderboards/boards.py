"""Boards by any column, by window of time, or by island, in one call.

leaderboards.fit_by(votes, "category")
leaderboards.fit_by(votes, "month")       from `tstamp`; also "day", "week", "quarter", "year"
leaderboards.fit_by(votes, "island")      groups that share no vote, each alone
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow

from leaderboards import board, errors, progress
from leaderboards import settings as known
from leaderboards.fitting import clusters, fit
from leaderboards.reading import moments, slices, source, sql, vote_log
from leaderboards.showing import documents, notebook

WINDOWS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "quarter": "", "year": "%Y"}
"""Windows of time, and how each is written."""

ISLAND = "island"


@dataclass(frozen=True, slots=True, kw_only=True)
class Boards:
    """One board per value; a value whose votes allow none has the reason."""

    by: str
    boards: Mapping[str, board.Board]
    refused: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """One line: by what, and how many."""
        refused = f", {len(self.refused):,} refused" if self.refused else ""
        return f"<Boards by {self.by}: {len(self.boards):,}{refused}>"

    def _repr_html_(self) -> str:
        """The tables a notebook shows, each to open."""
        return notebook.boards_tables(self)

    def to_dict(self) -> dict[str, Any]:
        """The document `leaderboards/1`: boards in the order of their values, each `leaderboard/1`."""
        values = sorted([*self.boards, *self.refused])
        return {
            "schema": "leaderboards/1",
            "by": self.by,
            "boards": [
                {
                    "value": value,
                    "reason": self.refused.get(value),
                    "board": self.boards[value].to_dict() if value in self.boards else None,
                }
                for value in values
            ],
        }

    def to_json(self) -> str:
        """The document as JSON text."""
        return documents.as_json(self.to_dict())

    def to_csv(self) -> str:
        """One line per value and model."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for count, value in enumerate(sorted(self.boards)):
            header, *rows = csv.reader(io.StringIO(self.boards[value].to_csv()))
            if not count:
                writer.writerow([documents.cell(self.by), *header])
            writer.writerows([documents.cell(value), *row] for row in rows)
        return text.getvalue()

    def to_markdown(self) -> str:
        """A heading and a table per value."""
        parts = [
            f"## {documents.escaped(value)}\n\n{self.boards[value].to_markdown()}" for value in sorted(self.boards)
        ]
        return "\n".join([*parts, *(f"{documents.escaped(reason)}\n" for reason in self._reasons())])

    def to_table(self) -> str:
        """A title and a table per value, for a terminal."""
        parts = [f"{self.by}: {value}\n\n{self.boards[value].to_table()}" for value in sorted(self.boards)]
        return "\n".join([*parts, *(f"{reason}\n" for reason in self._reasons())])

    def _reasons(self) -> list[str]:
        return [f"{value}: {reason}" for value, reason in sorted(self.refused.items())]


def fit_by(votes: Any, by: str, **settings: Any) -> Boards:
    """A board for each value of `by`; the settings are those of `fit`. Raises InputError without such a column.

    A value whose votes allow no board has the reason in its place.
    """
    parts = parts_by(votes, by, **settings)
    fitted: dict[str, board.Board] = {}
    refused: dict[str, str] = {}
    with progress.step(f"boards by {by}", len(parts)) as boards_done:
        for value, part in parts.items():
            try:
                fitted[value] = fit.fit(part, **settings)
            except errors.InputError as error:
                refused[value] = str(error)
            boards_done.advance()
    if not fitted:
        raise errors.InputError(f"No value of {by} has a board: {next(iter(refused.values()), 'there are no votes')}")
    return Boards(by=by, boards=fitted, refused=refused)


def parts_by(votes: Any, by: str, **settings: Any) -> dict[str, vote_log.Votes]:
    """The votes of each value of `by`, counted. Of the settings of `fit`, those count that say what joins models."""
    log = vote_log.read(votes)
    chosen = known.chosen(settings)
    with progress.step(f"counting by {by}"):
        return _islands(log, chosen) if by == ISLAND and not _has(log, by) else _slices(log, by)


def part_of(votes: Any, by: str, value: str, **settings: Any) -> vote_log.Votes:
    """The votes of one value of `by`. Raises InputError, which names the nearest, where no vote has it."""
    log = vote_log.read(votes)
    parts = parts_by(log, by, **settings)
    if value not in parts:
        raise errors.InputError(
            f"{log.name} has no vote with {by} {errors.quoted(value)}; {errors.nearest(value, list(parts))}"
        )
    return parts[value]


def _islands(log: vote_log.Votes, chosen: known.Settings) -> dict[str, vote_log.Votes]:
    groups = fit.islands(log, ties=chosen.ties, both_bad=chosen.both_bad)
    width = len(str(len(groups)))
    return {f"{number:0{width}d}": log.only(group) for number, group in enumerate(groups, 1)}


def _has(log: vote_log.Votes, column: str) -> bool:
    return log.source is not None and log.source.has(column) and all(p.columns is not None for p in log.source.parts)


def _slices(log: vote_log.Votes, by: str) -> dict[str, vote_log.Votes]:
    """The votes of each value; every value was counted by the same rules as the whole."""
    from pyarrow import compute  # noqa: PLC0415 - it takes a while to import, and one board needs none of it

    rows = clusters.log(log, "boards by a column")
    windowed = by in WINDOWS and not _has(log, by)
    column = "tstamp" if windowed else clusters.resolved(rows, by, "to make boards by")
    if windowed and rows.first("tstamp IS NOT NULL", ["tstamp"]) is None:
        raise errors.InputError(f"{log.name} has no column tstamp to make boards by {by}.")
    if windowed:
        moments.demand(rows, "tstamp")
    value = _window(rows, by) if windowed else f"CAST({source.quoted(column)} AS VARCHAR)"
    counted = _counted(rows, value, column)
    found = sorted(counted["slice"].unique().to_pylist(), key=lambda text: text or "")
    sliced = {}
    for text in found:
        label = "(none)" if text is None else text
        condition = f"{value} IS NULL" if text is None else f"{value} = {source.text(text)}"
        part = slices.sliced(rows, condition, [column], f"{by} {label}")
        here = compute.is_null(counted["slice"]) if text is None else compute.equal(counted["slice"], text)
        votes = vote_log.read(counted.filter(here).drop_columns("slice"))
        sliced[label] = vote_log.Votes(counts=votes.counts, source=part, name=part.name)
    return sliced


def _counted(rows: source.Source, value: str, column: str) -> pyarrow.Table:
    """All slices counted in one scan: a log of votes with counts, and the slice of each row."""
    names = ", ".join(sql.name(rows, name) for name in sql.VOTE)
    extra = [name for name in sql.NUMBERS if rows.has(name)]
    times = f"coalesce({sql.number(rows, 'count')}, 1)" if "count" in extra else "1"
    weight = ", CAST(weight AS VARCHAR) AS weight" if "weight" in extra else ""
    query = (
        f"SELECT {value} AS slice, {names}{weight}, CAST(sum({times}) AS BIGINT) AS count "
        f"FROM {source.VOTES} GROUP BY ALL"
    )
    return sql.together(rows.answers(query, list(dict.fromkeys([*sql.VOTE, *extra, column]))))


def _window(rows: source.Source, by: str) -> str:
    """SQL for the window a time stamp falls into."""
    moment = f"make_timestamp(CAST(round({sql.moment(rows, 'tstamp')} * 1000000) AS BIGINT))"
    if by == "quarter":
        return f"(strftime({moment}, '%Y') || '-Q' || quarter({moment}))"
    return f"strftime({moment}, '{WINDOWS[by]}')"
