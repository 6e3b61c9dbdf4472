"""SQL of a lab's own: it reads its tables, and nothing it can write reaches further."""

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena.domain.ids import RaterId
from arena.domain.removal import RemovalKind
from arena.domain.vote import Winner
from arena.errors import InvalidValue, TooLarge
from arena.store import database, failures, lab_process, lab_queries, lab_statement, lab_tables
from arena.store.connections import Analytical
from arena.store.lab_queries import QueryRows
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

NAMES = {RaterId("r_asker"): RaterId("r_shown"), RaterId("r_gone"): RaterId("r_left")}

REACHING = (
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM read_blob('{file}')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELECT * FROM read_parquet('http://127.0.0.1:1/x.parquet')",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "COPY (SELECT 1) TO '{file}.out'",
    "ATTACH '{file}.duckdb'",
    "INSTALL httpfs",
    "LOAD '{file}'",
    "EXPORT DATABASE '{file}.folder'",
    "INSERT INTO votes SELECT * FROM votes",
    "UPDATE main.votes SET winner = 'tie'",
    "DELETE FROM votes",
    "DROP TABLE votes",
    "CREATE TABLE mine AS SELECT 1",
    "PRAGMA database_list",
    "SET memory_limit = '1GB'",
    "CALL pragma_version()",
    "SELECT 1; DELETE FROM votes",
    "SELECT * FROM main.votes",
    "SELECT * FROM workspace.main.votes",
    "SELECT * FROM removals",
    "SELECT salt FROM (SELECT * FROM ledger)",
    "SELECT * FROM lab_rater_names",
    "SELECT * FROM lab_votes",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM query('SELECT * FROM main.votes')",
    "SELECT * FROM query_table('removals')",
    "SELECT * FROM json_execute_serialized_sql('{{}}')",
    "SELECT current_setting('temp_directory')",
    "SELECT json_serialize_plan('SELECT * FROM main.votes')",
    "SELECT getenv('HOME')",
    "SELECT nextval('anything')",
    "SELECT sleep_ms(1)",
    "SELECT pg_sleep(1)",
    "SELECT main.abs(1)",
    "SELECT write_log('x')",
    "WITH removals AS (SELECT 1 AS x) SELECT * FROM removals, (SELECT * FROM main.removals)",
    "SELECT * FROM (WITH removals AS (SELECT 1) SELECT * FROM removals) AS one, removals",
    "WITH a AS (SELECT * FROM read_text('{file}')) SELECT * FROM a",
    "SELECT (SELECT content FROM read_text('{file}'))",
    "SELECT 1 WHERE EXISTS (SELECT * FROM '{file}')",
    "SELECT 1 ORDER BY (SELECT content FROM read_text('{file}'))",
    "SELECT row_number() OVER (ORDER BY (SELECT content FROM read_text('{file}')))",
    "SELECT list_transform([1], lambda x: (SELECT max(content) FROM read_text('{file}')))",
    "SELECT * FROM unnest((SELECT list(content) FROM read_text('{file}')))",
    "WITH RECURSIVE one AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM one) SELECT * FROM one",
    "SELECT * FROM trials",
    "SELECT * FROM main.trial_answers",
    "DESCRIBE votes",
    "SHOW TABLES",
    "EXPLAIN SELECT 1",
    "VACUUM",
    "CHECKPOINT",
    "COPY votes TO '/dev/stdout'",
    "COPY FROM DATABASE memory TO other",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM 'file:///etc/passwd'",
    "SELECT * FROM parquet_metadata('{file}')",
    "SELECT * FROM sniff_csv('{file}')",
    "SELECT * FROM read_ndjson_objects('{file}')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM pragma_table_info('votes')",
    "SELECT * FROM pragma_database_size()",
    "SELECT * FROM arrow_scan(1, 2, 3)",
    "SELECT * FROM pandas_scan(1)",
    "SELECT * FROM seq_scan('votes')",
    "SELECT * FROM test_all_types()",
    "SELECT * FROM which_secret('a', 's3')",
    "SELECT * FROM arriving",
    "SELECT * FROM temp.lab_rater_names",
    "SELECT * FROM system.information_schema.tables",
    "SELECT getvariable('x'), current_setting('secret_directory')",
    "SELECT currval('x')",
    "SELECT pg_get_viewdef(1)",
    "SELECT (FROM (SHOW ALL TABLES))",
    "FROM (DESCRIBE votes)",
    "FROM (SUMMARIZE votes)",
    "WITH a AS (INSERT INTO votes SELECT * FROM votes RETURNING *) SELECT * FROM a",
    "WITH a AS MATERIALIZED (SELECT * FROM glob('/*')) SELECT * FROM a",
    "SELECT * FROM votes AT (VERSION => 1)",
    "PIVOT votes ON winner USING count(*)",
    "SELECT * FROM (VALUES (1)) AS t(x), LATERAL (SELECT * FROM read_text('{file}'))",
    "SELECT CAST('{file}' AS other.type)",
    "PREPARE one AS SELECT 1",
    "EXECUTE one",
    "SET VARIABLE x = (SELECT max(content) FROM read_text('{file}'))",
    "BEGIN TRANSACTION",
    "USE other",
    "CREATE SECRET (TYPE s3)",
    "FORCE INSTALL httpfs FROM 'http://127.0.0.1:1'",
    "SELECT ?",
    "SELECT $1",
)
"""What would write, read a file, a setting or the catalog, reach the network, or another's tables."""


ANSWERED: tuple[tuple[str, list[list[Any]]], ...] = (
    ("select count(*) from VOTES", [[2]]),
    ("SELECT v.winner FROM votes AS v JOIN battles USING (battle_id) ORDER BY 1", [["model_a"], ["tie"]]),
    ("SELECT votes.winner FROM votes WHERE votes.winner = 'tie'", [["tie"]]),
    ("SELECT x FROM range(3) AS t(x) WHERE x NOT IN (SELECT 1) ORDER BY x DESC", [[2], [0]]),
    ("WITH votes AS (SELECT 7 AS x) SELECT x FROM votes", [[7]]),
    ("WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT a.x, b.x FROM a, b", [[1, 2]]),
    ("FROM (VALUES (1), (2)) AS t(x) SELECT sum(x)", [[3]]),
    ("SELECT x, row_number() OVER (ORDER BY x) FROM (VALUES ('b'), ('a')) AS t(x) ORDER BY 2 LIMIT 1", [["a", 1]]),
    ("SELECT json_extract_string('[\"correct\"]', '$[0]')", [["correct"]]),
    ("SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 1", [[2]]),
    (
        "SELECT 1.5::DECIMAL(3, 1), 'nan'::DOUBLE, DATE '2026-01-02', [1], {'a': 1}, 'x'::BLOB",
        [[1.5, None, "2026-01-02", [1], {"a": 1}, "78"]],
    ),
    ("SELECT TIMESTAMP '2026-01-02 03:04:05', INTERVAL 2 DAY", [["2026-01-02T03:04:05Z", 172800.0]]),
    (
        "SELECT list_transform([1, 2], lambda x: x + 1), median(x), quantile_cont(x, 0.5) FROM range(3) AS t(x)",
        [[[2, 3], 1.0, 1.0]],
    ),
)


TAKING = (
    "SELECT length(repeat('x', 3000000000))",
    "SELECT sum(length(repeat('x', 2000000 + x))) FROM range(100000) AS t(x)",
    "SELECT len(range(2000000000))",
    "SELECT len(list_resize([1], 2000000000))",
    "SELECT list(x) FROM range(1000000000) AS t(x)",
    f"SELECT {'[' * 900}1{']' * 900}",
)
"""What would take more memory than there is, or more calls within each other."""


def ask(workspace: Workspace, query: str, **more: Any) -> QueryRows:
    return lab_queries.ask(workspace, query, NAMES, **more)


@pytest.fixture(scope="module")
def alone() -> Iterator[Analytical]:
    """A database as the process of a query has it, with a lab's tables."""
    connection = database.alone(lab_process.MEMORY)
    for name, columns in lab_tables.COLUMNS.items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{one} VARCHAR' for one in columns)})")
    database.lock(connection)
    yield connection
    connection.close()


def needs(connection: Analytical, query: str) -> dict[str, list[str]]:
    found = lab_statement.read(connection, query, lab_tables.COLUMNS).needs
    return {name: list(columns) for name, columns in found.items()}


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    """Two votes of one rater, one of somebody who withdrew, a battle that waits for its vote and one that is void."""
    workspace.submit(
        commands.AddModels(models=(making.model(), making.model("smol-plain")), added_at=making.NOW)
    ).result()
    making.cast(workspace, winner=Winner.TIE)
    making.cast(workspace)
    making.cast(workspace, rater="r_gone")
    gone = RaterId("r_gone")
    workspace.submit(
        commands.Remove(removal_id="rm_1", rater_id=gone, kind=RemovalKind.WITHDRAWN, removed_at=making.NOW)
    ).result()
    making.completed(workspace, prompt="still blind")
    failed = making.opened(workspace, prompt="void")
    workspace.submit(commands.VoidBattle(battle_id=failed.battle.battle_id, void=making.void())).result()
    return workspace


@pytest.mark.slow
def test_every_column_of_every_table_is_described_and_there(filled: Workspace) -> None:
    for name, columns in lab_tables.COLUMNS.items():
        assert ask(filled, f"SELECT * FROM {name}").columns == tuple(columns), name


def test_votes_are_told_by_the_names_that_answers_show_and_without_who_left(filled: Workspace) -> None:
    found = ask(filled, "SELECT rater, winner, counted, held_for FROM votes ORDER BY cast_at")
    assert found.rows == [["r_shown", "tie", True, None], ["r_shown", "model_a", True, None]]
    assert ask(filled, "SELECT * EXCLUDE (first_vote_at, last_vote_at) FROM raters").rows == [["r_shown", 2, 2, 0]]


def test_a_battle_is_told_once_it_was_voted_on_or_is_void(filled: Workspace) -> None:
    found = ask(filled, "SELECT DISTINCT prompt, void_cause FROM battles ORDER BY void_cause NULLS FIRST")
    assert found.rows == [[making.battle().prompt, None], ["void", "model"]]
    assert ask(filled, "SELECT count(*) FROM answers").rows == [[4]]
    control = ask(filled, "SELECT count(*) FROM battles").rows
    making.completed(filled)
    assert ask(filled, "SELECT count(*) FROM battles").rows == control


def test_a_select_is_answered(filled: Workspace) -> None:
    for query, rows in ANSWERED[:3]:
        found = ask(filled, query)
        assert (found.rows, found.truncated) == (rows, False), query


def test_every_kind_of_value_is_answered_as_json_has_it(alone: Analytical) -> None:
    for query, rows in ANSWERED[3:]:
        statement = lab_statement.read(alone, query, lab_tables.COLUMNS)
        found = lab_process.fetched(alone, statement.text)
        assert (found["rows"], found["truncated"]) == (rows, False), query
        json.dumps(found["rows"], allow_nan=False)


def test_nothing_reaches_further(alone: Analytical, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a secret\n")
    answered = []
    for query in REACHING:
        with contextlib.suppress(InvalidValue, failures.DatabaseError):
            statement = lab_statement.read(alone, query.format(file=secret), lab_tables.COLUMNS)
            answered.append((query, alone.execute(statement.text).fetchall()))
    assert answered == []
    assert sorted(tmp_path.iterdir()) == [secret]


def test_what_the_guard_would_miss_reaches_nothing_either(alone: Analytical, tmp_path: Path) -> None:
    """The database of a query's process has no way out, whatever it is asked."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a secret\n")
    for query in (
        f"SELECT * FROM read_text('{secret}')",
        f"SELECT * FROM '{secret}'",
        f"COPY (SELECT 1) TO '{secret}.out'",
        f"ATTACH '{secret}.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '90%'",
        "RESET memory_limit",
    ):
        with pytest.raises(failures.DatabaseError):
            alone.execute(query).fetchall()
    assert sorted(tmp_path.iterdir()) == [secret]


def test_a_refusal_is_told_from_the_process_of_a_query(filled: Workspace, tmp_path: Path) -> None:
    before = ask(filled, "SELECT * FROM votes ORDER BY ALL").rows
    for query, told in (("DELETE FROM votes", "Only SELECT"), ("SELECT * FROM removals", "There is no table removals")):
        with pytest.raises(InvalidValue, match=told):
            ask(filled, query)
    assert ask(filled, "SELECT * FROM votes ORDER BY ALL").rows == before


def test_a_query_is_given_the_columns_that_it_may_ask_for(alone: Analytical) -> None:
    every = {name: list(columns) for name, columns in lab_tables.COLUMNS.items()}
    assert needs(alone, "SELECT 1") == {}
    assert needs(alone, "SELECT count(*) FROM answers") == {"answers": ["battle_id"]}
    assert needs(alone, "SELECT WINNER FROM votes WHERE counted") == {"votes": ["winner", "counted"]}
    joined = "SELECT v.winner FROM votes AS v JOIN battles USING (battle_id) ORDER BY language"
    assert needs(alone, joined) == {"votes": ["battle_id", "winner"], "battles": ["battle_id", "language"]}
    for query in ("SELECT * FROM votes", "SELECT v FROM votes AS v", "SELECT v.* FROM votes AS v", "FROM votes"):
        assert needs(alone, query) == {"votes": every["votes"]}, query
    natural = "SELECT winner FROM votes NATURAL JOIN battles"
    assert needs(alone, natural) == {"votes": every["votes"], "battles": every["battles"]}


@pytest.mark.slow(seconds=30)
@pytest.mark.parametrize("query", TAKING, ids=lambda query: query[7:40])
def test_what_a_query_takes_ends_its_own_process_alone(filled: Workspace, query: str) -> None:
    with pytest.raises(InvalidValue):
        ask(filled, query)
    making.cast(filled)
    assert ask(filled, "SELECT count(*) FROM votes").rows == [[3]]


@pytest.mark.slow
def test_a_query_that_looks_at_no_interruption_is_ended(filled: Workspace) -> None:
    long = "repeat('x', 200000), repeat('y', 200000)"
    begun = time.monotonic()
    with pytest.raises(InvalidValue, match="ended after 1 seconds"):
        ask(filled, f"SELECT levenshtein({long})", seconds=1)
    assert time.monotonic() - begun < 8


@pytest.mark.slow
def test_one_value_takes_more_than_a_database_may_have(alone: Analytical) -> None:
    """The control: what DuckDB does not count, it does not bound."""
    connection = database.alone(100_000_000)
    assert connection.execute("SELECT length(repeat('x', 400000000))").fetchall() == [(400_000_000,)]
    connection.close()


def test_the_same_statements_reach_further_without_the_guard(filled: Workspace, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a secret\n")
    with filled.connection() as connection:
        assert "secret" in str(connection.execute(f"SELECT * FROM read_text('{secret}')").fetchall())
        assert "secret" in str(connection.execute(f"SELECT * FROM '{secret}'").description)
        assert len(connection.execute("SELECT * FROM main.removals").fetchall()) == 1
        connection.execute(f"COPY (SELECT 1) TO '{secret}.out'")
    assert Path(f"{secret}.out").exists()


def test_a_query_that_takes_too_long_is_ended_and_the_next_is_answered(filled: Workspace) -> None:
    with pytest.raises(InvalidValue, match=r"ended after 0\.3 seconds"):
        ask(
            filled,
            "SELECT count(*) FROM range(100000000) AS a(x), range(100000) AS b(y) WHERE x % 7 = y % 11",
            seconds=0.3,
        )
    assert ask(filled, "SELECT 1").rows == [[1]]


def test_of_many_rows_the_first_are_given_in_their_order(filled: Workspace) -> None:
    found = ask(filled, "SELECT x FROM range(20000) AS t(x) ORDER BY hash(x), x")
    assert found.truncated
    assert len(found.rows) == lab_process.ROWS
    assert found.rows == ask(filled, "SELECT x FROM range(20000) AS t(x) ORDER BY hash(x), x LIMIT 10000").rows
    assert not ask(filled, "SELECT x FROM range(10000) AS t(x)").truncated


def test_more_text_than_anybody_reads_is_refused(filled: Workspace) -> None:
    with pytest.raises(TooLarge, match="50 MB"):
        ask(filled, "SELECT repeat('x', 1000000) FROM range(100)", seconds=120.0)


@pytest.mark.slow
def test_more_numbers_in_lists_than_anybody_reads_are_refused(filled: Workspace) -> None:
    with pytest.raises(TooLarge, match="50 MB"):
        ask(filled, "SELECT range(10000) FROM range(1000)", seconds=120.0)


@pytest.mark.slow
def test_a_mistake_is_told_with_what_there_is(filled: Workspace) -> None:
    told = []
    for query in (
        "SELECT winer FROM votes",
        "SELECT * FROM vote",
        "SELEC 1",
        "SELECT nosuch(1)",
        "SELECT 'x'::INTEGER",
    ):
        with pytest.raises(InvalidValue) as refused:
            ask(filled, query)
        told.append(str(refused.value))
    assert "winer" in told[0]
    assert "there are votes, battles" in told[1]
    assert "syntax error" in told[2]
    assert "nosuch" in told[3]
    assert "Could not convert" in told[4]
    assert not any("lab_" in one for one in told)


def test_many_at_once_see_their_own_names(filled: Workspace) -> None:
    with contextlib.ExitStack() as open_ones:
        open_ones.enter_context(filled.reading())
        assert ask(filled, "SELECT DISTINCT rater FROM votes").rows == [["r_shown"]]
        other = lab_queries.ask(filled, "SELECT DISTINCT rater FROM votes", {RaterId("r_asker"): RaterId("r_else")})
        assert other.rows == [["r_else"]]
