"""What is known of each model in public: how often it was compared, and what became of that."""

from dataclasses import dataclass
from datetime import datetime

from arena.domain.battle import VoidCause
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.store import database, holding, models, rows, tally
from arena.store.connections import Analytical


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """One model in the figures. A battle that waits for its vote is in none of them: they would tell who is in it."""

    model: Model
    added_at: datetime | None
    """When it was first added, where that is known."""
    battles: int
    """Battles with it that were voted on, or are void."""
    votes: int
    """Votes that count on those."""
    void_rate: float | None
    """As on a board: of its battles that were voted on or failed, the share that failed because of it. None without
    any."""
    voids: dict[VoidCause, int]
    """Void battles with it by cause; for `model` those alone in which it was this one that failed."""
    exposure: float
    """The share of all such battles that it was in."""


def read(connection: Analytical) -> list[ModelFacts]:
    """Every model there is, by name."""
    causes = ", ".join(
        f"count(*) FILTER (WHERE voids.cause = '{cause}'"
        f"{' AND voids.failed_side = sides.side' if cause is VoidCause.MODEL else ''})"
        for cause in VoidCause
    )
    ended = {
        row[0]: row[1:]
        for row in rows.fetched(
            connection,
            f"""
            SELECT sides.model, count(*), {causes}
            FROM (
                SELECT battle_id, model_a AS model, 'a' AS side FROM battles
                UNION ALL
                SELECT battle_id, model_b AS model, 'b' AS side FROM battles
            ) AS sides
            LEFT JOIN voids ON voids.battle_id = sides.battle_id
            WHERE voids.battle_id IS NOT NULL OR sides.battle_id IN (SELECT battle_id FROM votes WHERE purpose IS NULL)
            GROUP BY sides.model
            """,
        )
    }
    votes = dict(
        rows.fetched(
            connection,
            "SELECT model, count(*) FROM (SELECT unnest([model_a, model_b]) AS model "
            f"FROM ({holding.votes(connection)}) WHERE held_for IS NULL) GROUP BY model",
        )
    )
    added = dict(
        rows.fetched(connection, "SELECT name, min(added_at) FROM models WHERE added_at IS NOT NULL GROUP BY name")
    )
    rates = {rate.model: rate.failed / rate.battles for rate in tally.void_rates(connection)}
    whole = sum(one[0] for one in ended.values()) / 2
    return [
        _facts(model, ended.get(model.name), votes.get(model.name, 0), added.get(model.name), rates, whole)
        for model in models.registered(connection)
    ]


def _facts(
    model: Model,
    ended: tuple[int, ...] | None,
    votes: int,
    added_at: datetime | None,
    rates: dict[ModelName, float],
    whole: float,
) -> ModelFacts:
    battles, *voids = ended or (0, *(0 for _ in VoidCause))
    return ModelFacts(
        model=model,
        added_at=None if added_at is None else database.read_time(added_at),
        battles=battles,
        votes=votes,
        void_rate=rates.get(model.name),
        voids=dict(zip(VoidCause, voids, strict=True)),
        exposure=battles / whole if whole else 0.0,
    )
