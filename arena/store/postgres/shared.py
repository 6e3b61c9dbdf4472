"""Opening a workspace in PostgreSQL."""

import contextlib
from pathlib import Path

import psycopg

from arena.store import heads
from arena.store.postgres import copying, failures, schema, sessions
from arena.store.postgres.mirror import Mirror
from arena.store.postgres.shared_transactions import SharedTransactions
from arena.store.workspace import Workspace, refuse_losses
from arena.store.writing.writer import Writer


def open_shared(url: str, name: str, folder: Path) -> Workspace:
    """Open a workspace, whose schema is made and brought to the newest as needed. `folder` is this process's alone, for
    its mirror.

    Raises `StoreError` where the database refuses or is newer than this code, `Overloaded` where it cannot be reached,
    and `StoreCorrupt` where it is behind what it acknowledged to this process before.
    """
    schema_name, path = schema.name_of(name), folder / "mirror.duckdb"
    try:
        with contextlib.closing(sessions.connect(url, schema_name)) as session:
            schema.migrate(session, schema_name)
            copying.refuse_unfinished(session, name)
    except psycopg.OperationalError as error:
        raise (failures.refused if failures.is_denied(error) else failures.unreachable)(error) from error
    with contextlib.ExitStack() as opened:
        mirror = Mirror(url, schema_name, folder)
        opened.callback(mirror.close)
        held = heads.Heads(path)
        opened.callback(held.close)
        transactions = SharedTransactions(url, schema_name, mirror, held)
        with contextlib.closing(mirror.looking()) as connection:
            refuse_losses(path, connection, transactions.known.head, heads.last(held.path))
        held.resume(transactions.known.head)
        opened.pop_all()
        return Workspace(path, mirror, Writer(transactions, path), held)
