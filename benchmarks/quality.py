"""How well the audit of votes does on made-up populations, beside what it has to reach, and what it costs.

    python benchmarks/quality.py [--seeds 3] [--only clean attacks many small wide large peeking cost] [--data DIR]

Every row is printed with the figure it is held to. "shift" is the largest move of any model's rank from the board of
the honest votes alone, "rise" the target's, both mean / worst over the seeds, before and after the audit; "held" the
share of honest raters all of whose votes are held, "waiting" of those whose votes wait, "removed" the share of bad
votes that are not counted. Seeds start at 1000 and were used for nothing else. `--data` names a folder with
`llmfao_votes.jsonl.gz` and `pandalm_votes.jsonl.gz`: real raters, nearly all of them honest, and an attack among them.
"""

import argparse
import gzip
import json
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy
from scipy.stats import kendalltau

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from quality_worlds import Spread, Votes, World

from arena import quality
from arena.quality import evidence, ground, strengths
from arena.quality.log import Log

FIRST_SEED = 1000
WIDE = Spread().wider(2)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One situation, and what is asked of it."""

    attack: str | None = None
    share: float = 0.0
    accounts: int = 0
    asked: str = ""


PARTS: dict[str, tuple[dict[str, object], tuple[Row, ...]]] = {
    "clean": ({}, (Row(asked="held <= 0.1 %, in 1 run of 20; tau loss <= 0.003"),)),
    "attacks": (
        {},
        (
            Row(attack="honest", share=0.1, accounts=100, asked="the control: what 10 % more honest votes move"),
            *(
                Row(attack=attack, share=0.2, accounts=100, asked="rise <= 1; shift <= 1 in 95 %, <= 2; tau <= 0.006")
                for attack in ("omnipresent", "ring", "slow-burn", "always-left", "straight-line")
            ),
            *(
                Row(attack=attack, share=0.1, accounts=accounts, asked="rise <= 1; shift <= that of the control + 1")
                for accounts in (20, 100)
                for attack in ("omnipresent", "ring", "slow-burn", "always-left", "straight-line")
            ),
            Row(attack="omnipresent", share=0.05, accounts=100, asked="rise <= 1; shift <= that of the control + 1"),
            *(
                Row(attack=attack, share=0.1, accounts=accounts, asked=asked)
                for attack in ("target", "rival")
                for accounts, asked in ((100, "mean rise halved"), (20, "rise <= 1"))
            ),
            Row(attack="robot", share=0.1, accounts=100, asked="found in 80 % of runs"),
            *(
                Row(attack=attack, share=0.1, accounts=100, asked="tau loss <= 0.01; held <= 1 %")
                for attack in ("apathetic", "gold-farmer", "mimic")
            ),
        ),
    ),
    "many": (
        {},
        tuple(
            Row(attack=attack, share=0.1, accounts=1000, asked="rise <= 1; waiting <= 30 %")
            for attack in ("omnipresent", "target")
        ),
    ),
    "wide": (
        {"spread": WIDE},
        (
            Row(asked="held <= 0.1 %"),
            Row(attack="omnipresent", share=0.2, accounts=100, asked="as in a usual population"),
            Row(attack="target", share=0.1, accounts=100, asked="as in a usual population"),
        ),
    ),
    "small": (
        {"activity": 2.0},
        (
            Row(asked="held <= 0.1 %; waiting at most those of few votes"),
            Row(attack="ring", share=0.1, accounts=100, asked="rise <= 1"),
        ),
    ),
    "large": (
        {"models": 130, "votes": 100_000},
        (
            Row(asked="held 0"),
            Row(attack="omnipresent", share=0.1, accounts=100, asked="prototype: shift 3, rise 0"),
            Row(attack="slow-burn", share=0.1, accounts=20, asked="prototype: shift 1, rise -1"),
            Row(attack="target", share=0.1, accounts=20, asked="prototype: shift 2, rise 0"),
            Row(attack="ring", share=0.1, accounts=100, asked="prototype: shift 8, rise 3"),
            Row(attack="target", share=0.1, accounts=100, asked="prototype: shift 21, rise 21, not solved"),
        ),
    ),
}


def main() -> None:
    """Print the parts asked for."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    reader.add_argument("--seeds", type=int, default=3)
    reader.add_argument("--only", nargs="+", default=["clean", "attacks", "many"], choices=[*PARTS, "peeking", "cost"])
    reader.add_argument("--data", type=Path)
    given = reader.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores, {given.seeds} seeds")
    for part in given.only:
        if part in PARTS:
            world, rows = PARTS[part]
            print(f"\n{part}\n{HEAD}")
            for row in rows:
                print(_measured(row, world, given.seeds), flush=True)
    if "peeking" in given.only:
        peeking(given.seeds)
    if given.data is not None:
        real(given.data)
    if "cost" in given.only:
        cost()
    print(f"load {os.getloadavg()[0]:.1f}")


HEAD = (
    f"{'attack':14}{'share':>6}{'acc.':>6} | {'shift before':>12} {'after':>9} | {'rise before':>11} {'after':>9} | "
    f"{'d tau':>7} {'held':>7} {'runs':>5} {'waiting':>7} {'removed':>7} {'found':>5} {'cpu s':>5} | asked"
)


def _measured(row: Row, given: dict[str, object], seeds: int) -> str:
    """One line of a table."""
    runs = [_run(row, World(seed=FIRST_SEED + seed, **given)) for seed in range(seeds)]  # type: ignore[arg-type]

    def both(name: str) -> str:
        values = [run[name] for run in runs]
        return f"{numpy.mean(values):.1f} / {max(values):.0f}"

    def mean(name: str) -> float:
        return float(numpy.mean([run[name] for run in runs]))

    return (
        f"{row.attack or 'none':14}{row.share:6.2f}{row.accounts:6d} | {both('shift_before'):>12} {both('shift'):>9} | "
        f"{both('rise_before'):>11} {both('rise'):>9} | {mean('tau'):+7.3f} {mean('held'):7.2%} "
        f"{numpy.mean([run['held'] > 0 for run in runs]):5.2f} {mean('waiting'):7.1%} {mean('removed'):7.2f} "
        f"{mean('found'):5.2f} {mean('cpu'):5.1f} | {row.asked}"
    )


def _run(row: Row, world: World) -> dict[str, float]:
    honest = world.clean()
    votes = honest if row.attack is None else world.attacked(row.attack, row.share, row.accounts, honest)
    started = time.process_time()
    found = quality.audit(quality.read(*votes.columns()))
    cpu = time.process_time() - started
    clean = board(votes, ~votes.bad) if row.attack != "honest" else board(honest, numpy.ones(len(honest.rater), bool))
    before, after = board(votes, numpy.ones(len(votes.rater), bool)), board(votes, ~found.held)
    target, truth = world.target, world.strengths()
    raters = int(votes.rater.max()) + 1
    cast = numpy.bincount(votes.rater, minlength=raters)
    bad = numpy.bincount(votes.rater, votes.bad, raters) > 0
    good = (cast > 0) & ~bad
    whole = (numpy.bincount(votes.rater, found.held & ~found.pending, raters) == cast) & good
    waits = (numpy.bincount(votes.rater, found.pending, raters) > 0) & good
    return {
        "shift_before": float(numpy.abs(ranks(before) - ranks(clean)).max()),
        "shift": float(numpy.abs(ranks(after) - ranks(clean)).max()),
        "rise_before": float(ranks(clean)[target] - ranks(before)[target]),
        "rise": float(ranks(clean)[target] - ranks(after)[target]),
        "tau": float(kendalltau(after, truth)[0] - kendalltau(clean, truth)[0]),
        "held": float(whole.sum() / good.sum()),
        "waiting": float(waits.sum() / good.sum()),
        "removed": float(found.held[votes.bad].mean()) if votes.bad.any() else 0.0,
        "found": float(any(not one.pending for one in found.findings)),
        "cpu": cpu,
    }


def board(votes: Votes, kept: numpy.ndarray) -> numpy.ndarray:
    """Strengths from the votes kept, ties counting half."""
    won = numpy.array([1.0, 0.0, 0.5])[votes.outcome[kept]]
    models = int(max(votes.left.max(), votes.right.max())) + 1
    return strengths.fit(strengths.wins(votes.left[kept], votes.right[kept], won, models)).strengths


def ranks(values: numpy.ndarray) -> numpy.ndarray:
    """Places from 0, the largest first."""
    found = numpy.empty(len(values), dtype=int)
    found[numpy.argsort(-values, kind="stable")] = numpy.arange(len(values))
    return found


def peeking(seeds: int) -> None:
    """Clean logs of 4,000 votes, the evidence on each account looked at after every 200."""
    raised, highest = 0, []
    runs = 20 * seeds
    for seed in range(runs):
        votes = World(seed=FIRST_SEED + seed, models=20, raters=150, votes=4_000).clean()
        top = -numpy.inf
        alarm = False
        for until in range(200, 4_001, 200):
            log = quality.read(*(column[:until] for column in votes.columns()))
            found = evidence.weighed(laid(log))
            top = max(top, float(found.total.max()))
            alarm |= bool(evidence.passing(found.total, 0.025).any())
        raised += alarm
        highest.append(top)
    print(f"\npeeking: {raised} of {runs} clean logs raised a finding in 20 looks (promised: 1 in 40 of them at most)")
    print(f"largest evidence in nats: median {numpy.median(highest):.1f}, worst {max(highest):.1f}")


def laid(log: Log) -> ground.Ground:
    """The ground of a log that nobody is held in."""
    return ground.lay(log, numpy.ones(len(log.raters), dtype=bool), quality.Spreads())


def real(folder: Path) -> None:
    """Raters of published logs, and an attack among them."""
    outcomes = {"model_a": 0, "model_b": 1}
    for name in ("llmfao", "pandalm"):
        with gzip.open(folder / f"{name}_votes.jsonl.gz", "rt", encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        rater = numpy.unique([row["judge"] for row in rows], return_inverse=True)[1]
        names, code = numpy.unique([row[side] for side in ("model_a", "model_b") for row in rows], return_inverse=True)
        left, right = code.reshape(2, -1)
        outcome = numpy.array([outcomes.get(row["winner"], 2) for row in rows])
        found = quality.audit(quality.read(rater, left, right, outcome))
        held = len(found.held_raters)
        raters = int(rater.max()) + 1
        print(f"\n{name}: {held} of {raters} raters held (asked: <= 3 %), {len(found.pending_raters)} waiting")
        for one in found.findings:
            print(f"  {one.kind} {one.strength:.1f}: {one.sentence}")
        votes = Votes(rater=rater, left=left, right=right, outcome=outcome, bad=numpy.zeros(len(rater), dtype=bool))
        truth = board(votes, ~votes.bad)
        target = int(numpy.argsort(-truth)[len(names) // 2])
        for accounts, hunts in ((20, False), (100, False), (20, True)):
            mixed = _pushed(votes, target, accounts, hunts)
            audited = quality.audit(quality.read(*mixed.columns()))
            bad = set(numpy.unique(mixed.rater[mixed.bad]).astype(str))
            rise = [
                int(ranks(truth)[target] - ranks(board(mixed, kept))[target])
                for kept in (mixed.bad >= 0, ~audited.held)
            ]
            who = f"{accounts} accounts for one model{', on no other' if hunts else ''}"
            caught = audited.held[mixed.bad].mean()
            wrong = len(set(audited.held_raters) - bad)
            print(
                f"  10 % of votes from {who}: rise {rise[0]} -> {rise[1]}, "
                f"{caught:.0%} of their votes held, {wrong} others held"
            )


def _pushed(votes: Votes, target: int, accounts: int, hunts: bool) -> Votes:
    """A tenth of the log from somebody's accounts, on pairs of the log or only those with one model, for that model."""
    chance = numpy.random.default_rng(FIRST_SEED)
    n = len(votes.rater) // 9
    about = (votes.left == target) | (votes.right == target)
    drawn = chance.choice(numpy.flatnonzero(about) if hunts else len(votes.rater), n)
    left, right, outcome = votes.left[drawn], votes.right[drawn], votes.outcome[drawn].copy()
    knows = chance.random(n) < 0.95
    outcome[(left == target) & knows] = 0
    outcome[(right == target) & knows] = 1
    order = numpy.argsort(numpy.concatenate([numpy.arange(len(votes.rater)) / len(votes.rater), numpy.arange(n) / n]))

    def mixed(own: numpy.ndarray, added: numpy.ndarray) -> numpy.ndarray:
        return numpy.concatenate([own, added])[order]

    return Votes(
        rater=mixed(votes.rater, int(votes.rater.max()) + 1 + chance.integers(0, accounts, n)),
        left=mixed(votes.left, left),
        right=mixed(votes.right, right),
        outcome=mixed(votes.outcome, outcome),
        bad=mixed(votes.bad, numpy.ones(n, dtype=bool)),
    )


def cost() -> None:
    """A million votes of ten thousand raters on a hundred models."""
    votes = World(seed=1, models=100, raters=9_900, votes=900_000).attacked("omnipresent", 0.1, 100)
    started = time.process_time()
    log = quality.read(*votes.columns())
    read = time.process_time() - started
    found = quality.audit(log, ring_bar=400.0)
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
