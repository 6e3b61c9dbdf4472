"""Vote logs that cannot be read where they are: pipes, text in UTF-16, packed Parquet. Each is copied aside first."""

import codecs
import contextlib
import gzip
import re
import shutil
import sys
import tempfile
import weakref
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from leaderboards import errors

STANDARD_INPUT = "-"

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.+)")
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A temporary file that goes with the last one who uses it."""

    name: str
    """What a refusal calls it."""
    path: Path
    folder: object = field(repr=False)


class _Folder:
    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="leaderboards-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def address(path: str | Path) -> str | None:
    """The address that somebody meant by a path, whose slashes the path has lost; None where it is one of a file."""
    found = _ADDRESS.fullmatch(str(path))
    return None if found is None or Path(path).exists() else f"{found[1]}://{found[2]}"


def copied(path: Path) -> Copy:
    """What a pipe holds, as a file of the kind it begins like."""
    folder = _Folder()
    standard = str(path) == STANDARD_INPUT
    with contextlib.nullcontext(sys.stdin.buffer) if standard else path.open("rb") as stream:
        begins = stream.read(_CHUNK)
        kind = "".join(path.suffixes[-2:]) if path.suffix and not standard else _kind(begins)
        copy = Copy(name="standard input" if standard else path.name, path=folder.path / f"votes{kind}", folder=folder)
        with copy.path.open("wb") as file:
            file.write(begins)
            shutil.copyfileobj(stream, file, _CHUNK)
    return copy


def unpacked(path: Path) -> Copy:
    """What a gzip file holds."""
    folder = _Folder()
    copy = Copy(name=path.name, path=folder.path / path.stem, folder=folder)
    with gzip.open(path, "rb") as stream, copy.path.open("wb") as file:
        shutil.copyfileobj(stream, file, _CHUNK)
    return copy


def as_utf8(path: Path, packed: bool) -> Copy | None:
    """A text file in UTF-16, such as spreadsheets call Unicode text, in UTF-8; None for any other."""
    with _opened(path, packed) as stream:
        if stream.read(2) not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return None
    folder = _Folder()
    copy = Copy(name=path.name, path=folder.path / (path.stem if packed else path.name), folder=folder)
    try:
        with _opened(path, packed) as stream, copy.path.open("w", encoding="utf-8", newline="") as file:
            shutil.copyfileobj(codecs.getreader("utf-16")(stream), file, _CHUNK)
    except UnicodeError as error:
        raise errors.InputError(f"{path.name} begins as UTF-16 text and is none: {error}.") from error
    return copy


def _opened(path: Path, packed: bool) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def _kind(begins: bytes) -> str:
    """The end of the name of a file that begins so."""
    if begins.startswith(_GZIP):
        inner = _head(begins)
        return f"{_kind(inner)}.gz"
    if begins.startswith(_PARQUET):
        return ".parquet"
    text = begins.removeprefix(codecs.BOM_UTF8)
    if begins[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = begins[2:].replace(b"\0", b"")
    return ".json" if text.lstrip()[:1] in (b"[", b"{") else ".csv"


def _head(packed: bytes) -> bytes:
    """The first bytes of what gzip packed."""
    return zlib.decompressobj(wbits=31).decompress(packed, 4096)
