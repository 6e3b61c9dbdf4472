"""The board that raters are held against.

P(left wins) = 1 / (1 + exp(s_right - s_left)) on counts, by Newton's method. One virtual tie of each model, shared
among all others, keeps it finite: as little of many models as of few, so that no board of hundreds is drawn together.
"""

from dataclasses import dataclass

import numpy
from scipy.special import expit

from arena.quality.arrays import Floats, Integers, per

_VIRTUAL = 1.0
"""Ties added to each model."""


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
    table = table + _VIRTUAL / max(models - 1, 1) / 2 * (1 - numpy.eye(models))
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
