"""Items on which raters agree: what gold can be made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from arena.domain.ids import BattleId, ModelName, RaterId
from arena.domain.vote import Winner
from arena.store import rows
from arena.store.connections import Analytical


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedItem:
    """An item on which all votes that count say the same."""

    battle_id: BattleId
    prompt: str
    model_a: ModelName
    model_b: ModelName
    winner: Winner
    votes: int


def of_set(connection: Analytical, set_name: str, votes: int, *, after: str, limit: int) -> list[AgreedItem]:
    """The items of a prompt set with so many votes at least, all for the same outcome, by battle after an id."""
    found = rows.fetched(
        connection,
        "SELECT vote.battle_id, any_value(battles.prompt), any_value(vote.model_a), any_value(vote.model_b), "
        "min(vote.winner), count(*) FROM counted_votes AS vote "
        "JOIN battles ON battles.battle_id = vote.battle_id "
        "WHERE vote.battle_id IN (SELECT battle_id FROM items WHERE set_name = ? AND NOT gold) AND vote.battle_id > ? "
        "GROUP BY vote.battle_id HAVING count(*) >= ? AND count(DISTINCT vote.winner) = 1 "
        "ORDER BY vote.battle_id LIMIT ?",
        [set_name, after, votes, limit],
    )
    return [
        AgreedItem(
            battle_id=BattleId(row[0]),
            prompt=row[1],
            model_a=ModelName(row[2]),
            model_b=ModelName(row[3]),
            winner=Winner(row[4]),
            votes=row[5],
        )
        for row in found
    ]


def outcomes(connection: Analytical, battle_id: BattleId) -> dict[Winner, int]:
    """How many votes that count each outcome of a battle has."""
    found = rows.fetched(
        connection, "SELECT winner, count(*) FROM counted_votes WHERE battle_id = ? GROUP BY winner", [battle_id]
    )
    return {Winner(row[0]): row[1] for row in found}


def known_to(connection: Analytical, rater_ids: Sequence[RaterId], battle_ids: Sequence[str]) -> set[str]:
    """Those of these battles at which somebody with these ids had a turn."""
    if not battle_ids:
        return set()
    theirs, parameters = rows.among("rater_id", rater_ids)
    listed, ids = rows.among("battle_id", battle_ids)
    found = rows.fetched(
        connection, f"SELECT DISTINCT battle_id FROM assignments WHERE {theirs} AND {listed}", [*parameters, *ids]
    )
    return {row[0] for row in found}
