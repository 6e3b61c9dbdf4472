"""Whether a transaction is there whose connection was lost while it committed.

Nothing is guessed. Each transaction writes which batch it is into the row of its process. The next session waits for
the lock that the transaction took first, so that one still under way has ended, and reads that row.
"""

import contextlib
import time
from collections.abc import Callable

from arena import errors
from arena.store.postgres import failures
from arena.store.postgres.sessions import DatabaseSession

FIRST_PAUSE = 0.05
"""Seconds between the first two tries; each next pause is twice as long, up to the last."""
LAST_PAUSE = 2.0
BATCH = "SELECT batch FROM processes WHERE process_id = ?"


def was_committed(
    connect: Callable[[], DatabaseSession],
    lock: str,
    process: str,
    batch: str,
    *,
    lost: BaseException,
    seconds: float,
    then: str,
) -> bool:
    """Whether the last batch of a process is there. `lock` is the statement that takes the lock, `lost` why nobody
    knows.

    Raises `Undecided`, whose sentence ends with `then`, where the database cannot be asked for so many seconds.
    """
    gives_up, pause = time.monotonic() + seconds, FIRST_PAUSE
    while True:
        try:
            with contextlib.closing(connect()) as session:
                session.execute("BEGIN TRANSACTION")
                session.execute(lock)
                return session.execute(BATCH, [process]).fetchall() == [(batch,)]
        except failures.PASSING as error:
            if time.monotonic() + pause > gives_up:
                raise errors.Undecided(
                    f"The database was lost while it committed ({failures.first_line(lost)}) and cannot be reached "
                    f"since, so nobody can say yet whether this was written; once it can, {then}."
                ) from error
        time.sleep(pause)
        pause = min(2 * pause, LAST_PAUSE)
