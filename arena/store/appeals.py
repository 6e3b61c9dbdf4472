"""What raters asked to be looked at again, as stored: each with the salt that opens its line of the ledger. One that
was asked under an arena that wrote no lines has neither."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arena.domain import ledger
from arena.domain.appeal import Appeal
from arena.domain.ids import RaterId
from arena.domain.removal import hashed
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection

APPEALS = {
    "appeal_id": "VARCHAR",
    "decision_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "field": "VARCHAR",
    "text": "VARCHAR",
    "asked_at": "TIMESTAMP",
    "sequence": "BIGINT",
    "rater_sha256": "VARCHAR",
    "salt": "VARCHAR",
}
SELECTED = f"SELECT {', '.join(APPEALS)} FROM appeals"


def find(connection: Connection, appeal_id: str) -> Appeal | None:
    """One appeal, or None."""
    return next(iter(_where(connection, "appeal_id = ?", [appeal_id])), None)


def on_decision(connection: Connection, decision_id: str) -> Appeal | None:
    """The appeal on a decision, or None."""
    return next(iter(_where(connection, "decision_id = ?", [decision_id])), None)


def of_raters(connection: Connection, raters: Sequence[RaterId]) -> list[Appeal]:
    """Every appeal of a person, who is these raters, oldest first."""
    theirs, parameters = rows.among("rater_id", raters)
    return _where(connection, theirs, parameters)


def every(connection: Connection) -> list[Appeal]:
    """Every appeal of raters who were not erased, oldest first."""
    return _where(connection, "rater_id <> ''", [])


def unanswered(connection: Connection) -> list[Appeal]:
    """Those of them that no decision in force answers, oldest first."""
    undone = "SELECT undoes FROM standing_decisions WHERE undoes IS NOT NULL"
    answered = (
        "SELECT answers FROM standing_decisions "
        f"WHERE answers IS NOT NULL AND coalesce(follows, decision_id) NOT IN ({undone})"
    )
    return _where(connection, f"rater_id <> '' AND appeal_id NOT IN ({answered})", [])


def append(connection: Connection, made: Sequence[tuple[Appeal, str, ledger.Line]]) -> None:
    """Add appeals, each with its salt and its line."""
    rows.append(
        connection,
        "appeals",
        APPEALS,
        [
            (
                one.appeal_id,
                one.decision_id,
                one.rater_id,
                one.field,
                one.text,
                database.stored_time(one.asked_at),
                line.sequence,
                hashed(one.rater_id),
                salt,
            )
            for one, salt, line in made
        ],
    )


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of an erased rater's appeals that they were asked, when and on what."""
    connection.execute("UPDATE appeals SET rater_id = '', text = '', salt = '' WHERE rater_id = ?", [rater_id])


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every appeal that has a line, by its id. Of one by an erased rater nothing is left to open its line with."""
    erased = {row[0] for row in rows.fetched(connection, "SELECT rater FROM removals WHERE kind = 'erased'")}
    stored = rows.fetched(connection, f"{SELECTED} WHERE sequence IS NOT NULL")
    closed = ledger_rows.about(connection, [row[0] for row in stored if row[8] == "" and row[7] in erased])
    return {
        row[0]: ledger_rows.ExpectedLine(
            sequence=row[6],
            commitment=closed[row[0]].commitment if row[0] in closed else _commitment(row),
            named=f"Appeal {row[0]}",
        )
        for row in stored
    }


def problems(connection: Connection) -> Iterator[str]:
    """Appeals on no decision, and those without a line that must have one: a decision that came after the first appeal
    with a line was not appealed before."""
    for row in rows.fetched(
        connection,
        "SELECT appeal_id FROM appeals JOIN standing_decisions AS decided ON decided.decision_id = appeals.decision_id "
        f"WHERE appeal_id NOT IN ({ledger_rows.SUBJECTS}) AND (appeals.sequence IS NOT NULL "
        "OR decided.sequence > (SELECT min(sequence) FROM appeals)) ORDER BY appeal_id",
    ):
        yield f"Appeal {row[0]} has no line in the ledger: it was added past the writer."
    for row in rows.fetched(
        connection,
        "SELECT appeal_id FROM appeals WHERE decision_id NOT IN (SELECT decision_id FROM standing_decisions) "
        "ORDER BY appeal_id",
    ):
        yield f"Appeal {row[0]} is on a decision that is not stored."


def _where(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[Appeal]:
    found = rows.fetched(connection, f"{SELECTED} WHERE {condition} ORDER BY appeal_id", parameters)
    return list(map(_appeal, found))


def _appeal(row: tuple[Any, ...]) -> Appeal:
    return Appeal(
        appeal_id=row[0],
        decision_id=row[1],
        rater_id=RaterId(row[2]),
        field=row[3],
        text=row[4],
        asked_at=database.read_time(row[5]),
        line=row[6],
    )


def _commitment(row: tuple[Any, ...]) -> str:
    return ledger_rows.committed(lambda: _appeal(row).commitment(row[8], hashed(RaterId(row[2])) if row[2] else row[7]))
