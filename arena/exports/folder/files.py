"""Files of a release: hashed while they are written, durable when they are closed. Also writes rows as JSON lines."""

import errno
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from arena.exports.format import Row

LINE_BREAKS = ((b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029"), (b"\xc2\x85", b"\\u0085"))
"""Characters that JSON allows in a text, and that some readers take for the end of a line."""


DOCUMENT_BYTES = 256 * 2**20
"""No manifest is larger, whatever the number of contributors."""


PIECE = 256 * 2**10
"""Bytes that are written at once. Linux makes page cache for a write of 4 MiB in folios as large as that, and looking
for these took six times the processor time of writing it in such pieces (kernel 6.18, ext4)."""


class NotUnicodeError(ValueError):
    """A text holds a lone surrogate: half a character, which UTF-8 cannot spell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One file of a release."""

    path: str
    """Path inside the release, with forward slashes."""
    bytes: int
    sha256: str
    rows: int | None
    """None for a file without rows."""


class HashedFile:
    """A new file that hashes what is written to it, and is synced when it is closed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def closed(self) -> bool:
        return self._file.closed

    def write(self, content: bytes) -> int:
        self._hash.update(content)
        self.size += len(content)
        pieces = memoryview(content)
        for start in range(0, len(pieces), PIECE):
            self._file.write(pieces[start : start + PIECE])
        return len(content)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Close the file; its content is durable before this returns."""
        if not self._file.closed:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())

    def abandon(self) -> None:
        """Close the file if it is still open. Its content need not be complete."""
        self._file.close()

    def entry(self, path: str, rows: int | None) -> FileEntry:
        return FileEntry(path=path, bytes=self.size, sha256=self._hash.hexdigest(), rows=rows)


def json_line(row: Row) -> bytes:
    """A row as one line of JSON in UTF-8, which every reader takes for one line. Raises NotUnicodeError."""
    try:
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        if has_lone_surrogate(row):
            raise NotUnicodeError from None
        raise
    return one_line(line)


def json_texts(texts: Sequence[str]) -> list[bytes]:
    """Each of these texts as JSON, as it stands in a line: in half of the time of one by one. Raises
    `orjson.JSONEncodeError` for half a character."""
    if not texts:
        return []
    spelt = one_line(orjson.dumps(texts, option=orjson.OPT_INDENT_2))
    return spelt[len(b"[\n  ") : -len(b"\n]")].split(b",\n  ")  # a text as JSON holds no line break


def one_line(line: bytes) -> bytes:
    """A line of JSON, without any sign that some reader takes for its end."""
    if not line.isascii():
        for character, escape in LINE_BREAKS:
            if character in line:
                line = line.replace(character, escape)
    return line


def has_lone_surrogate(value: Any) -> bool:
    """Whether any text inside is not Unicode."""
    if isinstance(value, str):
        return any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return any(has_lone_surrogate(inner) for inner in value.values())
    if isinstance(value, list):
        return any(has_lone_surrogate(inner) for inner in value)
    return False


def document(path: Path) -> bytes:
    """The bytes of a manifest or signature. Raises `OSError` for a file that is not regular, or is too large."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is no such file", str(path))
    if path.stat().st_size > DOCUMENT_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {DOCUMENT_BYTES:,} bytes", str(path))
    return path.read_bytes()


def sha256(path: Path) -> str:
    """The hash of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_text(root: Path, name: str, text: str) -> FileEntry:
    """Write a small text file; it is durable when this returns."""
    file = HashedFile(root / name)
    try:
        file.write(text.encode())
    except BaseException:
        file.abandon()
        raise
    file.close()
    return file.entry(name, None)


def sync_folder(folder: Path) -> None:
    """Make the names inside a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
