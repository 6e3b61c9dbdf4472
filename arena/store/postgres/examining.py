"""What a database says of itself and of the installation in it, for `arena doctor`. Changes nothing."""

import contextlib
import statistics
import time

import psycopg

from arena import errors
from arena.store import migrations, rows, table_files
from arena.store.examined import ExaminedDatabase, ExaminedSchema, ExaminedWorkspace, ProcessSign
from arena.store.instance_file import hashed
from arena.store.postgres import failures, schema, sessions, shared_instance
from arena.store.postgres.sessions import DatabaseSession

TRIES = 5
"""How often what takes time is measured."""
COMMIT = "SELECT pg_logical_emit_message(true, 'arena doctor', '')"
"""Makes a commit wait for the disk and leaves nothing that anybody reads."""
SETTING = "SELECT current_setting(?)"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
UNSAFE = ("fsync", "full_page_writes")
"""Settings without which a power cut loses what was acknowledged."""
SIGNS = (
    "SELECT process_id, CAST(extract(epoch FROM expires_at - clock_timestamp()) AS DOUBLE PRECISION) "
    "FROM processes ORDER BY process_id"
)


def examined(url: str) -> ExaminedDatabase:
    """Look at a database. Raises `StoreError` where it cannot be reached, or refuses."""
    try:
        with contextlib.closing(sessions.connect(url, shared_instance.SCHEMA, "arena doctor")) as session:
            return ExaminedDatabase(
                version=_text(session, SETTING, "server_version"),
                number=int(_text(session, SETTING, "server_version_num")),
                takes_writes=_text(session, SETTING, "transaction_read_only") == "off",
                unsafe=tuple(name for name in UNSAFE if _text(session, SETTING, name) == "off"),
                may_make_schemas=bool(_one(session, "SELECT has_database_privilege(current_database(), 'CREATE')")),
                sessions=rows.number(session, SESSIONS),
                most_sessions=int(_text(session, SETTING, "max_connections")),
                commit_seconds=_commit_seconds(session),
                ahead_seconds=_ahead_seconds(session),
                instance=_schema(session, migrations.known("instance")[-1].number),
                workspaces=tuple(_workspace(url, name, identity) for name, identity in _names(session)),
            )
    except psycopg.OperationalError as error:
        if failures.is_denied(error):
            raise failures.refused(error) from error
        raise errors.StoreError(
            f"The database cannot be reached ({failures.first_line(error)}); start it, or let `database` or "
            "ARENA_DATABASE name the right one."
        ) from error
    except psycopg.ProgrammingError as error:
        raise failures.refused(error) from error


def _workspace(url: str, name: str, identity: str) -> ExaminedWorkspace:
    with contextlib.closing(sessions.connect(url, schema.name_of(name), "arena doctor")) as session:
        newest = schema.steps()[-1].number
        found = _schema(session, newest)
        is_today = found is not None and found.number == newest
        return ExaminedWorkspace(
            name=name,
            identity=identity,
            tables=found,
            is_whole=not rows.has_table(session, "copying"),
            head=table_files.head(session) if is_today else None,
            signs=_signs(session) if rows.has_table(session, "processes") else (),
        )


def _signs(session: DatabaseSession) -> tuple[ProcessSign, ...]:
    return tuple(ProcessSign(process=process, seconds_left=left) for process, left in rows.fetched(session, SIGNS))


def _names(session: DatabaseSession) -> list[tuple[str, str]]:
    """Each workspace, and the hash of its secret."""
    if not rows.has_table(session, "workspaces"):
        return []
    query = (
        "SELECT workspaces.name, secrets.value FROM workspaces "
        "LEFT JOIN secrets ON secrets.name = workspaces.name || ? ORDER BY workspaces.name"
    )
    found = rows.fetched(session, query, [f"/{shared_instance.OF_WORKSPACE}"])
    return [(name, "" if secret is None else hashed(secret)) for name, secret in found]


def _schema(session: DatabaseSession, newest: int) -> ExaminedSchema | None:
    number = migrations.version(session)
    return ExaminedSchema(number=number, newest=newest) if number else None


def _commit_seconds(session: DatabaseSession) -> float | None:
    took = []
    with contextlib.suppress(psycopg.Error):  # a standby, or another database that speaks the same protocol
        for _ in range(TRIES):
            started = time.perf_counter()
            session.execute(COMMIT)
            took.append(time.perf_counter() - started)
    return statistics.median(took) if took else None


def _ahead_seconds(session: DatabaseSession) -> float:
    """By how much its clock is ahead of this machine's, from the quickest of some questions."""
    found = []
    for _ in range(TRIES):
        before = time.time()
        told = float(_one(session, "SELECT CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"))
        after = time.time()
        found.append((after - before, told - (before + after) / 2))
    return min(found)[1]


def _text(session: DatabaseSession, query: str, name: str) -> str:
    return str(rows.fetched(session, query, [name])[0][0])


def _one(session: DatabaseSession, query: str) -> float:
    return float(rows.fetched(session, query)[0][0])
