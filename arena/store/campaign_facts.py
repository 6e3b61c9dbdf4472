"""What became of one campaign so far: its items, votes, voids and agreement, for the lab that runs it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from arena.domain.battle import VoidCause
from arena.domain.ids import BattleId, ModelName, RaterId
from arena.domain.vote import Winner
from arena.store import database, holding, rows
from arena.store.connections import Analytical


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignFacts:
    """Counts at one moment."""

    votes: int
    """Votes that count."""
    held: int
    """Of those, the ones that boards leave out."""
    recent: int
    """Votes of the last seven days."""
    raters: int
    """Who cast them."""
    voids: dict[VoidCause, int]
    ended: int
    """Battles that were voted on, or are void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """An item on which votes went both ways."""

    battle_id: BattleId
    prompt: str
    model_a: ModelName
    model_b: ModelName
    votes: dict[str, int]
    """By winner."""

    @property
    def given(self) -> int:
        """All of them."""
        return sum(self.votes.values())


def read(connection: Analytical, campaign: str, since: datetime) -> CampaignFacts:
    """The counts of a campaign; `since` is when the last seven days began."""
    votes, held, recent, raters = rows.fetched(
        connection,
        f"""
        SELECT
            count(*),
            count(*) FILTER (WHERE held_for IS NOT NULL),
            count(*) FILTER (WHERE cast_at >= $since),
            count(DISTINCT rater_id)
        FROM ({holding.votes(connection, "vote.campaign = $campaign")})
        """,
        {"since": database.stored_time(since), "campaign": campaign},
    )[0]
    voids = dict(
        rows.fetched(
            connection,
            "SELECT voids.cause, count(*) FROM voids JOIN battles ON battles.battle_id = voids.battle_id "
            "WHERE battles.campaign = ? GROUP BY voids.cause",
            [campaign],
        )
    )
    voted = rows.number(
        connection, "SELECT count(DISTINCT battle_id) FROM counted_votes WHERE campaign = ?", [campaign]
    )
    return CampaignFacts(
        votes=votes,
        held=held,
        recent=recent,
        raters=raters,
        voids={cause: voids.get(cause.value, 0) for cause in VoidCause},
        ended=voted + sum(voids.values()),
    )


FOR_BOTH = "(count(*) FILTER (WHERE winner = 'model_a') > 0 AND count(*) FILTER (WHERE winner = 'model_b') > 0)"
"""Of the votes on one item, whether it is disputed."""


def done(connection: Analytical, campaign: str, overlap: int, further: int) -> int:
    """How many items have all the votes they are to have: `overlap`, and so many further ones where it is disputed."""
    return rows.number(
        connection,
        "SELECT count(*) FROM (SELECT battle_id FROM counted_votes WHERE campaign = ? "
        "AND battle_id IN (SELECT battle_id FROM items WHERE NOT gold) "
        f"GROUP BY battle_id HAVING count(*) >= ? + CASE WHEN {FOR_BOTH} THEN ? ELSE 0 END)",
        [campaign, overlap, further],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreeing:
    """How the first votes on items fell, of items with two at least."""

    groups: list[tuple[tuple[int, ...], int]]
    """Votes by winner, in the order of `Winner`, and how many items have just these."""
    raters: int
    """Who cast them."""

    @property
    def items(self) -> int:
        return sum(items for _, items in self.groups)

    @property
    def compared(self) -> int:
        """Pairs of votes on one item."""
        return sum(math.comb(sum(votes), 2) * items for votes, items in self.groups)

    @property
    def agreed(self) -> int:
        """Of those, the ones with the same outcome."""
        return sum(math.comb(one, 2) * items for votes, items in self.groups for one in votes)


def agreeing(connection: Analytical, campaign: str, first: int | None) -> Agreeing:
    """The votes that count on items with two at least: of each item the `first` so many, or all of them.

    Further votes go to disputed items alone, so that with them a campaign would seem to agree less the more it asks.
    """
    among = (
        "SELECT battle_id, rater_id, winner FROM counted_votes WHERE campaign = $campaign "
        "QUALIFY count(*) OVER (PARTITION BY battle_id) > 1 "
        "AND ($first IS NULL OR row_number() OVER (PARTITION BY battle_id ORDER BY cast_at, vote_id) <= $first)"
    )
    given = {"campaign": campaign, "first": first}
    each = ", ".join(f"count(*) FILTER (WHERE winner = '{winner}') AS {winner}" for winner in Winner)
    query = f"SELECT * EXCLUDE (battle_id), count(*) FROM (SELECT battle_id, {each} FROM ({among}) GROUP BY battle_id) "
    groups = rows.fetched(connection, f"{query} GROUP BY ALL ORDER BY ALL", given)
    raters = rows.fetched(connection, f"SELECT count(DISTINCT rater_id) FROM ({among})", given)
    return Agreeing(groups=[(tuple(row[:-1]), row[-1]) for row in groups], raters=raters[0][0])


def disputed(connection: Analytical, campaign: str) -> list[Disputed]:
    """The items with votes for both models, those with most such votes first; their prompts are empty."""
    found = rows.fetched(
        connection,
        f"""
        SELECT
            battle_id, model_a, model_b,
            count(*) FILTER (WHERE winner = 'model_a'), count(*) FILTER (WHERE winner = 'model_b'),
            count(*) FILTER (WHERE winner = 'tie'), count(*) FILTER (WHERE winner = 'both_bad')
        FROM counted_votes WHERE campaign = ?
        GROUP BY battle_id, model_a, model_b
        HAVING {FOR_BOTH}
        ORDER BY battle_id
        """,
        [campaign],
    )
    split = [
        Disputed(
            battle_id=BattleId(battle_id),
            prompt="",
            model_a=ModelName(model_a),
            model_b=ModelName(model_b),
            votes=dict(zip(("model_a", "model_b", "tie", "both_bad"), votes, strict=True)),
        )
        for battle_id, model_a, model_b, *votes in found
    ]
    return sorted(split, key=lambda one: (-min(one.votes["model_a"], one.votes["model_b"]), one.battle_id))


def with_prompts(connection: Analytical, listed: Sequence[Disputed]) -> list[Disputed]:
    """These items, each with its prompt."""
    asked = "SELECT battle_id, prompt FROM battles WHERE battle_id IN (SELECT unnest(?::VARCHAR[]))"
    prompts = dict(rows.fetched(connection, asked, [[one.battle_id for one in listed]]))
    return [replace(one, prompt=prompts[one.battle_id]) for one in listed]


def by_votes(connection: Analytical, campaign: str) -> dict[int, int]:
    """How many items have so many votes that count; those without one are not in it."""
    found = rows.fetched(
        connection,
        "SELECT votes, count(*) FROM (SELECT battle_id, count(*) AS votes FROM counted_votes WHERE campaign = ? "
        "AND battle_id IN (SELECT battle_id FROM items WHERE NOT gold) GROUP BY battle_id) GROUP BY votes "
        "ORDER BY votes",
        [campaign],
    )
    return {int(votes): int(items) for votes, items in found}


def by_day(connection: Analytical, campaign: str) -> list[tuple[date, int]]:
    """How many votes that count were cast on each day, UTC, that has some."""
    found = rows.fetched(
        connection,
        "SELECT CAST(cast_at AS DATE) AS day, count(*) FROM counted_votes WHERE campaign = ? GROUP BY day ORDER BY day",
        [campaign],
    )
    return [(row[0], int(row[1])) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRater:
    """Somebody who voted in a campaign."""

    rater_id: RaterId
    votes: int
    """Votes that count."""
    median_seconds: float | None
    """From when both answers were there to the vote; None where that is not known."""


def raters(connection: Analytical, campaign: str, most: int) -> list[CampaignRater]:
    """Who voted in a campaign, those with most votes first."""
    found = rows.fetched(
        connection,
        "SELECT counted.rater_id, count(*), median(votes.reading_seconds) FROM counted_votes AS counted "
        "JOIN votes ON votes.vote_id = counted.vote_id WHERE counted.campaign = ? "
        "GROUP BY counted.rater_id ORDER BY count(*) DESC, counted.rater_id LIMIT ?",
        [campaign, most],
    )
    return [CampaignRater(rater_id=RaterId(row[0]), votes=row[1], median_seconds=row[2]) for row in found]


def votes_a_day(connection: Analytical, since: datetime, days: int) -> float:
    """How many votes that count the workspace had a day, from a moment on."""
    query = "SELECT count(*) FROM counted_votes WHERE cast_at >= ?"
    return rows.number(connection, query, [database.stored_time(since)]) / days


def answer_seconds(connection: Analytical, since: datetime) -> float | None:
    """How long an answer took that was written here, in the mean; None where none was."""
    found = rows.fetched(
        connection,
        "SELECT avg(total_seconds) FROM responses WHERE completed_at >= ? AND total_seconds IS NOT NULL "
        "AND battle_id IN (SELECT battle_id FROM battles WHERE answers = 'live')",
        [database.stored_time(since)],
    )
    return None if found[0][0] is None else float(found[0][0])
