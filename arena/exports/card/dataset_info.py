"""`dataset_info` of the card: features, splits and counts, as the Hugging Face hub and `datasets` read them.

`datasets` derives the same from an Arrow schema (tests/exports/card/test_card.py compares), and counts the rows it
loads.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from arena.exports.folder.files import FileEntry


def lines(schema: pa.Schema, rows: Mapping[str, int], files: Sequence[FileEntry]) -> list[str]:
    """The YAML for a release with these data files. The size of a split is that of its JSON lines; the size of the
    download is that of the Parquet files, which `datasets` reads."""
    sizes = {entry.path: entry.bytes for entry in files}
    parts = {part: sizes[f"data/{part}.jsonl"] for part, count in rows.items() if count}
    info = {
        "features": [{"name": field.name, **_typed(field.type)} for field in schema],
        "splits": [{"name": part, "num_bytes": size, "num_examples": rows[part]} for part, size in parts.items()],
        "download_size": sum(sizes[f"data/{part}.parquet"] for part in parts),
        "dataset_size": sum(parts.values()),
    }
    return ["dataset_info:", *(f"  {line}" for line in _yaml(info))]


def _typed(kind: pa.DataType) -> dict[str, Any]:
    """The type of a column, as the hub writes it."""
    if pa.types.is_list(kind):
        inner = _typed(kind.value_type)
        if pa.types.is_struct(kind.value_type):
            return {"list": inner["struct"]}
        return {"list": inner.get("dtype", inner)}
    if pa.types.is_struct(kind):
        return {"struct": [{"name": field.name, **_typed(field.type)} for field in kind]}
    return {"dtype": {"double": "float64"}.get(str(kind), str(kind))}


def _yaml(value: Any) -> Iterator[str]:
    """Mappings and lists as YAML, one key or entry a line; their values are written as JSON."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict | list):
                yield f"{key}:"
                yield from (f"  {line}" for line in _yaml(inner))
            else:
                yield f"{key}: {json.dumps(inner)}"
        return
    for entry in value:
        first, *rest = _yaml(entry)
        yield f"- {first}"
        yield from (f"  {line}" for line in rest)
