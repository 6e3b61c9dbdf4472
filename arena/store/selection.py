"""What an export takes: voted battles, streamed so that a workspace larger than memory can be exported."""

import contextlib
import functools
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple, Self

from arena.domain import ledger
from arena.domain.battle import BattleRecord
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.domain.plain_battles import PlainBattles
from arena.domain.rater_agreement import RaterAgreement
from arena.store import battles, holding, ledger_rows, plain_battles, removals, rows, votes
from arena.store.connections import Analytical, Connection

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


NONE_PLAIN = PlainBattles(columns=[[]], firsts={})


class PageRead(NamedTuple):
    """Some battles that were read together."""

    battle_ids: Sequence[BattleId]
    others: battles.Read
    """Those that are not read as plain ones."""
    lines: Mapping[VoteId, ledger.Line]
    """Of the votes on these."""
    plain: PlainBattles


class Ahead:
    """`voted`, for who works on all of it: a thread reads a page while the one before is worked on. With the lines of
    the votes. Until the block is left, the connection is the thread's."""

    def __init__(self, connection: Analytical) -> None:
        self._connection = connection
        self._gone = removals.withdrawn(connection)
        self._held = holding.by_people(connection)
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
        for page in self._read_ahead(self._whole):
            yield from self._made(page.others)

    def plain_first(self, apart: Collection[RaterId] = ()) -> Iterator[BattleRecord | PlainBattles]:
        """The same battles, runs of plain ones as columns; as records what raters of `apart` asked or voted on."""
        read = functools.partial(self._parted, apart=self._gone.union(apart))
        for page in self._read_ahead(read):
            others = self._made(page.others)
            plain, start = set(page.plain.battle_ids), 0
            for together, run in itertools.groupby(page.battle_ids, key=plain.__contains__):
                count = sum(1 for _ in run)
                if together:
                    yield page.plain.cut(start, start + count)
                    start += count
                else:
                    yield from itertools.islice(others, count)

    def lines(self, _vote_ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Line]:
        """The lines of all votes on the records given last: on a page of them at least."""
        return self._lines

    def openers(self, _vote_ids: Sequence[VoteId]) -> Mapping[VoteId, ledger.Opener]:
        """What opens the commitments of the same votes."""
        return self._openers

    def _read_ahead(self, read: Callable[[Sequence[BattleId]], PageRead]) -> Iterator[PageRead]:
        """The pages, each read by the thread while the one before is worked on."""
        reading = self._begun(read)
        while reading:
            page = reading.pop().result()
            openers = votes.openers(page.others.votes) if page.others.votes else {}
            reading = self._begun(read)
            self._lines, self._openers = {**self._lines, **page.lines}, {**self._openers, **openers}
            yield page
            self._lines, self._openers = page.lines, openers

    def _begun(self, read: Callable[[Sequence[BattleId]], PageRead]) -> list[Future[PageRead]]:
        return [self._thread.submit(read, page) for page in itertools.islice(self._pages, 1)]

    def _whole(self, battle_ids: Sequence[BattleId]) -> PageRead:
        found = battles.read(self._connection, battle_ids, rows.columns_of_many)
        cast = found.votes[votes.VOTE] if found.votes else []
        return PageRead(
            battle_ids, found, ledger_rows.of_votes(self._connection, cast, rows.columns_of_many), NONE_PLAIN
        )

    def _parted(self, battle_ids: Sequence[BattleId], apart: Collection[RaterId]) -> PageRead:
        plain = plain_battles.read(self._connection, battle_ids, self._held, apart)
        known = set(plain.battle_ids)
        others = self._whole([one for one in battle_ids if one not in known])
        return others._replace(battle_ids=battle_ids, plain=plain)

    def _made(self, read: battles.Read) -> Iterator[BattleRecord]:
        return _counting(battles.made(read), self._gone, self._held)


def records(connection: Connection, ordered: Sequence[BattleId]) -> Iterator[BattleRecord]:
    """These battles with the votes that count, in this order."""
    gone, held = removals.withdrawn(connection), holding.by_people(connection)
    read = functools.partial(battles.read, connection)
    for page in map(read, _pages(ordered)):
        yield from _counting(battles.made(page), gone, held)


def _pages(ordered: Sequence[BattleId]) -> Iterator[Sequence[BattleId]]:
    for start in range(0, len(ordered), PAGE):
        yield ordered[start : start + PAGE]


def _counting(
    made: Iterable[BattleRecord], gone: Collection[RaterId], held: frozenset[VoteId]
) -> Iterator[BattleRecord]:
    """Records without the votes that do not count, of who is gone and for the record of their rater alone, and with
    those on whose rater a hold lies."""
    for one in made:
        record = one
        if held and not held.isdisjoint(vote.vote_id for vote in one.votes):
            record = replace(one, held_votes=held.intersection(vote.vote_id for vote in one.votes))
        for vote in record.votes:
            if vote.purpose is not None or vote.rater_id in gone:
                counting = (vote for vote in record.votes if vote.purpose is None and vote.rater_id not in gone)
                record = replace(record, votes=tuple(counting))
                break
        yield record


def agreements(connection: Connection) -> dict[RaterId, RaterAgreement]:
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
        RaterId(rater_id): RaterAgreement(votes=votes, compared=compared, agreed=agreed)
        for rater_id, votes, compared, agreed in found
    }


def withdrawn_votes(connection: Connection) -> int:
    """Votes that are kept and do not count, because their consent was withdrawn."""
    return rows.number(
        connection,
        "SELECT count(*) FROM votes WHERE vote_id NOT IN (SELECT vote_id FROM counted_votes) "
        "AND battle_id NOT IN (SELECT battle_id FROM voids) AND purpose IS NULL",
    )
