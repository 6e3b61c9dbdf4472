"""Votes one by one, and a log without some of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy
import pyarrow
from numpy.typing import NDArray

from leaderboards.reading import outcomes, relations, sides, source, sql

NAMES = {code: name for name, code in reversed(outcomes.SPELLINGS.items())}
"""One spelling of each outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """A part without some of its rows; itself a `SourcePart`."""

    part: source.SourcePart
    kept: NDArray[numpy.bool_] = field(repr=False)

    @property
    def name(self) -> str:
        """That of the part."""
        return self.part.name

    @property
    def columns(self) -> Mapping[str, str] | None:
        """Those of the part."""
        return self.part.columns

    def run(self, sql: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer to `sql` over the rows kept."""
        table = _all(self.part, list(columns) or ["model_a"]).filter(pyarrow.array(self.kept))
        return relations.opened(table).run(sql, columns)


def _all(part: source.SourcePart, columns: Sequence[str]) -> pyarrow.Table:
    listed = ", ".join(source.quoted(column) for column in columns)
    return part.run(f"SELECT {listed} FROM {source.VOTES}", columns)


def without(log: source.Source, rows: NDArray[numpy.bool_]) -> source.Source:
    """The log without these rows, counted over all its parts."""
    sizes = [_all(part, ["model_a"]).num_rows for part in log.parts]
    parts = numpy.split(~rows, numpy.cumsum(sizes)[:-1])
    return source.Source([Without(part=part, kept=kept) for part, kept in zip(log.parts, parts, strict=True)])


def rows(log: source.Source, columns: Sequence[str], moments: Sequence[str]) -> pyarrow.Table:
    """Every vote in the order of rows: model_a, model_b, winner, `columns` as text and `moments` in seconds since 1970.

    What a log does not have is null.
    """
    asked = [*sql.VOTE, *columns, *moments]
    given = [column for column in asked if log.has(column)]
    chosen = [sql.name(log, column) for column in sql.VOTE]
    chosen += [
        f"CAST({source.quoted(column)} AS VARCHAR) AS {source.quoted(column)}" for column in columns if column in given
    ]
    chosen += [f"{sql.moment(log, column)} AS {source.quoted(column)}" for column in moments if column in given]
    table = sql.together(log.answers(f"SELECT {', '.join(chosen)} FROM {source.VOTES}", given))
    judged = sides.read(table)
    names = pyarrow.array(judged.names, pyarrow.string())
    winners = pyarrow.array([NAMES[code] for code in sorted(NAMES)])
    told = {
        "model_a": pyarrow.DictionaryArray.from_arrays(pyarrow.array(judged.first), names),
        "model_b": pyarrow.DictionaryArray.from_arrays(pyarrow.array(judged.second), names),
        "winner": pyarrow.DictionaryArray.from_arrays(pyarrow.array(judged.outcome), winners),
    }
    for column in [*columns, *moments]:
        kind = pyarrow.float64() if column in moments else pyarrow.string()
        told[column] = table[column] if column in given else pyarrow.nulls(table.num_rows, kind)
    return pyarrow.table(told)
