"""Columns of a log as SQL, and answers as arrays.

What may be text is read as text, what must be a number is tried as one; nothing here decides what is valid.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy
import pyarrow

from leaderboards.reading import counts, source

VOTE = ("model_a", "model_b", "winner")
NUMBERS = ("count", "weight")
LIGHTEST, HEAVIEST = 1e-100, 1e100
"""Weights whose squares, added up, stay numbers that can be told from 0."""
_FEW = 1000
"""Values that are encoded by Python itself."""
MOST = 1e12
"""Votes that one row may stand for; their sums stay exact."""
UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6))
"""Numbers below the first are seconds since 1970, below the next milli-, then microseconds, and all others
nanoseconds: each unit then reaches from 1973 to the year 5138."""
OPTIONAL = ("tie", "tie_bothbad")
"""Columns of a table of counts that may be missing or empty."""


def _type(votes: source.Source | None, column: str) -> str:
    kinds = (
        {part.columns[column] for part in votes.parts if part.columns and column in part.columns} if votes else set()
    )
    return kinds.pop() if len(kinds) == 1 else "VARCHAR"


def holds_numbers(votes: source.Source, column: str) -> bool:
    """Whether a column holds numbers or times, in every part that has it, and no text."""
    declared = all(part.columns is not None for part in votes.parts)
    return declared and _type(votes, column).startswith(("TIMESTAMP", "DATE", "DOUBLE", "FLOAT"))


def name(votes: source.Source, column: str) -> str:
    """A column as text; ENUM stays as it is, because grouping by it is several times faster."""
    kind = _type(votes, column)
    plain = kind == "VARCHAR" or kind.startswith("ENUM")
    return column if plain else f"CAST({column} AS VARCHAR) AS {column}"


def key(votes: source.Source, column: str) -> str:
    """A column whose equal values belong together: whole numbers as they are, all else as text."""
    kind = _type(votes, column)
    everywhere = all(part.columns is not None and column in part.columns for part in votes.parts)
    plain = everywhere and kind.endswith(("INT", "INTEGER"))
    return source.quoted(column) if plain else f"CAST({source.quoted(column)} AS VARCHAR)"


def number(votes: source.Source | None, column: str) -> str:
    """A column as a DOUBLE, null where it is no number."""
    kind = _type(votes, column)
    if kind.startswith(("DECIMAL", "VARCHAR")) or not kind.endswith(("INT", "INTEGER", "DOUBLE", "FLOAT")):
        return f"TRY_CAST(CAST({source.quoted(column)} AS VARCHAR) AS DOUBLE)"
    return f"CAST({source.quoted(column)} AS DOUBLE)"


def moment(votes: source.Source, column: str) -> str:
    """A time as seconds since 1970: a timestamp, text of one, or a number whose size tells its unit."""
    kind = _type(votes, column)
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"epoch(CAST({source.quoted(column)} AS TIMESTAMP))"
    text = f"CAST({source.quoted(column)} AS VARCHAR)"
    given = number(votes, column)
    units = " ".join(f"WHEN abs({given}) < {below:g} THEN {given} / {parts:g}" for below, parts in UNITS)
    since = f"CASE WHEN NOT isfinite({given}) THEN NULL {units} ELSE {given} / 1e9 END"
    return f"coalesce(epoch(TRY_CAST({text} AS TIMESTAMP)), {since})"


def wrong(column: str, value: str) -> str:
    """SQL that holds when a given number cannot be used, by the same rule as `usable`."""
    fine = (
        f"({value} = 0 OR {value} BETWEEN {LIGHTEST!r} AND {HEAVIEST!r})"
        if column == "weight"
        else f"({value} BETWEEN 0 AND {MOST!r} AND {value} = floor({value}))"
    )
    return f"{source.quoted(column)} IS NOT NULL AND coalesce(NOT {fine}, true)"


def usable(column: str, number: float) -> bool:
    """Whether a weight or a count is one."""
    if column == "weight":
        return number == 0 or LIGHTEST <= number <= HEAVIEST
    return 0 <= number <= MOST and number.is_integer()


def rule(column: str) -> str:
    """What a weight or a count must be."""
    if column == "weight":
        return f"0, or a number from {LIGHTEST:g} to {HEAVIEST:g}"
    return f"a whole number from 0 to {MOST:g}"


def wrong_or_missing(column: str, votes: source.Source | None) -> str:
    """The same, or the number is missing; counts of ties may be."""
    missing = "" if column in OPTIONAL else f" OR {source.quoted(column)} IS NULL"
    return f"({wrong(column, number(votes, column))}){missing}"


def unnamed(column: str) -> str:
    """SQL that holds when a model has no name."""
    return f"{column} IS NULL OR trim(CAST({column} AS VARCHAR)) = ''"


def together(parts: Sequence[pyarrow.Table]) -> pyarrow.Table:
    """The answers of several parts as one table."""
    if len(parts) == 1:
        return parts[0]
    plain = [
        part.cast(pyarrow.schema([(f.name, pyarrow.string() if _texts(f.type) else f.type) for f in part.schema]))
        for part in parts
    ]
    return pyarrow.concat_tables(plain, promote_options="permissive")


def _texts(kind: pyarrow.DataType) -> bool:
    return bool(pyarrow.types.is_dictionary(kind) or pyarrow.types.is_large_string(kind))


def encoded(column: pyarrow.ChunkedArray) -> tuple[counts.Integers, list[str]]:
    """Codes (missing is -1) and the names they stand for."""
    found, names = codes(column)
    return found, names()


def codes(column: pyarrow.ChunkedArray) -> tuple[counts.Integers, Callable[[], list[str]]]:
    """The same, names when they are asked for: a list of many of them takes its time."""
    if len(column) <= _FEW:  # then importing what Arrow encodes with takes longer
        listed = column.to_pylist()
        number = {name: place for place, name in enumerate(dict.fromkeys(name for name in listed if name is not None))}
        return numpy.array([number.get(name, -1) for name in listed], dtype=numpy.int64), lambda: [*number]
    given = pyarrow.types.is_dictionary(column.type)
    column = column.unify_dictionaries() if given else column.dictionary_encode()  # which gives all chunks the same
    found = numpy.empty(len(column), dtype=numpy.int64)
    begin = 0
    for chunk in column.chunks:
        indices = chunk.indices  # of an ENUM without a sign
        indices = indices.cast(pyarrow.int64()).fill_null(-1) if indices.null_count else indices
        found[begin : begin + len(chunk)] = array(indices)
        begin += len(chunk)
    return found, column.chunk(0).dictionary.to_pylist


def array(values: pyarrow.Array | pyarrow.ChunkedArray) -> Any:
    """Numbers or truth values as NumPy has them; not to be changed.

    Arrow's own `to_numpy` imports pandas where that is installed, which takes as long as ranking a small file.
    """
    if isinstance(values, pyarrow.ChunkedArray):
        chunks = [array(chunk) for chunk in values.chunks]
        return chunks[0] if len(chunks) == 1 else numpy.concatenate(chunks) if chunks else numpy.zeros(0)
    kind = values.type
    plain = pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)
    if plain and not values.null_count:
        return numpy.from_dlpack(values)
    return values.to_numpy(zero_copy_only=False)
