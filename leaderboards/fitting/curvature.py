"""The negative Hessian of a likelihood over pairs, and the steps of Newton's method that it gives.

Each pair adds bend * (e_low - e_high)(e_low - e_high)^T: a weighted graph Laplacian, flat along the constant. With a
tie model it has one more row, with a ridge a little more on the diagonal. Three ways to solve for a step, chosen by
what `benchmarks/ranking_solvers.py` measures (docs/decisions/0010):

    dense      Cholesky factor of the whole matrix, made definite along the constant; n^3 / 3
    iterative  conjugate gradients with the diagonal as preconditioner (Hestenes & Stiefel 1952, J. Res. NBS 49,
               409-436), over the pairs alone: a few dozen passes where everybody is near everybody else
    sparse     LU factors without the last strength, ordered for little fill (Li 2005, ACM TOMS 31, 302-325): for
               long chains of models, where the iteration is slow and the factors stay thin

The inverse is computed when somebody asks for it; only intervals do.
"""

import functools
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy
import scipy
from numpy.typing import NDArray

from leaderboards import errors
from leaderboards.fitting import blas, likelihood
from leaderboards.reading import counts

Floats = counts.Floats
Singles = NDArray[numpy.float32]
Matrix = TypeVar("Matrix", Floats, Singles)

MANY = 400
"""Models from which on the iteration is faster than a dense factor."""
_THIN = 32
"""Pairs per model up to which elimination takes over when the iteration does not end, above it the dense factor."""
_PASSES = 100
_ROUNDING = 1e-14
"""What rounding leaves of a gradient, against the curvature."""
_BLOCK = 128
_ABOVE = numpy.triu(numpy.ones((_BLOCK, _BLOCK), dtype=bool), 1)


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots, for the diagonal that is kept
class Paired:
    """Sum over pairs of value * (e_low - e_high)(e_low - e_high)^T, bordered by the extra parameter if there is one."""

    pairs: counts.Pairs
    values: Floats
    """(pairs,)."""
    border: Floats | None = None
    """The column of the extra parameter, without its own element."""
    corner: float = 0.0

    def diagonal(self) -> Floats:
        """The diagonal of the whole matrix; not to be changed."""
        return self._diagonal

    @functools.cached_property
    def upper(self) -> "scipy.sparse.csr_array":
        """What the pairs put off the diagonal, negated, above it."""
        return self.pairs.above(self.values)

    @functools.cached_property
    def _diagonal(self) -> Floats:
        diagonal = self.pairs.at_low(self.values) + self.pairs.at_high(self.values)
        return diagonal if self.border is None else numpy.append(diagonal, self.corner)

    def lower(self, scale: Floats | None = None) -> Any:
        """The matrix, zero above its diagonal; with a scale, rows and columns times that and in single precision."""
        low, high, size = self.pairs.low, self.pairs.high, self.pairs.size
        diagonal, values, border = self.diagonal(), self.values, self.border
        if scale is not None:
            diagonal, values = diagonal * scale**2, values * scale[low] * scale[high]
            border = None if border is None else border * scale[:size] * scale[size]
        matrix = numpy.zeros((len(diagonal), len(diagonal)), dtype=float if scale is None else numpy.float32)
        matrix[low, high] = -values
        matrix[numpy.arange(len(diagonal)), numpy.arange(len(diagonal))] = diagonal
        if border is not None:
            matrix[:size, size] = border
        return matrix.T

    def scattered(self, scale: Floats) -> "scipy.sparse.csr_array":
        """The whole matrix by its few elements, rows and columns times a scale and in single precision."""
        low, high, size = self.pairs.low, self.pairs.high, self.pairs.size
        entries = -self.values * scale[low] * scale[high]
        places = numpy.arange(len(scale))
        values, rows, columns = [self.diagonal() * scale**2, entries, entries], [places, low, high], [places, high, low]
        if self.border is not None:
            edge = self.border * scale[:size] * scale[size]
            values += [edge, edge]
            rows += [places[:size], numpy.full(size, size)]
            columns += [numpy.full(size, size), places[:size]]
        cells = numpy.concatenate(values).astype(numpy.float32), (numpy.concatenate(rows), numpy.concatenate(columns))
        return scipy.sparse.csr_array(cells, shape=(len(scale), len(scale)))

    def stiffness(self, passes: int = 60) -> float:
        """Norm of the inverse off the constant, the diagonal scaled to ones; by the iteration of Lanczos.

        Of a matrix whose norm is large it tells that it is, and not how large.
        """
        diagonal = self.diagonal()
        size = self.pairs.size
        scale = 1 / numpy.sqrt(diagonal)
        upper, constant = self.upper, numpy.zeros(len(diagonal))
        constant[:size] = numpy.sqrt(diagonal[:size] / diagonal[:size].sum())
        here = numpy.random.default_rng(len(diagonal)).standard_normal(len(diagonal))
        here -= constant * (constant @ here)
        here /= numpy.linalg.norm(here)
        before, length = numpy.zeros_like(here), 0.0
        middle, beside = [], []
        for _ in range(min(passes, len(here) - 1)):
            scaled = scale * here
            product = diagonal * scaled
            product[:size] -= upper @ scaled[:size] + upper.T @ scaled[:size]
            if self.border is not None:
                product[:size] += self.border * scaled[size]
                product[size] += self.border @ scaled[:size]
            product = scale * product - length * before
            middle.append(float(product @ here))
            product -= middle[-1] * here
            product -= constant * (constant @ product)
            length = float(numpy.linalg.norm(product))
            if not length > _ROUNDING:
                break
            beside.append(length)
            before, here = here, product / length
        lowest = scipy.linalg.eigvalsh_tridiagonal(middle, beside[: len(middle) - 1], select="i", select_range=(0, 0))
        return float(1 / max(lowest[0], _ROUNDING))


class Curvature:
    """The negative Hessian at one point."""

    def __init__(self, pairs: counts.Pairs, sums: likelihood.PairSums, extras: int, ridge: float) -> None:
        border = -pairs.signed(sums.cross) if extras and sums.cross is not None else None
        self.paired = Paired(pairs=pairs, values=-sums.curve, border=border, corner=-sums.curve_extra)
        self.pairs = pairs
        self.border = border
        self.ridge = ridge

    def step(self, gradient: Floats, accuracy: float) -> Floats:
        """The solution of matrix * step = gradient; the iteration stops at this relative accuracy."""
        if self.pairs.size >= MANY:
            found = self.iterated(gradient, accuracy)
            if found is not None:
                return found
            if len(self.pairs.low) <= _THIN * self.pairs.size:
                return self.eliminated(gradient)
        return self.factored(gradient)

    def factored(self, gradient: Floats) -> Floats:
        """By the dense factor."""
        solved: Floats = scipy.linalg.cho_solve((self.factor, True), gradient, check_finite=False)
        return solved

    def iterated(self, gradient: Floats, accuracy: float, passes: int = _PASSES) -> Floats | None:
        """By conjugate gradients; None when they do not end."""
        upper = self.paired.upper
        lower = upper.T
        diagonal = self.diagonal()
        size = self.pairs.size
        point = numpy.zeros(len(gradient))
        left = gradient.copy()
        if not self.ridge:
            left[:size] -= left[:size].mean()  # rounding along the constant, to which no step answers
        scaled = left / diagonal
        towards = scaled.copy()
        height = float(left @ scaled)
        goal = max(accuracy**2 * height, _ROUNDING**2 * float(diagonal.sum()))
        for _ in range(passes):
            if height <= goal:
                return point
            product = diagonal * towards
            inner = towards[:size]
            product[:size] -= upper @ inner + lower @ inner
            if self.border is not None:
                product[:size] += self.border * towards[size]
                product[size] += self.border @ inner
            length = height / float(towards @ product)
            point += length * towards
            left -= length * product
            scaled = left / diagonal
            before, height = height, float(left @ scaled)
            towards = scaled + height / before * towards
        return None

    def eliminated(self, gradient: Floats) -> Floats:
        """By sparse LU factors; without a ridge the last strength stays where it is."""
        size = self.pairs.size
        upper = self.paired.upper
        matrix = scipy.sparse.diags_array(self.diagonal()[:size]) - upper - upper.T
        if self.border is not None:
            edge = scipy.sparse.csr_array(self.border[:, None])
            matrix = scipy.sparse.block_array(
                [[matrix, edge], [edge.T, scipy.sparse.csr_array([[self.paired.corner]])]]
            )
        free = numpy.arange(len(gradient))
        if not self.ridge:
            free = numpy.delete(free, size - 1)
        inside = scipy.sparse.csc_array(matrix.tocsr()[free][:, free])
        try:
            factors = scipy.sparse.linalg.splu(
                inside, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
            )
        except RuntimeError as error:
            raise singular() from error
        found = numpy.zeros(len(gradient))
        found[free] = factors.solve(gradient[free])
        return found

    @functools.cached_property
    @blas.single_threaded()
    def factor(self) -> Floats:
        """Lower Cholesky factor of the matrix, made definite along the free constant, where it is flat."""
        size = self.pairs.size
        matrix = self.paired.lower()
        matrix[numpy.arange(size), numpy.arange(size)] += self.ridge
        matrix[:size, :size] += matrix[:size, :size].trace() / size**2
        factor, failed = scipy.linalg.lapack.dpotrf(matrix, lower=1, clean=0, overwrite_a=1)
        if failed:
            raise singular()
        lower: Floats = factor
        return lower

    @functools.cached_property
    @blas.single_threaded()
    def inverse(self) -> Floats:
        """Inverse of the matrix; what was filled in along the constant is harmless."""
        inverse, failed = scipy.linalg.lapack.dpotri(self.factor, lower=1)
        if failed:
            raise singular()
        return mirrored(inverse)

    def diagonal(self) -> Floats:
        """The diagonal, the ridge included."""
        diagonal = self.paired.diagonal().copy()
        diagonal[: self.pairs.size] += self.ridge
        return diagonal


def mirrored(lower: Matrix) -> Matrix:
    """The symmetric matrix of which only the lower triangle is right, in place; in blocks that stay in the cache."""
    for begin in range(0, len(lower), _BLOCK):
        end = begin + _BLOCK
        lower[begin:end, end:] = lower[end:, begin:end].T
        corner = lower[begin:end, begin:end]
        numpy.copyto(corner, corner.T, where=_ABOVE[: len(corner), : len(corner)])
    return lower


def singular() -> errors.InputError:
    return errors.InputError(
        "The ratings cannot be told apart numerically; look for a model with hardly any votes or extreme weights."
    )
