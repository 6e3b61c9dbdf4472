"""Which pair to ask next: draw probabilities that spend votes where they decide most.

One more vote on pair (i, j) adds p (1 - p) x x' to the information, x = e_i - e_j. A goal is a set of differences c'r
of ratings that should become narrow. The design q minimises the sum of w c' (H + n sum q p (1 - p) x x')^-1 c over the
goal, n the votes about to be drawn, by the multiplicative rule q <- q gain^(1/2) (Silvey, Titterington & Torsney 1978,
Commun. Statist. A 7, 1379-1389). Every pair keeps a floor, so that none is ever impossible, and the probability of each
draw is returned: votes weighted by its inverse estimate what uniform drawing would.

Which pair is drawn depends on votes already counted and not on the one to come, so the likelihood, and with it ratings
and intervals, stay valid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy
from scipy import special

from leaderboards import board, counts, errors

Floats = counts.Floats
Integers = counts.Integers

NARROW, TOP, BOUNDARY, PLACE = "narrow", "top", "boundary", "place"
_ROUNDS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """Draw probabilities over all pairs of models; they sum to one."""

    models: tuple[str, ...]
    low: Integers
    high: Integers
    """Places of the two models in `models`; low < high, all pairs in order."""
    probability: Floats = field(repr=False)

    def draw(self, chance: numpy.random.Generator, size: int = 1) -> list[tuple[str, str, float]]:
        """Pairs and the probability with which each was drawn; sides are left to the caller."""
        picked = chance.choice(len(self.low), size=size, p=self.probability)
        return [
            (self.models[self.low[k]], self.models[self.high[k]], float(self.probability[k])) for k in picked.tolist()
        ]

    def of(self, one: str, other: str) -> float:
        """The probability of a pair."""
        a, b = sorted((self.models.index(one), self.models.index(other)))
        return float(self.probability[(self.low == a) & (self.high == b)].sum())


def uniform(models: tuple[str, ...]) -> Design:
    """Every pair alike: the start, before there is a board."""
    low, high = numpy.triu_indices(len(models), 1)
    return Design(models=models, low=low, high=high, probability=numpy.full(len(low), 1 / max(1, len(low))))


def design(
    ranked: board.Board,
    goal: str = NARROW,
    *,
    k: int = 10,
    model: str | None = None,
    votes: int = 1000,
    floor: float = 0.1,
) -> Design:
    """Draw probabilities for the next `votes`. Raises InputError for an unknown goal or model.

    narrow: all ratings alike; top: the order of the `k` highest, and who is among them; boundary: only who is among
    them; place: the rating of `model`.
    `floor` is the share drawn uniformly. Models without a rating share the floor, and half of the draws once there are
    any, each against models rated in the middle: they need votes before anything can be computed.
    """
    if goal not in GOALS:
        raise errors.InputError(f'goal is "{goal}"; accepted: {", ".join(GOALS)}.')
    if not 0 < floor <= 1:
        raise errors.InputError(f"floor is {floor:g}; it must lie above 0 and at most at 1.")
    if goal == PLACE and model not in [entry.model for entry in ranked.entries]:
        raise errors.InputError(f'"{model}" is not on the board; give the name of the model to place.')
    names = ranked.counted.models
    everywhere = uniform(names)
    found = ranked.fit
    if found is None or found.pairs.size < 2:
        return everywhere
    number = {name: place for place, name in enumerate(names)}
    place = numpy.array([number[name] for name in ranked.rated_models])
    low, high = numpy.triu_indices(found.pairs.size, 1)
    target = ranked.rated_models.index(model) if goal == PLACE and model in ranked.rated_models else None
    contrasts, worth = _goal(found.strengths, found.inverse, goal, k, target)
    best = _best(found.strengths, found.inverse, low, high, contrasts, worth, votes)
    share = numpy.zeros((len(names), len(names)))
    share[place[low], place[high]] = best
    focused = share[everywhere.low, everywhere.high] + share[everywhere.high, everywhere.low]
    new = [number[entry.model] for entry in ranked.entries if entry.rating is None]
    if new:
        middle = place[numpy.argsort(numpy.abs(found.strengths))[: max(2, len(place) // 2)]]
        fresh = numpy.isin(everywhere.low, new) & numpy.isin(everywhere.high, middle)
        fresh |= numpy.isin(everywhere.high, new) & numpy.isin(everywhere.low, middle)
        focused = (focused + fresh / fresh.sum()) / 2
    return Design(
        models=names,
        low=everywhere.low,
        high=everywhere.high,
        probability=floor * everywhere.probability + (1 - floor) * focused / focused.sum(),
    )


def best(models: tuple[str, ...], strengths: Mapping[str, float], goal: str = BOUNDARY, *, k: int = 10) -> Design:
    """The design that would be best if the strengths (logits) were known: a yardstick for what drawing can reach."""
    known = numpy.array([strengths[name] for name in models])
    size = len(models)
    low, high = numpy.triu_indices(size, 1)
    q = numpy.full(len(low), 1 / len(low))
    for _ in range(4):  # the worth of a difference depends on its error, so design and error take turns
        inverse: Floats = numpy.linalg.inv(_information(known, low, high, q) + 1 / size).astype(float)
        contrasts, worth = _goal(known, inverse * _settled(known, inverse, k), goal, k, None)
        q = _best(known, numpy.eye(size) * 1e6, low, high, contrasts, worth, 1_000_000)
    return Design(models=models, low=low, high=high, probability=q)


def _settled(strengths: Floats, inverse: Floats, k: int) -> float:
    """What to scale the covariance by so that the difference across the line is two of its errors."""
    order = numpy.argsort(-strengths)
    one, other = order[min(k, len(order) - 1) - 1], order[min(k, len(order) - 1)]
    spread = inverse[one, one] + inverse[other, other] - 2 * inverse[one, other]
    return float((strengths[one] - strengths[other]) ** 2 / spread / 4)


def _information(strengths: Floats, low: Integers, high: Integers, weight: Floats) -> Floats:
    """Sum of weight p (1 - p) x x' over pairs."""
    size = len(strengths)
    chance = special.expit(strengths[low] - strengths[high])
    gained = weight * chance * (1 - chance)
    matrix = numpy.zeros((size, size))
    matrix[low, high] = matrix[high, low] = -gained
    numpy.fill_diagonal(matrix, -matrix.sum(axis=1))
    return matrix


def _goal(strengths: Floats, inverse: Floats, goal: str, k: int, target: int | None) -> tuple[Floats, Floats]:
    """(goal, models) differences that should become narrow, and how much each is worth."""
    size = len(strengths)
    centred = numpy.eye(size) - 1 / size
    if goal not in (TOP, BOUNDARY) and target is None:
        return centred, numpy.ones(size)
    if target is not None:
        return centred[[target]], numpy.ones(1)
    order = numpy.argsort(-strengths)
    k = min(k, size - 1)
    if goal == TOP:
        pairs = [(order[i], order[j]) for i in range(k) for j in (i + 1, i + 2) if j < size]
    else:
        pairs = [(i, j) for i in order[:k] for j in order[k:]]
    contrasts = numpy.zeros((len(pairs), size))
    for row, (one, other) in enumerate(pairs):
        contrasts[row, one], contrasts[row, other] = 1, -1
    spread = numpy.einsum("ci,ij,cj->c", contrasts, inverse[:size, :size], contrasts)
    gap = contrasts @ strengths
    # A difference that is small against its error is worth most; a settled one nothing.
    error = numpy.sqrt(spread)
    worth: Floats = special.ndtr(-gap / error / 2) / numpy.maximum(gap, error / 4) ** 2
    return contrasts, worth


def _best(
    strengths: Floats, inverse: Floats, low: Integers, high: Integers, contrasts: Floats, worth: Floats, votes: int
) -> Floats:
    """The design over pairs, by the multiplicative rule."""
    size = len(strengths)
    chance = special.expit(strengths[low] - strengths[high])
    bend = chance * (1 - chance)
    centring = numpy.full((size, size), 1 / size)
    before = numpy.linalg.pinv(inverse[:size, :size] - inverse[:size, :size].mean(), hermitian=True)
    weighted = contrasts * numpy.sqrt(worth)[:, None]
    q = numpy.full(len(low), 1 / len(low))
    for _ in range(_ROUNDS):
        hessian = before + _information(strengths, low, high, votes * q)
        hessian += centring * hessian.trace() / size
        reach = numpy.linalg.solve(hessian, weighted.T)
        gain = bend * ((reach[low] - reach[high]) ** 2).sum(axis=1)
        step: Floats = q * numpy.sqrt(gain)
        step /= step.sum()
        if numpy.abs(step - q).sum() < 1e-4:
            return step
        q = step
    return q


GOALS = (NARROW, TOP, BOUNDARY, PLACE)
"""Goals by the name `design` takes."""
