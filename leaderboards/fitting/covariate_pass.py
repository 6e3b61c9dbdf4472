"""One pass over votes with covariates: everything a Newton step needs, and the meat when asked.

With r = y - p and b = p (1 - p) per vote, a pass sums r, b, and b times each covariate by ordered pair of models, and
the products of covariates over all votes; the rows of the design (e_a - e_b, x) are never laid out. Votes are taken in
parts that stay in the cache.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy
import scipy

from leaderboards.reading import counts

Floats = counts.Floats

_PART = 1 << 15
"""Votes in a part, or twice the cells of a table of pairs where that is more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """The likelihood at one point; parameters are the strengths, then the coefficients."""

    value: float
    """Log-likelihood."""
    gradient: Floats
    hessian: Floats
    """Negated."""
    meat: Floats
    """Sum of squared scores; empty when it was not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Problem:
    """The votes as arrays that `look` can sum."""

    first: counts.Integers
    second: counts.Integers
    share: Floats
    """What side a won of each vote: 1, 0 or a half."""
    columns: Floats
    """(covariates, votes), as they were measured."""
    scales: Floats
    """What each covariate is divided by."""
    times: Floats
    weight: Floats
    plain: bool
    """Whether all times and weights are one."""
    size: int
    """Number of models."""
    pair: counts.Integers
    """first * size + second."""

    def look(self, point: Floats, *, meat: bool = False) -> Look:
        """The likelihood at a point."""
        size = self.size
        table = _gaps(point[:size])
        slopes = point[size:] / self.scales
        value = 0.0
        by_pair, by_column = numpy.zeros(size**2), numpy.zeros(len(slopes))
        bends = _Squares(size, len(slopes))
        spread = _Squares(size, len(slopes)) if meat else None
        for part in self._parts():
            pair, columns = self.pair[part], self.columns[:, part]
            share = self.share[part]
            gap, small, chance = _chances(table, pair, columns, slopes)
            residual = share - chance
            bend = chance * (1 - chance)
            if self.plain:
                value += float(share @ gap - numpy.maximum(gap, 0).sum() - numpy.log1p(small).sum())
            else:
                times, weight = self.times[part], self.weight[part]
                mass = times * weight
                value += float((mass * share) @ gap - mass @ (numpy.maximum(gap, 0) + numpy.log1p(small)))
                bend *= mass
            bends.add(pair, columns, bend)
            if spread is not None:
                spread.add(pair, columns, residual**2 if self.plain else times * (weight * residual) ** 2)
            if not self.plain:
                residual *= mass
            by_pair += numpy.bincount(pair, weights=residual, minlength=size**2)
            by_column += [column @ residual for column in columns]
        square = by_pair.reshape(size, size)
        return Look(
            value=value,
            gradient=numpy.concatenate([square.sum(axis=1) - square.sum(axis=0), by_column / self.scales]),
            hessian=bends.matrix(self.scales),
            meat=numpy.zeros((0, 0)) if spread is None else spread.matrix(self.scales),
        )

    def scores(self, point: Floats, cluster: counts.Integers | None = None) -> "scipy.sparse.csr_array":
        """(clusters, parameters): the scores of each cluster's votes, summed; of each vote, or row of votes, alone."""
        _, _, chance = _chances(_gaps(point[: self.size]), self.pair, self.columns, point[self.size :] / self.scales)
        times = self.times
        if cluster is None:  # so that the square of a row is that of its votes, added up
            cluster, times = numpy.arange(len(chance)), numpy.sqrt(times)
        values = times * self.weight * (self.share - chance)
        measured = self.columns / self.scales[:, None]
        place = [self.first, self.second, *(numpy.full(len(values), self.size + k) for k in range(len(measured)))]
        entry = [values, -values, *(values * column for column in measured)]
        return scipy.sparse.csr_array(
            (numpy.concatenate(entry), (numpy.tile(cluster, len(place)), numpy.concatenate(place))),
            shape=(int(cluster.max()) + 1, self.size + len(measured)),
        )

    def _parts(self) -> Iterator[slice]:
        step = max(_PART, 2 * self.size**2)
        for begin in range(0, len(self.pair), step):
            yield slice(begin, begin + step)


class _Squares:
    """Sum over votes of value * outer(row, row)."""

    def __init__(self, size: int, extras: int) -> None:
        self._pairs = numpy.zeros((1 + extras, size**2))
        """By pair: of the value, and of the value times each covariate."""
        self._corner = numpy.zeros((extras, extras))
        self._size = size

    def add(self, pair: counts.Integers, columns: Floats, values: Floats) -> None:
        cells = self._size**2
        self._pairs[0] += numpy.bincount(pair, weights=values, minlength=cells)
        for k, column in enumerate(columns):
            weighted = values * column
            self._pairs[1 + k] += numpy.bincount(pair, weights=weighted, minlength=cells)
            for other in range(k + 1):
                self._corner[k, other] += weighted @ columns[other]

    def matrix(self, scales: Floats) -> Floats:
        """(models + covariates,) squared."""
        size, extras = self._size, len(scales)
        square = self._pairs[0].reshape(size, size)
        square = square + square.T
        whole = numpy.zeros((size + extras, size + extras))
        whole[:size, :size] = numpy.diag(square.sum(axis=1)) - square
        for k, by_pair in enumerate(self._pairs[1:].reshape(extras, size, size)):
            whole[:size, size + k] = (by_pair.sum(axis=1) - by_pair.sum(axis=0)) / scales[k]
        whole[size:, :size] = whole[:size, size:].T
        corner = numpy.tril(self._corner) + numpy.tril(self._corner, -1).T
        whole[size:, size:] = corner / numpy.outer(scales, scales)
        return whole


def _gaps(strengths: Floats) -> Floats:
    """Strength of the first minus that of the second, for every ordered pair."""
    table: Floats = (strengths[:, None] - strengths[None, :]).ravel()
    return table


def _chances(table: Floats, pair: counts.Integers, columns: Floats, slopes: Floats) -> tuple[Floats, Floats, Floats]:
    """Per vote the logit that side a wins, exp of minus its size, and the chance."""
    gap: Floats = table.take(pair)
    for column, slope in zip(columns, slopes, strict=True):
        gap += slope * column
    small = numpy.exp(-numpy.abs(gap))
    return gap, small, numpy.where(gap > 0, 1.0, small) / (1 + small)
