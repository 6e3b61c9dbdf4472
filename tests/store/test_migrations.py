"""A file is at an old schema or at the new one, and a newer one is refused."""

from pathlib import Path

import duckdb
import pytest

from arena import errors
from arena.domain import ledger as chain
from arena.domain.battle import VoidCause
from arena.domain.ids import BattleId
from arena.store import battles, database, ledger, migrations, votes
from arena.store.instance import Instance
from arena.store.migrations import Migration
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import fresh
from tests.store import making

pytestmark = pytest.mark.usefixtures("made_anew")

STEPS = [
    Migration(1, "beginning", "CREATE TABLE one (a INTEGER); INSERT INTO one VALUES (1)"),
    Migration(2, "more", "CREATE TABLE two (b INTEGER); INSERT INTO two SELECT a + 1 FROM one"),
]


@pytest.mark.parametrize("kind", ["workspace", "instance"])
def test_every_migration_has_a_number_of_its_own(kind: str) -> None:
    numbers = [step.number for step in migrations.known(kind)]
    assert numbers[0] == 1
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("opened", [Workspace, Instance])
def test_a_newer_schema_is_refused_with_a_sentence(tmp_path: Path, opened: type[Workspace] | type[Instance]) -> None:
    path = tmp_path / "a.duckdb"
    opened.open(path).close()
    with database.connect(path) as connection:
        connection.execute("INSERT INTO schema_version (number, name) VALUES (99, 'future')")

    newest = migrations.known(opened.__name__.lower())[-1].number
    with pytest.raises(errors.StoreError, match=f"has schema 99 and this arena knows schemas up to {newest}; install"):
        opened.open(path)
    with database.connect(path, read_only=True) as connection:
        assert migrations.version(connection) == 99


def test_only_what_is_missing_runs_and_in_order(tmp_path: Path) -> None:
    with database.connect(tmp_path / "a.duckdb") as connection:
        migrations.migrate(connection, STEPS[:1], tmp_path)
        migrations.migrate(connection, STEPS, tmp_path)
        migrations.migrate(connection, STEPS, tmp_path)
        assert connection.execute("SELECT a, b FROM one, two").fetchall() == [(1, 2)]
        assert connection.execute("SELECT number, name FROM schema_version ORDER BY number").fetchall() == [
            (1, "beginning"),
            (2, "more"),
        ]


def test_a_migration_that_arrives_after_a_later_one_still_runs(tmp_path: Path) -> None:
    third = Migration(3, "last", "CREATE TABLE three (c INTEGER)")
    with database.connect(tmp_path / "a.duckdb") as connection:
        migrations.migrate(connection, [STEPS[0], third], tmp_path)
        migrations.migrate(connection, [*STEPS, third], tmp_path)
        assert connection.execute("SELECT a, b FROM one, two").fetchall() == [(1, 2)]
        assert migrations.version(connection) == 3


def test_a_migration_that_fails_leaves_the_old_schema_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    broken = Migration(2, "broken", "CREATE TABLE two (b INTEGER); INSERT INTO nowhere VALUES (1)")
    with database.connect(path) as connection:
        migrations.migrate(connection, STEPS[:1], path)
        with pytest.raises(duckdb.CatalogException):
            migrations.migrate(connection, [STEPS[0], broken], path)
    with database.connect(path) as connection:
        assert migrations.version(connection) == 1
        assert connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'two'").fetchone() == (0,)
        migrations.migrate(connection, STEPS, path)
        assert migrations.version(connection) == 2


def test_a_migration_leaves_nothing_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with database.connect(path) as connection:
        migrations.migrate(connection, STEPS, path)
        log = path.with_name("a.duckdb.wal")
        assert not log.exists() or log.stat().st_size == 0


def test_a_copied_new_workspace_of_the_tests_is_one_that_was_made(tmp_path: Path) -> None:
    made, copied = tmp_path / "made.duckdb", tmp_path / "copied.duckdb"
    with fresh.copied(tmp_path / "template"):
        Workspace.open(copied).close()
    Workspace.open(made).close()
    holds = (
        "FROM duckdb_tables() SELECT table_name, sql ORDER BY table_name",
        "FROM duckdb_indexes() SELECT index_name, sql ORDER BY index_name",
        "FROM schema_version ORDER BY number",
    )
    found = []
    for path in (made, copied):
        with database.connect(path, read_only=True) as connection:
            found.append([connection.execute(what).fetchall() for what in holds])
    assert found[0] == found[1]
    assert made.with_suffix(".heads").read_bytes() == copied.with_suffix(".heads").read_bytes()


def released(path: Path, numbers: set[int]) -> None:
    """A workspace with votes, as a release of the arena that knew only these migrations left it."""
    now = path.with_name("now.duckdb")
    with Workspace.open(now) as workspace:
        for _ in range(3):
            making.cast(workspace)
        with workspace.reading() as reading:
            chained = _first_version(reading)
    with database.connect(path) as connection:
        steps = [step for step in migrations.known("workspace") if step.number in numbers]
        migrations.migrate(connection, steps, path)
        connection.execute(f"ATTACH '{now}' AS now (READ_ONLY)")
        for table in ("battles", "responses", "votes"):
            columns = ", ".join(row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall())
            connection.execute(f"INSERT INTO {table} SELECT {columns} FROM now.{table}")
        for line in chained:
            connection.execute(
                "INSERT INTO ledger (sequence, subject, commitment, previous, hash) VALUES (?, ?, ?, ?, ?)",
                [line.sequence, line.subject, line.commitment, line.previous, line.hash],
            )


def _first_version(connection: duckdb.DuckDBPyConnection) -> list[chain.Line]:
    """The ledger of a workspace as it was written before there was a second version of commitments."""
    lines: list[chain.Line] = []
    for one in votes.stored(connection, "true", []):
        record = battles.load(connection, one.vote.battle_id)
        assert record is not None
        committed = chain.commitment(one.opener.salt, one.vote, record, chain.FIRST)
        lines.append(chain.follow(lines[-1] if lines else None, one.vote.vote_id, committed))
    return lines


@pytest.mark.parametrize("numbers", [{1}, {1, 3}])
def test_a_released_schema_is_brought_forward_and_its_chain_stays_valid(tmp_path: Path, numbers: set[int]) -> None:
    path = tmp_path / "a.duckdb"
    released(path, numbers)
    with database.connect(path, read_only=True) as connection:
        assert ledger.report(connection, path).lines == 3  # an older file can be looked at without changing it
    with Workspace.open(path) as workspace:
        assert workspace.verify() == ledger.VerifyReport(lines=3, problems=())
        making.cast(workspace)
        assert workspace.verify() == ledger.VerifyReport(lines=4, problems=())
        with workspace.reading() as connection:
            done = connection.execute("SELECT number FROM schema_version ORDER BY number").fetchall()
    assert done == [(step.number,) for step in migrations.known("workspace")]


def test_causes_of_old_voids_are_told_in_the_words_of_today(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    released(path, {1})
    old = {
        "model_failed": ("it hung", VoidCause.MODEL),
        "stopped": ("the arena stopped", VoidCause.ARENA),
        "abandoned": ("nobody was reading", VoidCause.EXPIRED),
        "left": ("its rater left", VoidCause.RATER),
    }
    with database.connect(path) as connection:
        for cause, (detail, _) in old.items():
            stored = cause.replace("left", "abandoned")
            connection.execute(
                "INSERT INTO battles SELECT * REPLACE (ordinal + 100 AS ordinal, ? AS battle_id) FROM battles LIMIT 1",
                [cause],
            )
            connection.execute("INSERT INTO voids VALUES (?, ?, NULL, ?, now())", [cause, stored, detail])
    with Workspace.open(path) as workspace, workspace.reading() as connection:
        for cause, (detail, today) in old.items():
            record = battles.load(connection, BattleId(cause))
            assert record is not None
            assert record.void is not None
            assert (record.void.cause, record.void.detail, record.void.next) == (today, detail, None)


def test_what_an_import_cannot_know_may_be_missing(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        opened = making.battle(draw_probability=None)
        answer = making.response(finish_reason=None, first_token_seconds=None, total_seconds=None)
        workspace.submit(commands.OpenBattle(battle=opened))
        workspace.submit(
            commands.CompleteBattle(
                battle_id=opened.battle_id, response_a=answer, response_b=answer, completed_at=making.NOW
            )
        ).result()
        record = making.loaded(workspace, opened.battle_id)
        assert (record.battle.draw_probability, record.response_a, record.origin) == (None, answer, None)
