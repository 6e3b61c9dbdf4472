"""What raters asked to be looked at again, as stored."""

from collections.abc import Iterable, Sequence
from typing import Any

from arena.domain.appeal import Appeal
from arena.domain.ids import RaterId
from arena.store import database, rows
from arena.store.connections import Connection

APPEALS = {
    "appeal_id": "VARCHAR",
    "decision_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "field": "VARCHAR",
    "text": "VARCHAR",
    "asked_at": "TIMESTAMP",
}


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


def append(connection: Connection, made: Iterable[Appeal]) -> None:
    """Add appeals."""
    rows.append(
        connection,
        "appeals",
        APPEALS,
        [
            (one.appeal_id, one.decision_id, one.rater_id, one.field, one.text, database.stored_time(one.asked_at))
            for one in made
        ],
    )


def _where(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[Appeal]:
    found = rows.fetched(
        connection, f"SELECT {', '.join(APPEALS)} FROM appeals WHERE {condition} ORDER BY appeal_id", parameters
    )
    return [
        Appeal(
            appeal_id=row[0],
            decision_id=row[1],
            rater_id=RaterId(row[2]),
            field=row[3],
            text=row[4],
            asked_at=database.read_time(row[5]),
        )
        for row in found
    ]
