"""The mirror: what PostgreSQL holds, in a DuckDB file of this process, in the schema of every workspace.

Boards, selections, exports and audits read it as they read a workspace of one process. It is brought up to date before
each use, by the `place` of the last row of each table, in one moment of the database: rows are only ever added. Where a
rater was erased, or a trial was kept for long enough, it is made anew, so that no freed part of the file holds a text;
where the database is lost meanwhile, the earlier file is read until the next time, as it is while the database is away.
At each start it is made anew, too.
"""

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow
from adbc_driver_postgresql import dbapi

from arena.store import database, migrations
from arena.store.connections import Analytical
from arena.store.postgres import failures, schema, sessions
from arena.store.writing.transactions import Again

HIGHEST = "SELECT '{0}', coalesce(max(place), 0) FROM {0}"
ERASED = "SELECT count(*) FROM removals WHERE kind = 'erased'"
OLDEST_TRIAL = "SELECT coalesce(min(place), 0) FROM trials"


class Mirror:
    """The file, and how far it has come."""

    def __init__(self, url: str, schema_name: str, folder: Path) -> None:
        self._url = sessions.described(url, schema_name, reads=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._asking: Any = None
        self._change = -1
        self._identity = ""
        self._places: dict[str, int] = {}
        self._columns: dict[str, list[str]] = {}
        self._erased = self._oldest_trial = 0
        database.make_folder(folder)
        for left in folder.glob("mirror-*"):  # by one that was killed: a mirror lives as long as its process
            left.unlink()
        self._file, self._opened = self._new()
        try:
            with self._lock:
                self._catch_up()
        except dbapi.Error as error:
            self.close()
            raise (failures.refused if failures.is_denied(error) else failures.unreachable)(error) from None
        except BaseException:
            self.close()
            raise

    @property
    def change(self) -> int:
        """The number of the last transaction that is in it."""
        return self._change

    @property
    def identity(self) -> str:
        """What tells the workspace from others that have the name before or after it."""
        return self._identity

    @property
    def places(self) -> Mapping[str, int]:
        """The place of the last row of each table that is in it."""
        return self._places

    def refresh(self) -> None:
        """Take in what was committed by anybody since. While the database cannot be reached it stays as it is."""
        with self._lock:
            self._refresh()

    def bring_to(self, change: int) -> None:
        """Take in at least the transactions up to a number. Raises `Again` where the database cannot be asked."""
        with self._lock:
            if self._change < change:
                try:
                    self._catch_up()
                except dbapi.Error as error:
                    self._hang_up()
                    raise Again(f"The database could not be read ({error}).") from error

    def cursor(self) -> Analytical:
        """A connection to what was committed until now."""
        with self._lock:
            self._refresh()
            return self._opened.cursor()

    def looking(self) -> Analytical:
        """A connection to it as it is."""
        with self._lock:
            return self._opened.cursor()

    def close(self) -> None:
        """Let go of it, and remove it."""
        with self._lock:
            self._hang_up()
            self._opened.close()
            self._remove(self._file)

    def _new(self) -> tuple[Path, Analytical]:
        """An empty file of today's schema."""
        path = self._folder / f"mirror-{secrets.token_hex(8)}.duckdb"
        connection = database.connect(path)
        with self._removing(path, connection):
            migrations.migrate(connection, schema.steps(), path)
            schema.told_as_a_file(connection)
            database.in_the_asking_thread(connection)
        return path, connection

    def _refresh(self) -> None:
        for _ in range(2):  # a connection that broke while nobody asked is made anew
            try:
                self._catch_up()
                return
            except dbapi.Error:
                self._hang_up()

    def _catch_up(self) -> None:
        asking = self._session()
        with contextlib.closing(asking.cursor()) as cursor:
            if self._change >= 0 and _one(cursor, "SELECT change FROM shared_head") == self._change:
                return
            cursor.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                self._take_in(cursor)
            finally:
                cursor.execute("ROLLBACK")

    def _take_in(self, cursor: Any) -> None:
        """Everything that is new in one moment of the database. Raises `NotFound` where its tables are another
        workspace's by now."""
        identity = str(_asked(cursor, schema.IDENTITY))
        failures.refuse_other(self._identity or identity, identity)
        self._identity = identity
        change, erased = _one(cursor, "SELECT change FROM shared_head"), _one(cursor, ERASED)
        oldest_trial = _one(cursor, OLDEST_TRIAL)
        forgot = self._oldest_trial not in (0, oldest_trial)
        if self._change < 0 or (erased == self._erased and not forgot):
            self._places = self._copy(cursor, self._opened, self._places)
        else:
            self._renew(cursor)
        self._change, self._erased, self._oldest_trial = change, erased, oldest_trial

    def _renew(self, cursor: Any) -> None:
        """Go over to a new file once it holds every row. Until then, and where that fails, the earlier one is read."""
        file, opened = self._new()
        with self._removing(file, opened):
            places = self._copy(cursor, opened, {})
        earlier_file, earlier = self._file, self._opened
        self._file, self._opened, self._places = file, opened, places
        earlier.close()  # who reads it goes on: its file has no name any more
        self._remove(earlier_file)

    def _copy(self, cursor: Any, into: Analytical, places: Mapping[str, int]) -> dict[str, int]:
        """Copy the rows of each table behind its place into a file; returns the places of the last rows."""
        if not self._columns:
            self._columns = schema.columns(into)
        cursor.execute(" UNION ALL ".join(HIGHEST.format(table) for table in self._columns))
        highest = dict(cursor.fetchall())
        new = [table for table in self._columns if highest[table] > places.get(table, 0)]
        with contextlib.closing(into.cursor()) as writing:
            writing.execute("BEGIN TRANSACTION")
            for table in new:
                names = ", ".join(self._columns[table])
                query = f"SELECT {names} FROM {table} WHERE place > {places.get(table, 0)} ORDER BY place"
                cursor.execute(query)
                arriving = Arriving(cursor.fetch_record_batch())
                writing.register("arriving", arriving.rows)
                with arriving.told():
                    writing.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM arriving")
            writing.execute("COMMIT")
        return highest

    def _session(self) -> Any:
        if self._asking is None:
            self._asking = dbapi.connect(self._url, autocommit=True)
        return self._asking

    def _hang_up(self) -> None:
        asking, self._asking = self._asking, None
        if asking is not None:
            with contextlib.suppress(dbapi.Error):
                asking.close()

    @contextlib.contextmanager
    def _removing(self, path: Path, connection: Analytical) -> Iterator[None]:
        """Close and remove a new file where filling it fails."""
        try:
            yield
        except BaseException:
            connection.close()
            self._remove(path)
            raise

    @staticmethod
    def _remove(path: Path) -> None:
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink()


class Arriving:
    """Rows on their way from the database into the file, a batch at a time: a million battles are gigabytes."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self._lost: dbapi.Error | None = None
        self.rows = pyarrow.RecordBatchReader.from_batches(reader.schema, self._batches())

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Where the database is lost while the file asks for more, raise what it said, and not what the file says."""
        try:
            yield
        finally:
            if self._lost is not None:
                raise self._lost from None

    def _batches(self) -> Iterator[Any]:
        try:
            yield from self._reader
        except dbapi.Error as error:
            self._lost = error
            raise


def _one(cursor: Any, query: str) -> int:
    return int(_asked(cursor, query))


def _asked(cursor: Any, query: str) -> Any:
    cursor.execute(query)
    return cursor.fetchone()[0]
