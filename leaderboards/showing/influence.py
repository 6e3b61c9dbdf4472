"""How few votes decide a rank: the fewest found whose removal puts a model below the one it is above.

The votes are chosen by their influence on the difference of the two ratings, one Newton step each (Broderick, Giordano
& Meager 2020, arXiv:2011.14999), removed together, and the board refitted exactly; the number given is one that was
seen to change the order, an upper bound of the true fewest.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy

from leaderboards import board, errors
from leaderboards.fitting import blas, bradley_terry, connectivity, likelihood
from leaderboards.reading import counts

Floats = counts.Floats
Integers = counts.Integers

_ROUNDS = 30
_EQUAL = 1e-9
"""Logits within which two strengths count as equal, which is not yet a change of order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Votes that hold two neighbours in their order."""

    higher: str
    lower: str
    votes: int | None
    """Removing this many changes the order; None when none was found that leaves both rated."""
    share: float | None
    """Of all votes."""


@blas.single_threaded()
def fewest(ranked: board.Board, pairs: Sequence[tuple[str, str]] | None = None) -> tuple[Flip, ...]:
    """For each (higher, lower), all neighbours if not given. Raises InputError for a board without a fit to redo."""
    board.demand(ranked)
    found = ranked.fit
    if found is None:
        raise errors.InputError("Only Bradley-Terry boards without controls say which votes decide a rank.")
    names = [entry.model for entry in ranked.rated]
    number = {name: place for place, name in enumerate(ranked.rated_models)}
    chosen = list(itertools.pairwise(names)) if pairs is None else list(pairs)
    flips = []
    for higher, lower in chosen:
        if higher not in number or lower not in number:
            raise errors.InputError(f'"{higher}" and "{lower}" must both be rated models of the board.')
        votes = _removed(found, number[higher], number[lower])
        flips.append(
            Flip(higher=higher, lower=lower, votes=votes, share=None if votes is None else votes / ranked.votes)
        )
    return tuple(flips)


def _removed(found: bradley_terry.Fit, high: int, low: int) -> int | None:
    """The shortest beginning of the votes with most influence without which `high` falls below `low`."""
    cells: list[Integers] = []
    amounts: list[Floats] = []
    fit: bradley_terry.Fit | None = found
    for _ in range(_ROUNDS):
        if fit is None:
            return None
        gap = float(fit.strengths[high] - fit.strengths[low])
        if gap < -_EQUAL:
            return _shortest(found, high, low, numpy.concatenate(cells), numpy.concatenate(amounts))
        left = _left(found, cells, amounts).ravel()
        direction = fit.inverse[high, : found.pairs.size] - fit.inverse[low, : found.pairs.size]
        lean = (found.pairs.gaps(direction)[:, None] * fit.terms.slope).ravel()
        order = numpy.argsort(-lean)
        order = order[(lean[order] > 0) & (left[order] >= 1)]
        whole = numpy.floor(left[order])
        reach = numpy.cumsum(whole * lean[order])
        last = int(numpy.searchsorted(reach, gap + _EQUAL))
        if last >= len(order):
            return None
        before = float(reach[last - 1]) if last else 0.0
        amount = whole[: last + 1].copy()
        amount[last] = min(whole[last], numpy.floor((gap - before) / lean[order[last]]) + 1)
        cells.append(order[: last + 1])
        amounts.append(amount)
        fit = refitted(found, _left(found, cells, amounts), fit.strengths)
    return None


def _shortest(found: bradley_terry.Fit, high: int, low: int, cells: Integers, amounts: Floats) -> int:
    """Bisection over how many of the removed votes are needed."""
    ends = numpy.cumsum(amounts)
    least, most = 0, int(ends[-1])
    while most - least > 1:
        middle = (least + most) // 2
        part = numpy.clip(middle - (ends - amounts), 0, amounts)
        fit = refitted(found, _left(found, [cells], [part]), found.strengths)
        if fit is not None and fit.strengths[high] < fit.strengths[low] - _EQUAL:
            most = middle
        else:
            least = middle
    return most


def _left(found: bradley_terry.Fit, cells: Sequence[Integers], amounts: Sequence[Floats]) -> Floats:
    """The table of votes without the removed ones."""
    left = found.pairs.weight.copy(order="C")  # so that `ravel` below is the table itself
    for cell, amount in zip(cells, amounts, strict=True):
        numpy.subtract.at(left.ravel(), cell, amount)
    return left


def refitted(found: bradley_terry.Fit, left: Floats, start: Floats) -> bradley_terry.Fit | None:
    """The fit to the votes that are left, on all pairs of the first one; None when it leaves somebody unrated."""
    heard = left.sum(axis=1) > 0
    kept = replace(found.pairs, weight=left, weight_squared=left).where(heard)
    if not found.ridge and len(connectivity.shape(kept).core) < found.pairs.size:
        return None
    fit = bradley_terry.fit(kept, ties=found.ties, start=start, ridge=found.ridge)
    slope = numpy.zeros((len(found.pairs.low), 3))
    slope[heard] = fit.terms.slope
    return replace(fit, pairs=found.pairs, terms=likelihood.Terms(value=slope, slope=slope, curve=slope))
