"""How many edited prompts join the cluster of the prompt they were made from, by kind of edit and by length; and how
many unlike prompts are taken for alike, the time a prompt takes, and the memory it needs.

    python benchmarks/near_duplicates.py [--prompts 50000]

The prompts of the first part are sentences of docs/, cut or joined to a length; the edits are planted by a seed.
"""

import argparse
import random
import re
import string
import time
from collections.abc import Callable
from pathlib import Path

import process

from arena.exports.duplicates import Clusters

DOCS = Path(__file__).resolve().parents[1] / "docs"
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


def prompts(length: int) -> list[list[str]]:
    """Prompts of so many words, each of other words of the documents, one after the other."""
    words = " ".join(re.sub(r"[`|*#]+", " ", path.read_text()) for path in sorted(DOCS.glob("*.md"))).split()
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
    clusters = Clusters()
    for words in prompts(length):
        clusters.join(" ".join(words))
    return sum(size - 1 for size in clusters.sizes)


def cost(count: int) -> tuple[float, float]:
    """Microseconds and kilobytes a prompt, all of them unlike, of 8 to 60 words."""
    chance = random.Random(1)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(20_000)]
    texts = [" ".join(chance.choices(words, k=chance.randint(8, 60))) for _ in range(count)]
    clusters, before = Clusters(), process.peak()
    start = time.perf_counter()
    for text in texts:
        clusters.join(text)
    seconds = time.perf_counter() - start
    return seconds / count * 1e6, (process.peak() - before) * 1024 / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=50_000)
    arguments = parser.parse_args()
    print("| edit | " + " | ".join(f"{length} words" for length in LENGTHS) + " |")
    print("|---" * (len(LENGTHS) + 1) + "|")
    for name, edit in EDITS.items():
        print(f"| {name} | " + " | ".join(f"{recall(length, edit):.3f}" for length in LENGTHS) + " |")
    print("| unlike prompts taken for alike | " + " | ".join(str(mistaken(length)) for length in LENGTHS) + " |")
    microseconds, kilobytes = cost(arguments.prompts)
    print(f"\n{arguments.prompts:,} unlike prompts: {microseconds:.0f} us and {kilobytes:.1f} kB each")


if __name__ == "__main__":
    main()
