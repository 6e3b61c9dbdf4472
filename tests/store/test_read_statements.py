"""Statements that are sent again are read once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
import pytest

from arena.store import read_statements
from arena.store.read_statements import ReadStatements, Statements


class Counting:
    """A connection that counts how often a text is read."""

    def __init__(self) -> None:
        self._connection: Any = duckdb.connect()
        self.read = 0

    def extract_statements(self, query: str) -> list[Any]:
        self.read += 1
        return list(self._connection.extract_statements(query))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture
def below() -> Any:
    connection = Counting()
    connection.execute("CREATE TABLE kept (number INTEGER, said VARCHAR)")
    return connection


def test_a_text_is_read_once_and_run_with_other_values_each_time(below: Any) -> None:
    connection = ReadStatements(below, Statements())
    for number in range(3):
        connection.execute("INSERT INTO kept (number, said) VALUES (?, ?)", [number, f"'{number}' ;"])
    assert below.read == 1
    assert connection.execute("SELECT said FROM kept ORDER BY number").fetchall() == [
        ("'0' ;",),
        ("'1' ;",),
        ("'2' ;",),
    ]


def test_a_statement_that_was_read_fits_the_table_as_it_is_now(below: Any) -> None:
    connection = ReadStatements(below, Statements())
    connection.execute("INSERT INTO kept (number) VALUES (?)", [1])
    connection.execute("ALTER TABLE kept ALTER COLUMN number TYPE VARCHAR")
    connection.execute("INSERT INTO kept (number) VALUES (?)", ["one"])
    assert connection.execute("SELECT number FROM kept").fetchall() == [("1",), ("one",)]


def test_a_statement_that_failed_or_was_taken_back_runs_again(below: Any) -> None:
    connection = ReadStatements(below, Statements())
    insert = "INSERT INTO kept (number) VALUES (?)"
    connection.execute("BEGIN TRANSACTION")
    with pytest.raises(duckdb.ConversionException):
        connection.execute(insert, ["no number"])
    connection.execute("ROLLBACK")
    connection.execute("BEGIN TRANSACTION")
    connection.execute(insert, [7])
    connection.execute("COMMIT")
    assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]


def test_no_more_than_so_many_are_kept(below: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_statements, "KEPT", 2)
    connection = ReadStatements(below, Statements())
    for query in ("SELECT 1", "SELECT 2", "SELECT 3", "SELECT 3", "SELECT 1"):
        connection.execute(query)
    assert below.read == 4


def test_threads_share_what_was_read_each_on_a_connection_of_its_own(below: Any) -> None:
    statements = Statements()
    below.execute("INSERT INTO kept (number) SELECT * FROM range(100)")

    def ask(number: int) -> Any:
        connection = ReadStatements(below.cursor(), statements)
        found = connection.execute("SELECT number FROM kept WHERE number = ?", [number]).fetchall()
        connection.close()
        return found

    with ThreadPoolExecutor(8) as askers:
        assert list(askers.map(ask, range(100))) == [[(number,)] for number in range(100)]
