"""Values as Arrow columns, for data that is lists and structs of texts.

Arrow turns a list of texts into a column at the speed of copying them, and takes most of its time for the dictionaries
around them. So the dictionaries are taken apart here, level by level, and Arrow is handed texts and numbers: half the
time for conversations (benchmarks/export_speed.py).
"""

from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa

from arena.exports.format import Row


def batch(rows: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    """Rows as columns of the schema."""
    arrays = [of([row[field.name] for row in rows], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def of(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Values as one column; where a list or a struct is absent, Arrow does it all."""
    if pa.types.is_list(kind) and None not in values:
        ends = pa.array([0, *accumulate(map(len, values))], type=pa.int32())
        return pa.ListArray.from_arrays(ends, of(list(chain.from_iterable(values)), kind.value_type), type=kind)
    if pa.types.is_struct(kind) and None not in values:
        fields = [kind.field(place) for place in range(kind.num_fields)]
        inner = [of([value[field.name] for value in values], field.type) for field in fields]
        return pa.StructArray.from_arrays(inner, fields=fields)
    return pa.array(values, type=kind)
