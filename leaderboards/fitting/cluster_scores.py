"""Scores of votes that depend on each other, summed per cluster: the meat of the sandwich.

The meat is the sum of the outer products of the scores of each cluster. `clusters` says which votes belong together.
"""

import functools
from dataclasses import dataclass

import numpy
import scipy

from leaderboards.fitting import curvature
from leaderboards.reading import counts

Floats = counts.Floats

_EASIER = 128
"""By how much a product of filled matrices is cheaper than one element by element."""
CELLS = 1 << 22
"""Cells of a matrix of scores that are held at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterScores:
    """Scores of votes, added up per cluster when they are used."""

    per_vote: "scipy.sparse.csr_array"
    """(pairs * 3, parameters): the score of one vote per pair and outcome, all with as many elements."""
    cell: counts.Integers
    """Of each vote, its row there."""
    mass: Floats
    """What its score is multiplied by."""
    cluster: counts.Integers
    clusters: int

    def rows(self) -> "scipy.sparse.csr_array":
        """(clusters, parameters)."""
        order = numpy.argsort(self.cluster)
        places, values = self._elements(order)
        ends = numpy.searchsorted(self.cluster[order], numpy.arange(self.clusters + 1)) * places.shape[1]
        return scipy.sparse.csr_array((values.ravel(), places.ravel(), ends), shape=(self.clusters, self.size))

    @property
    def size(self) -> int:
        """How many parameters."""
        return int(self.per_vote.shape[1])

    def squared(self) -> Floats:
        """The sum of their outer products; filled in where that is less work than element by element."""
        votes = numpy.bincount(self.cluster, minlength=self.clusters).astype(float) * self.per_vote.indptr[1]
        if not self.clusters * self.size**2 < _EASIER * float(votes @ votes):
            summed = self.rows()
            few: Floats = (summed.T @ summed).toarray()
            return few
        total: Floats = numpy.zeros((self.size, self.size), order="F")
        step = min(self.clusters, max(1, CELLS // self.size))
        for begin in range(0, self.clusters, step):
            here = numpy.flatnonzero((self.cluster >= begin) & (self.cluster < begin + step))
            places, values = self._elements(here)
            places = places + ((self.cluster[here] - begin) * self.size)[:, None]
            block = numpy.bincount(places.ravel(), values.ravel(), minlength=step * self.size)
            total = scipy.linalg.blas.dsyrk(1.0, block.reshape(step, -1).T, beta=1.0, c=total, lower=1, overwrite_c=1)
        return curvature.mirrored(total).T

    def _elements(self, votes: counts.Integers) -> tuple[counts.Integers, Floats]:
        """(votes, elements): parameters and values of their scores."""
        width, cell = int(self.per_vote.indptr[1]), self.cell[votes]
        values = self.per_vote.data.reshape(-1, width)[cell] * self.mass[votes, None]
        return self.per_vote.indices.reshape(-1, width)[cell], values


Scores = tuple[tuple[float, "ClusterScores | scipy.sparse.csr_array"], ...]
"""(scores, parameters), with the sign of their outer products in a sum."""


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots, for the matrix that is kept
class Clustered:
    """The meat of votes that depend on each other."""

    scores: Scores
    alone: tuple[Scores, ...] = ()
    """With two columns, the scores by each of them alone."""

    @functools.cached_property
    def matrix(self) -> Floats:
        """The sum of the outer products of the scores; with a minus among the signs, perhaps not one of squares."""
        return functools.reduce(numpy.add, (sign * _squared(summed) for sign, summed in self.scores))

    def diagonal(self) -> Floats:
        """That of the matrix."""
        return self.matrix.diagonal()


def _squared(summed: "ClusterScores | scipy.sparse.csr_array") -> Floats:
    """The sum of the outer products of rows."""
    total: Floats = summed.squared() if isinstance(summed, ClusterScores) else (summed.T @ summed).toarray()
    return total
