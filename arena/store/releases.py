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


def held_out(connection: duckdb.DuckDBPyConnection) -> tuple[float, bool]:
    """What recorded releases held out of every release: the largest share of prompts, and whether by clusters."""
    found = rows.fetched(
        connection,
        """
        SELECT coalesce(max(share), 0), coalesce(bool_or(by_cluster), false)
        FROM (
            SELECT
                CAST(json_extract(manifest, '$.selection.held_out_share') AS DOUBLE) AS share,
                CAST(json_extract(manifest, '$.selection.split_by_cluster') AS BOOLEAN) AS by_cluster
            FROM releases
        )
        WHERE share > 0
        """,
    )
    return float(found[0][0]), bool(found[0][1])


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
