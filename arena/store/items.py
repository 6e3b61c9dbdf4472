"""Items of campaigns: which battle each is, and how far its votes are. A place is taken by a vote that counts, and by a
turn that has neither ended nor passed its deadline."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from arena.domain.ids import BattleId, ModelName
from arena.store import database, rows
from arena.store.connections import Analytical, Connection

COLUMNS = {
    "campaign": "VARCHAR",
    "set_name": "VARCHAR",
    "prompt_id": "VARCHAR",
    "battle_id": "VARCHAR",
    "gold": "BOOLEAN",
}
HELD_BY_ONE = 3
"""Items that wait for a person because of one rater's reports; else one rater could stop a campaign with reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """Which battle a prompt of a set with two answers is."""

    campaign: str
    set_name: str
    prompt_id: str
    battle_id: BattleId
    gold: bool = False
    """Whether its outcome is known: then it is for the record of raters, and not among what is collected."""


def held_back(connection: Analytical, campaign: str, set_name: str, gold: bool) -> frozenset[BattleId]:
    """The items that wait for a person because of reports, or that a person took out."""
    found = rows.fetched(
        connection,
        """
        SELECT battle_id FROM reports
        WHERE report_id IN (
            SELECT report_id FROM report_answers GROUP BY report_id HAVING NOT arg_max(keep, answered_at)
        )
        UNION ALL
        SELECT battle_id FROM (
            SELECT battle_id, row_number() OVER (PARTITION BY rater_id ORDER BY min(report_id)) AS place
            FROM reports
            WHERE battle_id IN (
                SELECT battle_id FROM items WHERE campaign = $campaign AND set_name = $set_name AND gold = $gold
            ) AND report_id NOT IN (SELECT report_id FROM report_answers)
            GROUP BY rater_id, battle_id
        ) WHERE place <= $most
        """,
        {"campaign": campaign, "set_name": set_name, "gold": gold, "most": HELD_BY_ONE},
    )
    return frozenset(BattleId(row[0]) for row in found)


def answering(connection: Analytical, set_name: str, *, gold: bool = True) -> dict[str, list[ModelName]]:
    """The models with an answer that is not empty to each prompt of a set, in the order of the set; with `gold` or
    without those whose outcome is known."""
    found = rows.fetched(
        connection,
        """
        SELECT prompts.prompt_id, list(DISTINCT stored_answers.model ORDER BY stored_answers.model)
        FROM prompts
        JOIN stored_answers ON stored_answers.set_name = prompts.set_name
            AND stored_answers.prompt_id = prompts.prompt_id
            AND (stored_answers.text <> '' OR stored_answers.media IS NOT NULL)
        WHERE prompts.set_name = ? AND (? OR prompts.gold_winner IS NULL)
        GROUP BY prompts.prompt_id, prompts.ordinal ORDER BY prompts.ordinal
        """,
        [set_name, gold],
    )
    return {row[0]: [ModelName(name) for name in row[1]] for row in found}


def prompts(connection: Connection, set_name: str, *, gold: bool) -> list[str]:
    """The prompts of a set, in its order; with `gold` or without those whose outcome is known."""
    query = "SELECT prompt_id FROM prompts WHERE set_name = ? AND (? OR gold_winner IS NULL) ORDER BY ordinal"
    return [str(row[0]) for row in rows.fetched(connection, query, [set_name, gold])]


def languages(connection: Connection, set_name: str) -> dict[str, str]:
    """The language of each prompt of a set that has one."""
    query = "SELECT prompt_id, language FROM prompts WHERE set_name = ? AND language IS NOT NULL"
    return {str(row[0]): str(row[1]) for row in rows.fetched(connection, query, [set_name])}


def campaign_of(connection: Connection, battle_id: BattleId) -> str | None:
    """The campaign whose item a battle is; None for a battle that is none."""
    found = rows.fetched(connection, "SELECT campaign FROM items WHERE battle_id = ?", [battle_id])
    return str(found[0][0]) if found else None


def votes_of_campaign(connection: Connection, campaign: str) -> int:
    """How many votes of a campaign count."""
    return rows.number(connection, "SELECT count(*) FROM counted_votes WHERE campaign = ?", [campaign])


def running(connection: Connection, campaign: str, now: datetime) -> int:
    """How many turns at items of a campaign are open whose votes will count."""
    return rows.number(
        connection,
        "SELECT count(*) FROM assignments WHERE rater_id <> '' AND purpose IS NULL "
        "AND (deadline IS NULL OR deadline > ?) AND battle_id IN (SELECT battle_id FROM items WHERE campaign = ?) "
        "AND assignment_id NOT IN (SELECT assignment_id FROM assignment_ends) "
        "AND assignment_id NOT IN (SELECT assignment_id FROM votes WHERE assignment_id IS NOT NULL)",
        [database.stored_time(now), campaign],
    )


def being_asked(connection: Connection, campaign: str, since: datetime) -> int:
    """How many battles of a campaign of raters' own prompts were opened from a moment on and still wait for a vote."""
    moment = database.stored_time(since)
    return rows.number(
        connection,
        "SELECT count(*) FROM battles WHERE campaign = ? AND rater_id <> '' AND created_at > ? "
        "AND battle_id NOT IN (SELECT battle_id FROM voids) "
        "AND battle_id NOT IN (SELECT battle_id FROM votes WHERE cast_at > ?)",
        [campaign, moment, moment],
    )


def append(connection: Connection, opened: Iterable[NewItem]) -> None:
    """Add items."""
    rows.append(
        connection,
        "items",
        COLUMNS,
        [(one.campaign, one.set_name, one.prompt_id, one.battle_id, one.gold) for one in opened],
    )
