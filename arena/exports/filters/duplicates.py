"""Prompts that ask the same: how often one came before, and which cluster it belongs to.

`sameness` decides whether two prompts ask the same; this module finds the prompts to compare. Candidates share runs of
characters (MinHash, Broder 1997, over 64 permutations in 16 bands of 4), and the most similar ones are compared word by
word. The first prompt of a cluster is its leader: a later prompt joins the first leader that asks the same, or leads a
new cluster. So clusters never chain together, and a prompt stays in its cluster whatever comes later
(docs/decisions/0012).
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

import rensa

from arena.domain.battle import Battle, BattleRecord
from arena.errors import DoesNotFit
from arena.exports import split
from arena.exports.filters import sameness

SHINGLE = 3
LIKENESS = 0.5
"""Share of runs of characters that two texts hold in common, above which they are compared."""
PERMUTATIONS, BANDS, SEED = 64, 16, 1
COMPARED = 16
"""How many leaders a text is compared with word by word: those that share most with it."""
CONSIDERED = 1_000
"""How many leaders are ranked by likeness. More are found only where thousands of prompts fill one template."""
CLUSTER_LIMIT = 400_000
"""How many leaders are held at most: 3 kB each (benchmarks/near_duplicates.py)."""


class Repeats:
    """Counts prompts that differ at most in capitals and spacing. Takes 100 bytes for each different prompt."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def count(self, text: str) -> int:
        """How often this text came so far, this time included."""
        digest = _digest(split.plain(text))
        self._seen[digest] += 1
        return self._seen[digest]


class Clusters:
    """Clusters of texts that ask the same, grown in the order in which the texts come."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        """The cluster of every text that came, by digest: decided once, and kept."""
        self._index = rensa.RMinHashLSH(LIKENESS, PERMUTATIONS, BANDS)
        self._leaders: list[tuple[rensa.RMinHash, str]] = []
        """The sketch and the words of each cluster's first text."""

    def __len__(self) -> int:
        return len(self._leaders)

    def join(self, text: str) -> int:
        """The number of the cluster of a text, from 0. Raises `InvalidValue` when there are too many."""
        words = sameness.words(text)
        digest = _digest(" ".join(words))
        number = self._numbers.get(digest)
        if number is None:
            sketch = _sketch(words)
            number = self._same(sketch, words)
            if number is None:
                number = self._lead(sketch, words)
            self._numbers[digest] = number
        return number

    def find(self, text: str) -> int | None:
        """The number of the cluster of a text that came before; None for a new text."""
        return self._numbers.get(_digest(" ".join(sameness.words(text))))

    def lead(self, text: str) -> int:
        """Start a new cluster with this text, whatever the text is like. Returns its number."""
        words = sameness.words(text)
        number = self._lead(_sketch(words), words)
        self._numbers[_digest(" ".join(words))] = number
        return number

    def put(self, text: str, number: int) -> None:
        """Put a text into an existing cluster."""
        self._numbers[_digest(" ".join(sameness.words(text)))] = number

    def _lead(self, sketch: rensa.RMinHash, words: Sequence[str]) -> int:
        if len(self) >= CLUSTER_LIMIT:
            raise DoesNotFit(
                f"More than {CLUSTER_LIMIT:,} prompts are unlike each other, and so many are not compared; narrow the "
                "selection, or leave near_duplicates and split_by_cluster out."
            )
        self._index.insert(len(self), sketch)
        self._leaders.append((sketch, " ".join(words)))
        return len(self) - 1

    def _same(self, sketch: rensa.RMinHash, words: Sequence[str]) -> int | None:
        """The first cluster whose leader asks the same."""
        found = sorted(self._index.query(sketch))[:CONSIDERED]
        nearest = sorted(found, key=lambda number: -self._leaders[number][0].jaccard(sketch))[:COMPARED]
        return next(
            (number for number in sorted(nearest) if sameness.same(self._leaders[number][1].split(" "), words)), None
        )


class NearRepeats:
    """Counts whole prompts that ask the same: after the same history, a message in the same cluster."""

    def __init__(self) -> None:
        self._clusters = Clusters()
        self._seen: Counter[tuple[bytes, int]] = Counter()

    def count(self, battle: Battle) -> int:
        """How often this prompt came so far, this time included."""
        history = split.plain("\n".join(message.text for message in battle.history))
        prompt = (_digest(history), self._clusters.join(battle.prompt))
        self._seen[prompt] += 1
        return self._seen[prompt]


def _sketch(words: Sequence[str]) -> rensa.RMinHash:
    sketch = rensa.RMinHash(PERMUTATIONS, SEED)
    sketch.update(shingles(" ".join(words)))
    return sketch


def shingles(text: str) -> list[str]:
    """The different runs of characters in a text, sorted."""
    plain = text.encode("utf-8", "replace").decode()
    return sorted({plain[start : start + SHINGLE] for start in range(max(1, len(plain) - SHINGLE + 1))})


def whole_prompt(record: BattleRecord) -> str:
    """What both models were asked: the history with the prompt."""
    return "\n".join([*(message.text for message in record.battle.history), record.battle.prompt])


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]
