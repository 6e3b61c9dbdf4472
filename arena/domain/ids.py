"""Ids minted by us: a prefix that says the noun, then a ULID, so that ids sort by the time they were made.

Order of acknowledgement never rests on them (clocks jump): that is the ledger's sequence.
"""

import random
import re
from datetime import datetime
from typing import NewType

BattleId = NewType("BattleId", str)
ConversationId = NewType("ConversationId", str)
ModelName = NewType("ModelName", str)
RaterId = NewType("RaterId", str)
ReleaseId = NewType("ReleaseId", str)
VoteId = NewType("VoteId", str)

PREFIXES = {BattleId: "b", ConversationId: "c", RaterId: "r", ReleaseId: "rel", VoteId: "v"}

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


SHAPE = re.compile(f"[a-z]{{1,8}}_[{CROCKFORD}]{{26}}")


def ours(text: str) -> bool:
    """Whether a text has the shape of an id minted here; anything else is unknown without looking."""
    return SHAPE.fullmatch(text) is not None


def mint(prefix: str, now: datetime, chance: random.Random) -> str:
    """A new id such as `b_01K7QX4M8ZJ5T0W3N6R9V2C4E1`: 48 bits of milliseconds, then 80 bits of chance."""
    number = (int(now.timestamp() * 1000) << 80) | chance.getrandbits(80)
    return f"{prefix}_" + "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -5, -5))
