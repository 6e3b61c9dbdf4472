"""Exported data sets that were recorded."""

import json
from collections.abc import Iterable
from typing import Any

import duckdb

from arena.domain.ids import ReleaseId
from arena.store import commands, database, rows

COLUMNS = {"release_id": "VARCHAR", "format": "VARCHAR", "manifest": "VARCHAR", "created_at": "TIMESTAMP"}


def all(connection: duckdb.DuckDBPyConnection) -> list[commands.RecordRelease]:
    """Every release, in the order recorded."""
    found = rows.fetched(connection, f"SELECT {', '.join(COLUMNS)} FROM releases ORDER BY created_at, release_id")
    return [_release(row) for row in found]


def load(connection: duckdb.DuckDBPyConnection, release_id: ReleaseId) -> commands.RecordRelease | None:
    """One release, or None when it is not known here."""
    found = rows.fetched(connection, f"SELECT {', '.join(COLUMNS)} FROM releases WHERE release_id = ?", [release_id])
    return _release(found[0]) if found else None


def append(connection: duckdb.DuckDBPyConnection, recorded: Iterable[commands.RecordRelease]) -> None:
    """Add releases."""
    rows.append(
        connection,
        "releases",
        COLUMNS,
        [
            (one.release_id, one.format, json.dumps(one.manifest), database.stored_time(one.created_at))
            for one in recorded
        ],
    )


def _release(row: tuple[Any, ...]) -> commands.RecordRelease:
    return commands.RecordRelease(
        release_id=ReleaseId(row[0]),
        format=row[1],
        manifest=json.loads(row[2]),
        created_at=database.read_time(row[3]),
    )
