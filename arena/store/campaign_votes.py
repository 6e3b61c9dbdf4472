"""The votes of one campaign, counted: by pair and outcome, of one rater, and of all."""

from collections.abc import Sequence
from datetime import datetime

from arena.domain.ids import ModelName, RaterId
from arena.store import database, holding, rows
from arena.store.connections import Analytical, Connection

PairVotes = dict[tuple[ModelName, ModelName, str], int]
"""How many, by model a, model b and winner."""


def by_pair(connection: Analytical, campaign: str) -> PairVotes:
    """The votes of a campaign that boards count: those that are not held."""
    found = rows.fetched(
        connection,
        f"SELECT model_a, model_b, winner, count(*) FROM ({holding.votes(connection, 'vote.campaign = $campaign')}) "
        "WHERE held_for IS NULL GROUP BY ALL ORDER BY ALL",
        {"campaign": campaign},
    )
    return {(ModelName(row[0]), ModelName(row[1]), str(row[2])): int(row[3]) for row in found}


def of_raters(connection: Connection, campaign: str, rater_ids: Sequence[RaterId]) -> int:
    """How many of them somebody with these ids cast."""
    theirs, parameters = rows.among("rater_id", rater_ids)
    query = f"SELECT count(*) FROM counted_votes WHERE campaign = ? AND {theirs}"
    return rows.number(connection, query, [campaign, *parameters])


def of_raters_since(connection: Connection, campaign: str, rater_ids: Sequence[RaterId], since: datetime) -> int:
    """How many of them were cast from a moment on."""
    theirs, parameters = rows.among("rater_id", rater_ids)
    query = f"SELECT count(*) FROM counted_votes WHERE campaign = ? AND {theirs} AND cast_at >= ?"
    return rows.number(connection, query, [campaign, *parameters, database.stored_time(since)])
