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
from arena.store.writing.batch import Batch
from arena.store.writing.prepare import Prepared
from arena.store.writing.transactions import Again, Transactions
from arena.store.writing.writer_cache import WriterCache

BATCH_LIMIT = 256
"""Commands in one transaction."""
WAITING_LIMIT = 2048
"""Commands that may wait; beyond it they are refused at once."""
UNFIT = (ValueError, TypeError)
"""Raised before the commit, these speak of one command's values and not of the disk, as do the database's own."""
COMPANY_SECONDS = 0.05
"""How long commands that can wait do so for others in their transaction, which costs about the same whatever it
holds."""
TRIES = 3
"""How often a batch is done where the database says that it may be done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCommand:
    """A command and whoever waits for it."""

    prepared: Prepared
    future: Future[Any]
    since: float
    """When it came, on the monotonic clock."""


class Writer:
    """A bounded queue and the thread that empties it."""

    def __init__(self, transactions: Transactions, path: Path) -> None:
        """`path` is where the workspace lies, as errors name it."""
        self._transactions = transactions
        self._path = path
        self._waiting: deque[WaitingCommand] = deque()
        self._changed = threading.Condition()
        self._urgent = False
        """Whether anything in the queue is to be done at once."""
        self._closing = False
        self._stopped: errors.StoreStopped | None = None
        self.commits = Durations()
        """Of each transaction, its rows and the sync."""
        self._thread = threading.Thread(target=self._run, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    def submit(self, prepared: Prepared, *, can_wait: bool = False) -> Future[Any]:
        """Queue a command; one that can wait does so for others. Raises `Overloaded` when the queue is full,
        `StoreStopped` when nothing is accepted."""
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
            self._waiting.append(WaitingCommand(prepared=prepared, future=future, since=time.monotonic()))
            self._urgent = self._urgent or not can_wait
            self._changed.notify()
        return future

    @property
    def stopped(self) -> errors.StoreStopped | None:
        """Why nothing is accepted any more, or None."""
        return self._stopped

    @property
    def known(self) -> WriterCache:
        """What is kept in memory as of the last commit."""
        return self._transactions.known

    @property
    def shared(self) -> bool:
        """Whether other processes write, too."""
        return self._transactions.shared

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
        self._transactions.close()

    def _run(self) -> None:
        jobs: list[WaitingCommand] | None = []
        try:
            while (jobs := self._next()) is not None:
                if jobs:
                    self._commit(jobs)
                self._rest(idle=not jobs)
        except BaseException as error:  # a bug: nobody may wait for a thread that is gone
            self._stop([job for job in jobs or () if not job.future.done()], error)
            raise

    def _next(self) -> list[WaitingCommand] | None:
        """The next batch; none in it when nobody came for a while, None when the writer is to end."""
        with self._changed:
            if not self._waiting and not self._closing:
                self._changed.wait(self._transactions.patience)
            while self._waiting and not (self._urgent or self._closing):
                left = self._waiting[0].since + COMPANY_SECONDS - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            if self._stopped is not None or (self._closing and not self._waiting):
                return None
            taken = [self._waiting.popleft() for _ in range(min(BATCH_LIMIT, len(self._waiting)))]
            self._urgent = bool(self._waiting)
        # A caller may have given up while its command waited; then it is not done at all.
        return [job for job in taken if job.future.set_running_or_notify_cancel()]

    def _commit(self, jobs: list[WaitingCommand], tries: int = TRIES) -> None:
        transactions, started = self._transactions, time.perf_counter()
        unfit: tuple[type[BaseException], ...] = (*UNFIT, *transactions.unfit)
        try:
            transactions.begin()
            has_work, left = transactions.has_work, transactions.left
            batch = Batch(transactions.looking, transactions.known, transactions.counted, left, has_work)
            outcomes = batch.decide([job.prepared for job in jobs])
            batch.write(transactions.writing)
        except unfit as error:
            self._one_by_one(jobs, error)
            return
        except BaseException as error:
            self._fail(jobs, error, tries)
            return
        try:
            if batch.empty:
                transactions.rollback()
            else:
                transactions.commit(batch)
                self.commits.add(time.perf_counter() - started)
        except BaseException as error:
            self._fail(jobs, error, tries)
            return
        for job, outcome in zip(jobs, outcomes, strict=True):
            if isinstance(outcome, errors.ArenaError):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)

    def _rest(self, *, idle: bool) -> None:
        """Do what the database wants done between transactions."""
        if self._stopped is not None:
            return
        try:
            self._transactions.rest(idle=idle)
        except BaseException as error:
            self._stop([], error)

    def _fail(self, jobs: list[WaitingCommand], error: BaseException, tries: int) -> None:
        """Nothing of this batch is acknowledged. Go on where the database can; else stop."""
        try:
            told = self._transactions.recovered(error)
        except BaseException as failed:
            self._stop(jobs, failed)
            return
        if told is None:
            self._stop(jobs, error)
        elif isinstance(told, Again) and tries > 1:
            self._commit(jobs, tries - 1)
        else:
            for job in jobs:
                job.future.set_exception(errors.Overloaded(str(told)) if isinstance(told, Again) else told)

    def _one_by_one(self, jobs: list[WaitingCommand], error: BaseException) -> None:
        """One command holds a value the database does not take: it alone fails, the others are done again."""
        try:
            self._transactions.rollback()
        except failures.DatabaseError as failed:
            self._stop(jobs, failed)
            return
        if len(jobs) == 1:
            jobs[0].future.set_exception(self._transactions.unfit_told(error))
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
        with contextlib.suppress(Exception):
            # Readers must not see a half-written transaction's locks; if even this fails nothing changes.
            self._transactions.rollback()
        for job in (*jobs, *waiting):
            job.future.set_exception(errors.StoreStopped(str(stopped)))
