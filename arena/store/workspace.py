"""A workspace: one DuckDB file, one writer, any number of readers.

with Workspace.open(path) as workspace:
    result = workspace.submit(commands.CastVote(vote=vote, record=record)).result()
    with workspace.reading() as connection:
        record = battles.load(connection, battle_id)
"""

import contextlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from arena import errors
from arena.domain.battle import BattleState
from arena.domain.durations import Durations
from arena.domain.ids import BattleId, RaterId
from arena.domain.removal import hashed
from arena.store import battles, compaction, database, failures, heads, ledger, ledger_rows, migrations, removals, votes
from arena.store.connections import Analytical
from arena.store.kept_files import FOLDER, KeptFiles
from arena.store.other_processes import ALONE, OtherProcesses
from arena.store.read_statements import ReadStatements, Statements
from arena.store.writing import commands, key_hashes, prepare, writer_cache
from arena.store.writing.file_transactions import FileTransactions
from arena.store.writing.kept_turns import KeptTurns
from arena.store.writing.opened_battles import OpenedSoFar
from arena.store.writing.recent import RecentBattle
from arena.store.writing.vote_counts import VoteCounts
from arena.store.writing.writer import Writer
from arena.store.writing.writer_cache import Marks

Result = TypeVar("Result")

CLOSES_AGAIN_AFTER = 0.005
"""Seconds, while a statement of somebody who reads is running."""


class Source(Protocol):
    """What is read: the DuckDB file, or that which is kept of a database elsewhere."""

    def cursor(self) -> Analytical:
        """A connection that sees everything that was acknowledged."""

    def close(self) -> None:
        """Let go of it."""


class Workspace:
    """The data of one lab, open in this process. Made by `open`."""

    def __init__(
        self,
        path: Path,
        source: Source,
        writer: Writer,
        held: heads.Heads,
        others: OtherProcesses = ALONE,
        files: KeptFiles = FOLDER,
    ) -> None:
        self.path = path
        self.others = others
        self.files = files
        self._source = source
        self._writer = writer
        self._heads = held
        self._statements = Statements()

    @classmethod
    def open(cls, path: Path) -> "Workspace":
        """Open the file, made and brought to the newest schema as needed.

        Raises `StoreHeld` naming the process that has it, `StoreCorrupt` when it is damaged or behind its heads
        file, and `StoreError` when it cannot be opened or is newer than this code.
        """
        with contextlib.ExitStack() as opened, failures.translated(path):
            database.make_folder(path.parent)
            connection = database.connect(path)
            opened.callback(connection.close)
            held = heads.Heads(path)
            opened.callback(held.close)
            # Until the file is found good, closing it must leave the log as evidence.
            connection.execute("PRAGMA disable_checkpoint_on_shutdown")
            migrations.migrate(connection, migrations.known("workspace"), path)
            remembered = writer_cache.load(connection)
            refuse_losses(path, connection, remembered.head, heads.last(held.path))
            held.resume(remembered.head)
            connection.execute("PRAGMA enable_checkpoint_on_shutdown")
            if removals.unpurged(connection):
                connection.close()
                compaction.run(path, removals.PURGED)
                connection = database.connect(path)
                opened.callback(connection.close)
            database.in_the_asking_thread(connection)
            writer = Writer(FileTransactions(connection, remembered, held, path), path)
            opened.pop_all()
            return cls(path, connection, writer, held)

    def submit(self, command: commands.Command[Result], *, can_wait: bool = False) -> Future[Result]:
        """Have a command done. Its future is resolved once it is durable, or with the error that refused it. One that
        can wait does so for a moment, so that others share its transaction.

        What needs no database to be refused is refused here: `Conflict` for a vote on a battle that is not ready,
        `InvalidValue` for text that UTF-8 cannot write, `Overloaded` when too many commands wait, `StoreStopped`
        after an error while writing.
        """
        return self._writer.submit(prepare.prepare(command), can_wait=can_wait)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Analytical]:
        """A connection that sees one moment of the workspace, for one thread."""
        with self.connection() as cursor:
            cursor.execute("BEGIN TRANSACTION READ ONLY")
            yield cursor

    @contextlib.contextmanager
    def scanning(self) -> Iterator[Analytical]:
        """The same for who reads much of the workspace: on every core."""
        with self.reading() as connection, database.on_every_core(connection):
            yield connection

    @contextlib.contextmanager
    def connection(self) -> Iterator[Analytical]:
        """A connection without a transaction, for a copy of the whole file. Nothing else writes past the writer."""
        with failures.translated(self.path):
            cursor = self._source.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    def battle(self, battle_id: BattleId) -> RecentBattle | None:
        """A battle with what was told about its votes, as of the last commit; None when it is not known here."""
        recent = self._writer.known.recent
        kept = recent.find(battle_id)
        if kept is not None:
            return kept
        token = recent.begin(battle_id)
        with self.reading() as reading:
            connection = ReadStatements(reading, self._statements)
            found = battles.read(connection, [battle_id])
            record = next(battles.made(found), None)
            if record is not None:
                receipts = votes.told(connection, votes.of_columns(found.votes, record.votes))
                kept = RecentBattle(record=record, receipts={result.vote.vote_id: result for result in receipts})
        is_open = kept is not None and kept.record.state is BattleState.OPEN
        recent.offer(token, battle_id, None if is_open else kept)  # another process may be about to complete it
        return kept

    def recent(self, battle_id: BattleId) -> RecentBattle | None:
        """The same without waiting for the file: None also when it has to be asked."""
        return self._writer.known.recent.find(battle_id)

    def latest_of(self, rater_id: RaterId) -> BattleId | None:
        """The battle this rater opened last, or None. The file is asked only for raters who came back."""
        known = self._writer.known
        newest = known.recent.newest(rater_id)
        if newest is not None or not known.openers.may_hold(key_hashes.hashed(rater_id)):
            return newest
        with self.reading() as connection:
            return battles.latest_of(connection, rater_id)

    @property
    def shared(self) -> bool:
        """Whether other processes have it open, too."""
        return self._writer.shared

    @property
    def waiting(self) -> int:
        """Commands that wait for the writer."""
        return self._writer.waiting

    @property
    def commits(self) -> Durations:
        """How long transactions took."""
        return self._writer.commits

    @property
    def free_bytes(self) -> int:
        """Room on the disk of the file."""
        disk = os.statvfs(self.path.parent)
        return disk.f_bavail * disk.f_frsize

    @property
    def head(self) -> heads.WorkspaceHead:
        """How much there is, as of the last commit."""
        return self._writer.known.head

    @property
    def counts(self) -> VoteCounts:
        """How many votes there are by rater and by pair, as of the last commit."""
        return self._writer.known.counts

    @property
    def turns(self) -> KeptTurns:
        """Turns at items, as of the last commit."""
        return self._writer.known.turns

    @property
    def marks(self) -> Marks:
        """What changed since somebody looked."""
        return self._writer.known.marks

    def opened_in(self, campaign: str) -> OpenedSoFar:
        """The battles that a campaign got, as of the last commit: look at it before its places are counted."""
        return self._writer.known.opened.of(campaign)

    def was_erased(self, rater_id: RaterId) -> bool:
        """Whether a rater was erased here, as of the last commit."""
        erased = self._writer.known.erased
        return bool(erased) and hashed(rater_id) in erased

    def verify(self) -> ledger.VerifyReport:
        """Recompute everything the ledger promises, at one moment, while the workspace is in use."""
        with self.scanning() as connection:
            return ledger.report(connection, self.path)

    @property
    def stopped(self) -> errors.StoreStopped | None:
        """Why nothing is written any more, or None while all is well."""
        return self._writer.stopped

    def close(self) -> None:
        """Write what waits, then let go of the file. What is being read ends with the statement that runs."""
        self._writer.close()
        self.others.close()
        self.files.close()
        self._heads.close()
        while True:
            try:
                return self._source.close()
            except failures.InUse:
                time.sleep(CLOSES_AGAIN_AFTER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def refuse_losses(
    path: Path, connection: Analytical, found: heads.WorkspaceHead, promised: heads.WorkspaceHead | None
) -> None:
    """Raise `StoreCorrupt` when the database is behind what the heads file says was acknowledged."""
    if promised is None:
        return
    missing = heads.losses(promised, found)
    if missing:
        raise errors.StoreCorrupt(
            f"{path} lost {missing} that were acknowledged: it is behind {heads.beside(path).name}. "
            "Restore the latest backup with `arena restore`, or, to go on without them, move that file away."
        )
    if promised.votes and ledger_rows.between(connection, promised.votes, promised.votes)[0].hash != promised.hash:
        raise errors.StoreCorrupt(
            f"{path} is not the database that {heads.beside(path).name} speaks of: line {promised.votes} of the "
            "ledger differs. Restore the latest backup with `arena restore`, or put the right file back."
        )
