"""Votes as the audit reads them: codes in arrays, each rater's votes together and in their order.

Raters are numbered by their first vote and models by their standing in the log, so that neither names nor the order in
which names sort can change a finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy
from numpy.typing import ArrayLike, NDArray

from arena.quality import strengths
from arena.quality.arrays import Flags, Floats, Integers, per

LEFT, RIGHT, TIE = 0, 1, 2
"""Outcomes. A both-bad vote is a tie here: it says nothing about which of the two is better."""
_SIGNS = numpy.array([1.0, -1.0, 0.0])
_PART_VOTES, _PART_CELLS = 32_768, 65_536
"""Votes, and raters times models, that are looked at together: tables of so many stay in a core's own memory."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RaterVotes:
    """Votes, those of one rater in a row and raters in order, as every table of the audit wants them."""

    rater: Integers
    left: Integers
    right: Integers
    outcome: Integers

    @cached_property
    def sign(self) -> Floats:
        """1 where left won, -1 where right won, 0 on a tie."""
        return _SIGNS[self.outcome]

    def where(self, kept: Flags | slice) -> "RaterVotes":
        """Some of them."""
        return RaterVotes(
            rater=self.rater[kept], left=self.left[kept], right=self.right[kept], outcome=self.outcome[kept]
        )

    def part(self, first: int, last: int) -> "tuple[RaterVotes, slice]":
        """Votes of the raters from `first` to below `last`, numbered from 0, and where they stand."""
        begin, end = (int(place) for place in numpy.searchsorted(self.rater, (first, last)))
        mine = self.where(slice(begin, end))
        return replace(mine, rater=mine.rater - first), slice(begin, end)

    @cached_property
    def _cells(self) -> dict[int, tuple[Integers, Integers]]:
        return {}

    def cells(self, models: int) -> tuple[Integers, Integers]:
        """Where a table of (raters, models), made flat, holds each vote's left and right model."""
        if models not in self._cells:
            base = self.rater * models
            self._cells[models] = base + self.left, base + self.right
        return self._cells[models]

    def tables(self, value: Floats, size: tuple[int, int]) -> tuple[Floats, Floats]:
        """(raters, models) twice: a value of each vote summed over its left and over its right model."""
        raters, models = size
        left, right = self.cells(models)
        return (
            per(left, raters * models, value).reshape(raters, models),
            per(right, raters * models, value).reshape(raters, models),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Log:
    """A vote log, sorted by rater and then by time."""

    votes: RaterVotes
    raters: tuple[str, ...]
    models: tuple[str, ...]
    row: Integers
    """Where each vote stood in what was given."""
    moment: Floats
    """When it was cast; where no times were given, its row."""
    timed: bool
    """Whether times were given."""
    groups: Mapping[str, Integers] = field(default_factory=dict)
    """By what raters have in common (`invitation`, `day`, `client`): a number for each rater, -1 for none."""

    @cached_property
    def count(self) -> Integers:
        """Votes of each rater."""
        return numpy.bincount(self.votes.rater, minlength=len(self.raters))

    @cached_property
    def turn(self) -> Integers:
        """Of each vote, which of its rater's it is, from 0."""
        first = numpy.cumsum(self.count) - self.count
        return numpy.arange(len(self.row)) - first[self.votes.rater]

    def outcomes(self, kept: Flags | None = None) -> Integers:
        """(raters, 3): left, right and tie among all votes, or those kept."""
        key = self.votes.rater * 3 + self.votes.outcome
        found: Integers = numpy.bincount(key if kept is None else key[kept], minlength=3 * len(self.raters))
        return found.reshape(-1, 3)

    @property
    def size(self) -> tuple[int, int]:
        """Raters and models."""
        return len(self.raters), len(self.models)

    def part(self, first: int, last: int) -> "tuple[Log, slice]":
        """The log of the raters from `first` to below `last`, numbered from 0, and where its votes stand."""
        votes, where = self.votes.part(first, last)
        return replace(
            self,
            votes=votes,
            raters=self.raters[first:last],
            row=self.row[where],
            moment=self.moment[where],
            groups={},
        ), where

    def of(self, some: Flags) -> "tuple[Log, Flags]":
        """The log of these raters, numbered anew, and which of its votes are theirs."""
        mine = some[self.votes.rater]
        votes = self.votes.where(mine)
        return replace(
            self,
            votes=replace(votes, rater=(numpy.cumsum(some) - 1)[votes.rater]),
            raters=tuple(self.raters[rater] for rater in numpy.flatnonzero(some)),
            row=self.row[mine],
            moment=self.moment[mine],
            groups={},
        ), mine


def parts(count: Integers, models: int) -> list[tuple[int, int]]:
    """Ranges of raters to be looked at one after the other; `count` are the votes of each."""
    raters = len(count)
    work = numpy.cumsum(numpy.maximum(count / _PART_VOTES, models / _PART_CELLS))
    if raters == 0 or work[-1] <= 1.5:
        return [(0, raters)]
    edges = [0, *numpy.searchsorted(work, numpy.arange(1, int(work[-1]) + 1)), raters]
    return [(int(first), int(last)) for first, last in pairwise(edges) if last > first]


def read(
    rater: ArrayLike,
    model_a: ArrayLike,
    model_b: ArrayLike,
    outcome: ArrayLike,
    *,
    moment: ArrayLike | None = None,
    groups: Mapping[str, ArrayLike] | None = None,
) -> Log:
    """A log from columns in the order of rows, or of `moment` where it is given.

    Names may be texts or numbers; outcomes are 0 for left, 1 for right, 2 for a tie or both bad. A group is what a
    rater's first vote says; an empty text or a negative number is none.
    """
    outcomes = numpy.asarray(outcome, dtype=numpy.int64)
    when = numpy.arange(len(outcomes), dtype=float) if moment is None else numpy.asarray(moment, dtype=float)
    by_time = numpy.argsort(when, kind="stable")
    raters, first, code = _numbered(numpy.asarray(rater)[by_time])
    names, both = numpy.unique(numpy.concatenate([numpy.asarray(model_a), numpy.asarray(model_b)]), return_inverse=True)
    sides = both.reshape(2, -1)[:, by_time]
    ended = outcomes[by_time]
    wins = strengths.wins(sides[0], sides[1], (ended == LEFT) + 0.5 * (ended == TIE), len(names))
    order = numpy.argsort(-strengths.fit(wins).strengths, kind="stable")
    place = numpy.empty(len(names), dtype=numpy.int64)
    place[order] = numpy.arange(len(names))
    together = numpy.argsort(code, kind="stable")
    return Log(
        votes=RaterVotes(
            rater=code[together],
            left=place[sides[0]][together],
            right=place[sides[1]][together],
            outcome=ended[together],
        ),
        raters=tuple(str(name) for name in raters),
        models=tuple(str(name) for name in names[order]),
        row=by_time[together],
        moment=when[by_time][together],
        timed=moment is not None,
        groups={name: _group(numpy.asarray(values)[by_time][first]) for name, values in (groups or {}).items()},
    )


def _numbered(values: NDArray[Any]) -> tuple[NDArray[Any], Integers, Integers]:
    """Distinct values by first appearance, where each first appeared, and the number of each value."""
    names, first, code = numpy.unique(values, return_index=True, return_inverse=True)
    order = numpy.argsort(first)
    place = numpy.empty(len(names), dtype=numpy.int64)
    place[order] = numpy.arange(len(names))
    return names[order], first[order], place[code]


def _group(values: NDArray[Any]) -> Integers:
    """A number for each value by first appearance; -1 for an empty text or a negative number."""
    none = values < 0 if values.dtype.kind in "if" else values == ""
    _, _, code = _numbered(values)
    return numpy.where(none, -1, code)
