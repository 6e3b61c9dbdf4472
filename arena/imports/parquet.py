"""Rows of a Parquet file, whatever few bytes can say there: a long text for many rows, or a packed file of nothing.

Texts stay in the dictionaries they are kept in until it is known how large the rows made of them are.
"""

import csv
import gzip
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from arena.imports.imported_vote import RowFault

BATCH_ROWS = 256
CHUNK = 1024 * 1024


def rows(stream: IO[bytes], largest: int, unpacked: int) -> Iterator[dict[str, Any] | RowFault]:
    """Every row, or why it is none: it has more than `largest` bytes of text.

    A packed file is unpacked aside, since Parquet is read from its end. Raises `csv.Error` for one that unpacks to more
    than `unpacked` bytes.
    """
    with tempfile.TemporaryFile() as aside:
        if isinstance(stream, gzip.GzipFile) or not stream.seekable():
            _unpack(stream, aside, unpacked)
            stream = aside
        with pq.ParquetFile(stream) as plain:
            names, texts = plain.schema_arrow.names, _texts(plain.schema)
        if len(set(names)) < len(names):
            raise csv.Error("it must name each column once")
        with pq.ParquetFile(stream, read_dictionary=texts) as file:
            for group in range(file.num_row_groups):  # each has dictionaries of its own, which Arrow does not join
                for batch in file.iter_batches(batch_size=BATCH_ROWS, row_groups=[group]):
                    yield from _rows(batch, largest)


def _rows(batch: pa.RecordBatch, largest: int) -> Iterator[dict[str, Any] | RowFault]:
    """The rows of a batch, all at once where every one of them is in order."""
    if _size(batch.columns) <= largest:
        try:
            yield from batch.to_pylist()
            return
        except (ValueError, OverflowError):
            pass  # a value is none of Python's; which row has it is found below
    for place in range(len(batch)):
        row = batch.slice(place, 1)
        if _size(row.columns) > largest:
            yield RowFault(f"it is larger than {largest:,} bytes.")
            continue
        try:
            yield row.to_pylist()[0]
        except (ValueError, OverflowError) as error:
            yield RowFault(f"it has a value that cannot be read ({error}).")


def _unpack(stream: IO[bytes], aside: IO[bytes], unpacked: int) -> None:
    while data := stream.read(CHUNK):
        aside.write(data)
        if aside.tell() > unpacked:
            raise csv.Error(f"it unpacks to more than {unpacked:,} bytes; unpack it yourself if it is what you expect")


def _texts(schema: pq.ParquetSchema) -> list[str]:
    """Paths of the columns that hold texts, also inside lists and objects."""
    columns = [schema.column(place) for place in range(len(schema))]
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def _size(columns: Iterable[pa.Array]) -> int:
    """Bytes of what stands in columns, as if no text were kept in a dictionary."""
    return sum(_bytes(column) for column in columns)


def _bytes(column: pa.Array) -> int:
    kind = column.type
    if pa.types.is_dictionary(kind) and not pa.types.is_primitive(kind.value_type):
        lengths = pc.binary_length(column.dictionary)
        return int(pc.sum(pc.take(lengths, column.indices)).as_py() or 0)
    if pa.types.is_map(kind):  # which cannot be flattened
        begin, end = column.offsets[0].as_py(), column.offsets[-1].as_py()
        return _size([column.keys[begin:end], column.items[begin:end]])
    if pa.types.is_nested(kind):
        inner = column.flatten()
        return _size(inner if isinstance(inner, list) else [inner])
    return int(column.nbytes)
