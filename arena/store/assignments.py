"""Turns that were given to raters who did not ask the prompt."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from arena import errors
from arena.domain import purpose as purposes
from arena.domain.assignment import Assignment, EndCause, TurnEnd
from arena.domain.battle import Side
from arena.domain.ids import AssignmentId, BattleId, RaterId
from arena.domain.purpose import Purpose
from arena.store import database, rows
from arena.store.connections import Connection

COLUMNS = {
    "assignment_id": "VARCHAR",
    "battle_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "since": "TIMESTAMP",
    "deadline": "TIMESTAMP",
    "shown_first": "VARCHAR",
    "repeat": "BOOLEAN",
    "purpose": "VARCHAR",
    "nonce": "VARCHAR",
}

ENDS = {
    "assignment_id": "VARCHAR",
    "battle_id": "VARCHAR",
    "cause": "VARCHAR",
    "reason": "VARCHAR",
    "ended_at": "TIMESTAMP",
}


def find(connection: Connection, assignment_id: AssignmentId) -> Assignment | None:
    """One turn, or None when it is not known here."""
    return next(iter(_where(connection, "assignment_id = ?", [assignment_id])), None)


def of_battle(connection: Connection, battle_id: BattleId) -> list[Assignment]:
    """The turns given at a battle, in the order of their ids; not that of whoever asked."""
    return _where(connection, "battle_id = ?", [battle_id])


def of_rater(connection: Connection, rater_id: RaterId, since: datetime) -> list[Assignment]:
    """The turns given to a rater from a moment on."""
    return _where(connection, "rater_id = ? AND since >= ?", [rater_id, database.stored_time(since)])


def waiting(connection: Connection) -> list[Assignment]:
    """Every turn that has neither a vote nor an end, those past their deadline with them."""
    return _where(
        connection,
        "rater_id <> '' AND assignment_id NOT IN (SELECT assignment_id FROM assignment_ends) "
        "AND assignment_id NOT IN (SELECT assignment_id FROM votes WHERE assignment_id IS NOT NULL)",
        [],
    )


def behind(connection: Connection, place: int) -> list[Assignment]:
    """The turns that were given behind a place. For PostgreSQL, whose rows have one."""
    return _where(connection, "place > ?", [place])


def ends_behind(connection: Connection, place: int) -> list[TurnEnd]:
    """The ends of turns behind a place, in their order. For PostgreSQL, whose rows have one."""
    found = rows.fetched(
        connection, f"SELECT {', '.join(ENDS)} FROM assignment_ends WHERE place > ? ORDER BY place", [place]
    )
    return [
        TurnEnd(
            assignment_id=AssignmentId(assignment_id),
            battle_id=BattleId(battle_id),
            cause=EndCause(cause),
            reason=reason,
            ended_at=database.read_time(ended_at),
        )
        for assignment_id, battle_id, cause, reason, ended_at in found
    ]


def end_of(connection: Connection, assignment_id: AssignmentId) -> EndCause | None:
    """How a turn ended without a vote; None where it has not."""
    found = rows.fetched(connection, "SELECT cause FROM assignment_ends WHERE assignment_id = ?", [assignment_id])
    return EndCause(found[0][0]) if found else None


def refuse_known(connection: Connection, assignment: Assignment, waiting: Sequence[Assignment]) -> None:
    """Raise `Conflict` for an id that was given before, and for a second turn at the same battle that is no repeat.

    `waiting` are those that are written together with it.
    """
    others = [*of_battle(connection, assignment.battle_id), *waiting]
    if any(one.assignment_id == assignment.assignment_id for one in others) or find(
        connection, assignment.assignment_id
    ):
        raise errors.Conflict(f"Assignment {assignment.assignment_id} was given before; mint a new id.")
    same = [one for one in others if (one.battle_id, one.rater_id) == (assignment.battle_id, assignment.rater_id)]
    if same and not assignment.repeat:
        raise errors.Conflict(f"This rater has a turn at battle {assignment.battle_id} already.")


def append(connection: Connection, given: Iterable[Assignment]) -> None:
    """Add turns."""
    rows.append(
        connection,
        "assignments",
        COLUMNS,
        [
            (
                one.assignment_id,
                one.battle_id,
                one.rater_id,
                database.stored_time(one.since),
                None if one.deadline is None else database.stored_time(one.deadline),
                one.shown_first,
                one.repeat,
                one.purpose,
                one.nonce,
            )
            for one in given
        ],
    )


def append_ends(connection: Connection, ended: Iterable[TurnEnd]) -> None:
    """Add ends of turns."""
    rows.append(
        connection,
        "assignment_ends",
        ENDS,
        [
            (one.assignment_id, one.battle_id, one.cause, one.reason, database.stored_time(one.ended_at))
            for one in ended
        ],
    )


def problems(connection: Connection) -> Iterator[str]:
    """Turns whose ids commit to another purpose than they have."""
    found = rows.fetched(
        connection, "SELECT assignment_id, nonce, purpose FROM assignments WHERE nonce IS NOT NULL ORDER BY 1"
    )
    for assignment_id, nonce, purpose in found:
        if not purposes.opens(assignment_id, nonce, purpose):
            yield f"Turn {assignment_id} has another purpose than it was given for: it was changed."


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of a rater's turns that there were so many."""
    connection.execute(
        "UPDATE assignment_ends SET reason = NULL "
        "WHERE assignment_id IN (SELECT assignment_id FROM assignments WHERE rater_id = ?)",
        [rater_id],
    )
    connection.execute("UPDATE assignments SET rater_id = '' WHERE rater_id = ?", [rater_id])


def purpose(stored: str | None, *, repeat: bool) -> Purpose | None:
    """What a turn is for, as it is stored: of the oldest, only whether it is a repeat."""
    return Purpose(stored) if stored else Purpose.REPEAT if repeat else None


def _where(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[Assignment]:
    found = rows.fetched(
        connection,
        f"SELECT {', '.join(COLUMNS)} FROM assignments WHERE {condition} ORDER BY assignment_id",
        parameters,
    )
    return [
        Assignment(
            assignment_id=AssignmentId(row[0]),
            battle_id=BattleId(row[1]),
            rater_id=RaterId(row[2]),
            since=database.read_time(row[3]),
            deadline=None if row[4] is None else database.read_time(row[4]),
            shown_first=Side(row[5]),
            purpose=purpose(row[7], repeat=row[6]),
            nonce=row[8],
        )
        for row in found
    ]
