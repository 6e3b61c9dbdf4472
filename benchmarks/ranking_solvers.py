"""Three ways to solve a Newton step, side by side: dense factor, conjugate gradients, sparse elimination.

    python benchmarks/ranking_solvers.py [--models 100 1000 5000] [--rounds 3] [--large]

A row is a fit to its maximum without intervals: CPU milliseconds over all threads with BLAS held to one (median), and
the peak of what one fit allocates. In a log where anybody meets anybody, a model is a few random steps from every
other, and the iteration needs few passes; in a ladder only neighbours meet, and it needs many. `intervals` is what the
covariance adds, whatever the solver was. `leaderboards.fitting.curvature` chooses by this table
(docs/decisions/0010); the last column says how far its ratings lie from the dense ones.
"""

import argparse
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from leaderboards.fitting import blas, bradley_terry, curvature, sandwich
from leaderboards.reading import counts

POINTS = 400 / numpy.log(10)
SEED = 20240613
MEETINGS = {"anybody": (10, 200), "ladder": (10,)}
"""Opponents of a model, by who meets whom."""
DENSE = 5_000
"""Models up to which the dense factor is measured."""
ELIMINATED = 1_000
"""Models up to which elimination is measured where anybody meets anybody; its factors fill up."""


def pairs(models: int, opponents: int, kind: str) -> counts.Pairs:
    """Ten votes on each pair, drawn from a normal spread of strengths, a fifth of them ties."""
    chance = numpy.random.default_rng(SEED)
    if kind == "ladder":
        steps = numpy.arange(1, opponents // 2 + 1)
        low = numpy.repeat(numpy.arange(models), len(steps))
        high = low + numpy.tile(steps, models)
        keys = low[high < models] * models + high[high < models]
        strengths = numpy.sort(chance.normal(0, 0.8, models))
    else:
        ends = chance.integers(models, size=(2, models * opponents // 2))
        ring = numpy.stack([numpy.arange(models), (numpy.arange(models) + 1) % models])
        ends = numpy.sort(numpy.concatenate([ends[:, ends[0] != ends[1]], ring], axis=1), axis=0)
        keys = numpy.unique(ends[0] * models + ends[1])
        strengths = chance.normal(0, 0.8, models)
    low, high = keys // models, keys % models
    won = 1 / (1 + numpy.exp(strengths[high] - strengths[low]))
    table = chance.multinomial(10, numpy.stack([0.8 * won, 0.8 * (1 - won), numpy.full(len(won), 0.2)], axis=1))
    weight = table.astype(float)
    return counts.Pairs(size=models, low=low, high=high, weight=weight, weight_squared=weight)


def solved_by(name: str) -> Callable[[curvature.Curvature, numpy.ndarray, float], numpy.ndarray]:
    """A step by one solver alone."""
    given = curvature.Curvature.step

    def dense(matrix: curvature.Curvature, gradient: numpy.ndarray, accuracy: float) -> numpy.ndarray:
        return matrix.factored(gradient)

    def iterated(matrix: curvature.Curvature, gradient: numpy.ndarray, accuracy: float) -> numpy.ndarray:
        found = matrix.iterated(gradient, accuracy, passes=20_000)
        if found is None:
            raise SystemExit("The iteration did not end.")
        return found

    def eliminated(matrix: curvature.Curvature, gradient: numpy.ndarray, accuracy: float) -> numpy.ndarray:
        return matrix.eliminated(gradient)

    return {"dense": dense, "iterated": iterated, "eliminated": eliminated, "as chosen": given}[name]


def measured(log: counts.Pairs, name: str, rounds: int) -> tuple[float, bradley_terry.Fit]:
    """Median CPU seconds of a fit, and the fit."""
    given = curvature.Curvature.step
    curvature.Curvature.step = solved_by(name)  # type: ignore[method-assign, assignment]
    try:
        spent = []
        for _ in range(rounds):
            begin = time.process_time()
            found = bradley_terry.fit(log)
            spent.append(time.process_time() - begin)
    finally:
        curvature.Curvature.step = given  # type: ignore[method-assign]
    return statistics.median(spent), found


def memory(log: counts.Pairs, name: str) -> float:
    """Megabytes that one fit holds at most."""
    tracemalloc.start()
    measured(log, name, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--models", type=int, nargs="+", default=[100, 200, 300, 400, 600, 1_000, 2_000])
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--large", action="store_true", help="also 5,000 and 20,000 models")
    given = reader.parse_args()
    solvers = "dense | iterated | eliminated | as chosen"
    print(f"| who meets whom | models | pairs | {solvers} | intervals | memory, MB | apart |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|---:|")
    for models in [*given.models, *([5_000, 20_000] if given.large else [])]:
        for kind, numbers in MEETINGS.items():
            for opponents in numbers:
                if opponents < models:
                    print(_row(models, opponents, kind, given.rounds), flush=True)


def _row(models: int, opponents: int, kind: str, rounds: int) -> str:
    log = pairs(models, opponents, kind)
    names = ["iterated", "as chosen"]
    if models <= DENSE:
        names.append("dense")
    if kind == "ladder" or models <= ELIMINATED:
        names.append("eliminated")
    spent: dict[str, float] = {}
    found: dict[str, bradley_terry.Fit] = {}
    with blas.single_threaded():
        for name in names:
            spent[name], found[name] = measured(log, name, rounds)
        apart = "" if models > DENSE else f"{_apart(found['as chosen'], found['dense']):.0e} Elo"
        intervals = ""
        if models <= DENSE:
            begin = time.process_time()
            sandwich.spread(found["as chosen"])
            intervals = f"{1000 * (time.process_time() - begin):.0f}"
    shown = [f"{1000 * spent[name]:.1f}" if name in spent else "" for name in ("dense", "iterated", "eliminated")]
    peaks = ", ".join(f"{name} {memory(log, name):.0f}" for name in ("dense", "as chosen") if name in spent)
    return (
        f"| {kind} | {models:,} | {len(log.low):,} | {' | '.join(shown)} | {1000 * spent['as chosen']:.1f} "
        f"| {intervals} | {peaks} | {apart} |"
    )


def _apart(one: bradley_terry.Fit, other: bradley_terry.Fit) -> float:
    return float(POINTS * numpy.abs(one.strengths - other.strengths).max())


if __name__ == "__main__":
    main()
