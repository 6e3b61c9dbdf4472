"""Votes as counts per ordered pair and outcome: all that a rating without covariates needs.

Two logs with the same counts have the same likelihood, so ten million votes over 200 models become at most
39,800 rows of four numbers, and every fit starts from those.
"""

import functools
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy
import scipy
from numpy.typing import NDArray

Floats = NDArray[numpy.float64]
Reals = NDArray[numpy.floating]
"""Numbers in single or double precision."""
Integers = NDArray[numpy.int64]

_DENSE = 1 << 22
"""Most cells of a table that is cheaper than sorting."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """Counts per ordered pair (the model on side a, the model on side b) and outcome."""

    models: tuple[str, ...]
    """Names in order; the integers of `first` and `second` point here."""
    first: Integers
    """The model on side a, per pair; pairs are in order and each stands once."""
    second: Integers
    votes: Floats = field(repr=False)
    """(pairs, 4): how many votes, by outcome in the order of `outcomes`."""
    weight: Floats = field(repr=False)
    """(pairs, 4): sum of weights over the votes; `votes` itself when there are no weights."""
    weight_squared: Floats = field(repr=False)
    """(pairs, 4): sum of squared weights over the votes."""

    @property
    def total(self) -> int:
        """Number of votes."""
        return round(float(self.votes.sum()))

    @property
    def weighted(self) -> bool:
        """Whether any vote weighs other than one."""
        return self.weight is not self.votes

    def sha256(self) -> str:
        """A fingerprint of what was counted: equal for equal counts, whatever the order of rows or kind of file."""
        digest = hashlib.sha256(json.dumps(self.models, ensure_ascii=False).encode())
        digest.update(numpy.ascontiguousarray(numpy.stack([self.first, self.second]), dtype="<i8").tobytes())
        for table in (self.votes, self.weight, self.weight_squared) if self.weighted else (self.votes,):
            digest.update(numpy.ascontiguousarray(table, dtype="<f8").tobytes())
        return digest.hexdigest()

    def only(self, models: Sequence[str]) -> "Counts":
        """The counts of votes among these models only."""
        kept = set(models)
        names = tuple(name for name in self.models if name in kept)
        renumbered = numpy.full(len(self.models), -1, dtype=numpy.int64)
        for index, name in enumerate(self.models):
            if name in kept:
                renumbered[index] = names.index(name)
        first, second = renumbered[self.first], renumbered[self.second]
        inside = (first >= 0) & (second >= 0)
        votes = self.votes[inside]
        return Counts(
            models=names,
            first=first[inside],
            second=second[inside],
            votes=votes,
            weight=self.weight[inside] if self.weighted else votes,
            weight_squared=self.weight_squared[inside] if self.weighted else votes,
        )


@dataclass(frozen=True, kw_only=True, eq=False)  # without slots, because it keeps cached properties
class Pairs:
    """Counts per unordered pair, ready for a likelihood: low wins, high wins, ties."""

    size: int
    """Number of models."""
    low: Integers
    high: Integers
    """The two models of a pair; low < high. Pairs are in order."""
    weight: Floats = field(repr=False)
    """(pairs, 3): low wins, high wins, ties; quickest with each column in one piece."""
    weight_squared: Floats = field(repr=False)
    """(pairs, 3)."""

    @property
    def weighted(self) -> bool:
        """Whether any vote weighs other than one."""
        return self.weight_squared is not self.weight

    @functools.cached_property
    def starts(self) -> Integers:
        """(models + 1,): where the pairs of each low model begin."""
        return numpy.searchsorted(self.low, numpy.arange(self.size + 1))

    def gaps(self, strengths: Floats) -> Floats:
        """The low model's strength minus the high one's, of each pair."""
        return numpy.repeat(strengths[: self.size], numpy.diff(self.starts)) - strengths[self.high]

    def above(self, values: Floats) -> "scipy.sparse.csr_array":
        """One value a pair as a matrix, above its diagonal."""
        return scipy.sparse.csr_array((values, self.high, self.starts), shape=(self.size, self.size))

    def at_low(self, values: Floats) -> Floats:
        """For each model, the sum over the pairs in which it is the low one."""
        return numpy.bincount(self.low, weights=values, minlength=self.size).astype(float, copy=False)

    def at_high(self, values: Floats) -> Floats:
        """For each model, the sum over the pairs in which it is the high one."""
        return numpy.bincount(self.high, weights=values, minlength=self.size).astype(float, copy=False)

    def signed(self, values: Floats) -> Floats:
        """For each model, the sum over its pairs: positive where it is the low model, negative where it is the high
        one."""
        return self.at_low(values) - self.at_high(values)

    def incidence(self, values: Floats, extras: int = 0) -> "scipy.sparse.csr_array":
        """(pairs, models + extras): of each pair the value at its low model, and minus the value at its high one."""
        entries, places = numpy.stack([values, -values], axis=1), numpy.stack([self.low, self.high], axis=1)
        ends = numpy.arange(0, 2 * len(values) + 1, 2)
        shape = (len(values), self.size + extras)
        return scipy.sparse.csr_array((entries.ravel(), places.ravel(), ends), shape=shape)

    def among(self, chosen: Integers) -> "Pairs":
        """The pairs inside a subset of models, in order, renumbered by their place in it."""
        if len(chosen) == self.size:
            return self
        place = numpy.full(self.size, -1, dtype=numpy.int64)
        place[chosen] = numpy.arange(len(chosen))
        kept = self.where((place[self.low] >= 0) & (place[self.high] >= 0))
        return replace(kept, size=len(chosen), low=place[kept.low], high=place[kept.high])

    def where(self, kept: NDArray[numpy.bool_]) -> "Pairs":
        """Some of the pairs; the number of models stays the same."""
        weight = self.weight[kept]
        return Pairs(
            size=self.size,
            low=self.low[kept],
            high=self.high[kept],
            weight=weight,
            weight_squared=self.weight_squared[kept] if self.weighted else weight,
        )


def _slots(keys: Integers, cells: int) -> tuple[Integers, Integers]:
    """The distinct keys in order, and the place of each key among them; a table of all cells where it is small."""
    steps = numpy.diff(keys, prepend=-1)
    if (steps >= 0).all():
        fresh = steps > 0
        return keys[fresh], numpy.cumsum(fresh) - 1
    if cells > _DENSE:
        distinct, place = numpy.unique(keys, return_inverse=True)
        return distinct, place
    heard = numpy.zeros(cells, dtype=bool)
    heard[keys] = True
    distinct = numpy.flatnonzero(heard)
    table = numpy.empty(cells, dtype=numpy.int32)
    table[distinct] = numpy.arange(len(distinct), dtype=numpy.int32)
    return distinct, table[keys].astype(numpy.int64)


def gathered(
    names: Sequence[str],
    code_a: Integers,
    code_b: Integers,
    outcome: Integers,
    sums: Sequence[Floats],
) -> Counts:
    """Counts from rows (model a, model b, outcome, its sums); rows of one pair and outcome are added up.

    The models are places in `names`, of which each stands once.

    `sums` is (votes,) or (votes, weight, weight_squared), each (rows,). Only models that have a row are kept.
    """
    heard = numpy.bincount(code_a, minlength=len(names)) + numpy.bincount(code_b, minlength=len(names))
    models = tuple(sorted(names[code] for code in numpy.flatnonzero(heard).tolist()))
    number = {name: index for index, name in enumerate(models)}
    place = numpy.array([number.get(name, -1) for name in names], dtype=numpy.int64)
    first, second = place[code_a], place[code_b]
    keys, slot = _slots(first * len(models) + second, len(models) ** 2)
    cell = slot * 4 + outcome
    cells = 4 * len(keys)
    summed: list[Floats] = [numpy.bincount(cell, values, cells).reshape(-1, 4).astype(float) for values in sums]
    return Counts(
        models=models,
        first=keys // len(models),
        second=keys % len(models),
        votes=summed[0],
        weight=summed[1] if len(summed) > 1 else summed[0],
        weight_squared=summed[2] if len(summed) > 2 else summed[0],
    )


def folded(counts: Counts, *, ties: bool, both_bad: bool) -> Pairs:
    """Counts per unordered pair; ties and both-bad votes stay in as ties only if asked."""
    size = len(counts.models)
    swapped = counts.first > counts.second
    low = numpy.where(swapped, counts.second, counts.first)
    high = numpy.where(swapped, counts.first, counts.second)
    keys, slot = _slots(low * size + high, size**2)

    def table(values: Floats) -> Floats:
        win_a, win_b, tie, bad = values.T
        columns = numpy.where(swapped, win_b, win_a), numpy.where(swapped, win_a, win_b), tie * ties + bad * both_bad
        return numpy.array([numpy.bincount(slot, column, len(keys)) for column in columns]).T

    weight = table(counts.weight)
    heard = weight.sum(axis=1) > 0
    pairs = Pairs(
        size=size,
        low=keys // size,
        high=keys % size,
        weight=weight,
        weight_squared=table(counts.weight_squared) if counts.weighted else weight,
    )
    return pairs if heard.all() else pairs.where(heard)
