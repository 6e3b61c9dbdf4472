"""JSON lines as Arrow columns.

Taking nested rows apart in Python would keep the interpreter busy. Their lines of JSON are made anyway, and Arrow reads
lines without holding the interpreter, so another thread can do it (benchmarks/export_speed.py measures it). So both
files of a table hold the same rows by construction.
"""

import pyarrow as pa
from pyarrow import json


def read(lines: bytes, schema: pa.Schema) -> pa.Table:
    """The rows of some lines, with one chunk a column. Raises `pyarrow.ArrowInvalid` for rows of another schema."""
    return json.read_json(
        pa.BufferReader(lines),
        read_options=json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
    )
