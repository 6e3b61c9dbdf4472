"""How much personal data is found, and what the search costs in texts that are made to be slow or are full of it.

    python benchmarks/personal_data.py

Recall and precision by language and kind are those of the measured set and of the fresh one in
tests/exports/personal. The long texts have 100,000 characters and are those of test_speed.py there, which checks how
time grows.
"""

import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

RUNS = 5


def seconds(find: Callable[[str], Iterable[object]], text: str) -> float:
    """Processor time, the best of some runs."""
    times = []
    for _ in range(RUNS):
        start = time.thread_time()
        list(find(text))
        times.append(time.thread_time() - start)
    return min(times)


def megabytes(find: Callable[[str], Iterable[object]], text: str) -> float:
    """What one search allocates at its height."""
    tracemalloc.start()
    list(find(text))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 10**6


def main() -> None:
    from arena.exports.personal import finding  # noqa: PLC0415 - after the path is set
    from tests.exports.personal import cases, measuring, test_speed  # noqa: PLC0415

    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for name, given in (("measured", cases.read()), ("fresh", cases.fresh())):
        print(f"{name}:", *measuring.table(measuring.taken(given).figures), sep="\n")
    print("kind         slowest string, ms   thousands of finds, ms   most memory, MB")
    for kind, find in finding.FINDERS.items():
        slowest = max(seconds(find, text) for text in test_speed.strings(kind))
        crowd = "".join(test_speed.CROWDS[kind].format(number % 250) for number in range(test_speed.SIZE // 10))
        crowd = crowd[: test_speed.SIZE]
        most = megabytes(find, crowd)
        print(f"{kind:<12} {slowest * 1000:>18.1f} {seconds(find, crowd) * 1000:>24.1f} {most:>18.1f}")


if __name__ == "__main__":
    main()
