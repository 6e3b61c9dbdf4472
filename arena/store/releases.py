"""Exported data sets that were recorded."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arena.domain.ids import ReleaseId
from arena.store import database, rows
from arena.store.connections import Connection
from arena.store.writing import commands

COLUMNS = {"release_id": "VARCHAR", "format": "VARCHAR", "manifest": "VARCHAR", "created_at": "TIMESTAMP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSummary:
    """A release without its manifest, which grows with its contributors."""

    release_id: ReleaseId
    format: str
    number: int
    """From 1, in the order recorded: releases are only ever added."""
    rows: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a release held out of itself and of every later one."""

    release_id: ReleaseId
    number: int
    share: float
    """Of first prompts."""
    by_cluster: bool


def recorded(connection: Connection) -> list[commands.RecordRelease]:
    """Every release, in the order recorded."""
    found = rows.fetched(connection, f"SELECT {', '.join(COLUMNS)} FROM releases ORDER BY created_at, release_id")
    return [_release(row) for row in found]


def load(connection: Connection, release_id: ReleaseId) -> commands.RecordRelease | None:
    """One release, or None when it is not known here."""
    found = rows.fetched(connection, f"SELECT {', '.join(COLUMNS)} FROM releases WHERE release_id = ?", [release_id])
    return _release(found[0]) if found else None


def listed(connection: Connection) -> list[ReleaseSummary]:
    """Every release, in the order recorded, in a few figures."""
    found = rows.fetched(
        connection,
        """
        SELECT
            release_id,
            format,
            row_number() OVER (ORDER BY created_at, release_id) AS number,
            CAST(json_extract(manifest, '$.counts.rows.train') AS BIGINT)
                + CAST(json_extract(manifest, '$.counts.rows.test') AS BIGINT) AS written,
            created_at
        FROM releases
        ORDER BY number
        """,
    )
    return [
        ReleaseSummary(
            release_id=ReleaseId(row[0]),
            format=row[1],
            number=row[2],
            rows=row[3],
            created_at=database.read_time(row[4]),
        )
        for row in found
    ]


def promises(connection: Connection) -> list[Promise]:
    """What recorded releases held out of every release, in the order recorded; those that held out nothing are not
    among them."""
    found = rows.fetched(
        connection,
        """
        SELECT release_id, number, share, by_cluster
        FROM (
            SELECT
                release_id,
                row_number() OVER (ORDER BY created_at, release_id) AS number,
                CAST(json_extract(manifest, '$.selection.held_out_share') AS DOUBLE) AS share,
                coalesce(CAST(json_extract(manifest, '$.selection.split_by_cluster') AS BOOLEAN), false) AS by_cluster
            FROM releases
        )
        WHERE share > 0
        ORDER BY number
        """,
    )
    return [Promise(release_id=ReleaseId(row[0]), number=row[1], share=row[2], by_cluster=row[3]) for row in found]


def append(connection: Connection, recorded: Iterable[commands.RecordRelease]) -> None:
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
