"""The writer's transactions on PostgreSQL, where other processes write, too.

Each begins by locking the workspace's head row. So one is decided and written at a time whichever process it is of, the
order of commits is the order of the chain, and what is known in memory is exact for as long as the lock is held: what
somebody else committed since is taken over first, row by row. A process that has nothing to write looks for it, too.

When a connection is lost nothing is guessed. Before the commit the transaction is gone, and is done once more; while it
committed, the next session waits for the lock, and then the row of this process says which batch was its last.
"""

import contextlib
import secrets
import time

import psycopg

from arena import errors
from arena.store import rows
from arena.store.connections import Connection
from arena.store.heads import Heads
from arena.store.postgres import failures, others, sessions
from arena.store.postgres.mirror import Mirror
from arena.store.postgres.sessions import DatabaseSession
from arena.store.writing import writer_cache
from arena.store.writing.transactions import Again, DurableRows
from arena.store.writing.vote_counts import VoteCounts
from arena.store.writing.writer_cache import WriterCache

RECONNECT_SECONDS = 20.0
"""How long a batch waits for a database that is away; a server that crashed is back by then."""
FIRST_PAUSE = 0.05
"""Seconds between the first two tries; each next pause is twice as long, up to the last."""
LAST_PAUSE = 2.0
FOLLOWING_SECONDS = 0.5
"""How often a process that has nothing to write looks for what others wrote."""
LOCK = "SELECT change FROM shared_head FOR UPDATE"


class SharedTransactions:
    """One transaction after another of this process."""

    unfit: tuple[type[BaseException], ...] = failures.UNFIT

    def __init__(self, url: str, schema_name: str, mirror: Mirror, heads: Heads) -> None:
        self._url, self._schema = url, schema_name
        self._mirror = mirror
        self._heads = heads
        self._process = secrets.token_hex(16)
        self._batch = ""
        self._session: DatabaseSession | None = None
        self._change, self._places = mirror.change, mirror.places
        """Up to where `known` has everything."""
        self.known = self._load()

    @property
    def looking(self) -> Connection:
        return self._here()

    @property
    def writing(self) -> Connection:
        return self._here()

    def counted(self) -> VoteCounts:
        self._mirror.bring_to(self._change)
        with contextlib.closing(self._mirror.looking()) as connection:
            return VoteCounts.of(connection)

    def begin(self) -> None:
        """Take the lock, and know what everybody else did. Waits for a database that is away, with longer and longer
        pauses; then `Overloaded`."""
        gives_up, pause = time.monotonic() + RECONNECT_SECONDS, FIRST_PAUSE
        while True:
            try:
                self._lock()
                return
            except failures.TRIED_AGAIN as error:
                self._hang_up()
                if time.monotonic() + pause > gives_up or failures.is_denied(error):
                    raise failures.unreachable(error) from error
            time.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)

    def commit(self, written: DurableRows) -> None:
        session, self._batch = self._here(), secrets.token_hex(8)
        session.execute("UPDATE shared_head SET change = change + 1")
        session.execute("UPDATE processes SET batch = ? WHERE process_id = ?", [self._batch, self._process])
        places = others.places(session)
        try:
            session.execute("COMMIT")
        except failures.PASSING as error:
            if not self._was_committed(error):
                raise Again(f"The database was lost before this was written ({failures.first_line(error)}).") from error
        self._change, self._places = self._change + 1, places
        self._heads.append(written.remember())

    def rollback(self) -> None:
        if self._session is not None:
            try:
                self._session.execute("ROLLBACK")
            except psycopg.Error:
                self._hang_up()

    def unfit_told(self, error: BaseException) -> BaseException:
        return failures.unfit(error)

    def recovered(self, error: BaseException) -> Exception | None:
        self.rollback()
        return failures.meant(error)

    @property
    def patience(self) -> float | None:
        return FOLLOWING_SECONDS

    def rest(self, *, idle: bool) -> None:
        """Take over what others committed, where there is nothing to write that would."""
        if not idle:
            return
        try:
            if self._session is None or self._session.broken:
                self._connect()
            if rows.number(self._here(), "SELECT change FROM shared_head") != self._change:
                self._lock()
                self.rollback()
        except failures.TRIED_AGAIN:
            self._hang_up()  # whoever writes next is told, where that lasts

    def close(self) -> None:
        self._hang_up()

    def _lock(self) -> None:
        if self._session is None or self._session.broken:
            self._connect()
        session = self._here()
        session.execute("BEGIN TRANSACTION")
        found = session.execute(LOCK).fetchall()
        change = int(found[0][0])
        if change != self._change:
            self._follow(session, change)

    def _connect(self) -> None:
        self._session = sessions.connect(self._url, self._schema)
        known = "INSERT INTO processes (process_id, batch) VALUES (?, '') ON CONFLICT DO NOTHING"
        self._session.execute(known, [self._process])

    def _follow(self, session: DatabaseSession, change: int) -> None:
        """Know what others committed up to a change, while the lock is held."""
        places = others.places(session)
        if places["removals"] == self._places["removals"]:
            others.take_over(self.known, others.read(session, self._places, places))
        else:
            voids = others.stopped(session, self._places["voids"])
            self._mirror.bring_to(change)
            anew = self._load()
            anew.stopped.update(self.known.stopped, [battle_id for battle_id, complete in voids if complete])
            self.known = anew
        self._change, self._places = change, places

    def _was_committed(self, lost: BaseException) -> bool:
        """Whether the last batch is there, though the connection was lost before the database said so."""
        before = self._change
        self._hang_up()
        gives_up, pause = time.monotonic() + RECONNECT_SECONDS, FIRST_PAUSE
        while True:
            try:
                session = sessions.connect(self._url, self._schema)
                with contextlib.closing(session):
                    session.execute("BEGIN TRANSACTION")
                    session.execute(LOCK)  # a transaction that is still under way ends first
                    asked = "SELECT batch FROM processes WHERE process_id = ?"
                    found = session.execute(asked, [self._process]).fetchall()
                    self._change = before
                    return bool(found) and found[0][0] == self._batch
            except failures.PASSING as error:
                if time.monotonic() + pause > gives_up:
                    raise errors.StoreStopped(
                        f"The database was lost while it committed ({failures.first_line(lost)}) and cannot be reached "
                        "since, so nobody can say whether the last votes were written; start the arena again once it "
                        "can be reached, and send anew what was not acknowledged."
                    ) from error
            time.sleep(pause)
            pause = min(2 * pause, LAST_PAUSE)

    def _load(self) -> WriterCache:
        with contextlib.closing(self._mirror.looking()) as connection:
            return writer_cache.load(connection)

    def _here(self) -> DatabaseSession:
        if self._session is None:
            raise Again("The connection to the database was lost; try again in a second.")
        return self._session

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(psycopg.Error):
                session.close()
