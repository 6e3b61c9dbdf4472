"""What an export takes: voted battles, streamed so that a workspace larger than memory can be exported."""

from collections.abc import Iterator
from dataclasses import replace

import duckdb

from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId
from arena.store import battles, removals, rows

PAGE = 5000
"""Battles read together: each reading of a page scans the row groups it lies in."""


def voted(connection: duckdb.DuckDBPyConnection) -> Iterator[BattleRecord]:
    """Every battle with a vote that counts, in the ledger order of its first vote."""
    ordered: list[BattleId] = [
        row[0]
        for row in rows.fetched(
            connection,
            "SELECT votes.battle_id FROM votes JOIN counted_votes ON counted_votes.vote_id = votes.vote_id "
            "GROUP BY votes.battle_id ORDER BY min(votes.sequence)",
        )
    ]
    gone = removals.withdrawn(connection)
    for start in range(0, len(ordered), PAGE):
        for record in battles.each(connection, ordered[start : start + PAGE]):
            if gone and any(vote.rater_id in gone for vote in record.votes):
                counted = tuple(vote for vote in record.votes if vote.rater_id not in gone)
                yield replace(record, votes=counted)
            else:
                yield record
