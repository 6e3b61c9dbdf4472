"""The table `ledger`: the one module that reads and writes it. Its lines are added and never changed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from arena import errors
from arena.domain import ledger
from arena.domain.ids import VoteId
from arena.store import quick, rows
from arena.store.connections import Connection

PAGE = 2000

COLUMNS = {
    "sequence": "BIGINT",
    "subject": "VARCHAR",
    "commitment": "VARCHAR",
    "previous": "VARCHAR",
    "hash": "VARCHAR",
}
SELECTED = f"SELECT {', '.join(COLUMNS)} FROM ledger"
COMMITMENTS = "SELECT sequence, subject, commitment FROM ledger"
SUBJECTS = "SELECT subject FROM ledger"
"""What the lines commit to, for a join."""

FAULTS = (
    (
        "SELECT vote_id FROM votes WHERE vote_id NOT IN (SELECT subject FROM ledger) ORDER BY sequence",
        "Vote {} has no line in the ledger: it was added past the writer.",
    ),
    (
        "SELECT sequence FROM ledger GROUP BY sequence HAVING count(*) > 1 ORDER BY sequence",
        "Ledger line {} is there more than once.",
    ),
    (
        "SELECT subject FROM ledger GROUP BY subject HAVING count(*) > 1 ORDER BY subject",
        "Vote {} has more than one line in the ledger.",
    ),
)
"""Queries that find nothing in a sound ledger, and what it means when they do."""

_made = quick.maker(ledger.Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """What is stored beside votes and removals as its line in the ledger has to be."""

    sequence: int
    commitment: str
    named: str
    """As a sentence about it begins."""


def committed(commitment: Callable[[], str]) -> str:
    """What a line has to commit to, as what is stored says; nothing where that cannot be read: a salt that is no longer
    hexadecimal, a value that no arena writes."""
    try:
        return commitment()
    except ValueError:
        return ""


def append(connection: Connection, added: Iterable[ledger.Line]) -> None:
    """Add lines, each the follower of the one before."""
    rows.append(
        connection,
        "ledger",
        COLUMNS,
        [(line.sequence, line.subject, line.commitment, line.previous, line.hash) for line in added],
    )


def last(connection: Connection) -> ledger.Line | None:
    """The last line, or None before the first vote."""
    found = rows.fetched(connection, f"{SELECTED} WHERE sequence = (SELECT max(sequence) FROM ledger)")
    return _made(*found[0]) if found else None


def count(connection: Connection) -> int:
    """How many lines there are."""
    return rows.number(connection, "SELECT count(*) FROM ledger")


def sequence_of(connection: Connection, line_hash: str) -> int | None:
    """The number of the line with a hash."""
    found = rows.fetched(connection, "SELECT sequence FROM ledger WHERE hash = ?", [line_hash])
    return int(found[0][0]) if found else None


def between(connection: Connection, first: int, last: int) -> list[ledger.Line]:
    """Lines from one sequence to another, both included, in order."""
    found = rows.fetched(connection, f"{SELECTED} WHERE sequence BETWEEN ? AND ? ORDER BY sequence", [first, last])
    return [_made(*row) for row in found]


def pages(connection: Connection, size: int) -> Iterator[list[ledger.Line]]:
    """Every line, in order, so many sequences a page."""
    highest = rows.number(connection, "SELECT coalesce(max(sequence), 0) FROM ledger")
    for first in range(1, highest + 1, size):
        yield between(connection, first, min(first + size - 1, highest))


def lines(connection: Connection) -> Iterator[ledger.Line]:
    """Every line, in order."""
    for page in pages(connection, PAGE):
        yield from page


def of_votes(
    connection: rows.Asked, vote_ids: Sequence[VoteId], fetch: rows.Fetch[rows.Asked] = rows.columns
) -> dict[VoteId, ledger.Line]:
    """The line of each of these votes. Raises `StoreCorrupt` for a vote without one."""
    if not vote_ids:
        return {}
    condition, parameters = rows.among("subject", vote_ids)
    found = fetch(connection, list(COLUMNS), f"FROM ledger WHERE {condition}", parameters)
    lines = dict(zip(found[1], map(_made, *found), strict=True))
    for vote_id in vote_ids:
        if vote_id not in lines:
            raise errors.StoreCorrupt(
                f"Vote {vote_id} has no line in the ledger; run `arena verify`, then restore the last backup that does."
            )
    return lines


def about(connection: Connection, subjects: Sequence[str]) -> dict[str, ledger.Line]:
    """The lines about those of these subjects that have one."""
    if not subjects:
        return {}
    condition, parameters = rows.among("subject", subjects)
    found = rows.fetched(connection, f"{SELECTED} WHERE {condition}", parameters)
    return {row[1]: _made(*row) for row in found}


def unrecorded(connection: Connection, table: str, subject: str) -> list[str]:
    """Subjects of the rows of a table that have no line where their `sequence` says, in its order."""
    found = rows.fetched(
        connection,
        f"SELECT {subject} FROM {table} WHERE NOT EXISTS (SELECT * FROM ledger "
        f"WHERE ledger.subject = {table}.{subject} AND ledger.sequence = {table}.sequence) ORDER BY sequence",
    )
    return [str(row[0]) for row in found]
