"""Turns at items as a file holds them, read into memory when it is opened."""

from arena.domain.assignment import EndCause
from arena.domain.battle import Side
from arena.domain.ids import BattleId, ModelName, RaterId
from arena.store import assignments, database, removals, rows
from arena.store.connections import Connection
from arena.store.writing.kept_turns import KeptTurns


def load(connection: Connection) -> KeptTurns:
    """All of them."""
    kept = KeptTurns(removals.withdrawn(connection))
    for campaign, set_name, prompt_id, battle_id, gold, model_a, model_b in rows.fetched(
        connection,
        "SELECT items.campaign, items.set_name, items.prompt_id, items.battle_id, items.gold, battles.model_a, "
        "battles.model_b FROM items JOIN battles ON battles.battle_id = items.battle_id ORDER BY items.battle_id",
    ):
        kept.opened(
            BattleId(battle_id),
            campaign=campaign,
            set_name=set_name,
            prompt_id=prompt_id,
            models=frozenset((ModelName(model_a), ModelName(model_b))),
            gold=gold,
        )
    for turn in assignments.waiting(connection):
        kept.given(turn)
    names: dict[str, RaterId] = {}
    for battle_id, rater_id, purpose, repeat, since, cause, shown_left in rows.fetched(
        connection,
        """
        SELECT assignments.battle_id, assignments.rater_id, assignments.purpose, assignments.repeat, assignments.since,
            assignment_ends.cause, votes.shown_left
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
            shown_left=Side(shown_left) if shown_left else None,
        )
    return kept
