"""The test that knows the attack: what no detector can beat on one account.

It knows the board, how people differ, which attack it is and on whom, and holds each account's likelihood ratio of that
attack over an honest person (Laplace over tastes, side and sharpness; ties beta-binomial) against the line that 0.5 %
of the honest accounts pass. What is left after it is the floor of looking at accounts one by one.
"""

from pathlib import Path

import numpy
from quality_worlds import (
    ALWAYS,
    COIN,
    HONEST_MIMIC,
    HONEST_ON_GOLD,
    RECOGNISES,
    ROBOT_SHARPNESS,
    ROBOT_SIDE,
    ROBOT_TIES,
    Votes,
    World,
    among,
    rivals,
    turns,
    vendor,
)
from scipy.special import betaln, expit

from detecting.detectors import Detector, Scene, Verdict

FALSE_ALARMS = 0.005
_STEPS = 4
_CHUNK = 400
"""Raters whose matrices of second derivatives are held at once."""
_NEVER = 1e-9
"""The chance of what an attack does not do."""


def detector() -> Detector:
    """Named `knows`."""
    return Detector(name="knows", judge=_judge, sources=(Path(__file__),))


def _judge(scene: Scene) -> Verdict:
    votes, attack = scene.votes, scene.situation.attack
    if attack in (None, "honest"):
        return Verdict(weight=numpy.ones(len(votes.rater)))
    ratio = likelihood_ratio(votes, scene.world, str(attack))
    raters = len(ratio)
    bad = numpy.bincount(votes.rater, votes.bad, raters) > 0
    honest = (numpy.bincount(votes.rater, minlength=raters) > 0) & ~bad
    line = max(0.0, float(numpy.quantile(ratio[honest], 1 - FALSE_ALARMS)))
    return Verdict(weight=1.0 - (ratio > line)[votes.rater])


def likelihood_ratio(votes: Votes, world: World, attack: str) -> numpy.ndarray:
    """(raters,): log likelihood of each rater's votes under the attack, over that of an honest person."""
    everything = numpy.ones(len(votes.rater), dtype=bool)
    return _attacked(votes, world, attack) - _honest(votes, world, everything)


def _attacked(votes: Votes, world: World, attack: str) -> numpy.ndarray:
    raters = int(votes.rater.max()) + 1
    strengths = world.strengths()
    gap = strengths[votes.left] - strengths[votes.right]
    plain = _chance(votes.outcome, gap, world.spread.tie_level)
    coin = numpy.array(COIN)[votes.outcome]

    def total(chance: numpy.ndarray) -> numpy.ndarray:
        return numpy.bincount(votes.rater, numpy.log(numpy.maximum(chance, _NEVER)), raters)

    if attack == "robot":
        taste = world.robots_taste()
        logit = ROBOT_SHARPNESS * gap + taste[votes.left] - taste[votes.right] + ROBOT_SIDE
        return total(_chance(votes.outcome, logit, ROBOT_TIES))
    if attack == "straight-line":
        return numpy.logaddexp(total(votes.outcome == 0), total(votes.outcome == 1)) - numpy.log(2)
    blind = {
        "apathetic": coin,
        "gold-farmer": HONEST_ON_GOLD * plain + (1 - HONEST_ON_GOLD) * coin,
        "mimic": HONEST_MIMIC * plain + (1 - HONEST_MIMIC) * coin,
        "always-left": numpy.array([ALWAYS, 1 - ALWAYS, 0.0])[votes.outcome],
    }
    if attack in blind:
        return total(blind[attack])
    wanted, sure = _wanted(votes, world, attack)
    pushed = wanted >= 0
    chance = numpy.where(pushed, sure * (votes.outcome == wanted) + (1 - sure) * plain, 1.0)
    return total(chance) + _honest(votes, world, ~pushed)


def _wanted(votes: Votes, world: World, attack: str) -> tuple[numpy.ndarray, numpy.ndarray]:
    """What the attack votes on each pair (-1: like an honest person), and how surely."""
    models, target = world.models, world.target
    mine = {
        "ring": among(models, *vendor(target)),
        "rival": among(models, target - 1),
    }.get(attack, among(models, target))
    win, loss = (1, 0) if attack == "rival" else (0, 1)
    only_left, only_right = mine[votes.left] & ~mine[votes.right], mine[votes.right] & ~mine[votes.left]
    wanted = numpy.where(only_left, win, numpy.where(only_right, loss, -1))
    sure = numpy.full(len(wanted), RECOGNISES)
    if attack in ("omnipresent", "slow-burn"):
        above = rivals(models, target)
        elsewhere = ~mine[votes.left] & ~mine[votes.right]
        down, up = (
            elsewhere & above[votes.left] & ~above[votes.right],
            elsewhere & above[votes.right] & ~above[votes.left],
        )
        wanted = numpy.where(down, 1, numpy.where(up, 0, wanted))
        sure = numpy.where(down | up, RECOGNISES**2, sure)
    if attack == "slow-burn":
        wanted = numpy.where(turns(votes.rater) >= numpy.bincount(votes.rater)[votes.rater] / 2, wanted, -1)
    return wanted, sure


def _chance(outcome: numpy.ndarray, logit: numpy.ndarray, ties: float) -> numpy.ndarray:
    """Of what was voted, by Davidson's model."""
    left, right = numpy.exp(logit / 2), numpy.exp(-logit / 2)
    return numpy.choose(outcome, (left, right, numpy.full(len(logit), ties))) / (left + right + ties)


def _honest(votes: Votes, world: World, taken: numpy.ndarray) -> numpy.ndarray:
    """(raters,): log likelihood of some of each rater's votes, were the rater an honest person of this world."""
    raters = int(votes.rater.max()) + 1
    alpha, beta = _tie_shares(world)
    tied = numpy.bincount(votes.rater, taken & (votes.outcome == 2), raters)
    cast = numpy.bincount(votes.rater, taken, raters)
    decided = taken & (votes.outcome != 2)
    strengths = world.strengths()
    gap = (strengths[votes.left] - strengths[votes.right])[decided]
    found = betaln(tied + alpha, cast - tied + beta) - betaln(alpha, beta)
    rater, left, right = votes.rater[decided], votes.left[decided], votes.right[decided]
    won = (votes.outcome[decided] == 0).astype(float)
    for first in range(0, raters, _CHUNK):
        here = (rater >= first) & (rater < first + _CHUNK)
        count = min(_CHUNK, raters - first)
        found[first : first + count] += _laplace(
            rater[here] - first, left[here], right[here], won[here], gap[here], count, world
        )
    return found


def _tie_shares(world: World) -> tuple[float, float]:
    """The beta distribution of honest raters' shares of ties."""
    chance = numpy.random.default_rng(1)
    strengths = world.strengths()
    gap = numpy.abs(strengths[:, None] - strengths[None])[~numpy.eye(world.models, dtype=bool)]
    level = chance.lognormal(numpy.log(world.spread.tie_level), world.spread.ties, (1000, 1))
    share = (level / (2 * numpy.cosh(chance.choice(gap, 200) / 2) + level)).mean(1)
    mean, variance = share.mean(), share.var()
    size = mean * (1 - mean) / variance - 1
    return mean * size, (1 - mean) * size


def _laplace(
    rater: numpy.ndarray,
    left: numpy.ndarray,
    right: numpy.ndarray,
    won: numpy.ndarray,
    gap: numpy.ndarray,
    raters: int,
    world: World,
) -> numpy.ndarray:
    """Log marginal likelihood of decisive votes; parameters are tastes, side and the logarithm of sharpness."""
    models, spread = world.models, world.spread
    side, slope, size = models, models + 1, models + 2
    precision = numpy.r_[numpy.full(models, spread.taste**-2), spread.side**-2, spread.slope**-2]
    middle = numpy.r_[numpy.zeros(models), 0.05, 0.0]
    at = numpy.tile(middle, (raters, 1))

    def table(column: numpy.ndarray, value: numpy.ndarray) -> numpy.ndarray:
        return numpy.bincount(rater * models + column, value, raters * models).reshape(raters, models)

    density = curved = numpy.zeros(0)
    for step in range(_STEPS + 1):
        scaled = numpy.exp(at[rater, slope]) * gap
        logit = scaled + at[rater, side] + at[rater, left] - at[rater, right]
        chance = expit(logit)
        rest, weight = won - chance, chance * (1 - chance)
        likely = numpy.bincount(rater, -numpy.logaddexp(0.0, numpy.where(won == 1, -logit, logit)), raters)
        density = likely - 0.5 * (precision * (at - middle) ** 2).sum(1)
        curved = numpy.zeros((raters, size, size))
        places, values = [], []
        terms = ((left, 1.0), (right, -1.0), (side, 1.0), (slope, scaled))
        for row, by in terms:
            for column, other in terms:
                places.append((rater * size + row) * size + column)
                values.append(weight * by * other)
        curved = numpy.bincount(numpy.concatenate(places), numpy.concatenate(values), raters * size**2)
        curved = curved.reshape(raters, size, size)
        curved[:, numpy.arange(size), numpy.arange(size)] += precision
        if step == _STEPS:
            break
        pull = numpy.empty((raters, size))
        pull[:, :models] = table(left, rest) - table(right, rest)
        pull[:, side] = numpy.bincount(rater, rest, raters)
        pull[:, slope] = numpy.bincount(rater, rest * scaled, raters)
        pull -= precision * (at - middle)
        at = at + numpy.clip(numpy.linalg.solve(curved, pull[:, :, None])[:, :, 0], -1.0, 1.0)
    return density + 0.5 * numpy.log(precision).sum() - 0.5 * numpy.linalg.slogdet(curved)[1]
