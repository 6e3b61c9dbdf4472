"""Boards as frames of pandas and polars, where those are installed."""

from typing import TYPE_CHECKING, Any

import pyarrow

from leaderboards import errors
from leaderboards.showing import documents

if TYPE_CHECKING:
    from leaderboards.board import Board


def as_pandas(board: "Board") -> Any:
    """One row per model, as a frame of pandas."""
    try:
        import pandas  # noqa: PLC0415 - optional, and pyarrow's own words for its absence help nobody
    except ImportError as error:
        raise _absent("pandas") from error
    table = documents.as_arrow(board)
    frame = table.to_pandas()
    for name in table.column_names:  # a whole number stays one beside a missing one
        if pyarrow.types.is_integer(table[name].type) and table[name].null_count:
            frame[name] = table[name].to_pandas(types_mapper={pyarrow.int64(): pandas.Int64Dtype()}.get)
    return frame


def as_polars(board: "Board") -> Any:
    """One row per model, as a frame of polars."""
    try:
        import polars  # noqa: PLC0415 - optional
    except ImportError as error:
        raise _absent("polars") from error
    return polars.from_arrow(documents.as_arrow(board))


def _absent(package: str) -> errors.InputError:
    return errors.InputError(
        f"to_{package} needs the package {package}, which is not installed: pip install {package}; "
        "to_arrow and to_csv need nothing more."
    )
