"""Every error of DuckDB that an admin may meet becomes one of ours, and says what to do."""

import re
from pathlib import Path

import duckdb
import pytest

from arena import errors
from arena.store import failures

PATH = Path("data/workspaces/default.duckdb")
MEANINGS: list[tuple[duckdb.Error, type[errors.StoreError], str]] = [
    (
        duckdb.IOException(
            'IO Error: Could not set lock on file "default.duckdb": Conflicting lock is held in /usr/bin/python3.11 '
            "(PID 4711). See also https://duckdb.org/docs/current/connect/concurrency"
        ),
        errors.StoreHeld,
        r"is open in process 4711 \(/usr/bin/python3\.11\).*Stop that process",
    ),
    (duckdb.IOException('Could not set lock on file "x": Resource busy'), errors.StoreHeld, "open in another process"),
    (
        duckdb.ConnectionException("Can't open a connection to same database file with a different configuration"),
        errors.StoreHeld,
        "already open in this process",
    ),
    (
        duckdb.IOException('The file "x" exists, but it is not a valid DuckDB database file!'),
        errors.StoreCorrupt,
        "arena restore",
    ),
    (duckdb.Error("Corrupt database file: computed checksum 1 does not match"), errors.StoreCorrupt, "arena restore"),
    (duckdb.Error("Failure while replaying WAL file"), errors.StoreCorrupt, "arena restore"),
    (duckdb.IOException('Could not read enough bytes from file "x"'), errors.StoreCorrupt, "arena restore"),
    (duckdb.InternalException("INTERNAL Error: assertion"), errors.StoreCorrupt, "arena restore"),
    (duckdb.IOException('Cannot open file "x": Permission denied'), errors.StoreError, "let this user write"),
    (duckdb.IOException('Cannot open file "x": Read-only file system'), errors.StoreError, "another --data-dir"),
    (duckdb.IOException("file was created with a newer version of DuckDB"), errors.StoreError, "install that version"),
    (duckdb.FatalException("FATAL Error: fsync failed!"), errors.StoreStopped, "Check the disk and start the arena"),
    (duckdb.IOException("Could not write file: Input/output error"), errors.StoreStopped, "Check the disk"),
]


@pytest.mark.parametrize(("error", "kind", "advice"), MEANINGS)
def test_an_error_of_duckdb_becomes_a_sentence(error: duckdb.Error, kind: type[errors.StoreError], advice: str) -> None:
    with pytest.raises(errors.StoreError) as raised, failures.translated(PATH):
        raise error
    assert type(raised.value) is kind
    assert raised.value.__cause__ is error
    assert str(PATH) in str(raised.value)
    assert re.search(advice, str(raised.value))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("bug", [duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException])
def test_a_bug_in_our_sql_passes_through(bug: type[duckdb.Error]) -> None:
    with pytest.raises(bug), failures.translated(PATH):
        raise bug("our own mistake")


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (duckdb.TransactionException("Failed to commit: No space left on device"), True),
        (OSError(28, "No space left on device"), True),
        (duckdb.FatalException("checkpoint failed: No space left on device"), False),
        (duckdb.IOException("Input/output error"), False),
        (OSError(5, "Input/output error"), False),
    ],
)
def test_only_a_full_disk_that_left_the_database_well_lets_the_writer_go_on(error: Exception, full: bool) -> None:
    assert failures.disk_full(error) is full
