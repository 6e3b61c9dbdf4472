"""Ids minted by us: a prefix that says the noun, then a ULID, so that ids sort by the time they were made.

The order of votes never depends on ids, because clocks jump: the ledger's sequence gives it.
"""

import hashlib
import random
import re
from datetime import UTC, datetime, timedelta
from typing import NewType

AccountId = NewType("AccountId", str)
AssignmentId = NewType("AssignmentId", str)
BattleId = NewType("BattleId", str)
ConversationId = NewType("ConversationId", str)
ModelName = NewType("ModelName", str)
RaterId = NewType("RaterId", str)
ReleaseId = NewType("ReleaseId", str)
ReportId = NewType("ReportId", str)
VoteId = NewType("VoteId", str)

PREFIXES = {
    AccountId: "acc",
    AssignmentId: "a",
    BattleId: "b",
    ConversationId: "c",
    RaterId: "r",
    ReleaseId: "rel",
    ReportId: "rep",
    VoteId: "v",
}

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAIRS = [first + second for first in CROCKFORD for second in CROCKFORD]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_YEAR = (datetime(9999, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
"""Milliseconds until the last year that dates have."""
SHAPE = re.compile(f"[a-z]{{1,8}}_[{CROCKFORD}]{{26}}")


def ours(text: str) -> bool:
    """Whether a text has the form of an id minted here. Any other text is unknown, without asking the database."""
    return SHAPE.fullmatch(text) is not None


def mint(prefix: str, now: datetime, chance: random.Random) -> str:
    """A new id such as `b_01K7QX4M8ZJ5T0W3N6R9V2C4E1`: 48 bits of milliseconds, then 80 bits of chance."""
    return stamped(prefix, now, chance.getrandbits(80))


def stamped(prefix: str, now: datetime, low: int) -> str:
    """The id of this moment that ends in these 80 bits."""
    return spelled(prefix, (int(now.timestamp() * 1000) << 80) | low)


def minted_at(text: str) -> datetime | None:
    """The millisecond at which an id was minted, UTC; None beyond the dates there are. Those of a derived
    id mean nothing."""
    number = 0
    for sign in text[-26:-16]:
        number = number << 5 | CROCKFORD.index(sign)
    return EPOCH + timedelta(milliseconds=number) if number < LAST_YEAR else None


def tail(text: str) -> int:
    """The last 80 bits of an id that was minted here."""
    number = 0
    for sign in text[-16:]:
        number = number << 5 | CROCKFORD.index(sign)
    return number


def derived(prefix: str, *names: str) -> str:
    """The id that always stands for these names: 128 bits of their hash. `mint` never gives one like it."""
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    return spelled(prefix, int.from_bytes(digest[:16], "big"))


def spelled(prefix: str, number: int) -> str:
    """128 bits in 26 characters of five; the first holds only three."""
    return f"{prefix}_" + "".join([PAIRS[(number >> shift) & 1023] for shift in range(120, -10, -10)])
