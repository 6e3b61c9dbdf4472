"""Turns at items as a file holds them, read into memory when it is opened."""

from typing import Any, NamedTuple

from arena.domain.assignment import EndCause
from arena.domain.battle import Side
from arena.domain.ids import BattleId, ModelName, RaterId
from arena.domain.vote import Winner
from arena.store import assignments, database, removals, rows
from arena.store.connections import Connection
from arena.store.writing.kept_turns import KeptTurns

OPENED = (
    "SELECT items.battle_id, items.campaign, items.set_name, items.prompt_id, items.gold, battles.model_a, "
    "battles.model_b FROM items JOIN battles ON battles.battle_id = items.battle_id"
)


class OpenedItem(NamedTuple):
    """An item as it is stored."""

    battle_id: BattleId
    campaign: str
    set_name: str
    prompt_id: str
    gold: bool
    models: frozenset[ModelName]

    def told(self) -> dict[str, Any]:
        """What `KeptTurns.opened` is told beside the battle."""
        told = self._asdict()
        del told["battle_id"]
        return told


def load(connection: Connection) -> KeptTurns:
    """All of them."""
    kept = KeptTurns(removals.withdrawn(connection))
    for item in _items(rows.fetched(connection, f"{OPENED} ORDER BY items.battle_id")):
        kept.opened(item.battle_id, **item.told())
    for turn in assignments.waiting(connection):
        kept.given(turn)
    names: dict[str, RaterId] = {}
    for battle_id, rater_id, purpose, repeat, since, cause, winner, shown_left in rows.fetched(
        connection,
        """
        SELECT assignments.battle_id, assignments.rater_id, assignments.purpose, assignments.repeat, assignments.since,
            assignment_ends.cause, votes.winner, votes.shown_left
        FROM assignments
        LEFT JOIN votes ON votes.assignment_id = assignments.assignment_id
        LEFT JOIN assignment_ends ON assignment_ends.assignment_id = assignments.assignment_id
        WHERE assignments.rater_id <> '' AND (votes.vote_id IS NOT NULL OR assignment_ends.cause IS NOT NULL)
        ORDER BY votes.sequence
        """,
    ):
        kept.past(
            BattleId(battle_id),
            names.setdefault(rater_id, RaterId(rater_id)),  # one text for all turns of a rater
            assignments.purpose(purpose, repeat=repeat),
            since=database.read_time(since),
            cause=EndCause(cause) if cause else None,
            winner=Winner(winner) if winner else None,
            shown_left=Side(shown_left) if shown_left else None,
        )
    return kept


def opened_items(connection: Connection, place: int) -> list[OpenedItem]:
    """The items behind a place, in the order in which they were opened. For PostgreSQL, whose rows have one."""
    return _items(rows.fetched(connection, f"{OPENED} WHERE items.place > ? ORDER BY items.place", [place]))


def _items(found: list[tuple[Any, ...]]) -> list[OpenedItem]:
    return [
        OpenedItem(
            BattleId(battle_id),
            campaign,
            set_name,
            prompt_id,
            gold,
            frozenset((ModelName(model_a), ModelName(model_b))),
        )
        for battle_id, campaign, set_name, prompt_id, gold, model_a, model_b in found
    ]
