"""What one run measures: how far the board is moved, what honest raters lose, and what is found of the attackers."""

import os
import time
from typing import Any

import numpy
import pyarrow
from quality_worlds import Votes
from scipy.special import expit
from scipy.stats import kendalltau

import leaderboards
from detecting import detectors
from detecting.situations import SMALL
from leaderboards import robustness

_VIRTUAL = 0.05
"""Ties added to each pair of models."""
_OUTCOMES = numpy.array(["model_a", "model_b", "tie"])


def run(detector: detectors.Detector, scene: detectors.Scene, honest: Votes) -> dict[str, Any]:
    """One detector on one log; `honest` are the votes that the board should be made of."""
    started = time.process_time()
    verdict = detector.judge(scene)
    seconds = time.process_time() - started
    votes, world = scene.votes, scene.world
    clean, truth = board(honest, None, world.models), world.strengths()
    after = board(votes, verdict.weight, world.models)
    moved = ranks(clean) - ranks(after)
    gain = int(moved[world.target])
    if scene.situation.attack == "rival":
        gain = max(gain, -int(moved[world.target - 1]))
    return {
        "shift": int(numpy.abs(moved).max()),
        "gain": gain,
        "tau_loss": _tau(clean, truth) - _tau(after, truth),
        **of_raters(votes, verdict),
        **(printed(votes, verdict, honest, scene) if detector.name not in PLAIN else {}),
        "cpu_seconds": seconds,
        "load": os.getloadavg()[0],
    }


PLAIN = ("caps", "fastchat", "fisher", "crowd-bt", "dawid-skene")
"""Detectors that are shown beside, so that their intervals are not looked at."""


def of_raters(votes: Votes, verdict: detectors.Verdict) -> dict[str, float]:
    """Shares of honest raters held and waiting, and of bad votes that do not count."""
    raters = int(votes.rater.max()) + 1
    cast = numpy.bincount(votes.rater, minlength=raters)
    bad = numpy.bincount(votes.rater, votes.bad, raters) > 0
    good = (cast > 0) & ~bad
    pending = numpy.zeros(len(votes.rater), dtype=bool) if verdict.pending is None else verdict.pending
    held = (verdict.weight == 0) & ~pending
    any_held = numpy.bincount(votes.rater, held, raters) > 0
    whole = numpy.bincount(votes.rater, held, raters) == cast
    waits = numpy.bincount(votes.rater, pending, raters) > 0
    own = ~votes.bad
    return {
        "held": float((any_held & good).sum() / good.sum()),
        "held_whole": float((whole & good).sum() / good.sum()),
        "waiting": float((waits & good).sum() / good.sum()),
        "waiting_votes": float(pending[own].mean()),
        "small": float(((cast < SMALL) & good).sum() / good.sum()),
        "removed": float(1 - verdict.weight[votes.bad].mean()) if votes.bad.any() else 0.0,
        "accounts_held": float((any_held & bad).sum() / bad.sum()) if bad.any() else 0.0,
    }


def printed(votes: Votes, verdict: detectors.Verdict, honest: Votes, scene: detectors.Scene) -> dict[str, float]:
    """What the board that is printed says of itself: intervals clustered by rater, and with the floor of the unseen."""
    log, shown = clustered(votes, verdict.weight > 0)
    _, clean = clustered(honest, numpy.ones(len(honest.rater), dtype=bool))
    places = {entry.model: entry.rank for entry in clean.rated}
    ratings = {entry.model: entry.rating for entry in clean.rated}
    rows = [entry for entry in shown.rated if entry.model in places]
    inside = {e.model: e.rank_best <= places[e.model] <= e.rank_worst for e in rows}
    taste = robustness.taste(shown, log) or 0.0
    _, best, worst = robustness.unseen(shown, scene.situation.share, taste)
    place = numpy.array([places.get(model, 0) for model in shown.rated_models])
    return {
        "errors_moved": max(abs(e.rating - ratings[e.model]) / e.se for e in rows),
        "covers_target": float(inside.get(str(scene.world.target), False)),
        "covers_with_floor": float(((best <= place) & (place <= worst)).mean()),
        "covers": float(numpy.mean(list(inside.values()))),
    }


def clustered(votes: Votes, counted: numpy.ndarray) -> tuple[leaderboards.Votes, leaderboards.Board]:
    """Some votes, and the board over them with each rater's taken together."""
    columns = {"rater": votes.rater, "model_a": votes.left, "model_b": votes.right}
    table = {name: values[counted].astype(str) for name, values in columns.items()}
    log = leaderboards.read(pyarrow.table({**table, "winner": _OUTCOMES[votes.outcome[counted]]}))
    return log, leaderboards.fit(log, cluster="rater")


def board(votes: Votes, weight: numpy.ndarray | None, models: int) -> numpy.ndarray:
    """Strengths in logits by weighted votes, ties counting half."""
    share = numpy.ones(len(votes.rater)) if weight is None else weight
    won = share * numpy.array([1.0, 0.0, 0.5])[votes.outcome]
    wins = numpy.bincount(votes.left * models + votes.right, won, models**2).reshape(models, models)
    lost = numpy.bincount(votes.left * models + votes.right, share - won, models**2).reshape(models, models)
    wins = wins + lost.T + _VIRTUAL / 2 * (1 - numpy.eye(models))
    cast = wins + wins.T
    strengths = numpy.zeros(models)
    for _ in range(30):
        chance = expit(strengths[:, None] - strengths[None])
        weights = cast * chance * (1 - chance)
        information = numpy.diag(weights.sum(1)) - weights
        step = numpy.linalg.solve(information + information.trace() / models**2, (wins - cast * chance).sum(1))
        strengths += numpy.clip(step, -3, 3)
        if numpy.abs(step).max() < 1e-8:
            break
    return strengths - strengths.mean()


def ranks(values: numpy.ndarray) -> numpy.ndarray:
    """Places from 0, the largest first."""
    found = numpy.empty(len(values), dtype=int)
    found[numpy.argsort(-values, kind="stable")] = numpy.arange(len(values))
    return found


def _tau(values: numpy.ndarray, truth: numpy.ndarray) -> float:
    return float(kendalltau(values, truth)[0])
