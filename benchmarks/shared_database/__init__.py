"""A data folder that `filled` made, copied into a database many rows at a time: a million votes in half a minute.

`arena database copy` compares every row and goes on where it was killed; nothing of that is needed for a measurement.
"""

import contextlib
from pathlib import Path

from adbc_driver_postgresql import dbapi

from arena.services import paths, shared_secrets
from arena.store import opening
from arena.store.instance import Instance
from arena.store.postgres import schema, sessions
from arena.store.workspace import Workspace

ROWS = 100_000
"""How many are handed over at a time."""


def take_in(data_dir: Path, url: str) -> None:
    """Have the default workspace, the accounts and the secrets of a folder in a database that has nothing."""
    name = paths.DEFAULT_WORKSPACE
    address = sessions.described(url, schema.name_of(name), reads=True)
    with contextlib.closing(sessions.connect(url, schema.name_of(name))) as session:
        schema.migrate(session, schema.name_of(name))
        with (
            Workspace.open(paths.workspace_path(data_dir, name)) as source,
            source.connection() as reading,
            dbapi.connect(address) as writing,
            contextlib.closing(writing.cursor()) as cursor,
        ):
            for table, columns in schema.columns(reading).items():
                found = reading.sql(f"SELECT {', '.join(columns)} FROM {table} ORDER BY rowid")
                cursor.adbc_ingest(table, found.to_arrow_reader(ROWS), mode="append")
            cursor.execute("UPDATE shared_head SET change = change + 1")
            writing.commit()
    with (
        Instance.open(paths.instance_path(data_dir)) as accounts,
        opening.instance(paths.instance_path(data_dir), url) as shared,
    ):
        shared.take_in(accounts)
        shared_secrets.carry(data_dir, shared, name)
