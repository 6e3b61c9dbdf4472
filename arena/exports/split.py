"""Train or test: whole conversations, and never one prompt in both. And what is held out of every release.

The split is a hash of the first thing the user said in the conversation. All turns of a conversation share it, and so
do all conversations that begin with the same prompt; two battles with the same whole prompt therefore never part.
Nothing else is looked at, so an item keeps its split in every later release, whatever was voted in between, and a
larger share only moves items from train to test. Why no clusters are grown instead: docs/decisions/0003.
"""

import hashlib
from enum import StrEnum

from arena.domain.battle import Battle


class Split(StrEnum):
    """`train` to learn from, `test` held out."""

    TRAIN = "train"
    TEST = "test"


def split_of(battle: Battle, *, test_share: float, seed: int, position: int | None = None) -> Split:
    """The split of a battle; `test_share` of all first prompts is held out.

    `position` is where its cluster stands, where clusters are to stay together.
    """
    if test_share <= 0:
        return Split.TRAIN
    place = place_of(first_prompt(battle), seed) if position is None else position
    return Split.TEST if place < test_share * 2**64 else Split.TRAIN


def place_of(prompt: str, seed: int) -> int:
    """Where a first prompt stands for the split, from 0 to 2**64."""
    return _hashed(f"{seed}\n{prompt}")


def held_out_place(prompt: str) -> int:
    """Where a first prompt stands for the share that no release holds: unlike any seed's place for the split."""
    return _hashed(f"held out\n{prompt}")


def held_out(place: int, share: float) -> bool:
    """Whether whatever stands at such a place is in no release. A larger share only adds to what is."""
    return place < share * 2**64


def first_prompt(battle: Battle) -> str:
    """What the user said first in the conversation; capitals and spacing do not make another prompt."""
    for message in battle.history:
        if message.role == "user":
            return plain(message.text)
    return plain(battle.prompt)


def plain(text: str) -> str:
    """A text without what does not make it another: capitals and spacing."""
    return " ".join(text.casefold().split())


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
