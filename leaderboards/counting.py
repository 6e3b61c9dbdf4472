"""From a source to counts: one scan in SQL, and the first wrong row by name when there is one.

The scan groups by pair and outcome; validity is then judged on the groups, of which there are few. Only when a
group is wrong does a second scan look for the row, so a clean log pays nothing for the checks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import pyarrow

from leaderboards import counts, errors, outcomes, source

VOTE_COLUMNS = ("model_a", "model_b", "winner")
_NUMBERS = ("count", "weight")
_OPTIONAL = ("tie", "tie_bothbad")


def counted(votes: source.Source) -> counts.Counts:
    """Counts of a log of votes, or of a table that holds counts per pair. Raises InputError."""
    if votes.has("winner") and not _is_table(votes):
        return _from_votes(votes)
    return _from_table(votes)


def _is_table(votes: source.Source) -> bool:
    """Whether a JSON source, whose columns are not declared, holds counts per pair."""
    if all(part.columns is not None for part in votes.parts):
        return False
    found = votes.first("winner IS NOT NULL OR win_a IS NOT NULL", ["winner", "win_a"])
    return found is not None and found.values["winner"] is None


def _from_votes(votes: source.Source) -> counts.Counts:
    _need(votes, VOTE_COLUMNS)
    extra = [column for column in _NUMBERS if votes.has(column)]
    columns = [*VOTE_COLUMNS, *extra]
    chosen = [*(_name(votes, column) for column in VOTE_COLUMNS), "count(*) AS votes"]
    if extra:
        number = {column: _number(votes, column) for column in extra}
        times = f"coalesce({number['count']}, 1)" if "count" in extra else "1"
        heavy = f"coalesce({number['weight']}, 1)" if "weight" in extra else "1"
        chosen += [f"count({quoted}) AS given_{column}" for column, quoted in ((c, source.quoted(c)) for c in extra)]
        chosen += [f"coalesce(bool_or({_wrong(column, number[column])}), false) AS wrong_{column}" for column in extra]
        chosen += [
            f"sum({times}) AS total",
            f"sum({times} * {heavy}) AS mass",
            f"sum({times} * {heavy} * {heavy}) AS square",
        ]
    parts = votes.answers(f"SELECT {', '.join(chosen)} FROM {source.VOTES} GROUP BY ALL", columns)
    groups = _together(parts)
    if groups.num_rows == 0:
        raise errors.InputError(f"{votes.name} holds no votes.")
    code_a, names_a = _encoded(groups["model_a"])
    code_b, names_b = _encoded(groups["model_b"])
    code_winner, spellings = _encoded(groups["winner"])
    meaning = numpy.array([*(outcomes.SPELLINGS.get(spelling, -1) for spelling in spellings), -1])
    outcome = meaning[code_winner]
    same = {name: index for index, name in enumerate(names_b)}
    mirrored = numpy.array([*(same.get(name, -2) for name in names_a), -2])[code_a]
    unnamed = any(not name.strip() for name in (*names_a, *names_b))
    if unnamed or min(outcome.min(), code_a.min(), code_b.min()) < 0 or (mirrored == code_b).any():
        _refuse(votes, columns, extra)
    rows = groups["votes"].to_numpy()
    present = []
    for column in extra:
        given = groups[f"given_{column}"].to_numpy()
        if given.any():
            if (given < rows).any() or groups[f"wrong_{column}"].to_numpy(zero_copy_only=False).any():
                _refuse(votes, columns, [column])
            present.append(column)
    tables = [
        _spread(groups[name].to_numpy(), outcome)
        for name in (("total", "mass", "square") if "weight" in present else ("total",) if present else ("votes",))
    ]
    result = counts.gathered(names_a, names_b, code_a, code_b, tables)
    if not result.weight.sum() > 0:
        raise errors.InputError(f"{votes.name} holds no votes: every count or weight is 0.")
    return result


def _from_table(votes: source.Source) -> counts.Counts:
    _need(votes, ("model_a", "model_b", "win_a", "win_b"))
    numbers = [column for column in outcomes.TABLE_COLUMNS if votes.has(column)]
    columns = ["model_a", "model_b", *numbers]
    sums = ", ".join(f"sum(coalesce({_number(votes, column)}, 0)) AS {column}" for column in numbers)
    names = ", ".join(_name(votes, column) for column in ("model_a", "model_b"))
    listed = " OR ".join(f"({_wrong_or_missing(column, votes)})" for column in numbers)
    wrong = f"coalesce(bool_or({listed}), false) AS wrong"
    groups = _together(votes.answers(f"SELECT {names}, {sums}, {wrong} FROM {source.VOTES} GROUP BY ALL", columns))
    if groups.num_rows == 0:
        raise errors.InputError(f"{votes.name} holds no votes.")
    code_a, names_a = _encoded(groups["model_a"])
    code_b, names_b = _encoded(groups["model_b"])
    same = {name: index for index, name in enumerate(names_b)}
    mirrored = numpy.array([*(same.get(name, -2) for name in names_a), -2])[code_a]
    unnamed = any(not name.strip() for name in (*names_a, *names_b))
    wrong_number = groups["wrong"].to_numpy(zero_copy_only=False).any()
    if unnamed or wrong_number or min(code_a.min(), code_b.min()) < 0 or (mirrored == code_b).any():
        _refuse(votes, columns, numbers)
    table = numpy.zeros((groups.num_rows, 4))
    for column in numbers:
        table[:, outcomes.TABLE_COLUMNS[column]] = groups[column].to_numpy()
    result = counts.gathered(names_a, names_b, code_a, code_b, [table])
    if result.total == 0:
        raise errors.InputError(f"{votes.name} holds no votes: every count is 0.")
    return result


def _need(votes: source.Source, columns: Sequence[str]) -> None:
    for part in votes.parts:
        declared = part.columns
        if declared is None:
            continue
        wanted = columns if "win_a" in declared or "win_b" in declared else VOTE_COLUMNS
        lacking = [column for column in wanted if column not in declared]
        if lacking:
            raise errors.InputError(
                f"{part.name} has no column {' and no column '.join(lacking)}; needed: model_a, model_b, "
                "winner, or counts per pair as model_a, model_b, win_a, win_b, tie, tie_bothbad."
            )


def _refuse(votes: source.Source, columns: Sequence[str], numbers: Sequence[str]) -> None:
    """Raise for the first row that is wrong."""
    conditions = {"model_a": _unnamed("model_a"), "model_b": _unnamed("model_b")}
    if "winner" in columns:
        spelt = ", ".join(f"'{spelling}'" for spelling in outcomes.SPELLINGS)
        conditions["winner"] = f"winner IS NULL OR CAST(winner AS VARCHAR) NOT IN ({spelt})"
    conditions["itself"] = "CAST(model_a AS VARCHAR) = CAST(model_b AS VARCHAR)"
    for column in numbers:
        conditions[column] = _wrong_or_missing(column, None)
    listed = " OR ".join(f"({condition})" for condition in conditions.values())
    place = votes.first(listed, columns)
    if place is None:
        raise errors.InputError(f"{votes.name} changed while it was read; read it again.")
    values = place.values
    for column in ("model_a", "model_b", "winner"):
        value = values.get(column, "")
        if column in conditions and (value is None or not str(value).strip()):
            raise errors.InputError(f"{place}: {column} is {'missing' if value is None else 'empty'}.")
    if "winner" in conditions and str(values["winner"]) not in outcomes.SPELLINGS:
        raise errors.InputError(f'{place}: winner is "{_cut(values["winner"])}"; accepted: {outcomes.ACCEPTED}.')
    if str(values["model_a"]) == str(values["model_b"]):
        raise errors.InputError(f'{place}: "{_cut(values["model_a"])}" meets itself; model_a and model_b must differ.')
    for column in numbers:
        value = values[column]
        rule = "a number, 0 or more" if column == "weight" else "a whole number, 0 or more"
        if (value is None and column not in _OPTIONAL) or (value is not None and not _is_fine(column, value)):
            shown = "missing" if value is None else f'"{_cut(value)}"'
            raise errors.InputError(f"{place}: {column} is {shown}; it must be {rule}.")
    raise errors.InputError(f"{place} cannot be counted.")


def _is_fine(column: str, value: object) -> bool:
    try:
        number = float(str(value))
    except ValueError:
        return False
    return number >= 0 and number < float("inf") and (column == "weight" or number.is_integer())


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _type(votes: source.Source | None, column: str) -> str:
    kinds = (
        {part.columns[column] for part in votes.parts if part.columns and column in part.columns} if votes else set()
    )
    return kinds.pop() if len(kinds) == 1 else "VARCHAR"


def _name(votes: source.Source, column: str) -> str:
    """A column as text; ENUM stays as it is, because grouping by it is several times faster."""
    kind = _type(votes, column)
    plain = kind == "VARCHAR" or kind.startswith("ENUM")
    return column if plain else f"CAST({column} AS VARCHAR) AS {column}"


def _number(votes: source.Source | None, column: str) -> str:
    kind = _type(votes, column)
    if kind.startswith(("DECIMAL", "VARCHAR")) or not kind.endswith(("INT", "INTEGER", "DOUBLE", "FLOAT")):
        return f"TRY_CAST(CAST({source.quoted(column)} AS VARCHAR) AS DOUBLE)"
    return f"CAST({source.quoted(column)} AS DOUBLE)"


def _wrong(column: str, number: str) -> str:
    """SQL that holds when a given number cannot be used."""
    whole = "" if column == "weight" else f" OR {number} <> floor({number})"
    return (
        f"{source.quoted(column)} IS NOT NULL AND ({number} IS NULL OR NOT isfinite({number}) OR {number} < 0{whole})"
    )


def _wrong_or_missing(column: str, votes: source.Source | None) -> str:
    """The same, or the number is missing; counts of ties may be."""
    missing = "" if column in _OPTIONAL else f" OR {source.quoted(column)} IS NULL"
    return f"({_wrong(column, _number(votes, column))}){missing}"


def _unnamed(column: str) -> str:
    return f"{column} IS NULL OR trim(CAST({column} AS VARCHAR)) = ''"


def _spread(values: counts.Floats, outcome: counts.Integers) -> counts.Floats:
    """(rows, 4) with each value in the column of its outcome."""
    table = numpy.zeros((len(outcome), 4))
    table[numpy.arange(len(outcome)), outcome] = values
    return table


def _together(parts: Sequence[pyarrow.Table]) -> pyarrow.Table:
    if len(parts) == 1:
        return parts[0]
    plain = [
        part.cast(pyarrow.schema([(f.name, pyarrow.string() if _texts(f.type) else f.type) for f in part.schema]))
        for part in parts
    ]
    return pyarrow.concat_tables(plain, promote_options="permissive")


def _texts(kind: pyarrow.DataType) -> bool:
    return bool(pyarrow.types.is_dictionary(kind) or pyarrow.types.is_large_string(kind))


def _encoded(column: pyarrow.ChunkedArray) -> tuple[counts.Integers, list[str]]:
    """Codes (missing is -1) and the names they stand for."""
    if not pyarrow.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    if isinstance(array, pyarrow.ChunkedArray):
        array = array.chunk(0)
    codes = array.indices.cast(pyarrow.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, array.dictionary.to_pylist()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Votes counted per cluster, ordered pair and outcome; one row each."""

    models: int
    first: counts.Integers
    second: counts.Integers
    outcome: counts.Integers
    cluster: counts.Integers
    mass: counts.Floats
    """Sum of weights over the votes."""


def grouped(log: source.Source, models: Sequence[str], columns: Sequence[str]) -> Groups:
    """Counts per combination of values of the columns. Raises InputError where a value is missing."""
    missing = log.first(" OR ".join(f"{source.quoted(column)} IS NULL" for column in columns), columns)
    if missing is not None:
        column = next(column for column in columns if missing.values[column] is None)
        raise errors.InputError(f"{missing}: {column} is missing.")
    present = [column for column in _NUMBERS if log.has(column)]
    number = {column: f"coalesce({_number(log, column)}, 1)" for column in present}
    mass = " * ".join(number.values()) or "1"
    keys = ", ".join(f"CAST({source.quoted(column)} AS VARCHAR) AS key_{k}" for k, column in enumerate(columns))
    names = ", ".join(_name(log, column) for column in VOTE_COLUMNS)
    sql = f"SELECT {keys}, {names}, CAST(sum({mass}) AS DOUBLE) AS mass FROM {source.VOTES} GROUP BY ALL"
    rows = _together(log.answers(sql, [*VOTE_COLUMNS, *present, *columns]))
    cluster = numpy.zeros(rows.num_rows, dtype=numpy.int64)
    for k in range(len(columns)):
        code, names_here = _encoded(rows[f"key_{k}"])
        cluster = cluster * len(names_here) + code
    number_of = {name: index for index, name in enumerate(models)}
    code_a, names_a = _encoded(rows["model_a"])
    code_b, names_b = _encoded(rows["model_b"])
    code_winner, spellings = _encoded(rows["winner"])
    nobody = len(models)
    return Groups(
        models=nobody,
        first=numpy.array([number_of.get(name, nobody) for name in names_a], dtype=numpy.int64)[code_a],
        second=numpy.array([number_of.get(name, nobody) for name in names_b], dtype=numpy.int64)[code_b],
        outcome=numpy.array([outcomes.SPELLINGS[spelling] for spelling in spellings])[code_winner],
        cluster=cluster,
        mass=rows["mass"].to_numpy(),
    )
