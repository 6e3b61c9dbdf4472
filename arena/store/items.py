"""Items of campaigns: which battle each is, and how far its votes are. A place is taken by a vote that counts, and by a
turn that has neither ended nor passed its deadline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from arena.domain.ids import BattleId, ModelName, RaterId
from arena.store import database, rows
from arena.store.connections import Analytical, Connection

COLUMNS = {"campaign": "VARCHAR", "set_name": "VARCHAR", "prompt_id": "VARCHAR", "battle_id": "VARCHAR"}
HELD_BY_ONE = 3
"""Items that wait for a person because of one rater's reports; else one rater could stop a campaign with reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """Which battle a prompt of a set with two answers is."""

    campaign: str
    set_name: str
    prompt_id: str
    battle_id: BattleId


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """An item that was opened, as one person finds it."""

    prompt_id: str
    models: frozenset[ModelName]
    battle_id: BattleId
    taken: int
    """Places."""
    mine: bool
    """Whether they have voted on it, skipped or reported it, or have it open."""
    waits: bool
    """Whether it waits for a person, or a person took it out."""


def states(
    connection: Analytical, campaign: str, set_name: str, rater_ids: Sequence[RaterId], now: datetime
) -> list[ItemState]:
    """Every item of a campaign that was opened, as somebody with these ids finds it."""
    found = rows.fetched(
        connection,
        """
        WITH opened AS (
            SELECT prompt_id, battle_id FROM items WHERE campaign = $campaign AND set_name = $set_name
        ),
        turns AS (
            SELECT
                assignments.battle_id,
                list_contains($raters, assignments.rater_id) AS own,
                votes.vote_id IS NOT NULL AS voted,
                coalesce(
                    votes.vote_id IS NOT NULL
                    AND votes.rater_id NOT IN (SELECT rater FROM removals WHERE kind = 'withdrawn'),
                    false
                ) AS counts,
                assignment_ends.cause AS ended,
                coalesce(assignments.deadline > $now, true) AS runs
            FROM assignments
            LEFT JOIN votes ON votes.assignment_id = assignments.assignment_id
            LEFT JOIN assignment_ends ON assignment_ends.assignment_id = assignments.assignment_id
            WHERE assignments.battle_id IN (SELECT battle_id FROM opened) AND assignments.rater_id <> ''
        ),
        places AS (
            SELECT
                battle_id,
                count(*) FILTER (WHERE counts OR (NOT voted AND ended IS NULL AND runs)) AS taken,
                bool_or(own AND (voted OR ended <> 'expired' OR (ended IS NULL AND runs))) AS mine
            FROM turns GROUP BY battle_id
        ),
        waiting AS (
            SELECT battle_id FROM reports
            WHERE report_id IN (
                SELECT report_id FROM report_answers GROUP BY report_id HAVING NOT arg_max(keep, answered_at)
            )
            UNION ALL
            SELECT battle_id FROM (
                SELECT battle_id, row_number() OVER (PARTITION BY rater_id ORDER BY min(report_id)) AS place
                FROM reports
                WHERE battle_id IN (SELECT battle_id FROM opened)
                    AND report_id NOT IN (SELECT report_id FROM report_answers)
                GROUP BY rater_id, battle_id
            ) WHERE place <= $most
        )
        SELECT
            opened.prompt_id, battles.model_a, battles.model_b, opened.battle_id,
            coalesce(places.taken, 0), coalesce(places.mine, false),
            opened.battle_id IN (SELECT battle_id FROM waiting)
        FROM opened
        JOIN battles ON battles.battle_id = opened.battle_id
        LEFT JOIN places ON places.battle_id = opened.battle_id
        """,
        {
            "campaign": campaign,
            "set_name": set_name,
            "raters": list(rater_ids),
            "now": database.stored_time(now),
            "most": HELD_BY_ONE,
        },
    )
    return [
        ItemState(
            prompt_id=row[0],
            models=frozenset((ModelName(row[1]), ModelName(row[2]))),
            battle_id=BattleId(row[3]),
            taken=row[4],
            mine=row[5],
            waits=row[6],
        )
        for row in found
    ]


def answering(connection: Analytical, set_name: str) -> dict[str, list[ModelName]]:
    """The models with an answer that is not empty to each prompt of a set, in the order of the set."""
    found = rows.fetched(
        connection,
        """
        SELECT prompts.prompt_id, list(DISTINCT stored_answers.model ORDER BY stored_answers.model)
        FROM prompts
        JOIN stored_answers ON stored_answers.set_name = prompts.set_name
            AND stored_answers.prompt_id = prompts.prompt_id
            AND (stored_answers.text <> '' OR stored_answers.media IS NOT NULL)
        WHERE prompts.set_name = ?
        GROUP BY prompts.prompt_id, prompts.ordinal ORDER BY prompts.ordinal
        """,
        [set_name],
    )
    return {row[0]: [ModelName(name) for name in row[1]] for row in found}


def size(connection: Connection, set_name: str) -> tuple[int, int]:
    """How many prompts and answers a set has; both only grow."""
    return (
        rows.number(connection, "SELECT count(*) FROM prompts WHERE set_name = ?", [set_name]),
        rows.number(connection, "SELECT count(*) FROM stored_answers WHERE set_name = ?", [set_name]),
    )


def campaign_of(connection: Connection, battle_id: BattleId) -> str | None:
    """The campaign whose item a battle is; None for a battle that is none."""
    found = rows.fetched(connection, "SELECT campaign FROM items WHERE battle_id = ?", [battle_id])
    return str(found[0][0]) if found else None


def votes_of_campaign(connection: Connection, campaign: str) -> int:
    """How many votes of a campaign count."""
    return rows.number(connection, "SELECT count(*) FROM counted_votes WHERE campaign = ?", [campaign])


def running(connection: Connection, campaign: str, now: datetime) -> int:
    """How many turns at items of a campaign are open."""
    return rows.number(
        connection,
        "SELECT count(*) FROM assignments WHERE rater_id <> '' AND (deadline IS NULL OR deadline > ?) "
        "AND battle_id IN (SELECT battle_id FROM items WHERE campaign = ?) "
        "AND assignment_id NOT IN (SELECT assignment_id FROM assignment_ends) "
        "AND assignment_id NOT IN (SELECT assignment_id FROM votes WHERE assignment_id IS NOT NULL)",
        [database.stored_time(now), campaign],
    )


def voted_since(connection: Connection, campaign: str, rater_ids: Sequence[RaterId], since: datetime) -> list[datetime]:
    """When the turns were given, from a moment on, in which somebody with these ids voted on items; in order."""
    theirs, parameters = rows.among("assignments.rater_id", rater_ids)
    found = rows.fetched(
        connection,
        "SELECT assignments.since FROM assignments "
        "JOIN votes ON votes.assignment_id = assignments.assignment_id "
        "JOIN items ON items.battle_id = assignments.battle_id "
        f"WHERE {theirs} AND assignments.since >= ? AND items.campaign = ? ORDER BY assignments.since",
        [*parameters, database.stored_time(since), campaign],
    )
    return [database.read_time(row[0]) for row in found]


def append(connection: Connection, opened: Iterable[NewItem]) -> None:
    """Add items."""
    rows.append(
        connection,
        "items",
        COLUMNS,
        [(one.campaign, one.set_name, one.prompt_id, one.battle_id) for one in opened],
    )
