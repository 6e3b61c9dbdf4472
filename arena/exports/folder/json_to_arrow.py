"""JSON lines as Arrow columns.

A row is a dictionary of lists and dictionaries, and taking those apart keeps the interpreter busy. Its line of JSON is
made anyway, and Arrow reads lines without the interpreter, so that another thread can do it (benchmarks/export_speed.py
measures it). Both files of a table then hold the same by construction.
"""

import pyarrow as pa
from pyarrow import json


def read(lines: bytes, schema: pa.Schema) -> pa.Table:
    """The rows of some lines, in one piece a column. Raises `pyarrow.ArrowInvalid` for rows of another schema."""
    return json.read_json(
        pa.BufferReader(lines),
        read_options=json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
    )
