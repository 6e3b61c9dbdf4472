"""Can bad votes move the board, and what does it cost honest raters? Any detector, beside its bars.

    python benchmarks/integrity.py                                  one seed of the situations at 20 models
    make integrity                                                  30 seeds, 3 at 130 models: two hours on two cores
    make integrity ARGS="--only tenth one-model --seeds 2"          some situations; by group, or by name
    make integrity ARGS='--detector "arena rank {file} --audit --format json"'
    make integrity ARGS="--detector mine:judge"                     a callable (rater, left, right, outcome) -> weights
    make integrity ARGS="--data DIR"                                attacks among published votes, too (--only real)
    make integrity ARGS="--only power"                              one account at a time, beside the test that knows
    make integrity ARGS="--detector told --only fifth"              holding dishonest votes, all of them and no other

Every detector, the rules of the field and a test that knows the attack see the same made-up votes
(`quality_worlds.py`). "gain" is how many places the target rises (of `rival`: or the rival falls) from the board of
the honest votes alone, "shift" the largest move of any model, "held" the share of honest raters of whom any vote is
held, "waiting" of those whose votes wait, "removed" the share of bad votes that does not count. Beside a bar that is
missed stands what the test that knows the attack reaches of it. Results are kept as
JSON lines, by what they depend on: a run that is stopped (`Ctrl+C`) prints what it has, and goes on where it was. Seeds
from 5000 on were used for nothing else: tune with `--first-seed` below.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from detecting import bars, baselines, chart, detectors, knowing, measures, power, real_votes, told
from detecting.results import Results, Runs
from detecting.situations import GROUPS, Situation

FIRST_SEED = 5000
BUILT = Path(__file__).resolve().parent.parent / "build" / "integrity"
RULES = tuple(baselines.RULES)
TOLD = {"knows": knowing.detector, "told": told.detector}
"""Detectors that are told of the attack what nobody knows."""
APART = ("power", "real")
Task = tuple[Situation, int, dict[str, str]]
"""A situation, a seed, and the detectors that have not seen it, with their fingerprints."""


def main() -> None:
    """Run what is missing, then print everything."""
    given = _options()
    known = [name for name in RULES if name not in baselines.missing()]
    for name in baselines.missing():
        print(f"{name} is left out: crowd-kit is not installed here (make integrity installs it).", file=sys.stderr)
    beside = ["nothing", "knows"] if given.alone else [*known, "knows"]
    names = list(dict.fromkeys([given.detector, *beside]))
    print(
        f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores, {given.jobs} at once, first seed {given.first_seed}"
    )
    started, spent = time.time(), sum(os.times()[:4])
    results = Results(given.results)
    planned = list(_planned(given))
    try:
        _fill(results, planned, names, given.jobs)
    except KeyboardInterrupt:
        planned = list(_begun(results, planned, given.detector))
        print(
            f"\nStopped: what follows is of {sum(len(seeds) for _, seeds in planned)} runs; the same command goes on."
        )
    if planned:
        report(results, planned, given.detector, names, given.plot)
    if "power" in given.only:
        power.report(given.first_seed)
    if given.data is not None and (not given.only or "real" in given.only):
        real_votes.report(given.data, detector(given.detector), given.first_seed)
    print(
        f"\nload {os.getloadavg()[0]:.1f}; {sum(os.times()[:4]) - spent:.0f} CPU seconds in {time.time() - started:.0f}"
    )


def _options() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    reader.add_argument("--detector", default="arena", help="arena, module:function, or a command with {file}")
    reader.add_argument("--seeds", type=int, default=1)
    reader.add_argument("--first-seed", type=int, default=FIRST_SEED)
    reader.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help=f"groups ({', '.join(GROUPS)}), situations, power or real"
    )
    reader.add_argument("--models", type=int, choices=(20, 130), help="situations with so many models")
    reader.add_argument("--alone", action="store_true", help="without the rules of the field beside it")
    reader.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    reader.add_argument("--results", type=Path, default=BUILT / "results.jsonl")
    reader.add_argument("--plot", type=Path, default=BUILT / "gains.svg")
    reader.add_argument("--data", type=Path, help="a folder with llmfao_votes.jsonl.gz and pandalm_votes.jsonl.gz")
    given = reader.parse_args()
    known = {*GROUPS, *APART, *(one.name for group in GROUPS.values() for one in group.situations)}
    if "real" in given.only and given.data is None:
        reader.error("real votes are read from a folder; name it with --data")
    if unknown := sorted(set(given.only) - known):
        reader.error(f"no situation is called {unknown[0]}; groups: {', '.join((*GROUPS, *APART))}")
    return given


def _planned(given: argparse.Namespace) -> Iterator[tuple[Situation, range]]:
    """Situations with their seeds; the honest control comes with whatever is held against it."""
    chosen: dict[Situation, range] = {}
    for name, group in GROUPS.items():
        seeds = given.seeds if group.seeds is None else min(given.seeds, group.seeds)
        for one in group.situations:
            named = name in given.only or one.name in given.only
            large = one.population.startswith("large")
            if not (named or (group.asked and not given.only)):
                continue
            if given.models is None or large == (given.models == 130):
                wanted = range(given.first_seed, given.first_seed + seeds)
                chosen.setdefault(one, wanted)
                if any(bar.what.startswith("excess") for bar in bars.asked(one)):
                    chosen.setdefault(one.control, wanted)
    return iter(chosen.items())


@cache
def detector(name: str) -> detectors.Detector:
    """By its name on the command line."""
    if name in baselines.RULES:
        return baselines.detector(name)
    if name in TOLD:
        return TOLD[name]()
    return detectors.named(name)


def one_log(situation: Situation, seed: int, prints: dict[str, str]) -> list[dict[str, Any]]:
    """Every detector named on one log."""
    world = situation.world(seed)
    votes, honest = situation.votes(world)
    scene = detectors.Scene(votes=votes, world=world, situation=situation)
    if situation.attack == "honest":
        honest = world.clean()
    return [
        {
            "situation": situation.name,
            "seed": seed,
            "detector": name,
            "fingerprint": fingerprint,
            **measures.run(detector(name), scene, honest),
        }
        for name, fingerprint in prints.items()
    ]


def _fill(results: Results, planned: list[tuple[Situation, range]], names: list[str], jobs: int) -> None:
    """Run what no line has yet, seed by seed, so that a run that is broken off has seen every situation."""
    prints = {name: detector(name).fingerprint() for name in names}
    missing = [
        (situation, seed, wanted)
        for situation, seed in sorted(
            ((one, seed) for one, seeds in planned for seed in seeds), key=lambda pair: pair[1]
        )
        if (
            wanted := {
                name: fingerprint
                for name, fingerprint in prints.items()
                if (situation.name, seed, name, fingerprint) not in results
            }
        )
    ]
    for number, (situation, seed, found) in enumerate(_found(missing, jobs), 1):
        for line in found:
            results.add(line)
        if sys.stderr.isatty():
            print(f"\r{number} of {len(missing)}: {situation.name}, seed {seed}\033[K", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _begun(results: Results, planned: list[tuple[Situation, range]], own: str) -> Iterator[tuple[Situation, range]]:
    """Situations with those of their first seeds that are done."""
    fingerprint = detector(own).fingerprint()
    for situation, seeds in planned:
        if done := len(results.runs(situation, own, fingerprint, seeds)):
            yield situation, seeds[:done]


def _found(missing: list[Task], jobs: int) -> Iterator[tuple[Situation, int, list[dict[str, Any]]]]:
    """Each log with what came of it, in their order."""
    if jobs == 1:
        for situation, seed, prints in missing:
            yield situation, seed, one_log(situation, seed, prints)
        return
    with ProcessPoolExecutor(jobs) as pool:
        done = [pool.submit(one_log, *task) for task in missing]
        for future, (situation, seed, _) in zip(done, missing, strict=True):
            yield situation, seed, future.result()


HEAD = (
    f"{'situation':28}{'runs':>4} | {'gain none':>9} {'here':>9} {'knows':>9} {'best rule':>22} | {'shift':>9} "
    f"{'excess':>6} {'tau loss':>15} | {'held':>7} {'runs':>5} {'waiting':>7} {'removed':>7} {'by knows':>8} "
    f"{'cpu s':>6}"
)


def report(results: Results, planned: list[tuple[Situation, range]], own: str, names: list[str], plot: Path) -> None:
    """The table, the bars below each situation, and the plot."""
    rules = [name for name in names if name in RULES and name != "nothing"]
    drawn: list[chart.Gain] = []
    missed: list[str] = []
    asked = 0
    print(f"\n{own}: mean / worst run\n{HEAD}")
    for situation, seeds in planned:
        runs = {name: results.runs(situation, name, detector(name).fingerprint(), seeds) for name in names}
        control = results.runs(situation.control, "nothing", detector("nothing").fingerprint(), seeds)
        seen = bars.Seen(own=runs[own], nothing=runs["nothing"], control=control)
        best = min(rules, key=lambda name: runs[name].mean("gain"), default=None) if situation.attack else None
        print(_line(situation, seen, runs, best))
        knows = bars.Seen(own=runs["knows"], nothing=runs["nothing"], control=control)
        for bar in bars.asked(situation):
            asked += 1
            if not bar.holds(seen):
                missed.append(f"{situation.name}: {bar.said(seen)}; knowing the attack, {bar.reached(knows)}")
        if verdicts := [bar.said(seen) for bar in bars.asked(situation)]:
            print(f"    {'; '.join(verdicts)}")
        if situation.attack not in (None, "honest"):
            shown = {"nothing": "nothing", own: own, "knows": "knows", **({best: "rule"} if best else {})}
            by_detector = {as_: (runs[name].mean("gain"), runs[name].most("gain")) for name, as_ in shown.items()}
            drawn.append(chart.Gain(situation=situation.name, by_detector=by_detector))
    print(f"\n{asked - len(missed)} of {asked} bars hold." + "".join(f"\n  missed: {one}" for one in missed))
    if drawn:
        plot.parent.mkdir(parents=True, exist_ok=True)
        chart.gains(drawn, own, "Places the attacked-for model gains: mean, and worst run").save(plot)
        print(f"Drawn: {plot}")


def _line(situation: Situation, seen: bars.Seen, runs: dict[str, Runs], best: str | None) -> str:
    own = seen.own

    def both(found: Runs, name: str, digits: int = 1) -> str:
        return f"{found.mean(name):.{digits}f} / {found.most(name):.{0 if digits == 1 else digits}f}"

    rule = "" if best is None else f"{best} {both(runs[best], 'gain')}"
    excess = seen.excess()
    return (
        f"{situation.name:28}{len(own):4} | {both(seen.nothing, 'gain'):>9} {both(own, 'gain'):>9} "
        f"{both(runs['knows'], 'gain'):>9} {rule:>22} | {both(own, 'shift'):>9} "
        f"{format(max(excess), '.0f') if excess else '':>6} {both(own, 'tau_loss', 3):>15} | "
        f"{own.mean('held'):7.2%} {1 - own.within('held', 0):5.2f} {own.mean('waiting'):7.1%} "
        f"{own.mean('removed'):7.2f} {runs['knows'].mean('removed'):8.2f} {own.mean('cpu_seconds'):6.1f}"
    )


if __name__ == "__main__":
    main()
