"""Finds the fault in a text file that DuckDB could not read, where DuckDB's message does not name the place.

The file is searched only after DuckDB refused it, so a clean file is read once and never here. DuckDB's number of a
malformed JSON line is one too large, and for a carriage return inside a CSV row it says neither what nor where.
"""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path


def sentence(path: Path, name: str) -> str | None:
    """The first fault of a CSV or JSON file as a sentence; None where no known fault is found."""
    kinds = [suffix.lower() for suffix in path.suffixes]
    try:
        with gzip.open(path, "rb") if kinds[-1] == ".gz" else path.open("rb") as stream:
            if ".csv" in kinds or ".tsv" in kinds:
                return _carriage_return(stream, name)
            found = _fault(stream.read(), 1, whole=True) if ".json" in kinds else _by_line(stream)
    except (OSError, EOFError, zlib.error):  # not readable at all: DuckDB's message says it better
        return None
    return None if found is None else f"{found[0]} of {name} is not a JSON object: {found[1]}."


def _carriage_return(lines: Iterator[bytes], name: str) -> str | None:
    """A carriage return in a CSV row that neither ends its line nor stands in quotes."""
    quoted = False
    for number, line in enumerate(lines, 1):
        body = line[:-2] if line.endswith(b"\r\n") else line
        parts = body.split(b'"')
        outside = parts[1::2] if quoted else parts[::2]
        if any(b"\r" in part for part in outside):
            return (
                f"line {number:,} of {name} has a carriage return inside a row; put the cell in quotes, "
                "or end lines with a line feed."
            )
        quoted ^= len(parts) % 2 == 0
    return None


def _by_line(lines: Iterator[bytes]) -> tuple[str, str] | None:
    """The first line that is not a JSON object, and why."""
    for number, line in enumerate(lines, 1):
        fault = _fault(line.strip(), number, whole=False) if line.strip() else None
        if fault is not None:
            return fault
    return None


def _fault(text: bytes, line: int, *, whole: bool) -> tuple[str, str] | None:
    """Why a text is not a series of JSON objects, and in which line; None where it is."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return f"line {line + error.lineno - 1:,}", f"{error.msg} at character {error.colno:,}"
    except UnicodeDecodeError as error:
        line += text[: error.start].count(b"\n")
        return f"line {line:,}", "it is not UTF-8 text"
    if whole and isinstance(value, list):
        wrong = next((number for number, row in enumerate(value, 1) if not isinstance(row, dict)), None)
        return None if wrong is None else (f"row {wrong:,}", "it is no object")
    return None if isinstance(value, dict) else (f"line {line:,}", "it is no object")
