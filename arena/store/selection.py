"""What an export takes: voted battles, streamed so that a workspace larger than memory can be exported."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import duckdb

from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, RaterId
from arena.domain.standing import Standing
from arena.store import battles, removals, rows

PAGE = 20_000
"""Battles read together: each reading of a page scans the row groups it lies in, of which one holds 120,000 rows."""
MEMORY = "400MB"
"""What DuckDB keeps of the file while all of it is read. Left alone it keeps everything, and gains nothing by it."""


@contextlib.contextmanager
def frugal(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Inside it, the database of a connection keeps little of its file in memory."""
    with contextlib.closing(connection.cursor()) as settings:  # a transaction that failed takes no more statements
        settings.execute(f"SET GLOBAL memory_limit = '{MEMORY}'")
        try:
            yield
        finally:
            settings.execute("RESET GLOBAL memory_limit")


def voted(connection: duckdb.DuckDBPyConnection) -> Iterator[BattleRecord]:
    """Every battle with a vote that counts, in the ledger order of its first vote."""
    return records(connection, battle_ids(connection))


def battle_ids(connection: duckdb.DuckDBPyConnection) -> list[BattleId]:
    """Of every battle with a vote that counts, in the ledger order of its first vote."""
    return [
        row[0]
        for row in rows.fetched(
            connection,
            "SELECT votes.battle_id FROM votes JOIN counted_votes ON counted_votes.vote_id = votes.vote_id "
            "GROUP BY votes.battle_id ORDER BY min(votes.sequence)",
        )
    ]


def records(connection: duckdb.DuckDBPyConnection, ordered: Sequence[BattleId]) -> Iterator[BattleRecord]:
    """These battles with the votes that count, in this order."""
    gone = removals.withdrawn(connection)
    for start in range(0, len(ordered), PAGE):
        for record in battles.each(connection, ordered[start : start + PAGE]):
            if gone and any(vote.rater_id in gone for vote in record.votes):
                counted = tuple(vote for vote in record.votes if vote.rater_id not in gone)
                yield replace(record, votes=counted)
            else:
                yield record


def standings(connection: duckdb.DuckDBPyConnection) -> dict[RaterId, Standing]:
    """What every rater with a vote that counts did beside the others who voted on the same battles."""
    found = rows.fetched(
        connection,
        """
        WITH mine AS (SELECT rater_id, count(*) AS votes FROM counted_votes GROUP BY rater_id),
        beside AS (
            SELECT
                own.rater_id,
                count(*) AS compared,
                count(*) FILTER (WHERE own.winner = other.winner) AS agreed
            FROM counted_votes AS own
            JOIN counted_votes AS other ON own.battle_id = other.battle_id AND own.rater_id <> other.rater_id
            GROUP BY own.rater_id
        )
        SELECT mine.rater_id, mine.votes, coalesce(beside.compared, 0), coalesce(beside.agreed, 0)
        FROM mine LEFT JOIN beside ON beside.rater_id = mine.rater_id
        ORDER BY mine.rater_id
        """,
    )
    return {
        RaterId(rater_id): Standing(votes=votes, compared=compared, agreed=agreed)
        for rater_id, votes, compared, agreed in found
    }


def withdrawn_votes(connection: duckdb.DuckDBPyConnection) -> int:
    """Votes that are kept and do not count, because their consent was withdrawn."""
    return rows.number(
        connection,
        "SELECT count(*) FROM votes WHERE vote_id NOT IN (SELECT vote_id FROM counted_votes) "
        "AND battle_id NOT IN (SELECT battle_id FROM voids)",
    )
