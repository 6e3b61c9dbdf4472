"""What the record of raters is made of: votes on gold, and on items that they voted on before."""

from dataclasses import dataclass

from arena.domain.ids import RaterId
from arena.store import rows
from arena.store.connections import Analytical


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterRecord:
    """Of one rater. Practice and tests are not in it."""

    gold_right: int = 0
    gold_seen: int = 0
    """Votes on gold."""
    repeats_same: int = 0
    """Repeats with the same outcome as the first time, whatever side it stood on."""
    repeats_seen: int = 0


def records(connection: Analytical) -> dict[RaterId, RaterRecord]:
    """Of every rater with a vote on gold or a repeat."""
    gold = {
        row[0]: row[1:]
        for row in rows.fetched(
            connection,
            "SELECT votes.rater_id, count(*) FILTER (WHERE votes.winner = prompts.gold_winner), count(*) "
            "FROM votes JOIN items ON items.battle_id = votes.battle_id AND items.gold "
            "JOIN prompts ON prompts.set_name = items.set_name AND prompts.prompt_id = items.prompt_id "
            "WHERE votes.purpose = 'gold' GROUP BY votes.rater_id",
        )
    }
    repeats = {
        row[0]: row[1:]
        for row in rows.fetched(
            connection,
            "SELECT again.rater_id, count(*) FILTER (WHERE again.winner = before.winner), count(*) "
            "FROM votes AS again JOIN votes AS before ON before.battle_id = again.battle_id "
            "AND before.rater_id = again.rater_id AND before.purpose IS NULL "
            "WHERE again.purpose = 'repeat' GROUP BY again.rater_id",
        )
    }
    return {
        RaterId(rater_id): RaterRecord(
            gold_right=gold.get(rater_id, (0, 0))[0],
            gold_seen=gold.get(rater_id, (0, 0))[1],
            repeats_same=repeats.get(rater_id, (0, 0))[0],
            repeats_seen=repeats.get(rater_id, (0, 0))[1],
        )
        for rater_id in sorted(gold.keys() | repeats.keys())
    }
