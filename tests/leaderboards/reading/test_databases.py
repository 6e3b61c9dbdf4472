"""A DuckDB database file is a log when one of its tables or views is."""

from pathlib import Path

import duckdb
import pytest

import leaderboards

ROWS = "(VALUES ('x', 'y', 'model_a'), ('y', 'x', 'model_a'), ('x', 'y', 'tie')) AS rows(model_a, model_b, winner)"


def _database(path: Path, *statements: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


@pytest.mark.parametrize("kind", ["TABLE", "VIEW"])
def test_the_one_table_or_view_of_votes_is_read(tmp_path: Path, kind: str) -> None:
    path = _database(
        tmp_path / "a.duckdb", "CREATE TABLE raters (name VARCHAR)", f"CREATE {kind} clicks AS FROM {ROWS}"
    )
    assert leaderboards.fit(path).votes == 3
    assert leaderboards.fit([path, path]).votes == 6
    assert leaderboards.read(path).name == "clicks of a.duckdb"


def test_a_table_named_votes_goes_before_others(tmp_path: Path) -> None:
    path = _database(
        tmp_path / "a.duckdb", f"CREATE TABLE old AS FROM {ROWS}", f"CREATE VIEW votes AS FROM {ROWS} LIMIT 2"
    )
    assert leaderboards.fit(path).votes == 2


def test_a_database_that_names_no_one_table_is_refused(tmp_path: Path) -> None:
    two = _database(tmp_path / "two.duckdb", f"CREATE TABLE one AS FROM {ROWS}", f"CREATE TABLE other AS FROM {ROWS}")
    with pytest.raises(leaderboards.InputError, match=r"two\.duckdb has several tables of votes: one, other\."):
        leaderboards.read(two)
    none = _database(tmp_path / "none.duckdb", "CREATE TABLE raters (name VARCHAR)")
    with pytest.raises(leaderboards.InputError, match=r"none\.duckdb has no table or view .* it has raters\."):
        leaderboards.read(none)
    (tmp_path / "text.duckdb").write_text("model_a,model_b,winner\n")
    with pytest.raises(leaderboards.InputError, match=r"text\.duckdb cannot be read"):
        leaderboards.read(tmp_path / "text.duckdb")
    with pytest.raises(leaderboards.InputError, match="does not exist"):
        leaderboards.read(tmp_path / "nowhere.duckdb")


def test_a_wrong_row_is_named(tmp_path: Path) -> None:
    path = _database(
        tmp_path / "a.duckdb", f"CREATE TABLE votes AS FROM {ROWS}", "INSERT INTO votes VALUES ('x', 'y', 'banana')"
    )
    with pytest.raises(leaderboards.InputError, match=r'row 4 of votes of a\.duckdb: winner is "banana"'):
        leaderboards.read(path)
