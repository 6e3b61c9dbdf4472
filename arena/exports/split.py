"""Train or test: whole conversations, and never one prompt in both.

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


def of(battle: Battle, *, test_share: float, seed: int) -> Split:
    """The split of a battle; `test_share` of all first prompts is held out."""
    if test_share <= 0:
        return Split.TRAIN
    digest = hashlib.sha256(f"{seed}\n{first_prompt(battle)}".encode("utf-8", "surrogatepass")).digest()
    return Split.TEST if int.from_bytes(digest[:8]) < test_share * 2**64 else Split.TRAIN


def first_prompt(battle: Battle) -> str:
    """What the user said first in the conversation; capitals and spacing do not make another prompt."""
    for message in battle.history:
        if message.role == "user":
            return " ".join(message.content.casefold().split())
    return " ".join(battle.prompt.casefold().split())
