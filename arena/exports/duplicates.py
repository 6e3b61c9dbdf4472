"""Prompts that are the same, or nearly: how many came before, and which cluster a prompt belongs to.

Nearly the same: the sets of their shingles, runs of 4 characters, share 7 tenths of what they hold together (Jaccard).
It is estimated with MinHash (Broder 1997) over 64 permutations, and candidates are found by 16 bands of 4 (LSH).
A cluster is led by the first prompt of it: a later one joins the leader it is most like, or leads a new cluster. So
clusters do not chain together, and what joined a cluster stays there whatever comes later: docs/decisions/0012.
"""

import hashlib
from array import array
from collections import Counter

import rensa

from arena.domain.battle import BattleRecord
from arena.errors import InvalidValue
from arena.exports import split

SIMILAR = 0.7
SHINGLE = 4
PERMUTATIONS, BANDS, SEED = 64, 16, 1
CLUSTER_LIMIT = 400_000
"""Leaders that are held: 2.5 kB each (benchmarks/near_duplicates.py)."""


class Repeats:
    """Counts prompts that are the same but for capitals and spacing; 100 bytes for each that is not."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def count(self, text: str) -> int:
        """How often a text came, this time included."""
        digest = hashlib.sha256(split.plain(text).encode("utf-8", "surrogatepass")).digest()[:16]
        self._seen[digest] += 1
        return self._seen[digest]


class Clusters:
    """Clusters of nearly equal texts, grown in the order in which the texts come."""

    def __init__(self) -> None:
        self._index = rensa.RMinHashLSH(SIMILAR, PERMUTATIONS, BANDS)
        self._leaders: list[rensa.RMinHash] = []
        self.sizes = array("L")
        """Texts of each cluster so far."""

    def join(self, text: str) -> int:
        """The number of the cluster of a text, from 0. Raises `InvalidValue` when there are too many."""
        sketch = rensa.RMinHash(PERMUTATIONS, SEED)
        sketch.update(shingles(text))
        likeness, number = max(
            ((self._leaders[one].jaccard(sketch), -one) for one in self._index.query(sketch)), default=(0.0, 0)
        )
        if likeness >= SIMILAR:
            self.sizes[-number] += 1
            return -number
        if len(self._leaders) >= CLUSTER_LIMIT:
            raise InvalidValue(
                f"More than {CLUSTER_LIMIT:,} prompts are unlike each other, and so many are not compared; narrow the "
                "selection, or leave near_duplicates and split_by_cluster out."
            )
        self._index.insert(len(self._leaders), sketch)
        self._leaders.append(sketch)
        self.sizes.append(1)
        return len(self._leaders) - 1


def shingles(text: str) -> list[str]:
    """The runs of characters in a text, each once and sorted; capitals and spacing do not count."""
    plain = split.plain(text).encode("utf-8", "replace").decode()
    return sorted({plain[start : start + SHINGLE] for start in range(max(1, len(plain) - SHINGLE + 1))})


def whole_prompt(record: BattleRecord) -> str:
    """What both models were asked: the history with the prompt."""
    return "\n".join([*(message.content for message in record.battle.history), record.battle.prompt])
