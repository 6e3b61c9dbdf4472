"""Ranks, and simultaneous confidence sets for all of them at once.

For every pair of models the difference of ratings divided by its standard error is compared with one critical
value: the quantile of the largest such ratio over all pairs when nothing differs (max-t). A model's best rank is one
more than the number of models that are significantly better; its worst rank leaves out those significantly worse.
All these statements hold together with the stated probability. Source: Mogstad, Romano, Shaikh & Wilhelm (2024),
Review of Economic Studies 91, 476-518.

The chance that any of K pairs exceeds c is K P(|Z| > c) E[1 / N]: N counts the pairs that exceed c where one of them,
chosen at random, is known to (Naiman & Priebe 2001, J. Comput. Graph. Stat. 10, 296-328; Adler, Blanchet & Liu 2012,
Ann. Appl. Probab. 22, 1167-1214). E[1 / N] is simulated from the fitted covariance with a fixed seed, so a board is the
same each time, and raised by twice its standard error, so that sets err on the side of doubt. A few hundred draws do
where the quantile itself would take tens of thousands; only where pairs exceed c in crowds is it simulated itself. Few
models have to be compared with all others: |z_i - z_j|^2 <= (t_i^2 + t_j^2) (v_i + v_j) for t = z / sqrt(v)
(Cauchy-Schwarz), so one of a pair that exceeds c has a large t.
"""

from collections.abc import Callable

import numpy
import scipy
from numpy.typing import NDArray

from leaderboards.reading import counts

Floats = counts.Floats
Reals = counts.Reals
Singles = NDArray[numpy.float32]
Drawing = Callable[[int, numpy.random.Generator], Singles]
"""So many independent draws, one a row."""

DRAWS = 1000
_ENOUGH = 100_000
"""Draws times models from which on fewer draws do: among many pairs one hardly ever exceeds together with others."""
_FEWEST = 128
_TOGETHER = 0.1
"""E[1 / N] from which on it is simulated better than the quantile itself; its relative variance is at most 1 / E."""
_CROWD = 2000
"""Draws for the quantile itself."""
SEED = 20240613
_STEPS = 6
_CLOSE = 1e-3
"""A critical value that moves by less has settled; each step ends above the next."""
_BLOCK = 128
"""Rows of a matrix that are compared at once, so that what they make stays in the cache."""
_TINY = 1e-14
"""A variance no rating reaches; keeps models whose votes leave no spread from dividing by zero."""


def order(ratings: Floats) -> NDArray[numpy.int64]:
    """Rank of each rating: 1 is the highest; equal ratings share the better rank."""
    ranked: NDArray[numpy.int64] = 1 + len(ratings) - numpy.searchsorted(numpy.sort(ratings), ratings, side="right")
    return ranked


def differences(covariance: Reals) -> Reals:
    """(models, models) standard errors of rating differences; infinite on the diagonal."""
    variance = numpy.diag(covariance)
    errors: Reals = covariance * -2.0
    errors += variance[:, None]
    errors += variance[None, :]
    numpy.fill_diagonal(errors, numpy.inf)
    floor = max(1e-14 * float(variance.max(initial=0.0)), _TINY)
    numpy.maximum(errors, floor, out=errors)
    return numpy.sqrt(errors, out=errors)


def critical(
    covariance: Reals,
    level: float,
    *,
    draws: int | None = None,
    seed: int = SEED,
    apart: Reals | None = None,
    drawing_of: Drawing | None = None,
) -> float:
    """Quantile of max |z_i - z_j| / se_ij over all pairs, z normal with this covariance.

    `apart` are its `differences`, and `drawing_of` gives draws with it, where they are known.
    """
    size = len(covariance)
    if size < 2:
        return 0.0
    apart = differences(covariance) if apart is None else apart
    draws = draws or max(_FEWEST, min(DRAWS, _ENOUGH // size))
    chance = numpy.random.default_rng(seed)
    normal = drawing(_root(covariance)) if drawing_of is None else drawing_of
    drawn, towards = _lines(covariance, apart, normal(draws, chance), chance)
    beyond = 1 - chance.random(draws)
    large = _large(numpy.maximum(numpy.diag(covariance), _TINY), apart)
    alone, found = 1.0, numpy.inf
    for _ in range(_STEPS):
        before, found = found, float(-scipy.special.ndtri((1 - level) / (alone * size * (size - 1))))
        if before - found < _CLOSE:
            break
        ratio = (-scipy.special.ndtri(beyond * scipy.special.ndtr(-found))).astype(numpy.float32)
        together = _exceeding(drawn + ratio[:, None] * towards, found * large, found, apart)
        shares = 1 / numpy.maximum(together, 1)
        alone = min(1.0, float(shares.mean() + 2 * shares.std() / numpy.sqrt(draws)))
        if alone < _TOGETHER:
            return _quantile(normal(_CROWD, chance), level, apart)
    return found


def _lines(covariance: Reals, apart: Reals, drawn: Singles, chance: numpy.random.Generator) -> tuple[Singles, Singles]:
    """Draws, each without its part along a pair chosen at random, and that part where the pair is one error apart."""
    draws, size = drawn.shape
    one = chance.integers(size, size=draws)
    other = (one + chance.integers(1, size, size=draws)) % size
    error = apart[one, other]
    towards = ((covariance[one] - covariance[other]) / error[:, None]).astype(numpy.float32)
    place = numpy.arange(draws)
    ratio = ((drawn[place, one] - drawn[place, other]) / error).astype(numpy.float32)
    return drawn - ratio[:, None] * towards, towards


def _large(variance: Reals, apart: Reals) -> Reals:
    """(models,): where two models are one error apart or more, one of them has at least this value."""
    looseness = max(
        float(((variance[begin : begin + _BLOCK, None] + variance) / apart[begin : begin + _BLOCK] ** 2).max())
        for begin in range(0, len(variance), _BLOCK)
    )
    least: Reals = numpy.sqrt(variance / (2.0001 * looseness))
    return least


def _exceeding(drawn: Singles, large: Reals, threshold: float, apart: Reals) -> Floats:
    """Of each draw, how many pairs differ by more than the threshold; one of a pair is always `large` or more."""
    leads = numpy.abs(drawn) >= large
    draw, leader = numpy.nonzero(leads)
    pairs = numpy.zeros(len(drawn))
    for begin in range(0, len(draw), _BLOCK):
        here, who = draw[begin : begin + _BLOCK], leader[begin : begin + _BLOCK]
        over = numpy.abs(drawn[here] - drawn[here, who][:, None]) > threshold * apart[who]
        both = numpy.count_nonzero(over & leads[here], axis=1)  # such a pair is met from either end
        pairs += numpy.bincount(here, numpy.count_nonzero(over, axis=1) - both / 2, minlength=len(drawn))
    return pairs


def _quantile(drawn: Singles, level: float, apart: Reals) -> float:
    """The quantile from the largest ratio of each draw, raised by its standard error, at most half the way to 1."""
    largest = [float((numpy.abs(values[:, None] - values[None, :]) / apart).max()) for values in drawn]
    raised = level + min(float(numpy.sqrt(level * (1 - level) / len(drawn))), (1 - level) / 2)
    return float(numpy.quantile(largest, raised))


def sets(
    ratings: Floats, covariance: Reals, threshold: float, *, apart: Reals | None = None
) -> tuple[NDArray[numpy.int64], NDArray[numpy.int64]]:
    """Best and worst rank of each model, all at once: who is apart from whom by more than the threshold."""
    apart = differences(covariance) if apart is None else apart
    place = (ratings - ratings.mean()).astype(apart.dtype)
    best, worst = numpy.ones(len(place), dtype=numpy.int64), numpy.full(len(place), len(place))
    for begin in range(0, len(place), _BLOCK):
        here = slice(begin, begin + _BLOCK)
        better = place - place[here, None] > threshold * apart[here]
        best[here] += numpy.count_nonzero(better, axis=1)
        worst -= numpy.count_nonzero(better, axis=0)
    return best, worst


def drawing(root: Reals) -> Drawing:
    """Draws with the covariance root root'."""
    single: Singles = root.astype(numpy.float32, copy=False)

    def drawn(draws: int, chance: numpy.random.Generator) -> Singles:
        return chance.standard_normal((draws, single.shape[1]), dtype=numpy.float32) @ single.T

    return drawn


def _root(covariance: Reals) -> Singles:
    """R with R R' = covariance, but for what is filled in along the all-ones direction, which no difference shows."""
    filled = (covariance + covariance.trace() / len(covariance) ** 2).astype(numpy.float32, copy=False)
    root: Singles
    root, failed = scipy.linalg.lapack.spotrf(filled.T, lower=1, overwrite_a=1)
    if failed:
        values, vectors = numpy.linalg.eigh(covariance)
        root = (vectors * numpy.sqrt(numpy.maximum(values, 0))).astype(numpy.float32)
    return root
