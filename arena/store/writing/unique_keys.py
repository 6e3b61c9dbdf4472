"""What no two rows may share. No table has an index (docs/decisions/0006), so the one writer keeps these rules, from
memory. Where several processes write to one database, each becomes a constraint of it, under the same name.
"""

from dataclasses import dataclass

from arena.store.connections import Analytical
from arena.store.writing.key_hashes import Presence

CONSTRAINTS = {
    "battle_id": ("battles", ("battle_id",)),
    "origin_digest": ("origins", ("digest",)),
    "vote_id": ("votes", ("vote_id",)),
    "assignment": ("votes", ("rater_id", "coalesce(assignment_id, battle_id)")),
    "rater_key": ("votes", ("rater_id", "idempotency_key")),
}
"""UNIQUE by name: the table, and the columns that make the key together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueKeys:
    """Which keys are taken, as hashes."""

    battle_id: Presence
    origin_digest: Presence
    """Of imported battles."""
    vote_id: Presence
    assignment: Presence
    """One vote a rater and turn. An open battle is the one turn of whoever asked."""
    rater_key: Presence
    """One vote a rater and idempotency key."""

    @classmethod
    def of(cls, connection: Analytical) -> "UniqueKeys":
        """Those of the file."""
        return cls(**{name: Presence.of(connection, table, *key) for name, (table, key) in CONSTRAINTS.items()})
