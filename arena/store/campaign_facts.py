"""What became of one campaign so far: its items, votes, voids and agreement, for the lab that runs it."""

from dataclasses import dataclass
from datetime import date, datetime

from arena.domain.battle import VoidCause
from arena.domain.ids import BattleId, ModelName, RaterId
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
    compared: int
    """Pairs of votes on one item."""
    agreed: int
    """Of those, the ones with the same outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputed:
    """An item on which votes went both ways."""

    battle_id: BattleId
    prompt: str
    model_a: ModelName
    model_b: ModelName
    votes: dict[str, int]
    """By winner."""


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
    compared, agreed = rows.fetched(
        connection,
        """
        SELECT coalesce(sum(n * (n - 1) // 2), 0), coalesce(sum(same), 0) FROM (
            SELECT sum(votes) AS n, sum(votes * (votes - 1) // 2) AS same FROM (
                SELECT battle_id, winner, count(*) AS votes FROM counted_votes WHERE campaign = ? GROUP BY ALL
            ) GROUP BY battle_id
        )
        """,
        [campaign],
    )[0]
    return CampaignFacts(
        votes=votes,
        held=held,
        recent=recent,
        raters=raters,
        voids={cause: voids.get(cause.value, 0) for cause in VoidCause},
        ended=voted + sum(voids.values()),
        compared=int(compared),
        agreed=int(agreed),
    )


def done(connection: Analytical, campaign: str, overlap: int) -> int:
    """How many items have all the votes they are to have."""
    return rows.number(
        connection,
        "SELECT count(*) FROM (SELECT battle_id FROM counted_votes WHERE campaign = ? "
        "AND battle_id IN (SELECT battle_id FROM items WHERE NOT gold) GROUP BY battle_id HAVING count(*) >= ?)",
        [campaign, overlap],
    )


def disputed(connection: Analytical, campaign: str, most: int) -> tuple[int, list[Disputed]]:
    """How many items have votes for both models, and some of them, those with most such votes first."""
    found = rows.fetched(
        connection,
        """
        SELECT
            battle_id, model_a, model_b,
            count(*) FILTER (WHERE winner = 'model_a'), count(*) FILTER (WHERE winner = 'model_b'),
            count(*) FILTER (WHERE winner = 'tie'), count(*) FILTER (WHERE winner = 'both_bad')
        FROM counted_votes WHERE campaign = ?
        GROUP BY battle_id, model_a, model_b
        HAVING count(*) FILTER (WHERE winner = 'model_a') > 0 AND count(*) FILTER (WHERE winner = 'model_b') > 0
        ORDER BY battle_id
        """,
        [campaign],
    )
    split = [(row[0], dict(zip(("model_a", "model_b", "tie", "both_bad"), row[3:], strict=True)), row) for row in found]
    split.sort(key=lambda one: (-min(one[1]["model_a"], one[1]["model_b"]), one[0]))
    listed = split[:most]
    asked = "SELECT battle_id, prompt FROM battles WHERE battle_id IN (SELECT unnest(?::VARCHAR[]))"
    prompts = dict(rows.fetched(connection, asked, [[battle_id for battle_id, _, _ in listed]]))
    return len(split), [
        Disputed(
            battle_id=BattleId(battle_id),
            prompt=prompts[battle_id],
            model_a=ModelName(row[1]),
            model_b=ModelName(row[2]),
            votes=votes,
        )
        for battle_id, votes, row in listed
    ]


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
