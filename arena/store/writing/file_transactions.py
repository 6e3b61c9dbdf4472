"""The writer's transactions on a DuckDB file, with its log and its heads (docs/decisions/0007)."""

import contextlib
from collections.abc import Collection
from pathlib import Path

from arena.domain.ids import BattleId
from arena.store import failures
from arena.store.connections import Analytical
from arena.store.heads import Heads
from arena.store.read_statements import ReadStatements, Statements
from arena.store.writing import checkpoints, writer_cache
from arena.store.writing.transactions import DurableRows
from arena.store.writing.vote_counts import VoteCounts
from arena.store.writing.writer_cache import WriterCache


class FileTransactions:
    """One transaction after another on the file, of which this process is the only writer."""

    shared = False
    unfit: tuple[type[BaseException], ...] = failures.UNFIT

    def __init__(self, connection: Analytical, remembered: WriterCache, heads: Heads, path: Path) -> None:
        self.writing = ReadStatements(connection.cursor(), Statements())
        # A plain INSERT has nothing to optimize, and trying takes a third of its time. Look-ups keep the optimizer.
        self.writing.execute("PRAGMA disable_optimizer")
        self.looking = connection.cursor()
        self.known = remembered
        self._heads = heads
        self._path = path

    def counted(self) -> VoteCounts:
        return VoteCounts.of(self.looking)

    def left(self, unfinished: Collection[BattleId]) -> Collection[BattleId]:
        return unfinished

    def has_work(self, work: str) -> bool:
        return True

    def begin(self) -> None:
        self.writing.execute("BEGIN TRANSACTION")

    def commit(self, written: DurableRows) -> None:
        self.writing.execute("COMMIT")
        self._heads.append(written.remember())

    def rollback(self) -> None:
        self.writing.execute("ROLLBACK")

    def unfit_told(self, error: BaseException) -> BaseException:
        return error

    def recovered(self, error: BaseException) -> Exception | None:
        """Go on after a full disk, from what the file holds."""
        if not failures.disk_full(error):
            return None
        with contextlib.suppress(failures.Busy):  # a failed COMMIT has ended it already
            self.rollback()
        self.known = writer_cache.load(self.looking)
        return failures.full(self._path)

    @property
    def patience(self) -> float | None:
        return checkpoints.IDLE_SECONDS if checkpoints.due(self._path, idle=True) else None

    def rest(self, *, idle: bool) -> None:
        """Fold the log into the file when it is time."""
        if not checkpoints.due(self._path, idle=idle):
            return
        with contextlib.suppress(failures.Busy):  # a backup is running; there will be another time
            self.writing.execute("CHECKPOINT")

    def close(self) -> None:
        self.looking.close()
        self.writing.close()
