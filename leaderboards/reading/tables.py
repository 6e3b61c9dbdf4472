"""Objects in memory as Arrow tables: frames, lazy frames, data sets, rows as dicts, however they come.

Packages are recognised by the names of their modules and by what their objects can do, so none of them is imported
here. What Arrow cannot make of an object is said in our words, with the way to convert it.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow

from leaderboards import errors

ACCEPTED = (
    "accepted: paths of CSV, JSON, JSONL or Parquet files, a DuckDB relation, a pandas, polars or Arrow frame, "
    "a datasets.Dataset, rows as dicts"
)
_INSTEAD = {
    "NoneType": "the variable is None, so look at how it was made",
    "Series": "give the whole frame, not one column",
    "ndarray": 'name its columns: pandas.DataFrame(array, columns=["model_a", "model_b", "winner"])',
    "bytes": "write them to a file and give its path, or parse them into rows",
    "Board": "this is a board already; give the votes it was made from",
    "set": "give a list: its order is kept",
}
"""What to do with what comes often and cannot be read."""


def table(votes: Any) -> tuple[str, pyarrow.Table]:
    """What a refusal calls the object, and its rows. Raises InputError when it holds none."""
    package, kind = type(votes).__module__.partition(".")[0], type(votes).__name__
    if kind in _INSTEAD:
        raise errors.InputError(f"Votes cannot be read from a {kind}: {_INSTEAD[kind]}; {ACCEPTED}.")
    if package == "datasets":
        return _dataset(votes, kind)
    if package == "polars" and hasattr(votes, "collect"):
        return _made("the polars lazy frame", lambda: pyarrow.table(votes.collect()))
    if package == "pyarrow" and hasattr(votes, "scanner"):
        return _made("the Arrow data set", votes.to_table)
    if isinstance(votes, Mapping):
        return _columns(votes)
    if hasattr(votes, "read") and hasattr(votes, "readline"):
        raise errors.InputError(
            f"Votes cannot be read from {_a(kind)}: give the path of the file, or rows, such as csv.DictReader(file)."
        )
    if isinstance(votes, pyarrow.RecordBatch):
        return "the Arrow batch", pyarrow.Table.from_batches([votes])
    if hasattr(votes, "__arrow_c_stream__"):
        name = {"pandas": "the pandas frame", "polars": "the polars frame"}.get(package, "the Arrow table")
        return _made(name, lambda: pyarrow.table(votes))
    if hasattr(votes, "to_arrow"):
        return _made(f"the {kind}", votes.to_arrow)
    if isinstance(votes, Sequence) and not isinstance(votes, str):
        return "the list of votes", _rows("the list of votes", votes)
    if isinstance(votes, Iterator):
        return f"the {kind} of votes", _rows(f"the {kind} of votes", votes)
    raise errors.InputError(f"Votes cannot be read from {_a(kind)}; {ACCEPTED}.")


def _dataset(votes: Any, kind: str) -> tuple[str, pyarrow.Table]:
    """A data set of the package datasets, with the rows it has been filtered to."""
    if isinstance(votes, Mapping):
        parts = ", ".join(str(part) for part in votes)
        raise errors.InputError(
            f"Votes cannot be read from {_a(kind)}, which has the parts {parts}; give one of them, such as "
            f"votes[{next(iter(votes), 'train')!r}]."
        )
    name = f"the datasets.{kind}"
    if hasattr(votes, "with_format") and hasattr(votes, "num_rows"):
        return _made(name, lambda: votes.with_format("arrow")[:])
    return name, _rows(name, iter(votes))


def _columns(votes: Mapping[Any, Any]) -> tuple[str, pyarrow.Table]:
    """A dict of columns, each a list."""
    name = "the dict of columns"
    single = [column for column, values in votes.items() if isinstance(values, str) or not _listed(values)]
    if single:
        raise errors.InputError(
            f"{name} has no list at {errors.quoted(single[0])}; give a list a column, or rows as a list of dicts."
        )
    sizes = {str(column): len(values) for column, values in votes.items()}
    if len(set(sizes.values())) > 1:
        lengths = ", ".join(f"{column} {size:,}" for column, size in itertools.islice(sizes.items(), 12))
        raise errors.InputError(f"{name} has columns of different lengths: {lengths}; make them equally long.")
    return name, _table(name, {str(column): values for column, values in votes.items()})


def _rows(name: str, votes: Iterable[Any]) -> pyarrow.Table:
    """Rows as dicts, with every column that any of them has."""
    rows: list[Mapping[str, Any]] = []
    for number, row in enumerate(votes, 1):
        if not isinstance(row, Mapping) and type(row).__name__ == "DataFrame":
            raise errors.InputError(f"{name} holds frames; put them together first: pandas.concat(frames).")
        if not isinstance(row, Mapping):
            raise errors.InputError(
                f"row {number:,} of {name} is {_a(type(row).__name__)}; each row must be a dict with model_a, model_b "
                'and winner, such as dict(zip(("model_a", "model_b", "winner"), row)).'
            )
        rows.append(row)
    if not rows:
        raise errors.InputError(f"{name} is empty; give at least one vote, as a dict with model_a, model_b and winner.")
    columns = dict.fromkeys(column for row in rows for column in row)
    return _table(name, {str(column): [row.get(column) for row in rows] for column in columns})


def _table(name: str, columns: Mapping[str, Any]) -> pyarrow.Table:
    arrays = {}
    for column, values in columns.items():
        try:
            arrays[column] = pyarrow.array(values)
        except (pyarrow.ArrowException, TypeError, ValueError, OverflowError) as error:
            raise errors.InputError(_mixed(name, column, values)) from error
    return pyarrow.table(arrays)


def _mixed(name: str, column: str, values: Iterable[Any]) -> str:
    """Which kinds of values stand in one column, and where the second begins."""
    first: type | None = None
    for number, value in enumerate(values, 1):
        first = type(value) if first is None and value is not None else first
        if value is not None and type(value) is not first and first is not None:
            return (
                f"row {number:,} of {name}: {column} is {_a(type(value).__name__)} after {_a(first.__name__)}; give a "
                "column values of one kind, such as text."
            )
    return f"{name} has a column {column} that Arrow cannot hold; give plain text and numbers."


def _made(name: str, make: Callable[[], pyarrow.Table]) -> tuple[str, pyarrow.Table]:
    """The table of an object; what its own package says against it becomes a sentence."""
    try:
        made = make()
    except errors.InputError:
        raise
    except Exception as error:  # of whatever package the object is
        said = " ".join(str(part) for part in error.args)
        column = re.search(r"column (\S+) with type|name(?:d)? '?(\w+)'?", said)
        if "uplicate" in said:
            raise errors.InputError(f"{name} has two columns of one name; rename one of them.") from error
        if column is not None and "onversion" in said:
            raise errors.InputError(
                f"{name} has values of several kinds in its column {column[1] or column[2]}; make them of one kind: "
                f'frame["{column[1] or column[2]}"].astype(str).'
            ) from error
        reason = said.strip().splitlines()[0].rstrip(".") if said.strip() else type(error).__name__
        raise errors.InputError(
            f"{name} cannot be read: {reason}; write it to a Parquet file, and give the path, to see where."
        ) from error
    if isinstance(made, pyarrow.Table):
        return name, made
    if isinstance(made, pyarrow.RecordBatchReader):
        return name, made.read_all()
    raise errors.InputError(f"{name} gave {_a(type(made).__name__)} and no Arrow table; {ACCEPTED}.")


def _listed(values: Any) -> bool:
    return hasattr(values, "__len__") and hasattr(values, "__iter__") and not isinstance(values, Mapping)


def _a(kind: str) -> str:
    return f"{'an' if kind[:1].lower() in 'aeio' else 'a'} {kind}"
