"""The board that raters are held against, and what it would be without each of them.

P(left wins) = 1 / (1 + exp(s_right - s_left)) on counts, by Newton's method; a tenth of a virtual vote between all
pairs keeps it finite. Without rater u: s - H^-1 S_u, one Newton step, where S_u is the rater's part of the score.
"""

from dataclasses import dataclass

import numpy
from scipy.special import expit

from arena.quality.arrays import Floats, Integers, per

_VIRTUAL = 0.05
"""Ties added to each pair."""
_FAR = 1.5
"""Logits; the most that leaving one rater out may move a difference: one Newton step is no more exact than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Strengths in logits, centred, and the information about them."""

    strengths: Floats
    information: Floats
    """(models, models); singular along the constant."""

    def inverse(self) -> Floats:
        """Of the information, with the constant made regular."""
        found: Floats = numpy.asarray(numpy.linalg.inv(self.information + _level(self.information)), dtype=float)
        return found


def wins(left: Integers, right: Integers, won: Floats, models: int, weight: Floats | float = 1.0) -> Floats:
    """(models, models): how much row won against column; `won` is what the left side got of each vote."""
    key = left * models + right
    first = per(key, models * models, weight * won).reshape(models, models)
    second = per(key, models * models, weight * (1.0 - won)).reshape(models, models)
    return first + second.T


def fit(table: Floats, start: Floats | None = None, closely: float = 1e-8) -> Fit:
    """Strengths from a table of wins."""
    models = len(table)
    table = table + _VIRTUAL / 2 * (1 - numpy.eye(models))
    votes: Floats = table + table.T
    found: Floats = numpy.zeros(models) if start is None else start.copy()
    information: Floats = numpy.eye(models)
    for _ in range(30):
        chance = expit(found[:, None] - found[None])
        weight = votes * chance * (1 - chance)
        information = numpy.diag(weight.sum(1)) - weight
        step = numpy.linalg.solve(information + _level(information), (table - votes * chance).sum(1))
        found += numpy.clip(step, -3, 3)
        if numpy.abs(step).max(initial=0.0) < closely:
            break
    return Fit(strengths=found - found.sum() / max(models, 1), information=information)


def _level(information: Floats) -> float:
    """Added everywhere it changes no difference of strengths."""
    return float(max(numpy.trace(information), 1e-9)) / max(len(information), 1) ** 2


def tables(
    rater: Integers, left: Integers, right: Integers, value: Floats, size: tuple[int, int]
) -> tuple[Floats, Floats]:
    """(raters, models) twice: a value of each vote summed over its left and over its right model."""
    raters, models = size
    first = per(rater * models + left, raters * models, value).reshape(raters, models)
    second = per(rater * models + right, raters * models, value).reshape(raters, models)
    return first, second


def without_own(
    board: Fit, rater: Integers, left: Integers, right: Integers, residual: Floats, size: tuple[int, int]
) -> Floats:
    """The logit of every vote on the board without its rater; `residual` is 0 on votes that are not on the board."""
    first, second = tables(rater, left, right, residual, size)
    moved = (first - second) @ board.inverse()
    change = numpy.clip(moved[rater, right] - moved[rater, left], -_FAR, _FAR)
    return board.strengths[left] - board.strengths[right] + change
