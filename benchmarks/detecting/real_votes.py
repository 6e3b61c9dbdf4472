"""Published logs of real raters, nearly all of them honest: how many are held, and what attacks among them do.

An attacker's accounts vote on pairs of the log, and where the attack says nothing, as somebody did on the same pair.
The test that knows the attack knows the board of the real votes, and how much their raters' tastes differ on it.
"class" is what the attacker's accounts add up to as a class of raters (`classes.py`), in nats, when they are named, and
"best" what the best class comes to that is found from the same votes: where the first does not pass what real raters
come to by themselves, no test that is not told the attack can tell the accounts from people.
"""

import gzip
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy
from quality_worlds import Spread, Votes, World, voted

from detecting import classes, knowing, measures
from detecting.detectors import Detector, Scene
from detecting.situations import Situation
from leaderboards import robustness

LOGS = ("llmfao", "pandalm")
ATTACKS = (
    ("omnipresent", 0.2, 100),
    ("always-left", 0.2, 100),
    ("omnipresent", 0.1, 20),
    ("omnipresent", 0.1, 100),
    ("slow-burn", 0.1, 20),
    ("always-left", 0.1, 20),
    ("target", 0.1, 20),
    ("target", 0.1, 100),
    ("ring", 0.1, 20),
    ("robot", 0.1, 20),
)
_SIDE, _SLOPE, _TIES = 0.4, 0.5, 1.0
"""Of the logarithms of sharpness and of the share of ties: twice those of the made-up raters, as real ones differ."""
_HELD = 0.03
"""Of real raters, at most."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RealWorld(World):
    """What the test that knows the attack takes for the truth about real raters: the board of all their votes."""

    known: numpy.ndarray
    judge: numpy.ndarray

    def strengths(self) -> numpy.ndarray:
        return self.known

    def robots_taste(self) -> numpy.ndarray:
        return self.judge


def report(folder: Path, detector: Detector, seed: int) -> None:
    """A few lines for each log."""
    knows = knowing.detector()
    for name in LOGS:
        votes = read(folder / f"{name}_votes.jsonl.gz")
        world = known(votes, seed)
        raters = int(votes.rater.max()) + 1
        clean = _found(detector, votes, votes, world, Situation())
        verdict = "holds" if clean["held"] <= _HELD else "MISSED"
        print(
            f"\n{name}: {len(votes.rater)} votes of {raters} raters on {world.models} models, tastes differ by "
            f"{world.spread.taste:.2f} logits; {round(clean['held'] * raters)} raters held, {clean['held']:.1%} "
            f"(<= {_HELD:.0%}) {verdict}, {round(clean['waiting'] * raters)} waiting, {clean['seconds']:.1f} CPU s"
        )
        if (people := classes.gains(votes)) is not None:
            print(f"the best class of its raters comes to {people[0]:.0f} nats")
        print(
            f"{'attack':20} {'gain none':>9} {'here':>5} {'knows':>5} {'shift none':>10} {'here':>5} {'knows':>5} "
            f"{'held':>6} {'removed':>8} {'by knows':>8} {'class':>6} {'best':>5}"
        )
        for attack, share, accounts in ATTACKS:
            if attack == "ring" and world.models < 10:  # there are no three models of a vendor below the middle
                continue
            mixed = attacked(votes, world, attack, share, accounts)
            nothing = _moved(numpy.ones(len(mixed.rater)), mixed, votes, world)
            situation = Situation(attack=attack, share=share, accounts=accounts)
            here, best = (_found(one, mixed, votes, world, situation) for one in (detector, knows))
            found = classes.gains(mixed)
            told = "" if found is None else f" {found[1]:6.0f} {found[0]:5.0f}"
            print(
                f"{situation.name:20} {nothing[0]:9} {here['gain']:5.0f} {best['gain']:5.0f} {nothing[1]:10} "
                f"{here['shift']:5.0f} {best['shift']:5.0f} {here['held']:6.1%} {here['removed']:8.2f} "
                f"{best['removed']:8.2f}{told}",
                flush=True,
            )


def known(votes: Votes, seed: int) -> RealWorld:
    """Strengths on the scale of decisions, and how much raters differ."""
    models = int(max(votes.left.max(), votes.right.max())) + 1
    decided = votes.outcome != 2
    log, board = measures.clustered(votes, decided)
    taste = robustness.taste(board, log) or 0.0
    return RealWorld(
        seed=seed,
        models=models,
        raters=int(votes.rater.max()) + 1,
        votes=len(votes.rater),
        spread=Spread(
            taste=max(taste, 0.05),
            side=_SIDE,
            slope=_SLOPE,
            ties=_TIES,
            tie_level=_tie_level(float(1 - decided.mean())),
        ),
        known=measures.board(votes, decided.astype(float), models),
        judge=numpy.random.default_rng((seed, 1)).normal(0, 0.8, models),
    )


def _tie_level(share: float) -> float:
    """Davidson's parameter that makes this share of ties between equals."""
    return 2 * share / (1 - share)


def read(path: Path) -> Votes:
    """A log with its models numbered from the best."""
    winners = {"model_a": 0, "model_b": 1}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    rater = numpy.unique([row["judge"] for row in rows], return_inverse=True)[1]
    names, code = numpy.unique([row[side] for side in ("model_a", "model_b") for row in rows], return_inverse=True)
    left, right = code.reshape(2, -1)
    outcome = numpy.array([winners.get(row["winner"], 2) for row in rows])
    bad = numpy.zeros(len(rater), dtype=bool)
    found = Votes(rater=rater, left=left, right=right, outcome=outcome, bad=bad)
    place = measures.ranks(measures.board(found, None, len(names)))
    return Votes(rater=rater, left=place[left], right=place[right], outcome=outcome, bad=bad)


def attacked(votes: Votes, world: RealWorld, attack: str, share: float, accounts: int) -> Votes:
    """The log with an attacker among its raters, for the model in the middle."""
    chance = numpy.random.default_rng((world.seed, accounts))
    n = int(len(votes.rater) * share / (1 - share))
    drawn = chance.integers(0, len(votes.rater), n)
    rater = chance.integers(0, accounts, n)
    swapped = chance.random(n) < 0.5
    left = numpy.where(swapped, votes.right[drawn], votes.left[drawn])
    right = numpy.where(swapped, votes.left[drawn], votes.right[drawn])
    honest = numpy.where(swapped, numpy.array([1, 0, 2])[votes.outcome[drawn]], votes.outcome[drawn])
    outcome = voted(attack, chance, honest, world.known, world.target, rater, left, right, world.judge)
    bad = numpy.ones(n, dtype=bool)
    return votes.beside(Votes(rater=rater, left=left, right=right, outcome=outcome, bad=bad))


def _found(detector: Detector, votes: Votes, honest: Votes, world: RealWorld, situation: Situation) -> dict[str, float]:
    started = time.process_time()
    verdict = detector.judge(Scene(votes=votes, world=world, situation=situation))
    seconds = time.process_time() - started
    gain, shift = _moved(verdict.weight, votes, honest, world)
    return {"gain": gain, "shift": shift, "seconds": seconds, **measures.of_raters(votes, verdict)}


def _moved(weight: numpy.ndarray, votes: Votes, honest: Votes, world: RealWorld) -> tuple[int, int]:
    """Places the model in the middle rises, and the largest move of any."""
    clean = measures.ranks(measures.board(honest, None, world.models))
    moved = clean - measures.ranks(measures.board(votes, weight, world.models))
    return int(moved[world.target]), int(numpy.abs(moved).max())
