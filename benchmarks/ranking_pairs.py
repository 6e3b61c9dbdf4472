"""Votes needed to separate the ten best: uniform drawing, drawing decided online from the votes alone, and an oracle.

    python benchmarks/ranking_pairs.py [--models 129] [--top 10] [--seeds 5] [--floor 0.25]

Strengths are spaced like a public board of 129 models: gaps of a few points near the top, wider below. Votes arrive in
batches, some of them ties that count half; after each batch the board is fitted and the next batch drawn from
`pair_design.design`. Separated means that the true ten best are certain to be the ten best by the simultaneous rank
sets of the board. The oracle knows the strengths and draws from the
fixed design that brings every difference across the line to the same number of errors; drawing that follows the votes
can beat it, because it spends on the differences that happened to come out small. The share of ratings within
their 95 % intervals at the end says whether adaptive drawing left the intervals honest; a smaller floor saves few votes
and leaves models that were unlucky at the start rated too low: try --floor 0.02.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import leaderboards
from leaderboards.fitting import pair_design

POINTS = 400 / numpy.log(10)


def strengths(models: int, top: int) -> numpy.ndarray:
    """Logits, highest first: a board's tail, and a step of 12 points after the `top` best."""
    quantile = (numpy.arange(models) + 0.5) / models
    ratings = 1250 - 420 * quantile**1.3 - 6 * numpy.log(1 / (1 - quantile) + 1)
    ratings[:top] += 12
    logits = numpy.sort(ratings)[::-1] / POINTS
    centred: numpy.ndarray = logits - logits.mean()
    return centred


def separated(board: leaderboards.Board, truth: set[str], top: int) -> bool:
    """Whether the rank sets say with certainty that the true best are the best."""
    rated = board.rated
    return len(rated) == len(board.entries) and all(
        (entry.rank_worst or 0) <= top if entry.model in truth else (entry.rank_best or 0) > top for entry in rated
    )


def spent(
    policy: str, logits: numpy.ndarray, top: int, seed: int, limit: int, floor: float
) -> tuple[int | None, float]:
    """Votes until separated, None beyond the limit; and the share of ratings inside their intervals."""
    chance = numpy.random.default_rng(seed)
    names = tuple(f"m{place:03d}" for place in range(len(logits)))
    number = {name: place for place, name in enumerate(names)}
    running = leaderboards.Running()
    drawn, batch = 0, 20 * len(names)
    design = pair_design.uniform(names)
    truth = set(names[:top])
    board = None
    while drawn < limit:
        picked = chance.multinomial(batch, design.probability)
        for pair in numpy.flatnonzero(picked):
            one, other = names_of(design, int(pair))
            gap = logits[number[one]] - logits[number[other]]
            win = 1 / (1 + numpy.exp(-gap))
            tie = 0.2 * min(win, 1 - win)
            cells = chance.multinomial(picked[pair], [win - tie / 2, 1 - win - tie / 2, tie])
            for outcome, count in zip(("model_a", "model_b", "tie"), cells.tolist(), strict=True):
                if count:
                    running.add(one, other, outcome, count)
        drawn += batch
        board = running.fit()
        if separated(board, truth, top):
            break
        if policy == "online":
            design = pair_design.design(board, "boundary", k=top, votes=max(batch, drawn // 4), floor=floor)
        elif policy == "oracle" and drawn == batch:
            design = oracle(board, logits, top)
        batch = max(batch, drawn // 10)
    covered = (
        [entry.lower <= 1000 + POINTS * logits[number[entry.model]] <= entry.upper for entry in board.rated]
        if board
        else []
    )
    done = board is not None and separated(board, truth, top)
    return (drawn if done else None), float(numpy.mean(covered))


def oracle(board: leaderboards.Board, logits: numpy.ndarray, top: int) -> pair_design.Design:
    """The best fixed design for known strengths."""
    return pair_design.best(board.rated_models, dict(zip(board.rated_models, logits, strict=True)), k=top)


def names_of(design: pair_design.Design, pair: int) -> tuple[str, str]:
    """The two models of a pair."""
    return design.models[design.low[pair]], design.models[design.high[pair]]


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--models", type=int, default=129)
    reader.add_argument("--top", type=int, default=10)
    reader.add_argument("--seeds", type=int, default=5)
    reader.add_argument("--floor", type=float, default=0.25, help="share of online draws that is uniform")
    reader.add_argument("--limit", type=int, default=30_000_000)
    given = reader.parse_args()
    logits = strengths(given.models, given.top)
    gap = POINTS * (logits[given.top - 1] - logits[given.top])
    print(f"{given.models} models, {gap:.1f} points between the {given.top} best and the rest, {given.seeds} seeds")
    print("| drawing | votes until separated, median | each | intervals that cover (each) | seconds |")
    print("|---|---:|---|---:|---:|")
    medians = {}
    for policy in ("uniform", "online", "oracle"):
        begin = time.perf_counter()
        runs = [spent(policy, logits, given.top, seed, given.limit, given.floor) for seed in range(given.seeds)]
        votes = [run[0] if run[0] is not None else given.limit for run in runs]
        medians[policy] = statistics.median(votes)
        shown = ", ".join(f"{run[0]:,}" if run[0] else f"over {given.limit:,}" for run in runs)
        cover = f"{statistics.fmean(run[1] for run in runs):.1%} ({', '.join(f'{run[1]:.0%}' for run in runs)})"
        print(
            f"| {policy} | {medians[policy]:,.0f} | {shown} | {cover} | {time.perf_counter() - begin:.0f} |",
            flush=True,
        )
    for other in ("uniform", "oracle"):
        bar = " (bar: 10)" if other == "uniform" else ""
        print(f"{other} / online = {medians[other] / medians['online']:.1f}{bar}")


if __name__ == "__main__":
    main()
