"""The votes that an audit reads: those that count, or would if they were not held, on battles in which no answer says
which model wrote it."""

from dataclasses import dataclass
from datetime import datetime

import pyarrow

from arena.domain.campaign import GENERAL
from arena.domain.ids import ModelName, RaterId
from arena.store import conduct_rows, database, holding, rows
from arena.store.conduct_rows import ConductRows
from arena.store.connections import Analytical

READ = (
    "SELECT vote.rater_id AS rater, "
    "CASE WHEN votes.shown_left = 'b' THEN vote.model_b ELSE vote.model_a END AS model_left, "
    "CASE WHEN votes.shown_left = 'b' THEN vote.model_a ELSE vote.model_b END AS model_right, "
    "CASE WHEN vote.winner = 'model_a' THEN CASE WHEN votes.shown_left = 'b' THEN 1 ELSE 0 END "
    "WHEN vote.winner = 'model_b' THEN CASE WHEN votes.shown_left = 'b' THEN 0 ELSE 1 END ELSE 2 END AS outcome, "
    f"epoch_us(vote.cast_at) AS moment, {conduct_rows.UNDER}, "
    "CASE WHEN votes.rater_kind = 'person' AND votes.reading_seconds IS NOT NULL THEN "
    "epoch(vote.cast_at - coalesce(assignments.since, battles.created_at)) END AS seconds, "
    "CASE WHEN count(*) OVER (PARTITION BY vote.battle_id) > 1 THEN vote.battle_id END AS item "
    "FROM counted_votes AS vote JOIN votes ON votes.vote_id = vote.vote_id "
    "JOIN battles ON battles.battle_id = vote.battle_id "
    "LEFT JOIN assignments ON assignments.assignment_id = votes.assignment_id "
    f"WHERE vote.battle_id NOT IN ({holding.LEAKING}) ORDER BY votes.sequence"
)


_COMPARED = (
    "SELECT votes.vote_id, votes.battle_id, votes.rater_id, battles.model_a, battles.model_b, votes.winner, "
    "votes.cast_at, FALSE, {expected} FROM votes JOIN battles ON battles.battle_id = votes.battle_id "
)
COMPARED = {
    "gold": _COMPARED.format(expected="prompts.gold_winner")
    + "JOIN items ON items.battle_id = votes.battle_id AND items.gold "
    "JOIN prompts ON prompts.set_name = items.set_name AND prompts.prompt_id = items.prompt_id "
    "WHERE votes.purpose = 'gold'",
    "repeat": _COMPARED.format(expected="before.winner")
    + "JOIN votes AS before ON before.battle_id = votes.battle_id AND before.rater_id = votes.rater_id "
    "AND before.purpose IS NULL WHERE votes.purpose = 'repeat'",
}
"""Votes that count nowhere and speak for findings of a kind, each with the outcome it is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVotes:
    """Votes as they are shown, in the order of the ledger."""

    table: pyarrow.Table
    """A row each: `rater` (as stored), `model_left`, `model_right`, `outcome` (0 for left, 1 for right, 2 for neither),
    `moment` (microseconds since 1970, UTC), `drawn_under` (the campaign and its version), `seconds` (from when the
    rater had the battle; null for programs, and where nobody knows), `item` (its battle; null where nobody else voted
    on it)."""
    conduct: ConductRows
    fields: dict[str, tuple[str, ...]]
    """The fields of what they were drawn under."""


def read(connection: Analytical) -> AuditVotes:
    """All of them."""
    asked: dict[str, list[str]] = {}
    for name, version, field in rows.fetched(
        connection, f"SELECT name, version, field FROM ({holding.FIELDS}) ORDER BY name, version, field"
    ):
        asked.setdefault(f"{name} {version}", []).append(str(field))
    table = connection.sql(READ).to_arrow_table()
    conduct = conduct_rows.read(connection)
    drawn = {
        under
        for some in (table, conduct.known, conduct.again, conduct.left_out)
        for under in some.column("drawn_under").unique().to_pylist()
    }
    fields = {one: tuple(asked.get(one, (GENERAL,))) for one in sorted(drawn)}
    return AuditVotes(table=table, conduct=conduct, fields=fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenVote:
    """One vote that speaks for a finding, in the orientation of its battle."""

    vote_id: str
    battle_id: str
    rater_id: RaterId
    model_a: ModelName
    model_b: ModelName
    winner: str
    cast_at: datetime
    """UTC."""
    held: bool
    expected: str | None = None
    """The outcome that it is compared with: what is known of the item, or what the rater said before; null where it is
    not compared."""


def of_finding(connection: Analytical, finding_id: str, limit: int) -> list[SpokenVote]:
    """The votes that speak for a finding and are still there, by time; of known answers and repeats, those."""
    (kind, since, found_at), *_ = rows.fetched(
        connection, "SELECT kind, since, found_at FROM findings WHERE finding_id = ?", [finding_id]
    )
    if kind in COMPARED:
        query = COMPARED[kind] + (
            " AND votes.rater_id <> '' "
            "AND votes.rater_id IN (SELECT rater_id FROM finding_raters WHERE finding_id = $finding) "
            "AND ($since IS NULL OR votes.cast_at >= $since) AND votes.cast_at <= $until "
            "ORDER BY votes.cast_at, votes.vote_id LIMIT $limit"
        )
        given = {"finding": finding_id, "limit": limit, "since": since, "until": found_at}
    else:
        speaking = (
            "EXISTS (SELECT * FROM finding_raters AS spoken "
            "JOIN findings AS found ON found.finding_id = spoken.finding_id "
            "WHERE spoken.finding_id = $finding AND spoken.rater_id = vote.rater_id "
            "AND vote.cast_at BETWEEN spoken.first_at AND spoken.last_at "
            "AND (found.kind <> 'push' OR found.model IN (vote.model_a, vote.model_b)))"
        )
        query = (
            "SELECT vote_id, battle_id, rater_id, model_a, model_b, winner, cast_at, held_for IS NOT NULL, NULL "
            f"FROM ({holding.votes(connection, speaking)}) "
            f"WHERE battle_id NOT IN ({holding.LEAKING}) ORDER BY cast_at, vote_id LIMIT $limit"
        )
        given = {"finding": finding_id, "limit": limit}
    return [
        SpokenVote(
            vote_id=row[0],
            battle_id=row[1],
            rater_id=RaterId(row[2]),
            model_a=ModelName(row[3]),
            model_b=ModelName(row[4]),
            winner=row[5],
            cast_at=database.read_time(row[6]),
            held=row[7],
            expected=row[8],
        )
        for row in rows.fetched(connection, query, given)
    ]
