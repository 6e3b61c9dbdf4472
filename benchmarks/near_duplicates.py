"""How well prompts that ask the same are told from others, by kind of pair; then how edits join the cluster of their
original at scale, the CPU a prompt takes, and the memory it needs.

    python benchmarks/near_duplicates.py [--prompts 50000]

The pairs were written by hand: one set beside the code, others by people who had not seen it (tests/exports/pairs.py).
The prompts of the second part are words of the help that comes with Python; the edits are planted by a seed.
"""

import argparse
import os
import random
import re
import string
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics

import process

from arena.exports.filters import sameness
from arena.exports.filters.duplicates import Clusters

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.exports import pairs  # noqa: E402 - after the path is set

LENGTHS = (8, 16, 40, 120)
"""Words of a prompt."""
Edit = Callable[[list[str], random.Random], list[str]]


def punctuated(words: list[str], _chance: random.Random) -> list[str]:
    return [*words[:-1], words[-1].rstrip(".") + "!"]


def misspelt(words: list[str], chance: random.Random) -> list[str]:
    place = max(range(len(words)), key=lambda one: (len(words[one]), chance.random()))
    word = words[place]
    return [*words[:place], word[: len(word) // 2] + word[len(word) // 2 + 1 :], *words[place + 1 :]]


def swapped(words: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(words))
    return [*words[:place], "something", *words[place + 1 :]]


def added(words: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(words))
    return [*words[:place], "please", *words[place:]]


def dropped(words: list[str], chance: random.Random) -> list[str]:
    place = chance.randrange(len(words))
    return [*words[:place], *words[place + 1 :]]


EDITS: dict[str, Edit] = {
    "other end mark": punctuated,
    "one letter lost": misspelt,
    "one word added": added,
    "one word dropped": dropped,
    "one word replaced": swapped,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a set of pairs was told apart."""

    pairs: int
    recall: float
    precision: float
    kinds: dict[tuple[bool, str], tuple[int, int]]
    """Of whether a kind is the same, and its name: pairs told right, and all."""


def scored(known: Iterable[pairs.Pair]) -> Score:
    """Compare every pair as clusters do."""
    right: Counter[tuple[bool, str]] = Counter()
    every: Counter[tuple[bool, str]] = Counter()
    joined: Counter[bool] = Counter()
    for pair in known:
        found = sameness.same(sameness.words(pair.one), sameness.words(pair.other))
        clusters = Clusters()
        found = found and clusters.join(pair.one) == clusters.join(pair.other)
        every[pair.same, pair.kind] += 1
        right[pair.same, pair.kind] += found is pair.same
        joined[pair.same] += found
    same = sum(count for (is_same, _), count in every.items() if is_same)
    return Score(
        pairs=every.total(),
        recall=joined[True] / same,
        precision=joined[True] / joined.total(),
        kinds={kind: (right[kind], count) for kind, count in sorted(every.items(), reverse=True)},
    )


def told(name: str, score: Score) -> None:
    """Print a set's figures."""
    print(f"\n{name}: {score.pairs} pairs, recall {score.recall:.3f}, precision {score.precision:.3f}\n")
    print("| asks | kind | right | of |")
    print("|---|---|--:|--:|")
    for (same, kind), (right, count) in score.kinds.items():
        print(f"| {'the same' if same else 'another'} | {kind} | {right} | {count} |")


def prompts(length: int) -> list[list[str]]:
    """Prompts of so many words, each of other words of Python's own help, one after the other: nobody here edits it."""
    words = " ".join(re.sub(r"[`|*#=+-]+", " ", text) for text in topics.values()).split()
    return [words[start : start + length] for start in range(0, len(words) - length, length)][:500]


def recall(length: int, edit: Edit) -> float:
    """Share of edited prompts that join the cluster of the prompt they were made from."""
    chance, clusters = random.Random(length), Clusters()
    originals = prompts(length)
    numbers = [clusters.join(" ".join(words)) for words in originals]
    found = sum(
        clusters.join(" ".join(edit(words, chance))) == number for words, number in zip(originals, numbers, strict=True)
    )
    return found / len(originals)


def mistaken(length: int) -> int:
    """Unlike prompts that share a cluster."""
    clusters, originals = Clusters(), prompts(length)
    for words in originals:
        clusters.join(" ".join(words))
    return len(originals) - len(clusters)


def cost(count: int) -> tuple[float, float]:
    """Microseconds and kilobytes a prompt, all of them unlike, of 8 to 60 words."""
    chance = random.Random(1)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(20_000)]
    texts = [" ".join(chance.choices(words, k=chance.randint(8, 60))) for _ in range(count)]
    clusters, before = Clusters(), process.peak()
    start = time.process_time()
    for text in texts:
        clusters.join(text)
    seconds = time.process_time() - start
    return seconds / count * 1e6, (process.peak() - before) * 1024 / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=50_000)
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    told("written beside the code", scored(pairs.own()))
    told("written by somebody else, at first sight", scored(pairs.fresh()))
    told("written by somebody else, and looked at since", scored(pairs.seen()))
    print("\n| edit | " + " | ".join(f"{length} words" for length in LENGTHS) + " |")
    print("|---" * (len(LENGTHS) + 1) + "|")
    for name, edit in EDITS.items():
        print(f"| {name} | " + " | ".join(f"{recall(length, edit):.3f}" for length in LENGTHS) + " |")
    print("| unlike prompts taken for alike | " + " | ".join(str(mistaken(length)) for length in LENGTHS) + " |")
    microseconds, kilobytes = cost(arguments.prompts)
    print(f"\n{arguments.prompts:,} unlike prompts: {microseconds:.0f} us of CPU and {kilobytes:.1f} kB each")


if __name__ == "__main__":
    main()
