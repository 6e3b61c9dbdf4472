"""Trials as stored, each with its answers. No other query reads these tables."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from arena.domain.ids import RaterId
from arena.domain.trial import Trial, TrialAnswer
from arena.store import database, rows
from arena.store.connections import Connection

TRIALS = {
    "trial_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "continues": "VARCHAR",
    "prompt": "VARCHAR",
    "asked_at": "TIMESTAMP",
}
ANSWERS = {
    "trial_id": "VARCHAR",
    "ordinal": "INTEGER",
    "model": "VARCHAR",
    "text": "VARCHAR",
    "problem": "VARCHAR",
    "finish_reason": "VARCHAR",
    "completion_tokens": "INTEGER",
    "reasoning_tokens": "INTEGER",
    "first_token_seconds": "DOUBLE PRECISION",
    "total_seconds": "DOUBLE PRECISION",
}


def find(connection: Connection, trial_id: str) -> Trial | None:
    """One trial, or None."""
    return next(iter(_where(connection, "trial_id = ?", [trial_id])), None)


def listed(connection: Connection, *, since: datetime, after: str, limit: int) -> list[Trial]:
    """Trials that were asked since a moment and follow an id, oldest first."""
    asked = [database.stored_time(since), after]
    return _where(connection, "asked_at >= ? AND trial_id > ?", asked, f"LIMIT {int(limit)}")


def of_raters(connection: Connection, rater_ids: Sequence[RaterId]) -> list[Trial]:
    """What somebody with these ids asked, oldest first."""
    theirs, parameters = rows.among("rater_id", rater_ids)
    return _where(connection, theirs, parameters)


def any_before(connection: Connection, before: datetime) -> bool:
    """Whether a trial is there that was asked before a moment."""
    query = "SELECT count(*) FROM trials WHERE asked_at < ?"
    return rows.number(connection, query, [database.stored_time(before)]) > 0


def append(connection: Connection, asked: Iterable[Trial]) -> None:
    """Add trials with their answers."""
    added = list(asked)
    rows.append(
        connection,
        "trials",
        TRIALS,
        [(one.trial_id, one.rater_id, one.continues, one.prompt, database.stored_time(one.asked_at)) for one in added],
    )
    rows.append(
        connection,
        "trial_answers",
        ANSWERS,
        [
            (
                one.trial_id,
                ordinal,
                answer.model,
                answer.text,
                answer.problem,
                answer.finish_reason,
                answer.completion_tokens,
                answer.reasoning_tokens,
                answer.first_token_seconds,
                answer.total_seconds,
            )
            for one in added
            for ordinal, answer in enumerate(one.answers)
        ],
    )


def forget_before(connection: Connection, moment: datetime) -> None:
    """Delete the trials that were asked before a moment."""
    _delete(connection, "asked_at < ?", database.stored_time(moment))


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Delete the trials of an erased rater."""
    _delete(connection, "rater_id = ?", rater_id)


def _delete(connection: Connection, condition: str, value: object) -> None:
    gone = f"SELECT trial_id FROM trials WHERE {condition}"
    connection.execute(f"DELETE FROM trial_answers WHERE trial_id IN ({gone})", [value])
    connection.execute(f"DELETE FROM trials WHERE {condition}", [value])


def _where(connection: Connection, condition: str, parameters: Sequence[Any], rest: str = "") -> list[Trial]:
    found = rows.fetched(
        connection, f"SELECT {', '.join(TRIALS)} FROM trials WHERE {condition} ORDER BY trial_id {rest}", parameters
    )
    answers: dict[str, list[TrialAnswer]] = {row[0]: [] for row in found}
    if found:
        among, ids = rows.among("trial_id", list(answers))
        query = f"SELECT {', '.join(ANSWERS)} FROM trial_answers WHERE {among} ORDER BY trial_id, ordinal"
        for trial_id, _, *answer in rows.fetched(connection, query, ids):
            answers[trial_id].append(TrialAnswer(**dict(zip(list(ANSWERS)[2:], answer, strict=True))))
    return [
        Trial(
            trial_id=row[0],
            rater_id=RaterId(row[1]),
            continues=row[2],
            prompt=row[3],
            asked_at=database.read_time(row[4]),
            answers=tuple(answers[row[0]]),
        )
        for row in found
    ]
