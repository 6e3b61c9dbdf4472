"""Lines of the ledger by what they are about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from arena import errors
from arena.domain import ledger
from arena.domain.ids import VoteId
from arena.store import quick, rows, votes

PAGE = 2000

_made = quick.maker(ledger.Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """What is stored beside votes and removals as its line in the ledger has to be."""

    sequence: int
    commitment: str
    named: str
    """As a sentence about it begins."""


def lines(connection: duckdb.DuckDBPyConnection) -> Iterator[ledger.Line]:
    """Every line, in order."""
    last = rows.number(connection, "SELECT coalesce(max(sequence), 0) FROM ledger")
    for first in range(1, last + 1, PAGE):
        yield from votes.lines_between(connection, first, min(first + PAGE - 1, last))


def of_votes(connection: duckdb.DuckDBPyConnection, vote_ids: Sequence[VoteId]) -> dict[VoteId, ledger.Line]:
    """The line of each of these votes. Raises `StoreCorrupt` for a vote without one."""
    if not vote_ids:
        return {}
    condition, parameters = rows.among("subject", vote_ids)
    found = rows.fetched(connection, f"SELECT {', '.join(votes.LEDGER)} FROM ledger WHERE {condition}", parameters)
    lines = {VoteId(row[1]): _made(*row) for row in found}
    for vote_id in vote_ids:
        if vote_id not in lines:
            raise errors.StoreCorrupt(
                f"Vote {vote_id} has no line in the ledger; run `arena verify`, then restore the last backup that does."
            )
    return lines
