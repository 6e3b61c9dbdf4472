"""Single statements from any thread, on a session that is made anew when it is lost.

Each is asked beside a lock on the row that says which workspace these tables are, so that none reaches those of another
one, which was made under the name since. Statements share it, and none of them waits for the writer.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg

from arena.store.postgres import failures, schema, sessions
from arena.store.postgres.sessions import DatabaseSession


class Asking:
    """One session of a schema, and the lock that threads take for it."""

    def __init__(
        self, url: str, schema_name: str, identity: str, connected: Callable[[DatabaseSession], None] = lambda _: None
    ) -> None:
        """`identity` is what the workspace's tables say they are; `connected` is done first on each new session."""
        self._url, self._schema, self._identity, self._first = url, schema_name, identity, connected
        self._lock = threading.Lock()
        self._session: DatabaseSession | None = None
        self._connected = 0.0

    def asked(
        self, query: str, parameters: Sequence[Any] | Callable[[float], Sequence[Any]] = (), *, alone: bool = False
    ) -> list[Any]:
        """What a statement gives; each has to give rows, and may be run twice, so a connection that broke while nobody
        asked is made anew. Parameters may depend on how many seconds old the session is. `alone`: no other process
        asks anything of the workspace meanwhile, and all that they asked before is seen.

        Raises `Overloaded` where the database cannot be reached, and `NotFound` where the workspace was removed.
        """
        with self._lock:
            for last in (False, True):
                try:
                    session = self._here()
                    age = time.monotonic() - self._connected
                    given = parameters(age) if callable(parameters) else parameters
                    with self._held(session, alone=alone):
                        return session.execute(query, given).fetchall()
                except failures.PASSING as error:
                    if last:
                        raise failures.unreachable(error) from error
        raise AssertionError("a statement is answered, or refused")

    def say_last(self, statement: str, parameters: Sequence[Any]) -> None:
        """Run a statement where there is a session, and ask nothing any more."""
        with self._lock:
            if self._session is not None:
                with contextlib.suppress(psycopg.Error):
                    self._session.execute(statement, parameters)
            self._hang_up()

    def close(self) -> None:
        """Ask nothing any more."""
        with self._lock:
            self._hang_up()

    def _here(self) -> DatabaseSession:
        if self._session is None or self._session.broken:
            session = self._session = sessions.connect(self._url, self._schema)
            self._connected = time.monotonic()
            with self._held(session):
                self._first(session)
        return self._session

    @contextlib.contextmanager
    def _held(self, session: DatabaseSession, *, alone: bool = False) -> Iterator[None]:
        """A transaction that holds the identity. Where it fails, so does the session."""
        try:
            session.execute("BEGIN TRANSACTION")
            found = session.execute(f"{schema.IDENTITY} FOR {'UPDATE' if alone else 'SHARE'}").fetchall()
            failures.refuse_other(self._identity, found[0][0] if found else "")
            yield
            session.execute("COMMIT")
        except BaseException:
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
