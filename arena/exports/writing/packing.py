"""A release as one file: a zip that unpacks to a folder for `arena release verify`. Also lists what is in the
folder."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from arena.exports.folder.manifest import MANIFEST

CHUNK = 1 << 20
"""Bytes read at a time."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can state. No real time is written, so the same release gives the same bytes."""


def names(directory: Path) -> tuple[str, ...]:
    """The paths inside a release folder, sorted. Files with texts are missing where a rater was erased."""
    return tuple(sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()))


def manifest_sha256(directory: Path) -> str | None:
    """The hash that is signed; None where the folder is gone."""
    try:
        return hashlib.sha256((directory / MANIFEST).read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def zipped(directory: Path, folder: str) -> Iterator[bytes]:
    """The release as a zip, piece by piece. Nothing is compressed: Parquet is already, and training starts sooner."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name in names(directory):
            path = directory / name
            entry = zipfile.ZipInfo(f"{folder}/{name}", EPOCH)
            entry.external_attr = 0o644 << 16
            entry.file_size = path.stat().st_size  # so that large files get the 64-bit form from the start
            with path.open("rb") as source, archive.open(entry, "w") as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield sink.taken()
            yield sink.taken()
    yield sink.taken()


class _Sink:
    """A file that collects what is written until it is taken; it cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._pieces.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Nothing to do: nothing is buffered."""

    def close(self) -> None:
        """Nothing to do: nothing is open."""

    def taken(self) -> bytes:
        """What was written since the last call."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content
