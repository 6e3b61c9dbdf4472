"""The schema of a workspace in PostgreSQL: the tables of the DuckDB file, and what holds where several processes write.

Each table has a `place` of its own: rows get it in the order in which they are committed, because a transaction that
writes holds the workspace's head row from its beginning. By it others know what is new to them.
"""

import re
import secrets
from collections.abc import Callable, Sequence
from importlib import resources

from arena import errors
from arena.store import migrations, rows
from arena.store.connections import Analytical, Connection
from arena.store.migrations import Migration
from arena.store.writing import unique_keys

BEGINNING = 26
"""The migration up to which one file makes everything (arena/store/migrations/postgres)."""
UNIQUE = {
    **unique_keys.CONSTRAINTS,
    "ledger_sequence": ("ledger", ("sequence",)),
    "response": ("responses", ("battle_id", "side")),
    "void": ("voids", ("battle_id",)),
    "assignment_id": ("assignments", ("assignment_id",)),
}
"""What no two rows may share: one chain, one vote a turn, one outcome a battle."""
LOOKED_UP = {
    "ledger": ("subject", "hash"),
    "battles": ("rater_id", "conversation_id"),
    "votes": ("battle_id", "sequence"),
    "origins": ("battle_id",),
    "assignments": ("battle_id", "rater_id"),
    "assignment_ends": ("assignment_id",),
    "items": ("battle_id",),
    "prompts": ("set_name, prompt_id",),
    "stored_answers": ("set_name, prompt_id",),
    "removed_votes": ("removal_id",),
}
"""By what rows are looked for inside transactions."""
HEAD = (
    # One row. Whoever writes to the workspace locks it first, so there is one chain and one order.
    "CREATE TABLE IF NOT EXISTS shared_head (change BIGINT NOT NULL)",
    "INSERT INTO shared_head (change) SELECT 0 WHERE NOT EXISTS (SELECT * FROM shared_head)",
    # Which of the workspaces that had the name one after the other has these tables: one that was removed while it was
    # open somewhere is not taken for the next.
    "CREATE TABLE IF NOT EXISTS workspace_identity (identity VARCHAR NOT NULL)",
    "INSERT INTO workspace_identity (identity) SELECT CAST(gen_random_uuid() AS VARCHAR) "
    "WHERE NOT EXISTS (SELECT * FROM workspace_identity)",
    # The last batch of each process: after a connection was lost while it committed, it can be known whether it did.
    # Until when it is there, as far as anybody else may take it: it says so again and again.
    "CREATE TABLE IF NOT EXISTS processes (process_id VARCHAR PRIMARY KEY, batch VARCHAR NOT NULL, "
    "expires_at TIMESTAMPTZ NOT NULL)",
    # Who writes which battle.
    "CREATE TABLE IF NOT EXISTS leases (battle_id VARCHAR PRIMARY KEY, process_id VARCHAR NOT NULL)",
    # Who does a work that one at a time may do, and which round of it was done last.
    "CREATE TABLE IF NOT EXISTS works (work VARCHAR PRIMARY KEY, process_id VARCHAR NOT NULL, done BIGINT NOT NULL)",
    # How far the jobs of each process have come.
    "CREATE TABLE IF NOT EXISTS jobs (job_id VARCHAR PRIMARY KEY, kind VARCHAR NOT NULL, process_id VARCHAR NOT NULL, "
    "document VARCHAR NOT NULL, stopping BOOLEAN NOT NULL DEFAULT false)",
    # When each of them that is over ended.
    "CREATE TABLE IF NOT EXISTS job_ends (job_id VARCHAR PRIMARY KEY, ended_at TIMESTAMPTZ NOT NULL)",
    # What each job says, a part at a time.
    "CREATE TABLE IF NOT EXISTS job_sentences (job_id VARCHAR NOT NULL, before BIGINT NOT NULL, "
    "sentences VARCHAR NOT NULL, PRIMARY KEY (job_id, before))",
    # Releases, pictures, sounds and films; of what was dropped the name stays.
    "CREATE TABLE IF NOT EXISTS files (name VARCHAR PRIMARY KEY, bytes BIGINT NOT NULL, dropped BOOLEAN NOT NULL)",
    "CREATE TABLE IF NOT EXISTS file_parts (name VARCHAR NOT NULL, part INTEGER NOT NULL, content BYTEA NOT NULL, "
    "PRIMARY KEY (name, part))",
)
IDENTITY = "SELECT identity FROM workspace_identity"
HELD = ("shared_head", "workspace_identity")
"""The tables of one row that whoever writes holds: the writer the first, works and files the second."""
OWN = {
    "schema_version", "shared_head", "workspace_identity", "processes", "leases", "works", "jobs", "job_ends",
    "job_sentences", "files", "file_parts", "copying",
}  # fmt: skip
"""Tables that are no part of what a workspace says."""
NAME_BYTES = 63
"""Of a name, what PostgreSQL keeps."""
ASIDE = "."
"""How the name of what is no workspace begins: not yet, or no more."""


def name_of(workspace: str) -> str:
    """The schema of a workspace."""
    return f"workspace_{workspace}"


def is_shared(one: str, other: str) -> bool:
    """Whether two workspaces would have one schema: PostgreSQL cuts longer names."""
    return name_of(one)[:NAME_BYTES] == name_of(other)[:NAME_BYTES]


def aside() -> str:
    """A name that no workspace has and nothing else had before."""
    return f"{ASIDE}{secrets.token_hex(16)}"


def beginning() -> Migration:
    """What stands for the migrations up to `BEGINNING`."""
    folder = resources.files(migrations.__name__).joinpath("postgres")
    (entry,) = (one for one in folder.iterdir() if one.name.startswith(f"{BEGINNING:04}_"))
    return Migration(BEGINNING, "beginning", entry.read_text(encoding="utf-8"))


def steps() -> list[Migration]:
    """What is to run on a new schema, in order."""
    return [beginning(), *(step for step in migrations.known("workspace") if step.number > BEGINNING)]


def migrate(connection: Connection, schema: str) -> None:
    """Make a workspace's schema, or bring it to the newest. Raises `StoreError` for a newer schema."""
    make(connection, schema, steps(), HEAD, _rules)


def make(
    connection: Connection,
    schema: str,
    steps: Sequence[Migration],
    head: Sequence[str],
    then: Callable[[Connection], None] = lambda _: None,
) -> None:
    """Make a schema, or bring it to the newest, for one process at a time: `steps`, then the statements of `head`, and
    `then` where a step was missing. Raises `StoreError` for a schema that is newer."""
    connection.execute("BEGIN TRANSACTION")
    connection.execute("SELECT pg_advisory_xact_lock(hashtext(?))", [schema])
    connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    newest, current = steps[-1].number, migrations.version(connection)
    if current > newest:
        connection.execute("ROLLBACK")
        raise errors.StoreError(
            f"{schema} has schema {current} and this arena knows schemas up to {newest}; "
            "install the newer arena that wrote it."
        )
    connection.execute(migrations.VERSION_TABLE)
    missing = migrations.missing(connection, steps)
    for step in missing:
        for statement in statements(step.sql):
            connection.execute(statement)
        connection.execute("INSERT INTO schema_version (number, name) VALUES (?, ?)", [step.number, step.name])
    for statement in head:
        connection.execute(statement)
    if missing:
        then(connection)
    connection.execute("COMMIT")


def columns(connection: Analytical) -> dict[str, list[str]]:
    """The columns of each table of a workspace, in their order."""
    found: dict[str, list[str]] = {}
    for table, column in rows.fetched(
        connection,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND table_name IN (SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE') "
        "ORDER BY table_name, ordinal_position",
    ):
        if table not in OWN:
            found.setdefault(table, []).append(column)
    return found


def _rules(connection: Connection) -> None:
    _number_rows(connection)
    _keep_rules(connection)


def told_as_a_file(connection: Connection) -> None:
    """Let a DuckDB file that these steps made say of itself what one says that went through every migration."""
    earlier = [step for step in migrations.known("workspace") if step.number <= BEGINNING]
    connection.execute("DELETE FROM schema_version WHERE number <= ?", [BEGINNING])
    for step in earlier:
        connection.execute("INSERT INTO schema_version (number, name) VALUES (?, ?)", [step.number, step.name])


def statements(script: str) -> list[str]:
    """The statements of a migration, without its comments. None of them has a semicolon inside a text."""
    plain = re.sub(r"--[^\n]*", "", script)
    return [one.strip() for one in plain.split(";") if one.strip()]


def tables(connection: Connection) -> list[str]:
    """The tables that make up the workspace, by name."""
    found = rows.fetched(
        connection,
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name",
    )
    return [row[0] for row in found if row[0] not in OWN]


def _number_rows(connection: Connection) -> None:
    """Give each table that has none its `place`."""
    numbered = rows.fetched(
        connection,
        "SELECT table_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND column_name = 'place'",
    )
    for table in tables(connection):
        if (table,) not in numbered:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN place BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY")


def _keep_rules(connection: Connection) -> None:
    for name, (table, key) in UNIQUE.items():
        connection.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS one_{name} ON {table} ({', '.join(key)})")
    for table, columns in LOOKED_UP.items():
        for column in columns:
            name = f"{table}_by_{column.replace(', ', '_and_')}"
            connection.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({column})")
