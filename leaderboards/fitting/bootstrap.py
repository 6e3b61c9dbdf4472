"""Bootstrap on counts: ratings refitted on resampled votes, without touching a vote.

Resampling n votes with replacement gives every pair and outcome a count that is close to Poisson with the observed
count as mean, independently (Hanley & MacGibbon 2006, Comput. Methods Programs Biomed. 83, 57-62): one draw per cell
of the table replaces n draws. Weighted cells are drawn from the gamma distribution with the same mean and variance.
By cluster, each cluster counts a Poisson(1) number of times as a whole. Same seed, same intervals. Pairs of a model
whose votes show no spread are drawn from the outcomes the fit expects, as `zero_variance` says.

Refits start at the estimate and reuse its Hessian factor (the chord method), all replicates side by side; one that
does not settle is fitted on its own, and a model that lost its finite rating there counts as infinitely far away.
"""

import dataclasses

import numpy
import scipy
from numpy.typing import NDArray

from leaderboards import progress
from leaderboards.fitting import bradley_terry, connectivity, poisson, sandwich, zero_variance
from leaderboards.reading import counts

Floats = counts.Floats

_BATCH_CELLS = 4_000_000
"""Cells of resampled tables that are held at once."""
_CHORDS = 40
_SETTLED = 1e-7
_FAR = 500.0
"""Logits beyond which a chance is 0 or 1 anyway."""


def replicates(
    found: bradley_terry.Fit, repeats: int, seed: int, clustered: "scipy.sparse.csr_array | None" = None
) -> Floats:
    """(repeats, models) strengths, mean zero. `clustered` is (clusters, pairs * 3): the table of each cluster."""
    chance = numpy.random.default_rng(seed)
    pairs = found.pairs
    cells, silent = _cells(found)
    batch = max(1, min(repeats, _BATCH_CELLS // max(1, pairs.weight.size)))
    refitted = _refitted if found.extra is None else _alone_all
    filled = []
    with progress.step("bootstrap replicates", repeats) as settled:
        for begin in range(0, repeats, batch):
            size = min(batch, repeats - begin)
            if clustered is None:
                tables = _drawn(cells, chance, size)
            else:
                times = chance.poisson(1.0, size=(size, clustered.shape[0])).astype(float)
                tables = (clustered.T @ times.T).reshape(len(pairs.low), 3, size)
                if silent.any():
                    tables[silent] = _drawn(cells, chance, size)[silent]
            filled.append(refitted(found, tables, settled))
    return numpy.concatenate(filled)


def _cells(found: bradley_terry.Fit) -> tuple[counts.Pairs, NDArray[numpy.bool_]]:
    """The votes to resample, those of silent pairs as the fit expects them; and which pairs are silent."""
    pairs = found.pairs
    silent = zero_variance.pairs(found, sandwich.independent_meat(found).diagonal())
    if not silent.any():
        return pairs, silent
    shares = zero_variance.shares(found)
    weight, square = (
        numpy.where(silent[:, None], shares * table.sum(axis=1, keepdims=True), table)
        for table in (pairs.weight, pairs.weight_squared)
    )
    return dataclasses.replace(pairs, weight=weight, weight_squared=square if pairs.weighted else weight), silent


def _drawn(pairs: counts.Pairs, chance: numpy.random.Generator, size: int) -> Floats:
    """(pairs, 3, size) resampled tables."""
    mean, square = pairs.weight.ravel(), pairs.weight_squared.ravel()
    if not pairs.weighted:
        return poisson.drawn(mean, chance, size).reshape(-1, 3, size)
    given = mean > 0
    tables = numpy.zeros((len(mean), size))
    shape, scale = mean[given] ** 2 / square[given], square[given] / mean[given]
    tables[given] = chance.gamma(shape[:, None], scale[:, None], size=(int(given.sum()), size))
    return tables.reshape(-1, 3, size)


def _refitted(found: bradley_terry.Fit, tables: Floats, settled: progress.Step) -> Floats:
    """Half-win ties: each replicate by chord steps from the estimate; (replicates, models)."""
    pairs = found.pairs
    wins = tables[:, 0] + tables[:, 2] / 2
    games = tables.sum(axis=1)
    signs = pairs.incidence(numpy.ones(len(pairs.low))).T.tocsr()
    repeats = tables.shape[2]
    points = numpy.repeat(found.strengths[:, None], repeats, axis=1)
    open_ended = numpy.arange(repeats)
    for _ in range(_CHORDS):
        every = len(open_ended) == repeats
        here = points if every else points[:, open_ended]
        residual = here[pairs.high]
        residual -= here[pairs.low]
        numpy.clip(residual, -_FAR, _FAR, out=residual)
        numpy.exp(residual, out=residual)
        residual += 1
        numpy.divide(games if every else games[:, open_ended], residual, out=residual)
        numpy.subtract(wins if every else wins[:, open_ended], residual, out=residual)
        move = found.inverse @ (signs @ residual - found.ridge * here)
        move -= move.mean(axis=0)
        points[:, open_ended] = here + numpy.clip(move, -4, 4)
        moving = numpy.abs(move).max(axis=0) > _SETTLED
        settled.advance(int((~moving).sum()))
        open_ended = open_ended[moving]
        if not len(open_ended):
            break
    for k in open_ended:
        points[:, k] = _alone(found, tables[:, :, k])
        settled.advance()
    return points.T


def _alone_all(found: bradley_terry.Fit, tables: Floats, settled: progress.Step) -> Floats:
    points = numpy.empty((tables.shape[2], found.pairs.size))
    for k in range(len(points)):
        points[k] = _alone(found, tables[:, :, k])
        settled.advance()
    return points


def _alone(found: bradley_terry.Fit, table: Floats) -> Floats:
    """One replicate by itself: exact on its core, infinite outside it."""
    heard = table.sum(axis=1) > 0
    pairs = dataclasses.replace(found.pairs, weight=table, weight_squared=table).where(heard)
    if found.ridge:
        ties = found.ties if pairs.weight[:, 2].sum() > 0 else "half"
        return bradley_terry.fit(pairs, ties=ties, start=found.strengths, ridge=found.ridge).strengths
    shape = connectivity.shape(pairs)
    point = numpy.full(pairs.size, numpy.nan)
    for model, direction in shape.outside.items():
        point[model] = {connectivity.ABOVE: numpy.inf, connectivity.BELOW: -numpy.inf}.get(direction, numpy.nan)
    if len(shape.core):
        inside = pairs.among(shape.core)
        ties = found.ties if inside.weight[:, 2].sum() > 0 else "half"
        fitted = bradley_terry.fit(inside, ties=ties, start=found.strengths[shape.core]).strengths
        point[shape.core] = fitted + found.strengths[shape.core].mean()
    return point


def covariance(drawn: Floats) -> Floats:
    """(models, models) covariance over the replicates in which every rating is finite."""
    finite = drawn[numpy.isfinite(drawn).all(axis=1)]
    spread: Floats = (
        numpy.atleast_2d(numpy.cov(finite, rowvar=False)) if len(finite) > 1 else numpy.zeros((drawn.shape[1],) * 2)
    )
    return spread


def limits(drawn: Floats, level: float) -> tuple[Floats, Floats]:
    """Percentile limits per model; infinite where too many replicates leave a side open."""
    known = numpy.where(numpy.isnan(drawn), numpy.inf, drawn)
    low = numpy.sort(numpy.where(numpy.isnan(drawn), -numpy.inf, drawn), axis=0)
    high = numpy.sort(known, axis=0)
    last = len(drawn) - 1
    first = int(numpy.floor((1 - level) / 2 * last))
    return low[first], high[last - first]
