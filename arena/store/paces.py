"""How long raters read the two answers of an item before they vote."""

from collections.abc import Sequence
from dataclasses import dataclass

from arena.domain.ids import RaterId
from arena.store import rows
from arena.store.connections import Analytical

OWN = 50
"""Votes of one rater that are looked at, the newest."""
EVERYBODYS = 500
"""Votes of all that are looked at, the newest."""
FEW = 10
"""Votes of one rater below which everybody's pace is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPace:
    """One rater's pace in a campaign."""

    votes: int
    """Of theirs in it."""
    seconds: float | None
    """The median; None where nobody has voted, or nobody knows for how long they read."""


def reading_pace(connection: Analytical, campaign: str, rater_ids: Sequence[RaterId]) -> ReadingPace:
    """The pace of somebody with these ids."""
    theirs, parameters = rows.among("votes.rater_id", rater_ids)
    votes = rows.number(
        connection,
        "SELECT count(*) FROM votes JOIN battles ON battles.battle_id = votes.battle_id "
        f"WHERE battles.campaign = ? AND {theirs}",
        [campaign, *parameters],
    )
    own = _median(connection, campaign, OWN, f"AND {theirs}", parameters) if votes >= FEW else None
    return ReadingPace(votes=votes, seconds=_median(connection, campaign, EVERYBODYS) if own is None else own)


def _median(
    connection: Analytical, campaign: str, most: int, whose: str = "", parameters: Sequence[object] = ()
) -> float | None:
    ((found,),) = rows.fetched(
        connection,
        "SELECT median(reading_seconds) FROM ("
        "SELECT votes.reading_seconds FROM votes JOIN battles ON battles.battle_id = votes.battle_id "
        f"WHERE battles.campaign = ? AND votes.reading_seconds IS NOT NULL {whose} "
        "ORDER BY votes.sequence DESC LIMIT ?)",
        [campaign, *parameters, most],
    )
    return None if found is None else float(found)
