"""What a turn is for beside collecting a vote. Only votes of ordinary turns count.

Nobody may be able to tell which turns the others are, and nobody may move a vote from one kind to another afterwards.
So the id of a turn commits to its purpose (docs/decisions/0050):

    last 80 bits of the id = first 80 bits of SHA-256(nonce || purpose)

The nonce stays in the workspace. The vote's line in the ledger commits to the id of the turn.
"""

import hashlib
import random
from datetime import datetime
from enum import StrEnum

from arena.domain import ids
from arena.domain.ids import AssignmentId

NONCE_BITS = 128
BITS = 80


class Purpose(StrEnum):
    """Why a turn was given whose vote counts for nothing but its rater's record."""

    GOLD = "gold"
    """The outcome is known."""
    REPEAT = "repeat"
    """The rater voted on the item before; the sides are swapped."""
    PRACTICE = "practice"
    """A known outcome, told at once: how a qualification begins."""
    TEST = "test"
    """A known outcome, told at the end: what a qualification is earned by."""


def mint(purpose: Purpose | None, now: datetime, chance: random.Random) -> tuple[AssignmentId, str]:
    """The id of a new turn, and the nonce that opens what it commits to."""
    nonce = f"{chance.getrandbits(NONCE_BITS):032x}"
    return AssignmentId(ids.stamped(ids.PREFIXES[AssignmentId], now, _committed(nonce, purpose))), nonce


def opens(assignment_id: str, nonce: str, purpose: Purpose | None) -> bool:
    """Whether a turn of this id was given for this purpose."""
    try:
        return ids.ours(assignment_id) and ids.tail(assignment_id) == _committed(nonce, purpose)
    except ValueError:  # the nonce is no longer hexadecimal
        return False


def _committed(nonce: str, purpose: Purpose | None) -> int:
    digest = hashlib.sha256(bytes.fromhex(nonce) + (purpose or "").encode()).digest()
    return int.from_bytes(digest[: BITS // 8], "big")
