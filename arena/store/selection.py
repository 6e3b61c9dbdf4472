"""What an export takes: voted battles, streamed so that a workspace larger than memory can be exported."""

from collections.abc import Iterator

import duckdb

from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId
from arena.store import battles, rows

PAGE = 500


def voted(connection: duckdb.DuckDBPyConnection) -> Iterator[BattleRecord]:
    """Every battle with a vote that counts, in the ledger order of its first vote."""
    ordered = [
        BattleId(row[0])
        for row in rows.fetched(
            connection,
            "SELECT votes.battle_id FROM votes JOIN counted_votes ON counted_votes.vote_id = votes.vote_id "
            "GROUP BY votes.battle_id ORDER BY min(votes.sequence)",
        )
    ]
    for start in range(0, len(ordered), PAGE):
        page = ordered[start : start + PAGE]
        found = battles.records(connection, page)
        yield from (found[battle_id] for battle_id in page)
