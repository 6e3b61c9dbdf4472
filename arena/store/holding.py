"""Which votes are held, and why: kept, and left out of boards and of what releases take by default.

The one place that says it. A vote is held where an answer to its battle says which model wrote it, or where a hold lies
on its rater, for the field of its battle's campaign. Which holds are in force is the matter of `holds_in_force`; it
depends on the ledger alone, not on the clock, so that a board and a release at the same line leave out the same votes.
"""

from arena.domain.campaign import GENERAL
from arena.domain.ids import VoteId
from arena.domain.standing import HeldFor
from arena.store import rows
from arena.store.connections import Connection

LEAKING = "SELECT battle_id FROM responses WHERE leak"
"""Battles in which an answer says which model wrote it."""

FIELDS = (
    "SELECT DISTINCT name, version, unnest(CAST(json_extract(keys, '$.qualifications') AS VARCHAR[])) AS field "
    "FROM campaigns"
)
"""The fields of campaigns that ask for some, by version: those of the votes on the battles drawn under it."""

CHANGING = "SELECT sequence FROM standing_decisions UNION ALL SELECT sequence FROM holds"
"""Lines of the ledger that may hold votes cast before, or let them go."""

LYING = (
    "counted_votes AS vote JOIN battles ON battles.battle_id = vote.battle_id "
    f"LEFT JOIN ({FIELDS}) AS asked ON asked.name = battles.campaign AND asked.version = battles.campaign_version "
    "JOIN holds_in_force AS hold ON hold.rater_id = vote.rater_id "
    "AND (hold.since IS NULL OR vote.cast_at >= hold.since) AND (hold.until IS NULL OR vote.cast_at < hold.until) "
    "AND (hold.model IS NULL OR hold.model IN (vote.model_a, vote.model_b)) "
    f"AND hold.field = coalesce(asked.field, '{GENERAL}')"
)
"""Votes, each with the holds that lie on it."""

_LEAKS = f"CASE WHEN vote.battle_id IN ({LEAKING}) THEN '{HeldFor.LEAK}'"


def votes(connection: Connection, condition: str = "true") -> str:
    """A query of `counted_votes AS vote` that meet a condition, each with a column `held_for`: a `HeldFor`, or null for
    a vote that is not held. Parameters in the condition are named, for it may stand twice.

    Hardly any workspace has a hold by a person, and none costs nothing.
    """
    if not _any(connection):
        return f"SELECT vote.*, {_LEAKS} END AS held_for FROM counted_votes AS vote WHERE {condition}"
    return (
        f"SELECT vote.*, {_LEAKS} ELSE hold.held_for END AS held_for FROM counted_votes AS vote "
        f"LEFT JOIN ({_by_people(condition)}) AS hold ON hold.vote_id = vote.vote_id WHERE {condition}"
    )


def by_people(connection: Connection) -> frozenset[VoteId]:
    """Votes on whose rater a hold lies, whether or not an answer to their battle leaks."""
    if not _any(connection):
        return frozenset()
    found = rows.fetched(connection, f"SELECT vote_id FROM ({_by_people('true')})")
    return frozenset(VoteId(row[0]) for row in found)


def kinds(condition: str = "true") -> str:
    """A query `vote_id, kind` of votes that meet a condition and are held for what audits found: the kind of the
    strongest finding."""
    return (
        "SELECT vote.vote_id, last(found.kind ORDER BY found.strength, found.kind) AS kind FROM "
        f"{LYING} JOIN standing_decisions AS decided ON decided.sequence = hold.sequence "
        f"JOIN findings AS found ON found.finding_id = decided.finding_id WHERE {condition} GROUP BY vote.vote_id"
    )


def _any(connection: Connection) -> bool:
    return bool(rows.fetched(connection, "SELECT hold_id FROM holds LIMIT 1"))


def _by_people(condition: str) -> str:
    """`vote_id, held_for`. Of several reasons the first of `HeldFor`, which is the last by name."""
    return f"SELECT vote.vote_id, max(hold.held_for) AS held_for FROM {LYING} WHERE {condition} GROUP BY vote.vote_id"
