"""Votes one by one that are numbers already, of a program that keeps them in memory: no scan, no text.

The names are those that count (`sides.plain`), every model differs from the other of its vote, and every outcome is
one; who makes these sees to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy

from leaderboards.reading import counts, rows

Floats = counts.Floats
Integers = counts.Integers

_CELLS = 1 << 22
"""Most cells of a table of models by models by outcomes that is quicker than sorting."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CodedVotes:
    """One element a vote."""

    models: tuple[str, ...]
    """Each name once; some may be in no vote."""
    first: Integers
    """The place in `models` of the model on side a."""
    second: Integers
    outcome: Integers
    """As `outcomes` numbers them."""
    clusters: Mapping[str, Integers] = field(default_factory=dict)
    """By column, the number of the vote's value, from 0."""
    covariates: Mapping[str, Floats] = field(default_factory=dict)
    """By name, (a - b) / (a + b + 1) of what was measured on both answers."""

    def counted(self) -> counts.Counts:
        """Counts per pair and outcome."""
        size = len(self.models)
        key = (self.first.astype(numpy.int64) * size + self.second) * 4 + self.outcome
        if 4 * size**2 <= _CELLS:
            table = numpy.bincount(key, minlength=1)
            cells = numpy.flatnonzero(table)
            votes = table[cells]
        else:
            cells, votes = numpy.unique(key, return_counts=True)
        pair = cells // 4
        return counts.gathered(self.models, pair // size, pair % size, cells % 4, [votes.astype(float)])

    def numbered(self, models: Sequence[str], nobody: int) -> tuple[Integers, Integers]:
        """Both sides as indices into `models`; `nobody` for other models."""
        number = {name: index for index, name in enumerate(models)}
        places = numpy.array([number.get(name, nobody) for name in self.models], dtype=numpy.int64)
        return places[self.first], places[self.second]

    def rows(self, models: Sequence[str], covariates: Sequence[str], clusters: Sequence[str]) -> rows.Rows:
        """The votes as a fit takes them that counts cannot carry."""
        first, second = self.numbered(models, -1)
        ones = numpy.ones(len(first))
        return rows.Rows(
            first=first,
            second=second,
            outcome=self.outcome,
            times=ones,
            weight=ones,
            covariates=numpy.array([self.covariates[name] for name in covariates]),
            clusters=tuple(self.clusters[name] for name in clusters),
        )
