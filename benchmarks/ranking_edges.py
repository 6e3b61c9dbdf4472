"""Ratings at the edges: thousands of models, clusters, and the start of a small file; CPU seconds and peak memory.

    python benchmarks/ranking_edges.py [--models 1000 2500 5000] [--rounds 3] [--peers]

Every figure is from a process of its own, the least of the rounds: CPU over all threads from its start, and the
kernel's count of its peak memory. Each model met about eleven others, 22 votes a model, a fifth of them ties. With
`--peers` arena-rank and evalica rate the same votes, each from a pandas frame; they live in `.venv-peers`, which
`ranking.py` builds on first use. Evalica gives no intervals.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import process

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SEED = 20240613
PATIENCE = 300
"""Seconds after which a contender is left."""
CLUSTERS = {"plain": None, "by 100,000 raters": "rater", "by raters and prompts": "rater,prompt_id"}


def sparse(models: int) -> dict[str, object]:
    """Columns of votes where each model met about eleven others."""
    import numpy  # noqa: PLC0415 - the process that only starts others needs none of it

    chance = numpy.random.default_rng(SEED)
    first = numpy.repeat(numpy.arange(models), 6)
    second = (first + chance.integers(1, models, size=len(first))) % models
    drawn = chance.integers(len(first), size=22 * models)
    return _voted(chance, models, first[drawn], second[drawn])


def crowded() -> dict[str, object]:
    """A million votes on 200 models by 100,000 raters, on 50,000 prompts."""
    import numpy  # noqa: PLC0415 - as above

    chance = numpy.random.default_rng(SEED)
    first = chance.integers(200, size=10**6)
    second = (first + chance.integers(1, 200, size=len(first))) % 200
    votes = _voted(chance, 200, first, second)
    for column, size in (("rater", 100_000), ("prompt_id", 50_000)):
        votes[column] = numpy.array([f"{column} {k:06d}" for k in range(size)])[chance.integers(size, size=len(first))]
    return votes


def _voted(chance: object, models: int, first: object, second: object) -> dict[str, object]:
    import numpy  # noqa: PLC0415 - as above

    strengths = chance.normal(0, 0.8, models)
    won = chance.random(len(first)) < 1 / (1 + numpy.exp(strengths[second] - strengths[first]))
    tied = chance.random(len(first)) < 0.2
    names = numpy.array([f"model-{number:04d}" for number in range(models)])
    winner = numpy.where(tied, "tie", numpy.where(won, "model_a", "model_b"))
    return {"model_a": names[first], "model_b": names[second], "winner": winner}


def inside(task: str, amount: str) -> str:
    """One figure, in this process: CPU seconds of the rating alone, and the peak of the whole."""
    if task == "clusters":
        import pyarrow  # noqa: PLC0415 - only in the processes that rate

        import leaderboards  # noqa: PLC0415 - as above

        table = pyarrow.table(crowded())
        leaderboards.fit(pyarrow.table(table.slice(0, 1000)), cluster=CLUSTERS[amount])
        before = process.spent()
        leaderboards.fit(table, cluster=CLUSTERS[amount])
        return f"{process.spent() - before:.2f} {process.peak():.0f}"
    votes = sparse(int(amount))
    if task == "ours":
        import pyarrow  # noqa: PLC0415 - as above

        import leaderboards  # noqa: PLC0415 - as above

        before = process.spent()
        leaderboards.fit(pyarrow.table(votes))
    else:
        import pandas  # noqa: PLC0415 - there in the environment of the peers
        from peers import contenders  # noqa: PLC0415 - as above

        frame = pandas.DataFrame(votes)
        contenders.frame = lambda _: frame
        before = process.spent()
        {"arena-rank": contenders.arena_rank, "evalica": contenders.evalica}[task](None)
    return f"{process.spent() - before:.2f} {process.peak():.0f}"


def measured(python: str, task: str, amount: object, rounds: int) -> tuple[float, float] | None:
    """The least CPU seconds of the rounds, and the peak in MB; None where it did not end."""
    paths = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    found = []
    for _ in range(rounds):
        command = [python, __file__, "--inside", task, str(amount)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=paths, timeout=PATIENCE)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
            return None
        seconds, peak = done.stdout.split()[-2:]
        found.append((float(seconds), float(peak)))
    return min(found)


def started(rounds: int) -> float:
    """CPU seconds of `arena rank` on five votes, the whole process."""
    path = Path(__file__).with_name("five_votes.csv")
    least = float("inf")
    for _ in range(rounds):
        before = process.spent()
        command = [Path(sys.executable).with_name("arena"), "rank", str(path)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        least = min(least, process.spent() - before)
    return least


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--models", type=int, nargs="+", default=[1000, 2500, 3000, 5000])
    reader.add_argument("--rounds", type=int, default=2)
    reader.add_argument("--peers", action="store_true", help="also arena-rank and evalica")
    reader.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    given = reader.parse_args()
    if given.inside:
        print(inside(*given.inside))
        return
    contenders = {"ours": sys.executable}
    if given.peers:
        import ranking  # noqa: PLC0415 - builds the environment of the peers

        contenders |= dict.fromkeys(("arena-rank", "evalica"), str(ranking.environment()))
    print(f"Load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores.\n")
    print("| models | votes | who | CPU s | peak MB |\n|---:|---:|---|---:|---:|")
    for models in given.models:
        for name, python in contenders.items():
            found = measured(python, name, models, given.rounds)
            shown = f"did not end in {PATIENCE} s | " if found is None else f"{found[0]:.2f} | {found[1]:.0f}"
            print(f"| {models:,} | {22 * models:,} | {name} | {shown} |", flush=True)
    print(
        f"\nLoad {os.getloadavg()[0]:.1f}.\n\n"
        "| a million votes, 200 models | CPU s | times the plain fit |\n|---|---:|---:|"
    )
    plain = 0.0
    for title in CLUSTERS:
        found = measured(sys.executable, "clusters", title, given.rounds)
        seconds = float("nan") if found is None else found[0]
        plain = plain or seconds
        print(f"| {title} | {seconds:.2f} | {seconds / plain:.1f} |", flush=True)
    print(f"\n`arena rank` on five votes: {started(5):.2f} CPU s, load {os.getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
