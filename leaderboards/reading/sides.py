"""The columns model_a, model_b and winner as numbers, by one rule wherever a log is read.

Blanks around a name are ignored, and a whole number is written without decimals: data frames spell a column of 1, 2, 3
as 1.0, 2.0, 3.0 once a value is missing, and two spellings of one model would be two models. The winner is one
of the accepted outcomes, or one of the two names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import pyarrow

from leaderboards.reading import counts, outcomes, sql

BLANKS = " \t\n\r\v\f\u00a0\ufeff"
"""Characters that are ignored at both ends of a name."""

_WHOLE = re.compile(r"(-?\d+)\.0+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sides:
    """One element per row."""

    first: counts.Integers
    """The index in `names` of the model on side a; -1 where it is missing."""
    second: counts.Integers
    names: list[str]
    """Each name once; some may be in no row."""
    outcome: counts.Integers
    """-1 where it is no outcome; empty for rows without a winner."""

    @property
    def fine(self) -> bool:
        """Whether every row names two different models, and every winner is a known outcome."""
        if len(self.first) == 0:
            return True
        blank = numpy.array([not name for name in self.names] + [True])
        wrong = blank[self.first] | blank[self.second] | (self.first == self.second)
        return not wrong.any() and bool((self.outcome >= 0).all())

    def numbered(self, models: Sequence[str], nobody: int) -> tuple[counts.Integers, counts.Integers]:
        """Both sides as indices into `models`; `nobody` for other models."""
        number = {name: index for index, name in enumerate(models)}
        places = numpy.array([*(number.get(name, nobody) for name in self.names), nobody], dtype=numpy.int64)
        return places[self.first], places[self.second]


def read(table: pyarrow.Table, winner: bool = True) -> Sides:
    """The columns model_a and model_b of an answer, and winner unless the rows are counts per pair."""
    code_a, names_a = sql.encoded(table["model_a"])
    code_b, names_b = sql.encoded(table["model_b"])
    plain_a, plain_b = [plain(name) for name in names_a], [plain(name) for name in names_b]
    names = list(dict.fromkeys([*plain_a, *plain_b]))
    number = {name: index for index, name in enumerate(names)}
    first = numpy.array([*(number[name] for name in plain_a), -1], dtype=numpy.int64)[code_a]
    second = numpy.array([*(number[name] for name in plain_b), -1], dtype=numpy.int64)[code_b]
    outcome = numpy.zeros(0, dtype=numpy.int64)
    if winner:
        code, spellings = sql.encoded(table["winner"])
        known = numpy.array([*(outcomes.SPELLINGS.get(spelling, -1) for spelling in spellings), -1])
        outcome = known[code]
        if len(code) and outcome.min() < 0:
            named = numpy.array([*(number.get(plain(spelling), -2) for spelling in spellings), -2])[code]
            outcome = numpy.where((outcome < 0) & (named == first), outcomes.WIN_A, outcome)
            outcome = numpy.where((outcome < 0) & (named == second), outcomes.WIN_B, outcome)
    return Sides(first=first, second=second, names=names, outcome=outcome)


def plain(name: str) -> str:
    """A name in the spelling that counts."""
    stripped = name.strip(BLANKS)
    whole = _WHOLE.fullmatch(stripped)
    return whole[1] if whole else stripped


def plainly(column: str) -> str:
    """SQL for `plain`."""
    blanks = "".join(f"chr({ord(blank)}) || " for blank in BLANKS).removesuffix(" || ")
    return f"regexp_replace(trim(CAST({column} AS VARCHAR), {blanks}), '^(-?[0-9]+)\\.0+$', '\\1')"
