"""What the search for personal data costs in texts that are made to be slow, and in those that are full of it.

    python benchmarks/personal_data.py

The texts have 100,000 characters and are those of tests/exports/personal/test_speed.py, which checks how time grows.
"""

import sys
import time
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


def main() -> None:
    from arena.exports.personal import finding  # noqa: PLC0415 - after the path is set
    from tests.exports.personal import test_speed  # noqa: PLC0415

    print("kind         slowest string, ms   thousands of finds, ms")
    for kind, find in finding.FINDERS.items():
        slowest = max(seconds(find, text) for text in test_speed.strings(kind))
        crowd = "".join(test_speed.CROWDS[kind].format(number % 250) for number in range(test_speed.SIZE // 10))
        print(f"{kind:<12} {slowest * 1000:>18.1f} {seconds(find, crowd[: test_speed.SIZE]) * 1000:>24.1f}")


if __name__ == "__main__":
    main()
