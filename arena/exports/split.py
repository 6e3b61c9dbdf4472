"""Which battles go to train, which to test, and which are held out of every release.

The split is decided by a hash of the first thing the user said in the conversation. So all turns of a conversation are
in one split, and so are all conversations that begin with the same prompt: no prompt is in both. Nothing else matters,
so an item keeps its split in every later release, and a larger share only moves items from train to test. Why clusters
are not used instead: docs/decisions/0003.
"""

import hashlib
from enum import StrEnum

from arena.domain.battle import Battle


class Split(StrEnum):
    """`train` is learnt from, `test` is held out."""

    TRAIN = "train"
    TEST = "test"


def split_of(battle: Battle, *, test_share: float, seed: int, position: int | None = None) -> Split:
    """The split of a battle. The test split has `test_share` of all first prompts.

    `position` is the position of the battle's cluster, where clusters stay together. None: the first prompt decides.
    """
    if test_share <= 0:
        return Split.TRAIN
    return at(place_of(first_prompt(battle), seed) if position is None else position, test_share)


def at(position: int, test_share: float) -> Split:
    """The split at a position."""
    return Split.TEST if position < test_share * 2**64 else Split.TRAIN


def place_of(prompt: str, seed: int) -> int:
    """The position of a first prompt for the split, from 0 to 2**64."""
    return _hashed(f"{seed}\n{prompt}")


def held_out_place(prompt: str) -> int:
    """The position of a first prompt for the share that no release holds: independent of every seed's `place_of`."""
    return _hashed(f"held out\n{prompt}")


def held_out(place: int, share: float) -> bool:
    """Whether a prompt at this position is in no release. A larger share only adds prompts."""
    return place < share * 2**64


def first_prompt(battle: Battle) -> str:
    """What the user said first in the conversation, without capitals and extra spacing."""
    for message in battle.history:
        if message.role == "user":
            return plain(message.text)
    return plain(battle.prompt)


def plain(text: str) -> str:
    """A text in lower case, with single spaces: prompts that differ in nothing else are the same."""
    return " ".join(text.casefold().split())


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
