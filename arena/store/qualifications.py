"""Qualifications as stored, the items with a known outcome they are made of, and what raters made of those items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from arena.domain import qualification as qualifying
from arena.domain.battle import Side
from arena.domain.ids import AssignmentId, ModelName, RaterId
from arena.domain.prompt_set import Gold
from arena.domain.purpose import Purpose
from arena.domain.qualification import GoldTurn, Qualification
from arena.domain.vote import Winner
from arena.store import database, rows, stored_answers
from arena.store.connections import Connection

COLUMNS = {
    "field": "VARCHAR",
    "gold_set": "VARCHAR",
    "title": "VARCHAR",
    "practice": "INTEGER",
    "items": "INTEGER",
    "needed": "INTEGER",
    "tries": "INTEGER",
    "wait_days": "INTEGER",
    "valid_days": "INTEGER",
    "guidelines": "VARCHAR",
    "created_by": "VARCHAR",
    "created_at": "TIMESTAMP",
}
SELECTED = f"SELECT {', '.join(COLUMNS)} FROM qualifications"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldItem:
    """A prompt of a set with two stored answers between which the outcome is known."""

    prompt_id: str
    gold: Gold


def listed(connection: Connection) -> list[Qualification]:
    """Every qualification, by field."""
    return [_made(row) for row in rows.fetched(connection, f"{SELECTED} ORDER BY field")]


def find(connection: Connection, field: str) -> Qualification | None:
    """That of a field, or None."""
    found = rows.fetched(connection, f"{SELECTED} WHERE field = ?", [field])
    return _made(found[0]) if found else None


def append(connection: Connection, added: Iterable[Qualification]) -> None:
    """Add qualifications."""
    rows.append(
        connection,
        "qualifications",
        COLUMNS,
        [
            (
                one.field,
                one.gold_set,
                one.title,
                one.practice,
                one.items,
                one.needed,
                one.tries,
                one.wait_days,
                one.valid_days,
                one.guidelines,
                one.created_by,
                database.stored_time(one.created_at),
            )
            for one in added
        ],
    )


def gold_items(connection: Connection, set_name: str) -> list[GoldItem]:
    """The prompts of a set whose outcome is known and both of whose answers are there, in its order."""
    answered = (
        "EXISTS (SELECT * FROM stored_answers WHERE stored_answers.set_name = prompts.set_name "
        "AND stored_answers.prompt_id = prompts.prompt_id "
        f"AND stored_answers.model = prompts.gold_{{}} AND {stored_answers.SAID})"
    )
    found = rows.fetched(
        connection,
        "SELECT prompt_id, gold_model_a, gold_model_b, gold_winner, gold_explanation FROM prompts "
        f"WHERE set_name = ? AND gold_winner IS NOT NULL AND {answered.format('model_a')} "
        f"AND {answered.format('model_b')} ORDER BY ordinal",
        [set_name],
    )
    return [
        GoldItem(
            prompt_id=row[0],
            gold=Gold(model_a=ModelName(row[1]), model_b=ModelName(row[2]), winner=Winner(row[3]), explanation=row[4]),
        )
        for row in found
    ]


def turns(connection: Connection, rater_ids: Sequence[RaterId], field: str) -> list[GoldTurn]:
    """The turns of a person, who is these raters, at items of a field's qualification that are over, in the order
    in which they were given, whatever the clock said. A turn past its deadline is not over: its item is given again."""
    theirs, parameters = rows.among("assignments.rater_id", rater_ids)
    found = rows.fetched(
        connection,
        "SELECT assignments.assignment_id, items.prompt_id, assignments.purpose, votes.winner, "
        "prompts.gold_winner, prompts.gold_explanation, assignments.shown_first FROM assignments "
        "JOIN items ON items.battle_id = assignments.battle_id AND items.campaign = ? "
        "JOIN prompts ON prompts.set_name = items.set_name AND prompts.prompt_id = items.prompt_id "
        "LEFT JOIN votes ON votes.assignment_id = assignments.assignment_id "
        "LEFT JOIN assignment_ends ON assignment_ends.assignment_id = assignments.assignment_id "
        f"WHERE {theirs} AND (votes.vote_id IS NOT NULL OR assignment_ends.cause IN ('skipped', 'reported')) "
        "ORDER BY assignments.rowid",
        [qualifying.campaign(field), *parameters],
    )
    return [
        GoldTurn(
            assignment_id=AssignmentId(row[0]),
            prompt_id=row[1],
            part=Purpose(row[2]),
            winner=None if row[3] is None else Winner(row[3]),
            known=Winner(row[4]),
            explanation=row[5],
            swapped=row[6] == Side.B,
        )
        for row in found
    ]


def _made(row: tuple[object, ...]) -> Qualification:
    given = dict(zip(COLUMNS, row, strict=True))
    created_at = given.pop("created_at")
    assert isinstance(created_at, datetime)  # noqa: S101 - as the column is declared
    return Qualification(**given, created_at=database.read_time(created_at))  # type: ignore[arg-type]
