"""Durable votes per second through the store's writer, beside one transaction a vote and the bare disk.

    python benchmarks/store_writer.py [--clients 60] [--seconds 10] [--dir FOLDER]

Sixty clients vote as fast as they are answered. Each vote judges a complete battle of realistic length (a prompt
and 300 to 2,000 characters a side), so the ledger's commitment costs what it costs in service. Time runs from the
submission to the resolved future, that is until the vote is durable. Folding the log into the file is left for
when nobody waits (docs/decisions/0007) and so not part of a run this short.
"""

import argparse
import json
import os
import platform
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np

from arena.domain import ids, ledger, parts
from arena.domain.battle import Battle, BattleRecord, Message, Response
from arena.domain.ids import BattleId, ConversationId, ModelName, RaterId, VoteId
from arena.domain.vote import Tag, Vote, Winner
from arena.store import battles, database, ledger_rows, migrations, votes
from arena.store.workspace import Workspace
from arena.store.writing import commands

WORDS = (
    "the",
    "answer",
    "depends",
    "on",
    "how",
    "you",
    "read",
    "it",
    "because",
    "some",
    "of",
    "these",
    "terms",
    "mean",
)
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
RECORDS = 400
"""Different battles that the clients vote on, each client under raters of its own."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one run measured."""

    name: str
    votes: int
    seconds: float
    milliseconds: np.ndarray
    processor: float
    """Seconds of processor time that this process took: on a busy machine the fairer figure."""

    def line(self) -> str:
        middle, high, worst = np.percentile(self.milliseconds, [50, 99, 100])
        rate, processor = self.votes / self.seconds, 1000 * self.processor / self.votes
        return f"{self.name:<44}{rate:>9,.0f}/s{middle:>9.2f}{high:>9.2f}{worst:>9.1f}{processor:>9.2f}{self.votes:>9,}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--dir", type=Path, default=None, help="where to write; the disk measured is this one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.dir, ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        print(header(place))
        print(f"{'':<44}{'rate':>11}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'cpu ms':>9}{'count':>9}")
        print(raw_syncs(place / "raw", seconds=2).line(), flush=True)
        print(one_a_transaction(place / "baseline.duckdb", seconds=4).line(), flush=True)
        for clients in (1, 8, options.clients):
            seconds = options.seconds if clients == options.clients else 3
            print(through_the_writer(place / f"clients{clients}.duckdb", clients, seconds).line(), flush=True)


def header(place: Path) -> str:
    """The machine and the versions that the figures belong to."""
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())  # fmt: skip
    load = os.getloadavg()[0]
    return (
        f"{len(os.sched_getaffinity(0))} cores of {model}, load {load:.1f}, {filesystem(place)}, "
        f"{platform.system()} {platform.release()}\n"
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, numpy {np.__version__}\n"
    )


def filesystem(place: Path) -> str:
    """Type of the file system that holds a folder."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [(point, kind) for point, kind in mounts if place.resolve().is_relative_to(point)]
    return max(holding, key=lambda mount: len(mount[0]))[1]


def raw_syncs(path: Path, seconds: float) -> Result:
    """What the disk gives: 4 KiB appended and synced, again and again."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    block = os.urandom(4096)

    def once() -> None:
        os.write(descriptor, block)
        os.fdatasync(descriptor)

    result = repeated("bare disk: write 4 KiB, fdatasync", once, seconds)
    os.close(descriptor)
    return result


def one_a_transaction(path: Path, seconds: float) -> Result:
    """The same tables and rows, one transaction and one statement a row for every vote."""
    connection = database.connect(path)
    migrations.migrate(connection, migrations.known("workspace"), path)
    pool = records(random.Random(1))
    stream = ballots(pool, "baseline", random.Random(2))
    last: ledger.Line | None = None

    def once() -> None:
        nonlocal last
        vote, record = next(stream)
        last = ledger.follow(last, vote.vote_id, ledger.commitment("00" * 16, vote, record))
        connection.execute("BEGIN TRANSACTION")
        values = (last.sequence, vote.vote_id, vote.battle_id, vote.rater_id, vote.winner, vote.strength,
                  json.dumps(vote.tags), vote.reason, vote.edit, vote.reading_seconds,
                  database.stored_time(vote.cast_at), vote.idempotency_key, vote.request_sha256, "00" * 16,
                  ledger.VERSION, vote.rater_kind, None, None, None)  # fmt: skip
        insert(connection, "votes", votes.COLUMNS, values)
        line = (last.sequence, last.subject, last.commitment, last.previous, last.hash)
        insert(connection, "ledger", ledger_rows.COLUMNS, line)
        connection.execute("COMMIT")

    result = repeated("one transaction a vote", once, seconds)
    connection.close()
    return result


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, columns: dict[str, str], values: tuple[object, ...]
) -> None:
    """One row by one statement."""
    marks = ", ".join("?" * len(columns))
    connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(values))


def through_the_writer(path: Path, clients: int, seconds: float) -> Result:
    """Concurrent clients, each waiting for its vote to be durable before the next."""
    times: list[list[float]] = [[] for _ in range(clients)]
    with Workspace.open(path) as workspace:
        pool = opened(workspace, records(random.Random(1)))
        ready = threading.Barrier(clients + 1)
        until = 0.0

        def client(number: int) -> None:
            stream = ballots(pool, f"client{number}", random.Random(number))
            ready.wait()
            ready.wait()
            while time.perf_counter() < until:
                vote, record = next(stream)
                start = time.perf_counter()
                workspace.submit(commands.CastVote(vote=vote, record=record)).result()
                times[number].append(time.perf_counter() - start)

        threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        ready.wait()
        start, processor = time.perf_counter(), time.process_time()
        until = start + seconds
        ready.wait()
        for thread in threads:
            thread.join()
        elapsed, processor = time.perf_counter() - start, time.process_time() - processor
        every = np.concatenate([np.array(one) for one in times]) * 1000
        with workspace.reading() as connection:
            row = connection.execute("SELECT count(*), count(DISTINCT vote_id), max(sequence) FROM votes").fetchone()
        if row != (len(every), len(every), len(every)):
            sys.exit(f"{len(every)} votes were acknowledged and the workspace holds {row}")
    name = f"the store's writer, {clients} client{'s' if clients > 1 else ''}"
    return Result(name=name, votes=len(every), seconds=elapsed, milliseconds=every, processor=processor)


def repeated(name: str, once: Callable[[], None], seconds: float) -> Result:
    """Do one thing after another for a while."""
    times = []
    start, processor = time.perf_counter(), time.process_time()
    while (before := time.perf_counter()) < start + seconds:
        once()
        times.append(time.perf_counter() - before)
    return Result(
        name=name,
        votes=len(times),
        seconds=time.perf_counter() - start,
        milliseconds=np.array(times) * 1000,
        processor=time.process_time() - processor,
    )


def records(chance: random.Random) -> list[BattleRecord]:
    """Complete battles of realistic length."""
    return [_record(chance) for _ in range(RECORDS)]


def opened(workspace: Workspace, made: list[BattleRecord]) -> list[BattleRecord]:
    """The battles, stored and read back."""
    for record in made:
        assert record.response_a is not None
        assert record.response_b is not None
        workspace.submit(commands.OpenBattle(battle=record.battle))
        done = workspace.submit(
            commands.CompleteBattle(
                battle_id=record.battle.battle_id,
                response_a=record.response_a,
                response_b=record.response_b,
                completed_at=NOW,
            )
        )
    done.result()
    with workspace.reading() as connection:
        return list(battles.records(connection, [record.battle.battle_id for record in made]).values())


def ballots(pool: list[BattleRecord], name: str, chance: random.Random) -> Iterator[tuple[Vote, BattleRecord]]:
    """Endless votes: each battle of the pool once, then again under the client's next rater."""
    count = 0
    while True:
        rater = RaterId(f"r_{name}_{count // len(pool)}")
        for record in pool:
            count += 1
            yield _vote(record, rater, f"{name}-{count}", chance), record


def _vote(record: BattleRecord, rater: RaterId, key: str, chance: random.Random) -> Vote:
    return Vote(
        vote_id=VoteId(ids.mint("v", datetime.now(UTC), chance)),
        battle_id=record.battle.battle_id,
        rater_id=rater,
        winner=chance.choice(list(Winner)),
        tags=(Tag.CORRECT, Tag.CLEAR),
        reason="The left one answers what was asked.",
        reading_seconds=chance.uniform(2, 60),
        cast_at=datetime.now(UTC),
        idempotency_key=key,
        request_sha256="ab" * 32,
    )


def _record(chance: random.Random) -> BattleRecord:
    battle = Battle(
        battle_id=BattleId(ids.mint("b", NOW, chance)),
        conversation_id=ConversationId(ids.mint("c", NOW, chance)),
        turn=2,
        continues=BattleId(ids.mint("b", NOW, chance)),
        continued_side=None,
        campaign="open",
        rater_id=RaterId("r_asker"),
        content=parts.of_text(text(chance, 200)),
        history=(
            Message.of_text(role="user", text=text(chance, 150)),
            Message.of_text(role="assistant", text=text(chance, 900)),
        ),
        model_a=ModelName("smollm2-135m-terse"),
        model_b=ModelName("smollm2-135m-plain"),
        draw_probability=1 / 6,
        created_at=NOW,
    )
    return BattleRecord(
        battle=battle,
        response_a=_response(chance),
        response_b=_response(chance),
        completed_at=NOW,
        void=None,
        votes=(),
    )


def _response(chance: random.Random) -> Response:
    return Response(
        text=text(chance, chance.randint(300, 2000)),
        finish_reason="stop",
        prompt_tokens=chance.randint(20, 400),
        completion_tokens=chance.randint(60, 500),
        first_token_seconds=chance.uniform(0.1, 1),
        total_seconds=chance.uniform(1, 20),
    )


def text(chance: random.Random, length: int) -> str:
    """So many characters of words."""
    written = " ".join(chance.choices(WORDS, k=length // 3))
    return written[:length]


if __name__ == "__main__":
    main()
