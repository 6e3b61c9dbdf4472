"""Single statements from any thread, on a session that is made anew when it is lost."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from arena.store.postgres import failures, sessions
from arena.store.postgres.sessions import DatabaseSession


class Asking:
    """One session of a schema, and the lock that threads take for it."""

    def __init__(
        self, url: str, schema_name: str, connected: Callable[[DatabaseSession], None] = lambda _: None
    ) -> None:
        """`connected` is done first on each new session."""
        self._url, self._schema, self._first = url, schema_name, connected
        self._lock = threading.Lock()
        self._session: DatabaseSession | None = None
        self._connected = 0.0

    def asked(self, query: str, parameters: Sequence[Any] | Callable[[float], Sequence[Any]] = ()) -> list[Any]:
        """What a statement gives; each has to give rows, and may be run twice, so a connection that broke while nobody
        asked is made anew. Parameters may depend on how many seconds old the session is.

        Raises `Overloaded` where the database cannot be reached.
        """
        with self._lock:
            for last in (False, True):
                try:
                    session = self._here()
                    age = time.monotonic() - self._connected
                    return session.execute(query, parameters(age) if callable(parameters) else parameters).fetchall()
                except failures.PASSING as error:
                    self._hang_up()
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
            session = sessions.connect(self._url, self._schema)
            try:
                self._first(session)
            except BaseException:
                session.close()
                raise
            self._session, self._connected = session, time.monotonic()
        return self._session

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
