"""The tables of a release that hold ids and no text: which votes are in the rows, which are not, and which left.

    items.parquet     the votes behind each row, with their lines in the ledger: the leaves of the proof tree, in order
    left_out.parquet  the votes without rows, with the reason
    removed.parquet   votes erased or withdrawn before this release: drop their rows from every earlier release

Beside each file is the same table as JSON lines, for readers without Parquet such as the verifier in
docs/verification.md.
Ids are those of the arena: they say nothing about who voted, and are the same in every release.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from arena.errors import InvalidValue

ITEMS = "items"
LEFT_OUT = "left_out"
REMOVED = "removed"
COMMITMENT = re.compile(r"[0-9a-f]{64}")
SCHEMAS = {
    ITEMS: pa.schema(
        [
            ("split", pa.string()),
            ("row", pa.int64()),  # the first row of the split that holds it, from 0
            ("rows", pa.int64()),
            ("step", pa.int64()),  # from one of its rows to the next: row, row + step, ...
            ("battle_id", pa.string()),
            ("vote_id", pa.string()),
            ("line", pa.int64()),  # line in the ledger; null, like the commitment, where there is no ledger
            ("commitment", pa.string()),
        ]
    ),
    LEFT_OUT: pa.schema(
        [
            ("battle_id", pa.string()),
            ("vote_id", pa.string()),  # null where the whole battle was left out
            ("reason", pa.string()),
        ]
    ),
    REMOVED: pa.schema(
        [
            ("battle_id", pa.string()),
            ("vote_id", pa.string()),
            ("removal_id", pa.string()),  # null, like the next two, for a vote that was cast after its rater withdrew
            ("kind", pa.string()),
            ("line", pa.int64()),  # the removal's line in the ledger
        ]
    ),
}
FORMER = {REMOVED: pa.schema([("battle_id", pa.string()), ("vote_id", pa.string())])}
"""The tables of releases of the first schema, where they differ."""
NAMES = tuple(f"{table}.{kind}" for table in SCHEMAS for kind in ("parquet", "jsonl"))
"""The files of these tables."""
LONGEST_TEXT = 1000
"""In bytes. Ids, reasons and commitments are far shorter."""
LARGEST_GROUP = 512 * 2**20
"""In bytes, unpacked. The row groups that an arena writes are far smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One vote in a release."""

    index: int
    """The number of its leaf, from 0."""
    split: str
    row: int
    rows: int
    step: int
    battle_id: str
    vote_id: str
    line: int | None
    commitment: str | None


def read(folder: Path, table: str) -> Iterator[dict[str, Any]]:
    """The rows of one of these tables, in order. One batch at a time is in memory.

    Raises `InvalidValue` for any other file: a folder from elsewhere can hold anything under that name.
    """
    for row in _rows(folder, table):
        if row["battle_id"] is None or (row["vote_id"] is None and table != LEFT_OUT):
            raise _unreadable(folder, table, "a row names nothing")
        yield row


def items(folder: Path) -> Iterator[Item]:
    """The votes in a release, in the order of their leaves."""
    for index, row in enumerate(read(folder, ITEMS)):
        yield Item(index=index, **{**row, "commitment": _commitment(folder, row)})


def vote_ids(folder: Path) -> list[str]:
    """The votes in a release by id, in the order of their leaves."""
    with pq.ParquetFile(folder / f"{ITEMS}.parquet") as file:
        found: list[str] = file.read(columns=["vote_id"]).column("vote_id").to_pylist()
    return list(dict.fromkeys(found))


def _rows(folder: Path, table: str) -> Iterator[dict[str, Any]]:
    path = folder / f"{table}.parquet"
    if not path.is_file():
        raise _unreadable(folder, table, "there is no such file")
    try:
        with pq.ParquetFile(path) as plain:
            if not any(plain.schema_arrow.equals(known.get(table)) for known in (SCHEMAS, FORMER) if table in known):
                raise _unreadable(folder, table, "it has other columns")
            texts = [field.name for field in plain.schema_arrow if field.type == pa.string()]
            sizes = [plain.metadata.row_group(group).total_byte_size for group in range(plain.num_row_groups)]
        if max(sizes, default=0) > LARGEST_GROUP:
            raise _unreadable(folder, table, "it unpacks to far more than ids")
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            for group in range(len(sizes)):  # each row group has dictionaries of its own, which Arrow does not join
                for batch in file.iter_batches(row_groups=[group]):
                    yield from _unpacked(folder, table, batch).to_pylist()
    except (OSError, pa.ArrowException, ValueError) as error:
        raise _unreadable(folder, table, type(error).__name__) from error


def _unpacked(folder: Path, table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch without dictionaries. A few bytes can give a long text to many rows, so dictionaries are checked
    first."""
    columns = []
    for column in batch.columns:
        if not pa.types.is_dictionary(column.type):
            columns.append(column)
        elif (pc.max(pc.binary_length(column.dictionary)).as_py() or 0) > LONGEST_TEXT:
            raise _unreadable(folder, table, "a text in it is longer than any id")
        else:
            columns.append(column.dictionary_decode())
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _commitment(folder: Path, row: Mapping[str, Any]) -> str | None:
    found: str | None = row["commitment"]
    if found is not None and not COMMITMENT.fullmatch(found):
        raise _unreadable(folder, ITEMS, "a commitment is none")
    return found


def _unreadable(folder: Path, table: str, cause: str) -> InvalidValue:
    return InvalidValue(
        f"{folder / table}.parquet cannot be read ({cause}); check the folder with `arena release verify`."
    )
