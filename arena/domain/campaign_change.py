"""What is done to a campaign: made, started, paused, closed, or given other keys. Each change is a line of the ledger:

    commitment = SHA-256(salt || canonical JSON of the change)

Each change holds every key, so that the last one alone says what the campaign is.
"""

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from arena.domain import ledger
from arena.domain.battle import Answers
from arena.domain.campaign import (
    Campaign,
    CampaignKind,
    CampaignState,
    Criterion,
    MeetingPair,
    Pacing,
    PairingPolicy,
    Publishing,
)
from arena.domain.ids import ModelName

REASON_LIMIT: Final = 500
"""The most characters in a reason."""
NO_KEYS: Final = ("version", "state", "created_at")
"""Fields of a campaign that nobody writes as keys."""
KEYS: Final = tuple(field.name for field in fields(Campaign) if field.name not in NO_KEYS)
"""What a campaign file may say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignChange:
    """Something that was done to a campaign, and what it is from then on."""

    change_id: str
    name: str
    version: int
    """From 1; another one where a key is another."""
    state: CampaignState
    keys: str
    """All of them, as canonical JSON."""
    reason: str
    changed_by: str
    """Who, by the id of a token or of a rater; `arena` where it closed by its own rules."""
    changed_at: datetime
    """UTC."""

    def commitment(self, salt: str) -> str:
        """What the change's line in the ledger commits to; `salt` is hex."""
        told = {
            "change_id": self.change_id,
            "campaign": self.name,
            "version": self.version,
            "state": self.state,
            "keys": json.loads(self.keys),
            "reason": self.reason,
            "changed_by": self.changed_by,
            "changed_at": round(self.changed_at.timestamp() * 1_000_000),
        }
        return hashlib.sha256(bytes.fromhex(salt) + ledger.canonical(told)).hexdigest()

    def campaign(self, created_at: datetime) -> Campaign:
        """The campaign after this change."""
        return replace(of_keys(json.loads(self.keys)), version=self.version, state=self.state, created_at=created_at)


def spelt(campaign: Campaign) -> str:
    """Every key, as a change holds them."""
    return ledger.canonical(told_keys(campaign)).decode()


def told_keys(campaign: Campaign) -> dict[str, Any]:
    """Every key as JSON: a pair of weight 1 without it, a criterion without a question as its name."""
    return {name: _told(getattr(campaign, name)) for name in KEYS}


def of_keys(keys: dict[str, Any]) -> Campaign:
    """The campaign of keys as `told_keys` gives them; a key that came later has its default."""
    given = {name: value for name, value in keys.items() if name in KEYS}
    for name in ("models", "qualifications", "languages", "raters"):
        given[name] = tuple(given.get(name, ()))
    for name, kind in KINDS.items():
        if name in given:
            given[name] = kind(given[name])
    for name in ("starts", "ends"):
        if given.get(name) is not None:
            given[name] = datetime.fromisoformat(given[name])
    given["pairs"] = tuple(
        MeetingPair(first=ModelName(first), second=ModelName(second), weight=float(weight[0]) if weight else 1.0)
        for first, second, *weight in given.get("pairs", ())
    )
    given["criteria"] = tuple(
        Criterion(name=one) if isinstance(one, str) else Criterion(name=one["name"], question=one["question"])
        for one in given.get("criteria", ())
    )
    return Campaign(**given)


KINDS: Final = {
    "kind": CampaignKind,
    "answers": Answers,
    "pairing": PairingPolicy,
    "pace": Pacing,
    "publish": Publishing,
}


def _told(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case MeetingPair():
            return [value.first, value.second, *([] if value.weight == 1 else [value.weight])]
        case Criterion():
            return value.name if value.question is None else {"name": value.name, "question": value.question}
        case tuple():
            return [_told(one) for one in value]
        case _:
            return value
