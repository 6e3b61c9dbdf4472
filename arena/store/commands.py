"""What can be written to a workspace. Each command is done whole, or refused and leaves nothing behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from arena.domain.battle import Battle, BattleRecord, Response, Void
from arena.domain.ids import BattleId, ReleaseId
from arena.domain.ledger import Line
from arena.domain.model import Model
from arena.domain.vote import Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class AddModels:
    """Make models known. A known name with other settings is refused; only its endpoint and key may move."""

    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBattle:
    """Record that a battle was opened."""

    battle: Battle


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteBattle:
    """Store both answers. Refused for a battle that is void or complete."""

    battle_id: BattleId
    response_a: Response
    response_b: Response
    completed_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidBattle:
    """Record that a battle counts for nobody. Refused for a complete one; nothing happens to a void one."""

    battle_id: BattleId
    void: Void


@dataclass(frozen=True, slots=True, kw_only=True)
class CastVote:
    """Record a vote and its line in the ledger."""

    vote: Vote
    record: BattleRecord
    """The battle as it was read from this workspace, complete: the ledger commits to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CastResult:
    """A durable vote."""

    vote: Vote
    """The vote that counts; when `replayed`, the first one sent with this key."""
    line: Line
    salt: str
    replayed: bool
    """Whether the key had been used before, with the same request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRelease:
    """Record an exported data set."""

    release_id: ReleaseId
    format: str
    manifest: dict[str, Any]
    created_at: datetime
    """UTC."""


Command = AddModels | OpenBattle | CompleteBattle | VoidBattle | CastVote | RecordRelease
