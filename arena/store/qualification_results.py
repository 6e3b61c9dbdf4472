"""Tests that raters took, as stored: a row a test, with the salt that opens its line of the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arena.domain import ledger
from arena.domain.ids import AssignmentId, RaterId
from arena.domain.qualification import QualificationResult
from arena.domain.removal import hashed
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection

COLUMNS = {
    "sequence": "BIGINT",
    "result_id": "VARCHAR",
    "field": "VARCHAR",
    "rater_id": "VARCHAR",
    "rater_sha256": "VARCHAR",
    "last_turn": "VARCHAR",
    "correct": "INTEGER",
    "answered": "INTEGER",
    "needed": "INTEGER",
    "passed": "BOOLEAN",
    "decided_at": "TIMESTAMP",
    "valid_until": "TIMESTAMP",
    "salt": "VARCHAR",
}
SELECTED = f"SELECT {', '.join(COLUMNS)} FROM qualification_results"


def of_raters(connection: Connection, rater_ids: Sequence[RaterId], field: str) -> list[QualificationResult]:
    """The tests of a field that a person, who is these raters, took, in order."""
    theirs, parameters = rows.among("rater_id", rater_ids)
    found = rows.fetched(connection, f"{SELECTED} WHERE {theirs} AND field = ? ORDER BY sequence", [*parameters, field])
    return [_result(row) for row in found]


def of_last_turn(connection: Connection, last_turn: AssignmentId) -> QualificationResult | None:
    """The test whose last item a turn was; None where it was that of none."""
    found = rows.fetched(connection, f"{SELECTED} WHERE last_turn = ?", [last_turn])
    return _result(found[0]) if found else None


def append(connection: Connection, made: Sequence[tuple[QualificationResult, str, ledger.Line]]) -> None:
    """Add results, each with its salt and its line."""
    rows.append(
        connection,
        "qualification_results",
        COLUMNS,
        [
            (
                line.sequence,
                one.result_id,
                one.field,
                one.rater_id,
                hashed(one.rater_id),
                one.last_turn,
                one.correct,
                one.answered,
                one.needed,
                one.passed,
                database.stored_time(one.decided_at),
                None if one.valid_until is None else database.stored_time(one.valid_until),
                salt,
            )
            for one, salt, line in made
        ],
    )


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of an erased rater's tests what their lines commit to."""
    connection.execute("UPDATE qualification_results SET rater_id = '' WHERE rater_id = ?", [rater_id])


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every result by its id."""
    return {
        row[1]: ledger_rows.ExpectedLine(
            sequence=row[0], commitment=_commitment(row), named=f"Result {row[1]} of a test"
        )
        for row in rows.fetched(connection, SELECTED)
    }


def problems(connection: Connection) -> Iterator[str]:
    """Results without a line of the ledger."""
    for result_id in ledger_rows.unrecorded(connection, "qualification_results", "result_id"):
        yield f"Result {result_id} of a test has no line in the ledger: it was added past the writer."


def _result(row: tuple[Any, ...]) -> QualificationResult:
    return QualificationResult(
        result_id=row[1],
        field=row[2],
        rater_id=RaterId(row[3]),
        last_turn=AssignmentId(row[5]),
        correct=row[6],
        answered=row[7],
        needed=row[8],
        passed=row[9],
        decided_at=database.read_time(row[10]),
        valid_until=None if row[11] is None else database.read_time(row[11]),
    )


def _commitment(row: tuple[Any, ...]) -> str:
    return ledger_rows.committed(
        lambda: _result(row).commitment(row[12], hashed(RaterId(row[3])) if row[3] else row[4])
    )
