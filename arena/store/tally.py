"""Counts over what counts, each in one scan."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow

from arena.domain.battle import VoidCause
from arena.domain.ids import BattleId, ModelName, VoteId
from arena.domain.vote import Counting
from arena.store import rows
from arena.store.connections import Analytical
from leaderboards.reading import style

LATENCY = "latency"
MEASURES = (*style.BUILT_IN, LATENCY)
"""What can be measured on both answers of a vote: style, and the seconds the answer took."""

LEAKING = "SELECT battle_id FROM responses WHERE leak"
"""Battles in which an answer says which model wrote it: votes on them are held."""


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
        f"SELECT model_a, model_b, winner, count(*) AS count FROM counted_votes AS vote {_kept(counting)}"
        "GROUP BY model_a, model_b, winner ORDER BY model_a, model_b, winner"
    ).to_arrow_table()


def by_holding(
    connection: Analytical, cast: Sequence[tuple[VoteId, BattleId]] = ()
) -> list[tuple[str, str, str, bool, int]]:
    """Votes per `model_a, model_b, winner` and whether they are held; of all, or of those given by vote and battle."""
    condition, parameters = _among(cast)
    return rows.fetched(
        connection,
        f"SELECT model_a, model_b, winner, battle_id IN ({LEAKING}) AS held, count(*) FROM counted_votes "
        f"WHERE {condition} GROUP BY ALL",
        parameters,
    )


def pairs(connection: Analytical) -> dict[frozenset[ModelName], int]:
    """Battles per unordered pair of models, without the void ones."""
    found = rows.fetched(
        connection,
        "SELECT least(model_a, model_b), greatest(model_a, model_b), count(*) FROM battles "
        "WHERE battle_id NOT IN (SELECT battle_id FROM voids) GROUP BY ALL ORDER BY ALL",
    )
    return {frozenset((ModelName(first), ModelName(second))): count for first, second, count in found}


def void_rates(connection: Analytical) -> list[VoidRate]:
    """How often a model's own side made a battle void, among battles that were voted on or failed so; by name.

    What is void for another cause says nothing of a model. A battle that waits for its vote is not counted yet: the
    change would tell who is in it.
    """
    found = rows.fetched(
        connection,
        """
        SELECT sides.model, count(*), count(*) FILTER (WHERE voids.failed_side = sides.side)
        FROM (
            SELECT battle_id, model_a AS model, 'a' AS side FROM battles
            UNION ALL
            SELECT battle_id, model_b AS model, 'b' AS side FROM battles
        ) AS sides
        LEFT JOIN voids ON voids.battle_id = sides.battle_id AND voids.cause = 'model'
        WHERE voids.battle_id IS NOT NULL OR sides.battle_id IN (SELECT battle_id FROM votes)
        GROUP BY sides.model
        ORDER BY sides.model
        """,
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
        AND battle_id NOT IN (SELECT battle_id FROM votes WHERE sequence <= ? AND {condition})
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


def votes(connection: Analytical, measures: Sequence[str] = (), counting: Counting = Counting.COUNTED) -> pyarrow.Table:
    """Every vote that counts, less those held unless all are asked for, a row each without texts, by time.

    Columns `model_a, model_b, winner, rater, battle_id, tstamp` (null where an import does not know it), `campaign,
    turn, draw_probability, prompt_id` (equal for equal prompts), `language, category`, and for each of `measures`,
    which are names in `MEASURES`, two columns NAME_a and NAME_b.
    """
    measured = "".join(
        f", {'answer_' + side + '.total_seconds' if name == LATENCY else style.quantity(name, f'answer_{side}.text')} "
        f"AS {name}_{side}"
        for name in measures
        for side in "ab"
    )
    answers = "".join(
        f" JOIN responses AS answer_{side} "
        f"ON answer_{side}.battle_id = vote.battle_id AND answer_{side}.side = '{side}'"
        for side in "ab"
    )
    return connection.sql(
        f"""
        SELECT
            vote.model_a, vote.model_b, vote.winner, vote.rater_id AS rater, vote.battle_id,
            CASE WHEN coalesce(origins.timed, true) THEN vote.cast_at END AS tstamp,
            vote.campaign, battles.turn, battles.draw_probability,
            dense_rank() OVER (ORDER BY battles.prompt) AS prompt_id,
            coalesce(origins.language, battles.language) AS language,
            coalesce(origins.category, battles.category) AS category{measured}
        FROM counted_votes AS vote
        JOIN battles ON battles.battle_id = vote.battle_id
        LEFT JOIN origins ON origins.battle_id = vote.battle_id{answers if measures else ""}
        {_kept(counting)}
        ORDER BY vote.cast_at, vote.vote_id
        """
    ).to_arrow_table()


def _among(cast: Sequence[tuple[VoteId, BattleId]]) -> tuple[str, list[Any]]:
    """A condition that picks these votes; all where none are given."""
    if not cast:
        return "true", []
    by_vote, vote_ids = rows.among("vote_id", [vote_id for vote_id, _ in cast])
    # The ids of the battles say where the same rows are in the other tables.
    battle_ids = [battle_id for _, battle_id in cast]
    return f"{by_vote} AND battle_id BETWEEN ? AND ?", [*vote_ids, min(battle_ids), max(battle_ids)]


def _kept(counting: Counting) -> str:
    return f"WHERE vote.battle_id NOT IN ({LEAKING}) " if counting is Counting.COUNTED else ""


def voids_by_cause(connection: Analytical) -> dict[VoidCause, int]:
    """How many battles are void, for each cause there is."""
    found = dict(rows.fetched(connection, "SELECT cause, count(*) FROM voids GROUP BY cause"))
    return {cause: found.get(cause.value, 0) for cause in VoidCause}


def totals(connection: Analytical) -> dict[str, int]:
    """How many `votes`, `battles` and `voids` there are."""
    tables = ("votes", "battles", "voids")
    return {table: rows.number(connection, f"SELECT count(*) FROM {table}") for table in tables}
