"""Whether a model takes part: announced, active, paused, retired. Each change is a line of the ledger:

    commitment = SHA-256(salt || canonical JSON of the change)

A model of the configuration that nobody changed is active without a line.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from arena.domain import ledger
from arena.domain.ids import ModelName

REASON_LIMIT: Final = 500
"""The most characters in a reason."""


class ModelState(StrEnum):
    """Where a model stands."""

    ANNOUNCED = "announced"
    """Known by its name to the lab alone, and drawn for no battle."""
    ACTIVE = "active"
    """Drawn."""
    PAUSED = "paused"
    """Not drawn for now; its votes and its place on boards stay."""
    RETIRED = "retired"
    """Not drawn any more, for good; its votes and its place on boards stay."""
    STORED = "stored"
    """On boards, by votes or answers from elsewhere: nobody here can ask it."""


FOLLOWING: Final[Mapping[ModelState, frozenset[ModelState]]] = {
    ModelState.ANNOUNCED: frozenset({ModelState.ACTIVE, ModelState.RETIRED}),
    ModelState.ACTIVE: frozenset({ModelState.PAUSED, ModelState.RETIRED}),
    ModelState.PAUSED: frozenset({ModelState.ACTIVE, ModelState.RETIRED}),
    ModelState.RETIRED: frozenset(),
    ModelState.STORED: frozenset(),
}
"""What each state can become."""
FIRST: Final = (ModelState.ACTIVE, ModelState.ANNOUNCED)
"""What a model can be when it is added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChange:
    """Something that was done to a model while the arena ran."""

    change_id: str
    model: ModelName
    fingerprint: str
    added: bool
    """Whether the model became known by it."""
    state: ModelState
    """From then on."""
    reason: str
    changed_by: str
    """Who, by the id of a token."""
    changed_at: datetime
    """UTC."""
    alias: str | None = None
    """What raters and public boards call it from then on; None: by its name."""

    def commitment(self, salt: str) -> str:
        """What the change's line in the ledger commits to; `salt` is hex."""
        told = {
            "change_id": self.change_id,
            "model": self.model,
            "fingerprint": self.fingerprint,
            "added": self.added,
            "state": self.state,
            "reason": self.reason,
            "changed_by": self.changed_by,
            "changed_at": round(self.changed_at.timestamp() * 1_000_000),
        }
        if self.alias is not None:
            told["alias"] = self.alias
        return hashlib.sha256(bytes.fromhex(salt) + ledger.canonical(told)).hexdigest()
