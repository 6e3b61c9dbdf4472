"""Counts over what counts, each in one scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow

from arena.domain.battle import VoidCause
from arena.domain.cut import UNCATEGORISED, WHOLE, Cut
from arena.domain.ids import BattleId, ModelName, RaterId, VoteId
from arena.domain.standing import HeldFor
from arena.domain.vote import Counting, Winner
from arena.store import database, holding, rows
from arena.store.connections import Analytical

TOLD_ALIKE = (
    "SELECT votes.rater_id, votes.battle_id, battles.model_a, battles.model_b, votes.winner FROM votes "
    "JOIN battles ON battles.battle_id = votes.battle_id WHERE votes.purpose IN ('gold', 'repeat') "
    "AND votes.rater_id NOT IN (SELECT rater FROM removals WHERE kind = 'withdrawn')"
)
"""Votes that count for nothing but their rater's record, and that a rater is told of as if they counted."""


PROMPT_ID = (
    "CASE WHEN battles.prompt <> '' THEN left(sha256(concat(battles.history, battles.parts, battles.prompt)), 16) END"
)
"""The id of a battle's prompt with what was before it: equal for equal ones, and null once it was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRate:
    """How often a model's side failed."""

    model: ModelName
    battles: int
    """Battles it was drawn for that were voted on, or are void because a model failed."""
    failed: int
    """Those that are void because of it."""

    def __add__(self, more: "VoidRate") -> "VoidRate":
        return VoidRate(model=self.model, battles=self.battles + more.battles, failed=self.failed + more.failed)


def counts(connection: Analytical, counting: Counting = Counting.COUNTED) -> pyarrow.Table:
    """Votes per `model_a, model_b, winner` in a column `count`, in that order."""
    return connection.sql(
        f"SELECT model_a, model_b, winner, count(*) AS count FROM ({holding.votes(connection)}) "
        f"WHERE {kept(counting)} GROUP BY model_a, model_b, winner ORDER BY model_a, model_b, winner"
    ).to_arrow_table()


def by_holding(
    connection: Analytical, cast: Sequence[tuple[VoteId, BattleId]] = ()
) -> list[tuple[str, str, str, HeldFor | None, int]]:
    """Votes per `model_a, model_b, winner` and what held for; of all, or of those given by vote and battle."""
    condition, parameters = among(cast)
    found = rows.fetched(
        connection,
        "SELECT model_a, model_b, winner, held_for, count(*) "
        f"FROM ({holding.votes(connection, condition)}) GROUP BY ALL",
        parameters,
    )
    return [(*row[:3], None if row[3] is None else HeldFor(row[3]), row[4]) for row in found]


def pairs(connection: Analytical) -> dict[frozenset[ModelName], int]:
    """Battles per unordered pair of models, without the void ones and those whose outcome is known."""
    found = rows.fetched(
        connection,
        "SELECT least(model_a, model_b), greatest(model_a, model_b), count(*) FROM battles "
        "WHERE battle_id NOT IN (SELECT battle_id FROM voids) "
        "AND battle_id NOT IN (SELECT battle_id FROM items WHERE gold) GROUP BY ALL ORDER BY ALL",
    )
    return {frozenset((ModelName(first), ModelName(second))): count for first, second, count in found}


def void_rates(connection: Analytical, cut: Cut = WHOLE) -> list[VoidRate]:
    """How often a model's own side made a battle void, among battles that were voted on or failed so; by name.

    What is void for another cause says nothing of a model. A battle that waits for its vote is not counted yet: the
    change would tell who is in it. `since` and `until` of a cut are about when battles were opened.
    """
    cutting, parameters = _opened_of_cut(cut)
    found = rows.fetched(
        connection,
        f"""
        SELECT sides.model, count(*), count(*) FILTER (WHERE voids.failed_side = sides.side)
        FROM (
            SELECT battle_id, model_a AS model, 'a' AS side FROM battles WHERE {cutting}
            UNION ALL
            SELECT battle_id, model_b AS model, 'b' AS side FROM battles WHERE {cutting}
        ) AS sides
        LEFT JOIN voids ON voids.battle_id = sides.battle_id AND voids.cause = 'model'
        WHERE voids.battle_id IS NOT NULL OR sides.battle_id IN (SELECT battle_id FROM votes WHERE purpose IS NULL)
        GROUP BY sides.model
        ORDER BY sides.model
        """,
        parameters,
    )
    return [VoidRate(model=ModelName(model), battles=battles, failed=failed) for model, battles, failed in found]


def first_votes(connection: Analytical, sequence: int, cast: Sequence[tuple[VoteId, BattleId]]) -> list[VoidRate]:
    """What votes after a line of the ledger, given by vote and battle, add to the void rates: one battle for each model
    in those that had no vote before. No void battle has votes.
    """
    condition, parameters = rows.among("battle_id", sorted({battle_id for _, battle_id in cast}))
    found = rows.fetched(
        connection,
        f"""
        SELECT unnest([model_a, model_b]) AS model, count(*) FROM battles
        WHERE {condition}
        AND battle_id NOT IN (SELECT battle_id FROM votes WHERE sequence <= ? AND purpose IS NULL AND {condition})
        AND battle_id NOT IN (SELECT battle_id FROM voids WHERE {condition})
        GROUP BY model
        """,
        [*parameters, sequence, *parameters, *parameters],
    )
    return [VoidRate(model=ModelName(model), battles=battles, failed=0) for model, battles in found]


def void_since(connection: Analytical, count: int) -> list[VoidRate]:
    """What the void battles after so many others add to the void rates. They are only ever added to the table."""
    found = rows.fetched(
        connection,
        """
        SELECT sides.model, count(*), count(*) FILTER (WHERE voids.failed_side = sides.side)
        FROM (SELECT battle_id, failed_side FROM voids WHERE rowid >= ? AND cause = 'model') AS voids
        JOIN (
            SELECT battle_id, unnest(['a', 'b']) AS side, unnest([model_a, model_b]) AS model FROM battles
            WHERE battle_id >= (SELECT min(battle_id) FROM voids WHERE rowid >= ?)
        ) AS sides ON sides.battle_id = voids.battle_id
        GROUP BY sides.model
        """,
        [count, count],
    )
    return [VoidRate(model=ModelName(model), battles=battles, failed=failed) for model, battles, failed in found]


def of_raters(connection: Analytical, rater_ids: Sequence[RaterId]) -> list[tuple[ModelName, ModelName, Winner, int]]:
    """How often each outcome was voted by these raters on each pair, of the votes that count or are held, for these
    raters to see: with those on gold and repeats, for else the number would say which of their tasks were such."""
    theirs = "rater_id IN (SELECT unnest($raters::VARCHAR[]))"
    found = rows.fetched(
        connection,
        "SELECT model_a, model_b, winner, count(*) FROM ("
        f"SELECT model_a, model_b, winner FROM counted_votes WHERE {theirs} "
        f"UNION ALL SELECT model_a, model_b, winner FROM ({TOLD_ALIKE}) WHERE {theirs}"
        ") GROUP BY ALL ORDER BY ALL",
        {"raters": list(rater_ids)},
    )
    return [(ModelName(row[0]), ModelName(row[1]), Winner(row[2]), row[3]) for row in found]


def among(cast: Sequence[tuple[VoteId, BattleId]]) -> tuple[str, dict[str, Any]]:
    """A condition on `counted_votes AS vote` that picks these votes, and its parameters; all where none are given."""
    if not cast:
        return "true", {}
    vote_ids = [vote_id for vote_id, _ in cast]
    # The ids of the battles say where the same rows are in the other tables.
    battle_ids = [battle_id for _, battle_id in cast]
    condition = (
        "vote.vote_id BETWEEN $first_vote AND $last_vote AND vote.battle_id BETWEEN $first_battle AND $last_battle"
    )
    among = {
        "first_vote": min(vote_ids),
        "last_vote": max(vote_ids),
        "first_battle": min(battle_ids),
        "last_battle": max(battle_ids),
    }
    if len(vote_ids) == 1:
        return condition, among
    condition += " AND vote.vote_id IN (SELECT unnest(CAST($vote_ids AS VARCHAR[])))"
    return condition, {**among, "vote_ids": vote_ids}


def of_cut(cut: Cut) -> tuple[str, dict[str, Any]]:
    """A condition on `counted_votes AS vote`, and its parameters. Votes whose time nobody knows are in no time."""
    known = "vote.battle_id NOT IN (SELECT battle_id FROM origins WHERE NOT timed)"
    return _cut(cut, "vote", "cast_at", known)


def _opened_of_cut(cut: Cut) -> tuple[str, dict[str, Any]]:
    """A condition on `battles`, and its parameters."""
    return _cut(cut, "battles", "created_at", "true")


def _cut(cut: Cut, table: str, at: str, known: str) -> tuple[str, dict[str, Any]]:
    """A condition on rows of a table with a campaign, a battle and a time; `known`: that the time is."""
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    if cut.campaign is not None:
        conditions.append(f"{table}.campaign = $campaign")
        parameters["campaign"] = cut.campaign
    for name, sign in (("since", ">="), ("until", "<")):
        moment = getattr(cut, name)
        if moment is not None:
            conditions.append(f"{table}.{at} {sign} ${name} AND {known}")
            parameters[name] = database.stored_time(moment)
    said, told = _of_text(cut)
    if said:
        conditions.append(f"{table}.battle_id IN (SELECT battles.battle_id FROM battles {said})")
    return " AND ".join(conditions) or "true", {**parameters, **told}


def _of_text(cut: Cut) -> tuple[str, dict[str, Any]]:
    """What follows `FROM battles` to pick those of a language, category and prompt; nothing where the cut says none."""
    told = {name: value for name in ("language", "category") if (value := getattr(cut, name)) is not None}
    usual = {"language": "NULL", "category": f"'{UNCATEGORISED}'"}
    conditions = [f"coalesce(origins.{name}, battles.{name}, {usual[name]}) = ${name}" for name in told]
    if cut.prompt is not None:
        conditions.append(f"{PROMPT_ID} = $prompt")
        told["prompt"] = cut.prompt
    joined = "LEFT JOIN origins ON origins.battle_id = battles.battle_id WHERE "
    return (joined + " AND ".join(conditions) if told else ""), told


def kept(counting: Counting) -> str:
    """A condition on `held_for`."""
    return "held_for IS NULL" if counting is Counting.COUNTED else "true"


def left(connection: Analytical, sequence: int) -> bool:
    """Whether votes may have left, or others come to count, after a line of the ledger: a rater was erased or withdrew,
    or a person decided of one's standing."""
    leaving = f"SELECT sequence FROM removals UNION ALL {holding.CHANGING}"
    return rows.number(connection, f"SELECT count(*) FROM ({leaving}) WHERE sequence > ?", [sequence]) > 0


def voids_by_cause(connection: Analytical) -> dict[VoidCause, int]:
    """How many battles are void, for each cause there is."""
    found = dict(rows.fetched(connection, "SELECT cause, count(*) FROM voids GROUP BY cause"))
    return {cause: found.get(cause.value, 0) for cause in VoidCause}


def totals(connection: Analytical) -> dict[str, int]:
    """How many `votes`, `battles` and `voids` there are."""
    tables = ("votes", "battles", "voids")
    return {table: rows.number(connection, f"SELECT count(*) FROM {table}") for table in tables}
