"""The note of a board clustered by two columns on its standard errors.

Inclusion and exclusion (`clusters`) takes the scores of both columns together away again. What is left need not be a
covariance: then it is projected to the nearest one, which raises standard errors. And it may lie below that of one of
the columns alone, though clustering by more columns should leave more doubt. Both are told, with figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from leaderboards.reading import counts

Floats = counts.Floats
_NOTHING = 1e-4
"""Share of a standard error that is rounding, in single precision."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parts:
    """What a two-way covariance of strengths was made of, each (models, models) and in logits."""

    raw: counts.Reals
    """Before it was projected."""
    alone: tuple[counts.Reals, ...]
    """By each column."""


def parts(inverse: Floats, meat: Floats, alone: Sequence[Floats], size: int) -> Parts:
    """The same from the inverse of the Hessian and the meats; the first `size` parameters are strengths."""
    left = inverse[:size]
    raw, *others = (left @ middle @ left.T for middle in (meat, *alone))
    return Parts(raw=raw, alone=tuple(others))


def note(
    found: Parts, covariance: counts.Reals, anchor: int | None, names: Sequence[str], points: float
) -> dict[str, Any]:
    """Whether it was projected and how far that raised a standard error, and which ones lie below a one-way one."""
    final, raw, *alone = (points * errors_of(spread, anchor) for spread in (covariance, found.raw, *found.alone))
    larger = numpy.maximum.reduce(alone)
    raised = float((final - raw).max(initial=0.0))
    below = numpy.flatnonzero(final < larger * (1 - _NOTHING))
    return {
        "projected": raised > _NOTHING * float(final.max(initial=0.0)),
        "raised": raised if raised > _NOTHING * float(final.max(initial=0.0)) else 0.0,
        "below_one_way": [
            {"model": names[model], "se": float(final[model]), "one_way": float(larger[model])}
            for model in below.tolist()
        ],
    }


def errors_of(spread: counts.Reals, anchor: int | None) -> Floats:
    """Standard errors of the strengths minus their mean, or minus the anchor's."""
    variance = numpy.diag(spread).astype(float)
    if anchor is not None:
        variance += variance[anchor] - 2 * spread[anchor]
        variance[anchor] = 0.0
    found: Floats = numpy.sqrt(numpy.maximum(variance, 0))
    return found


def sentences(details: dict[str, Any]) -> str:
    """The note as sentences; empty where nothing was raised and no error is smaller."""
    text = ""
    if details["projected"]:
        text += (
            " What two-way clustering leaves was no covariance and was projected to the nearest one, which raised a "
            f"standard error by up to {details['raised']:.3g}."
        )
    below = sorted(details["below_one_way"], key=lambda row: row["se"] / row["one_way"])
    if below:
        least = below[0]
        text += (
            f" The standard error of {len(below):,} model{'s' if len(below) > 1 else ''} is below that of "
            f"clustering by one column alone, at most {least['model']}: {least['se']:.3g} against "
            f"{least['one_way']:.3g}."
        )
    return text
