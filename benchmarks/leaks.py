"""How many answers that give their model away are found, and how many harmless ones are flagged; and how long it takes.

The answers are those of `tests/exports/leaks`: said plainly, disguised, harmless, by kind and by language; then by
language those that strangers wrote (`fresh.jsonl`, on which nothing is mended, `seen.jsonl` and its followers) and
those of our own (`sides.jsonl`, `own_1.jsonl` and its followers).

Run: python benchmarks/leaks.py [--wrong] [--only SET]
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.exports.leaks import measuring

SETS = (("said", "plainly said", False), ("disguised", "disguised", False), ("harmless", "harmless, flagged", True))
LONG = 100_000
"""Characters of the answers that are timed."""
ANSWERS = {
    "an answer of 1,500 characters": "The tower was built in 1889 and is visited by millions of people every year. "
    * 20,
    "one in German": "Die Fotosynthese ist wichtig: Pflanzen wandeln Licht in Zucker um, und auch die Wärme zählt. "
    * 16,
    "one in Chinese": "光合作用是植物把光能转化为化学能的过程。叶绿素吸收阳光、把水和二氧化碳变成葡萄糖和氧气。" * 35,
    "names alone": "claude " * (LONG // 7),
    "claims that are none": "I am not a Claude model, " * (LONG // 25),
    "one long word": "a" * LONG,
    "letters one by one": "a b " * (LONG // 4),
    "open brackets": "[a](<b" * (LONG // 6),
    "quotes": '"a b c' * (LONG // 6),
    "base64": "QUJDRUZH " * (LONG // 9),
    "mixed scripts": "\u0430a" * (LONG // 2),
    "Chinese": "我是由" * (LONG // 3),
}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--wrong", action="store_true", help="name the answers that are judged wrongly")
    options.add_argument("--only", metavar="SET", help="judge this set alone, such as `fresh`, and time nothing")
    asked = options.parse_args()
    named = asked.wrong
    results = (
        [] if asked.only else [(title, measuring.measured(name, harmless=harmless)) for name, title, harmless in SETS]
    )
    written = sorted(path.stem for path in measuring.FOLDER.glob("*.jsonl"))
    for name in [asked.only] if asked.only else written:
        results += [(f"{name}, {kind}", measuring.of_sides(name, kind)) for kind in ("plain", "disguised", "harmless")]
    for title, result in results:
        if not result.cases:
            continue
        print(f"{title}: {result.flagged['all']} of {result.cases['all']} ({result.share():.1%})")
        for group in result.cases:
            print(f"    {group:12} {result.flagged[group]:4} of {result.cases[group]:4}")
        for case in result.wrong if named else ():
            print(f"    wrong: {case.kind}, {case.language}: {case.text!r}")
    for title, text in ({} if asked.only else ANSWERS).items():
        measuring.leaks("warm")
        best = min(_seconds(text) for _ in range(3))
        print(f"{title} ({len(text):,} characters): {best * 1000:.1f} ms of processor time")
    print(f"load {os.getloadavg()}")


def _seconds(text: str) -> float:
    record = measuring.between("alpha", "beta", text_a=text, text_b="Yes.")
    start = time.process_time()
    measuring.FINDER.leaks(record)
    return time.process_time() - start


if __name__ == "__main__":
    main()
