"""Parts of a log: the rows that meet a condition, and a cut of them by columns and time.

A cut says `campaign`, `language` or `category`, the value of a column of that name; `since` and `until`, from when and
before when votes were cast by `tstamp`; and `votes`: "counted" leaves out the rows whose column `held` is true.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyarrow

from leaderboards import errors
from leaderboards.reading import counting, source, sql, vote_log
from leaderboards.reading import moments as times

COLUMNS = ("campaign", "language", "category")
TIMES = {"since": ">=", "until": "<"}
COUNTED, ALL = "counted", "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The rows of a part that meet a condition; itself a `SourcePart`."""

    part: source.SourcePart
    condition: str
    reads: tuple[str, ...]
    label: str

    @property
    def name(self) -> str:
        """The part's name, and which of its rows."""
        return f"{self.part.name} ({self.label})"

    @property
    def columns(self) -> Mapping[str, str] | None:
        """Those of the part."""
        return self.part.columns

    def run(self, query: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer over the chosen rows alone."""
        chosen = f"(SELECT * FROM {source.VOTES} WHERE {self.condition}) AS chosen"
        return self.part.run(query.replace(source.VOTES, chosen), list(dict.fromkeys([*columns, *self.reads])))


def sliced(log: source.Source, condition: str, reads: Sequence[str], label: str) -> source.Source:
    """The rows of a log that meet a condition on the columns it reads."""
    return source.Source([Slice(part=part, condition=condition, reads=tuple(reads), label=label) for part in log.parts])


def cut(log: vote_log.Votes, asked: Mapping[str, str | None]) -> vote_log.Votes:
    """The votes of a cut. Raises InputError where a column is missing, a time is none, or no vote is left."""
    chosen = {name: value for name, value in asked.items() if value is not None}
    if chosen.get("votes", COUNTED) not in (COUNTED, ALL):
        raise errors.InputError(
            f"votes is {errors.quoted(chosen['votes'])}; accepted: {COUNTED}, {ALL}"
            f"{errors.or_nearest(chosen['votes'], (COUNTED, ALL))}"
        )
    wanted = {name: value for name, value in chosen.items() if name != "votes"}
    moments = {name: moment(name, value) for name, value in wanted.items() if name in TIMES}
    if log.source is None and (wanted or chosen.get("votes") == COUNTED):
        raise errors.InputError(f"{log.name} has counts only; give the votes one by one to take a part of them.")
    rows = log.source
    if rows is None:
        return log
    conditions: dict[str, str] = {}
    for name in (name for name in wanted if name in COLUMNS):
        _demand(rows, name, name)
        conditions[name] = f"CAST({source.quoted(name)} AS VARCHAR) = {source.text(wanted[name])}"
    for name, when in moments.items():
        _demand(rows, "tstamp", name)
        times.demand(rows, "tstamp")
        conditions[name] = f"{sql.moment(rows, 'tstamp')} {TIMES[name]} {when.timestamp()!r}"
    reads = [name if name in COLUMNS else "tstamp" for name in conditions]
    if chosen.get("votes") == COUNTED and _filled(rows, "held"):
        conditions["votes"] = "coalesce(lower(CAST(held AS VARCHAR)) NOT IN ('true', '1'), true)"
        reads.append("held")
    if not conditions:
        return log
    label = ", ".join(f"{name} {chosen[name]}" for name in conditions)
    whole = " AND ".join(f"({condition})" for condition in conditions.values())
    if not rows.holds(whole, reads):
        raise errors.InputError(f"{log.name} has no vote with {label}{_instead(rows, wanted)}")
    part = sliced(rows, whole, reads, label)
    return replace(log, counts=counting.counted(part), source=part, name=part.name)


def moment(name: str, given: str) -> datetime:
    """A date or a time in UTC."""
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise errors.InputError(
            f"{name} is {errors.quoted(given)}; it is a date or a time, such as 2026-03-01 or 2026-03-01T12:00:00Z."
        ) from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _filled(rows: source.Source, column: str) -> bool:
    return rows.has(column) and rows.holds(f"{source.quoted(column)} IS NOT NULL", [column])


def _demand(rows: source.Source, column: str, asked: str) -> None:
    if not _filled(rows, column):
        raise errors.InputError(f"{rows.name} has no column {column} to take a part by {asked}{rows.instead(column)}.")


def _instead(rows: source.Source, wanted: Mapping[str, str]) -> str:
    """The end of an error: the value that is most like the only column asked for."""
    names = [name for name in wanted if name in COLUMNS]
    if len(names) != 1 or len(wanted) != 1:
        return "."
    column = source.quoted(names[0])
    query = (
        f"SELECT DISTINCT CAST({column} AS VARCHAR) AS value FROM {source.VOTES} WHERE {column} IS NOT NULL LIMIT 1000"
    )
    found = sql.together(rows.answers(query, names))["value"].to_pylist()
    return f"; {errors.nearest(wanted[names[0]], sorted(found))}"
