"""The price of one common pace, and whether a classifier still finds the slower side by the clock alone.

    python benchmarks/pace.py [--battles 2000] [--kinds fast slow short stalling unequal] [--seed 0]

Two sources of 30 tokens a second, 200 tokens, first token after 0.2 s: how long after both have begun the first text
is shown, and how the whole compares with the slower source's own time. Then, for every kind of pair, how often the
classifier names the slower side: of pairs of any speed, and of two models whose speeds the watcher knows. The control
sees the same battles without a common pace. Battles are simulated with the code that the arena runs.
"""

import argparse
import os
import platform
import random
import time

from timing import classifier, sources

PAIRS = 200


def price() -> str:
    """First text and whole time of even sources, at the 95th percentile."""
    chance = random.Random(1)
    first, whole = [], []
    for size in (4, 5):
        for _ in range(PAIRS // 2):
            begins = 0.2 + chance.random() * 0.1
            a = sources.even(first=begins, size=size)
            b = sources.even(first=begins + chance.random() * 0.05, size=size)
            events = sources.paced(a, b, chance)
            first.append(events[0][0] - max(a.began, b.began))
            whole.append((events[-1][0] - 1.0) / max(a.ended, b.ended))
    at = int(0.95 * PAIRS)
    return (
        f"first text {sorted(first)[at]:.2f} s after both have begun, p95 (<= 1.0); "
        f"whole {sorted(whole)[at]:.3f} times the slower side's own time + 1 s, p95 (<= 1.25)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--battles", type=int, default=2000, help="of each kind; half teach the other half")
    parser.add_argument("--kinds", nargs="+", choices=list(sources.KINDS), default=list(sources.KINDS))
    parser.add_argument("--seed", type=int, default=0, help="another one draws other battles")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(price())
    print(
        f"{given.battles} battles a kind, seed {given.seed}; chance alone is within 0.5 +- {1 / given.battles**0.5:.3f}"
    )
    print(f"{'pairs':10} {'any speeds':>12} {'known speeds':>14} {'control':>10} {'CPU s':>8}")
    for kind in given.kinds:
        situation, started = sources.KINDS[kind], time.process_time()
        found = [
            classifier.accuracy(classifier.watch(sources.paced, one, given.battles, seed))
            for seed, one in enumerate((situation, situation.known()), given.seed)
        ]
        control = classifier.accuracy(
            classifier.watch(sources.passed_through, situation, given.battles // 4, given.seed + 2)
        )
        took = time.process_time() - started
        print(f"{kind:10} {found[0]:12.3f} {found[1]:14.3f} {control:10.3f} {took:8.0f}", flush=True)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
