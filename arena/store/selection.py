"""What an export takes: voted battles, streamed so that a workspace larger than memory can be exported."""

import contextlib
import functools
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Self

from arena.domain import ledger
from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.domain.standing import Standing
from arena.store import battles, ledger_rows, removals, rows, votes
from arena.store.connections import Connection

PAGE = 20_000
"""Battles read together: each reading of a page scans the row groups it lies in, of which one holds 120,000 rows, so
fewer pages are fewer scans (benchmarks/export_speed.py --store)."""
MEMORY = "300MB"
"""What DuckDB keeps of the file while all of it is read. Left alone it keeps everything, and gains nothing by it."""


@contextlib.contextmanager
def frugal(connection: Connection) -> Iterator[None]:
    """Inside it, the database of a connection keeps little of its file in memory."""
    with contextlib.closing(connection.cursor()) as settings:  # a transaction that failed takes no more statements
        settings.execute(f"SET GLOBAL memory_limit = '{MEMORY}'")
        try:
            yield
        finally:
            settings.execute("RESET GLOBAL memory_limit")


def voted(connection: Connection) -> Iterator[BattleRecord]:
    """Every battle with a vote that counts, in the ledger order of its first vote."""
    return records(connection, battle_ids(connection))


def battle_ids(connection: Connection) -> list[BattleId]:
    """Of every battle with a vote that counts, in the ledger order of its first vote."""
    return [
        row[0]
        for row in rows.fetched(
            connection,
            "SELECT votes.battle_id FROM votes JOIN counted_votes ON counted_votes.vote_id = votes.vote_id "
            "GROUP BY votes.battle_id ORDER BY min(votes.sequence)",
        )
    ]


class Ahead:
    """`voted`, for who works on all of it: a thread reads a page while the one before is worked on. With the lines of
    the votes. Until the block is left, the connection is the thread's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._gone = removals.withdrawn(connection)
        self._pages = _pages(battle_ids(connection))
        self._lines: Mapping[VoteId, ledger.Line] = {}
        self._openers: Mapping[VoteId, ledger.Opener] = {}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def records(self) -> Iterator[BattleRecord]:
        """The battles, in the ledger order of the first vote of each."""
        reading = self._begun()
        while reading:
            page, lines_of_page = reading.pop().result()
            openers_of_page = {VoteId(row[1]): votes.opener(row) for cast in page.votes.values() for row in cast}
            reading = self._begun()
            self._lines = {**self._lines, **lines_of_page}
            self._openers = {**self._openers, **openers_of_page}
            yield from _counting(battles.made(page), self._gone)
            self._lines, self._openers = lines_of_page, openers_of_page

    def lines(self, _vote_ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Line]:
        """The lines of all votes on the records given last: on a page of them at least."""
        return self._lines

    def openers(self, _vote_ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Opener]:
        """What opens the commitments of the same votes."""
        return self._openers

    def _begun(self) -> list[Future[tuple[battles.Read, Mapping[VoteId, ledger.Line]]]]:
        return [self._thread.submit(self._read, page) for page in itertools.islice(self._pages, 1)]

    def _read(self, battle_ids: Sequence[BattleId]) -> tuple[battles.Read, Mapping[VoteId, ledger.Line]]:
        found = battles.read(self._connection, battle_ids)
        vote_ids = [VoteId(row[1]) for cast in found.votes.values() for row in cast]
        return found, ledger_rows.of_votes(self._connection, vote_ids)


def records(connection: Connection, ordered: Sequence[BattleId]) -> Iterator[BattleRecord]:
    """These battles with the votes that count, in this order."""
    gone, read = removals.withdrawn(connection), functools.partial(battles.read, connection)
    for page in map(read, _pages(ordered)):
        yield from _counting(battles.made(page), gone)


def _pages(ordered: Sequence[BattleId]) -> Iterator[Sequence[BattleId]]:
    for start in range(0, len(ordered), PAGE):
        yield ordered[start : start + PAGE]


def _counting(made: Iterable[BattleRecord], gone: Collection[RaterId]) -> Iterator[BattleRecord]:
    """Records without the votes of who is gone."""
    for record in made:
        if gone and any(vote.rater_id in gone for vote in record.votes):
            yield replace(record, votes=tuple(vote for vote in record.votes if vote.rater_id not in gone))
        else:
            yield record


def standings(connection: Connection) -> dict[RaterId, Standing]:
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


def withdrawn_votes(connection: Connection) -> int:
    """Votes that are kept and do not count, because their consent was withdrawn."""
    return rows.number(
        connection,
        "SELECT count(*) FROM votes WHERE vote_id NOT IN (SELECT vote_id FROM counted_votes) "
        "AND battle_id NOT IN (SELECT battle_id FROM voids)",
    )
