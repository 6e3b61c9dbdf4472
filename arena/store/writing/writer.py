"""The one thread that writes: it commits for everybody who waits (docs/decisions/0004-group-commit.md).

While a batch is written the next commands gather, so the batch grows with the load: one transaction, one INSERT a
table and one fdatasync carry all of it. A future is resolved only after the commit. An error while writing stops
the writer for good: after a failed sync nobody can say what is on the disk, so nothing more is acknowledged. Only
a full disk is different: the transaction is taken back whole, and the writer goes on when there is space.
"""

import contextlib
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena import errors
from arena.domain.durations import Durations
from arena.store import failures
from arena.store.connections import Analytical
from arena.store.heads import Heads
from arena.store.writing import checkpoints, writer_cache
from arena.store.writing.batch import Batch
from arena.store.writing.prepare import Prepared
from arena.store.writing.writer_cache import WriterCache

BATCH_LIMIT = 256
"""Commands in one transaction."""
WAITING_LIMIT = 2048
"""Commands that may wait; beyond it they are refused at once."""
UNFIT = (*failures.UNFIT, ValueError, TypeError)
"""Raised before the commit, these speak of one command's values and not of the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCommand:
    """A command and whoever waits for it."""

    prepared: Prepared
    future: Future[Any]


class Writer:
    """A bounded queue and the thread that empties it."""

    def __init__(self, connection: Analytical, remembered: WriterCache, heads: Heads, path: Path) -> None:
        self._connection = connection.cursor()
        # A plain INSERT has nothing to optimize, and trying takes a third of its time. Look-ups keep the optimizer.
        self._connection.execute("PRAGMA disable_optimizer")
        self._looking = connection.cursor()
        self._known = remembered
        self._heads = heads
        self._path = path
        self._waiting: deque[WaitingCommand] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._stopped: errors.StoreStopped | None = None
        self.commits = Durations()
        """Of each transaction, its rows and the sync."""
        self._thread = threading.Thread(target=self._run, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    def submit(self, prepared: Prepared) -> Future[Any]:
        """Queue a command. Raises `Overloaded` when the queue is full, `StoreStopped` when nothing is accepted."""
        future: Future[Any] = Future()
        with self._changed:
            if self._stopped is not None:
                raise errors.StoreStopped(str(self._stopped))
            if self._closing:
                raise errors.StoreStopped(f"{self._path} is being closed; nothing more is accepted.")
            if len(self._waiting) >= WAITING_LIMIT:
                raise errors.Overloaded(
                    f"{WAITING_LIMIT} writes are waiting and no more are taken; try again in a second."
                )
            self._waiting.append(WaitingCommand(prepared=prepared, future=future))
            self._changed.notify()
        return future

    @property
    def stopped(self) -> errors.StoreStopped | None:
        """Why nothing is accepted any more, or None."""
        return self._stopped

    @property
    def known(self) -> WriterCache:
        """What is kept in memory as of the last commit."""
        return self._known

    @property
    def waiting(self) -> int:
        """Commands that wait."""
        return len(self._waiting)

    def close(self) -> None:
        """Write what waits, then end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._looking.close()
        self._connection.close()

    def _run(self) -> None:
        jobs: list[WaitingCommand] | None = []
        try:
            while (jobs := self._next()) is not None:
                if jobs:
                    self._commit(jobs)
                self._checkpoint(idle=not jobs)
        except BaseException as error:  # a bug: nobody may wait for a thread that is gone
            self._stop([job for job in jobs or () if not job.future.done()], error)
            raise

    def _next(self) -> list[WaitingCommand] | None:
        """The next batch; none in it when nobody came for a while, None when the writer is to end."""
        with self._changed:
            if not self._waiting and not self._closing:
                patience = checkpoints.IDLE_SECONDS if checkpoints.due(self._path, idle=True) else None
                self._changed.wait(patience)
            if self._stopped is not None or (self._closing and not self._waiting):
                return None
            taken = [self._waiting.popleft() for _ in range(min(BATCH_LIMIT, len(self._waiting)))]
        # A caller may have given up while its command waited; then it is not done at all.
        return [job for job in taken if job.future.set_running_or_notify_cancel()]

    def _commit(self, jobs: list[WaitingCommand]) -> None:
        batch, started = Batch(self._looking, self._known), time.perf_counter()
        try:
            self._connection.execute("BEGIN TRANSACTION")
            outcomes = batch.decide([job.prepared for job in jobs])
            batch.write(self._connection)
        except UNFIT as error:
            self._one_by_one(jobs, error)
            return
        except BaseException as error:
            self._fail(jobs, error)
            return
        try:
            if batch.empty:
                self._connection.execute("ROLLBACK")
            else:
                self._connection.execute("COMMIT")
                self._heads.append(batch.remember())
                self.commits.add(time.perf_counter() - started)
        except BaseException as error:
            self._fail(jobs, error)
            return
        for job, outcome in zip(jobs, outcomes, strict=True):
            if isinstance(outcome, errors.ArenaError):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)

    def _checkpoint(self, *, idle: bool) -> None:
        """Fold the log into the file when it is time."""
        if self._stopped is not None or not checkpoints.due(self._path, idle=idle):
            return
        try:
            self._connection.execute("CHECKPOINT")
        except failures.Busy:
            return  # a backup is running; there will be another time
        except BaseException as error:
            self._stop([], error)

    def _fail(self, jobs: list[WaitingCommand], error: BaseException) -> None:
        """Nothing of this batch is acknowledged. Go on after a full disk, from what the file holds; else stop."""
        if not failures.disk_full(error):
            self._stop(jobs, error)
            return
        try:
            with contextlib.suppress(failures.Busy):  # a failed COMMIT has ended it already
                self._connection.execute("ROLLBACK")
            self._known = writer_cache.load(self._looking)
        except BaseException as failed:
            self._stop(jobs, failed)
            return
        for job in jobs:
            job.future.set_exception(failures.full(self._path))

    def _one_by_one(self, jobs: list[WaitingCommand], error: Exception) -> None:
        """One command holds a value the database does not take: it alone fails, the others are done again."""
        try:
            self._connection.execute("ROLLBACK")
        except failures.DatabaseError as failed:
            self._stop(jobs, failed)
            return
        if len(jobs) == 1:
            jobs[0].future.set_exception(error)
            return
        for position, job in enumerate(jobs):
            if self._stopped is not None:
                self._stop(jobs[position:], self._stopped)
                return
            self._commit([job])

    def _stop(self, jobs: list[WaitingCommand], error: BaseException) -> None:
        """Accept nothing more, and tell everybody who waits."""
        if isinstance(error, errors.StoreStopped):
            stopped = error
        else:
            stopped = failures.stopped(self._path, str(error).strip().partition("\n")[0].rstrip(".") or repr(error))
            stopped.__cause__ = error
        with self._changed:
            self._stopped = stopped
            self._closing = True
            waiting = [job for job in self._waiting if job.future.set_running_or_notify_cancel()]
            self._waiting.clear()
        with contextlib.suppress(failures.DatabaseError):
            # Readers must not see a half-written transaction's locks; if even this fails nothing changes.
            self._connection.execute("ROLLBACK")
        for job in (*jobs, *waiting):
            job.future.set_exception(errors.StoreStopped(str(stopped)))
