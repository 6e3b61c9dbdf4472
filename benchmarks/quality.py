"""What the audit of votes promises besides what `integrity.py` asks of any detector: looks without end, and its cost.

    python benchmarks/quality.py [--only peeking conduct together shapes cost] [--runs 1000] [--first 1000]

`peeking` looks at the evidence on each account of clean logs after every 200 of 4,000 votes; `conduct` looks as often
at what the same raters do beside their votes, once alike as usual and once half as much; `together` runs the whole
audit as often, its level split over the looks, on a tenth as many logs; `shapes` audits clean logs of every shape in
`tests/quality/shapes.py`, with a hundredth as many seeds. Runs may be split: `--first` is the first seed.
Each run is kept in `build/quality/looks.jsonl` under what it depends on, so that one that is broken off goes on later.
"""

import argparse
import hashlib
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import quality_conduct
from detecting.results import Results, Runs
from quality_worlds import World

from arena import quality
from arena.quality import evidence, foretelling, ground
from arena.quality.log import Log
from tests.quality.shapes import SHAPES

PARTS = ("peeking", "conduct", "together", "shapes", "cost")
LOOKS = tuple(range(200, 4_001, 200))
LEVEL = 0.025
PROMISED = 1 / 200
"""Share of honest accounts whose evidence ever passes 200."""
RATERS = 150
KEPT = Path("build/quality/looks.jsonl")
_BESIDE = (Path(__file__).parent / name for name in ("quality_worlds.py", "quality_conduct.py"))
_SOURCES = (Path(__file__), *_BESIDE, *Path(quality.__file__).parent.glob("*.py"))


def main() -> None:
    """Print the parts asked for."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    reader.add_argument("--runs", type=int, default=1_000, help="clean logs that are looked at again and again")
    reader.add_argument("--first", type=int, default=1_000, help="seed of the first of them")
    reader.add_argument("--out", type=Path, default=KEPT, help="where runs are kept")
    reader.add_argument("--only", nargs="+", default=list(PARTS), choices=PARTS)
    given = reader.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
    kept = Results(given.out)
    if "peeking" in given.only:
        peeking(made(kept, "peeking", peeked, range(given.first, given.first + given.runs)))
    if "conduct" in given.only:
        conducted(made(kept, "conduct", behaved, range(given.first, given.first + given.runs)))
    if "together" in given.only:
        together(made(kept, "together", audited, range(given.first, given.first + given.runs // 10)))
    if "shapes" in given.only:
        of_shapes(made(kept, "shapes", shaped, range(given.first, given.first + given.runs // 100)))
    if "cost" in given.only:
        cost()
    print(f"load {os.getloadavg()[0]:.1f}")


def made(kept: Results, part: str, run: Callable[[int], dict[str, Any]], seeds: range) -> Runs:
    """The runs of a part: those that are kept, and the others, which are kept then."""
    fingerprint = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(_SOURCES))).hexdigest()[:16]
    key = {"situation": part, "detector": "arena", "fingerprint": fingerprint}
    for seed in seeds:
        if (part, seed, "arena", fingerprint) not in kept:
            kept.add({**key, "seed": seed, **run(seed)})
    return Runs({seed: kept.lines[part, seed, "arena", fingerprint] for seed in seeds})


def grown(seed: int) -> Iterator[Log]:
    """One clean log at each of its looks."""
    votes = World(seed=seed, models=20, raters=RATERS, votes=LOOKS[-1]).clean()
    for until in LOOKS:
        moment = numpy.arange(until, dtype=float)
        yield quality.read(*(column[:until] for column in votes.columns()), moment=moment)


def peeked(seed: int) -> dict[str, Any]:
    """The evidence on each account of one log, at each look."""
    top = numpy.full(RATERS, -numpy.inf)
    raised = False
    with threadpool_limits(limits=1, user_api="blas"):
        for log in grown(seed):
            found = evidence.weighed(laid(log))
            rater = numpy.array(log.raters, dtype=int)
            top[rater] = numpy.maximum(top[rater], found.total)
            raised |= bool(evidence.passing(found.total, LEVEL).any())
    return {
        "raised": raised,
        "passed": int((top >= numpy.log(1 / PROMISED)).sum()),
        "accounts": int(numpy.isfinite(top).sum()),
        "largest": float(top.max()),
    }


def behaved(seed: int) -> dict[str, Any]:
    """Kinds that are told of the conduct of one log's raters at any of its looks, alike as usual and less."""
    votes = World(seed=seed, models=20, raters=RATERS, votes=LOOKS[-1]).clean()
    found: dict[str, list[str]] = {}
    with threadpool_limits(limits=1, user_api="blas"):
        for name, differ in (("usual", 1.0), ("less", 2.0)):
            done = quality_conduct.conduct(seed, votes, differ)
            looks = (quality.signs(log, quality_conduct.until(done, len(log.row))) for log in grown(seed))
            found[name] = sorted({sign.kind for signs in looks for sign in signs})
    return found


def audited(seed: int) -> dict[str, Any]:
    """What the whole audit of one log found at any of its looks: rings, pools and cohorts, their level split."""
    audits = (quality.audit(log, looks=len(LOOKS), seed=seed) for log in grown(seed))
    return {"kinds": sorted({finding.kind for found in audits for finding in found.findings})}


def shaped(seed: int) -> dict[str, Any]:
    """Rings in one clean log of each shape: those held, and those that passed their bar but are not in other votes."""
    foretold: list[bool] = []
    asked = foretelling.passes

    def noted(*given: Any) -> bool:
        foretold.append(asked(*given))
        return foretold[-1]

    with mock.patch.object(foretelling, "passes", noted):
        audits = [quality.audit(quality.read(*shape.cast(seed).columns())) for shape in SHAPES.values()]
    rings = [sum(finding.kind == "ring" for finding in found.findings) for found in audits]
    return {"logs": len(rings), "rings": sum(map(bool, rings)), "refused": foretold.count(False)}


def peeking(runs: Runs) -> None:
    """Print how often evidence on an account alone raised a finding."""
    raised, passed, accounts = (int(sum(runs.values(name))) for name in ("raised", "passed", "accounts"))
    print(
        f"\npeeking, {len(LOOKS)} looks: {raised} of {len(runs)} clean logs ever raised a finding "
        f"(promised: {LEVEL:.1%}); {passed} of {accounts:,} honest accounts ever passed 200 ({passed / accounts:.3%}; "
        f"promised: {PROMISED:.1%})"
    )
    highest = runs.values("largest")
    print(f"largest evidence in nats: median {numpy.median(highest):.1f}, worst {max(highest):.1f}")


def conducted(runs: Runs) -> None:
    """Print how often conduct did."""
    for name, words in (("usual", "raters alike as usual"), ("less", "raters half as alike")):
        kinds = [run[name] for run in runs.by_seed.values()]
        raised = Counter(kind for found in kinds for kind in found)
        alarmed = sum(bool(found) for found in kinds)
        print(f"\nconduct, {len(LOOKS)} looks, {words}: {alarmed} of {len(runs)} clean logs raised {dict(raised)}")


def together(runs: Runs) -> None:
    """Print how often the whole audit did."""
    found = [run["kinds"] for run in runs.by_seed.values()]
    raised = Counter(kind for kinds in found for kind in kinds)
    alarmed = sum(bool(kinds) for kinds in found)
    print(f"\ntogether, {len(LOOKS)} looks: {alarmed} of {len(runs)} clean logs ever raised a finding {dict(raised)}")


def of_shapes(runs: Runs) -> None:
    """Print how often a ring was held, and how often one was refused that had passed its bar."""
    logs, rings, refused = (int(sum(runs.values(name))) for name in ("logs", "rings", "refused"))
    print(
        f"\nshapes: a ring in {rings} of {logs} clean logs of {len(SHAPES)} shapes; {refused} passed their bar "
        "and were refused, for they foretell no other votes"
    )


def laid(log: Log) -> ground.Ground:
    """The ground of a log that nobody is held in."""
    return ground.lay(log, numpy.ones(len(log.raters), dtype=bool), quality.Spreads())


def cost() -> None:
    """A million votes of ten thousand raters on a hundred models."""
    votes = World(seed=1, models=100, raters=9_900, votes=900_000).attacked("omnipresent", 0.1, 100)
    started = time.process_time()
    log = quality.read(*votes.columns())
    read = time.process_time() - started
    found = quality.audit(log, ring_bar=150.0)
    known = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    removed = found.held[votes.bad].mean()
    print(
        f"\ncost: 1e6 votes, 1e4 raters, 100 models, ring bar known: {known:.1f} CPU s (asked: <= 20), {read:.1f} "
        f"of them reading; {memory:.2f} GB (asked: <= 1.5); {removed:.0%} of bad votes held"
    )
    started = time.process_time()
    quality.audit(log)
    print(f"with its bar from replicas: {time.process_time() - started:.1f} CPU s (asked: <= 60)")


if __name__ == "__main__":
    main()
