"""The writer's transactions on PostgreSQL, where other processes write, too.

Each begins by locking the workspace's head row. So one is decided and written at a time whichever process it is of, the
order of commits is the order of the chain, and what is known in memory is exact for as long as the lock is held: what
somebody else committed since is taken over first, row by row. A process that has nothing to write looks for it, too.

When a connection is lost nothing is guessed. Before the commit the transaction is gone, and is done once more; while it
committed, the next session waits for the lock, and then the row of this process says which batch was its last. Where
that takes too long, those who wait are told so, and what was written is taken over later as if it were another's.

That row is a lease, too: while it is renewed nobody else takes what this process writes for left, and once it ran out
the battles are anybody's to void, under the same lock. Times are the database's.
"""

import contextlib
import secrets
import time
from collections.abc import Collection

import psycopg

from arena.domain.ids import BattleId
from arena.store import rows
from arena.store.connections import Connection
from arena.store.heads import Heads
from arena.store.postgres import failures, lost_commits, others, schema, sessions
from arena.store.postgres.lost_commits import FIRST_PAUSE, LAST_PAUSE
from arena.store.postgres.mirror import Mirror
from arena.store.postgres.sessions import DatabaseSession
from arena.store.writing import writer_cache
from arena.store.writing.transactions import Again, DurableRows
from arena.store.writing.vote_counts import VoteCounts
from arena.store.writing.writer_cache import WriterCache

RECONNECT_SECONDS = 20.0
"""How long a batch waits for a database that is away; a server that crashed is back by then."""
FOLLOWING_SECONDS = 0.5
"""How often a process that has nothing to write looks for what others wrote."""
LOCK = f"SELECT change, ({schema.IDENTITY}) FROM shared_head FOR UPDATE"


LEASE_SECONDS = 30
"""How long after its last sign a process is taken for gone."""
RENEWAL_SECONDS = 5.0
"""How often a process gives one that commits nothing."""
UNTIL = f"clock_timestamp() + INTERVAL '{LEASE_SECONDS} seconds'"
FORGOTTEN = "INTERVAL '1 day'"
"""How long after its lease ran out nothing is known of a process any more: killed ones leave their row."""
FORGET = f"DELETE FROM processes WHERE expires_at < clock_timestamp() - {FORGOTTEN}"
LEASES = {"battle_id": "VARCHAR", "process_id": "VARCHAR"}


class SharedTransactions:
    """One transaction after another of this process."""

    shared = True

    unfit: tuple[type[BaseException], ...] = failures.UNFIT

    def __init__(self, url: str, schema_name: str, mirror: Mirror, heads: Heads, process: str) -> None:
        self._url, self._schema = url, schema_name
        self._mirror = mirror
        self._heads = heads
        self._process = process
        self._batch = ""
        self._session: DatabaseSession | None = None
        self._renewed = self._connected = 0.0
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

    def left(self, unfinished: Collection[BattleId]) -> Collection[BattleId]:
        """A database that was away for long comes back with leases that ran out: then everybody has time to renew."""
        written = rows.fetched(
            self._here(),
            "SELECT battle_id FROM leases WHERE process_id IN (SELECT process_id FROM processes "
            "WHERE process_id <> ? AND (expires_at > clock_timestamp() OR ?))",
            [self._process, self._is_fresh],
        )
        return set(unfinished) - {battle_id for (battle_id,) in written}

    def has_work(self, work: str) -> bool:
        """Whoever would take it over waits for the end of the transaction."""
        query = "SELECT work FROM works WHERE work = ? AND process_id = ? FOR SHARE"
        return bool(rows.fetched(self._here(), query, [work, self._process]))

    @property
    def _is_fresh(self) -> bool:
        """Whether others may have had no time to give a sign since the database is back."""
        return time.monotonic() - self._connected < 2 * RENEWAL_SECONDS

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
        give_sign(session, self._process, self._batch)
        self._lease(session, written)
        places = others.places(session)
        try:
            session.execute("COMMIT")
        except failures.PASSING as error:
            if not self._was_committed(error):
                raise Again(f"The database was lost before this was written ({failures.first_line(error)}).") from error
        self._change, self._places = self._change + 1, places
        self._renewed = time.monotonic()
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
        """Give a sign, where it is time to; take over what others committed, where there is nothing to write that
        would."""
        due = time.monotonic() - self._renewed >= RENEWAL_SECONDS
        if not (idle or due):
            return
        try:
            if self._session is None or self._session.broken:
                self._connect()
            if due:
                give_sign(self._here(), self._process)
                self._renewed = time.monotonic()
                if not self._is_fresh:
                    self._here().execute(FORGET)
            if rows.number(self._here(), "SELECT change FROM shared_head") != self._change:
                self._lock()
                self.rollback()
        except failures.TRIED_AGAIN:
            self._hang_up()  # whoever writes next is told, where that lasts

    def close(self) -> None:
        """What this process did not end is left at once."""
        with contextlib.suppress(psycopg.Error, Again):
            self._here().execute("DELETE FROM processes WHERE process_id = ?", [self._process])
        self._hang_up()

    def _lock(self) -> None:
        if self._session is None or self._session.broken:
            self._connect()
        session = self._here()
        session.execute("BEGIN TRANSACTION")
        head = session.execute(LOCK).fetchall()
        change, identity = head[0] if head else (self._change, "")  # it was put aside while this waited for the lock
        failures.refuse_other(self._mirror.identity, identity)
        if change != self._change:
            self._follow(session, change)

    def _connect(self) -> None:
        self._session = sessions.connect(self._url, self._schema)
        give_sign(self._session, self._process)
        self._connected = time.monotonic()
        self._renewed = self._connected - RENEWAL_SECONDS

    def _lease(self, session: DatabaseSession, written: DurableRows) -> None:
        """Note who writes what a transaction begins, and that nobody writes what it ends."""
        rows.append(session, "leases", LEASES, [(battle_id, self._process) for battle_id in written.begun])
        if written.ended:
            ended, ids = rows.among("battle_id", list(written.ended))
            session.execute(f"DELETE FROM leases WHERE {ended}", ids)

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
        self._hang_up()
        return lost_commits.was_committed(
            lambda: sessions.connect(self._url, self._schema),
            LOCK,
            self._process,
            self._batch,
            lost=lost,
            seconds=RECONNECT_SECONDS,
            then="the same request with the same key is answered as it is",
        )

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
            session.close()


def give_sign(session: DatabaseSession, process: str, batch: str | None = None) -> None:
    """Let the others know that a process is there; `batch` is what it commits with it, if anything."""
    known = (
        f"INSERT INTO processes (process_id, batch, expires_at) VALUES (?, coalesce(CAST(? AS VARCHAR), ''), {UNTIL}) "
        "ON CONFLICT (process_id) DO UPDATE SET batch = coalesce(CAST(? AS VARCHAR), processes.batch), "
        f"expires_at = {UNTIL}"
    )
    session.execute(known, [process, batch, batch])
