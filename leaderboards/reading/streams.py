"""Vote logs that cannot be read where they are: pipes, text in UTF-16, packed Parquet. Each is copied aside first."""

import codecs
import contextlib
import gzip
import io
import re
import shutil
import sys
import tempfile
import weakref
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

import pyarrow

from leaderboards import errors

STANDARD_INPUT = "-"
GZIP, ZSTD = ".gz", ".zst"

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/+(.+)")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w-]*")
_WAYS = {
    **dict.fromkeys((".xlsx", ".xls", ".ods", ".numbers"), "save the sheet as CSV"),
    **dict.fromkeys(
        (".zip", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".lz4"), "unpack it, and give what is in it"
    ),
    **dict.fromkeys(
        (".feather", ".arrow", ".ipc", ".pkl", ".pickle", ".h5", ".orc"),
        "load it in Python and give the frame, or write it with frame.to_parquet",
    ),
    **dict.fromkeys((".sqlite", ".sqlite3"), "write its table of votes to a CSV file"),
}
"""What to do with files of other kinds, by the end of their name."""
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_PARQUET = b"PAR1"
_HEAD = 4096
"""Bytes of what a packed file holds, by which its kind is known."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A temporary file that goes with the last one who uses it."""

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


def absent(path: str | Path) -> str:
    """The sentence for a file that is not there: what was probably meant."""
    given = str(path)
    said = f"{given} does not exist; "
    if any(character in given for character in "*?"):
        return f"{said}no file matches it. In Python, give the files that do: glob.glob({given!r})."
    if given.startswith("~"):
        return f"{said}write the home folder out, in Python with pathlib.Path({given!r}).expanduser()."
    if _REPOSITORY.fullmatch(given):
        return (
            f"{said}if it is a data set of the Hugging Face hub, download its files and give their paths, or in Python "
            f'give datasets.load_dataset("{given}", split="train").'
        )
    return f"{said}give the path of a vote file."


def called(path: Path) -> str:
    """What a refusal calls a file."""
    return "standard input" if str(path) == STANDARD_INPUT else path.name


def mistaken(path: Path, name: str) -> str | None:
    """The sentence for a file that is not what its name says, but what somebody got in its place; None for others.

    Raises `OSError` for a file that cannot be read.
    """
    if not path.is_file():  # a pipe gives its beginning once
        return None
    with path.open("rb") as stream:
        begins = stream.read(64).lstrip().lower()
    if begins.startswith(b"version https://git-lfs"):
        return f"{name} is a pointer of Git LFS and not the file; fetch it with `git lfs pull`."
    if begins.startswith((b"<!doctype html", b"<html")):
        return f"{name} is a web page; download the file itself, on a hub by the address with /resolve/ in it."
    return None


def refused(path: Path, accepted: Iterable[str], name: str) -> str:
    """The sentence for a file of a kind that is not read: what to make of it."""
    way = _WAYS.get(path.suffix.lower(), "give the file the ending of what it holds, such as votes.csv")
    return f"{name} is of no known kind; accepted: {', '.join(accepted)}, each also with .gz or .zst; {way}."


def copied(path: Path) -> Copy:
    """What a pipe holds, as a file of the kind it begins like."""
    folder = _Folder()
    standard = str(path) == STANDARD_INPUT
    with contextlib.nullcontext(sys.stdin.buffer) if standard else path.open("rb") as stream:
        begins = stream.read(_CHUNK)
        if not begins and standard:
            raise errors.InputError(
                "Standard input is empty; send a vote file into it, such as `arena rank - < votes.csv`."
            )
        kind = "".join(path.suffixes[-2:]) if path.suffix and not standard else _kind(begins)
        copy = Copy(path=folder.path / f"votes{kind}", folder=folder)
        with copy.path.open("wb") as file:
            file.write(begins)
            shutil.copyfileobj(stream, file, _CHUNK)
    return copy


def unpacked(path: Path) -> Copy:
    """What a packed file holds."""
    folder = _Folder()
    copy = Copy(path=folder.path / path.stem, folder=folder)
    with packed(path) as stream, copy.path.open("wb") as file:
        shutil.copyfileobj(stream, file, _CHUNK)
    return copy


def packed(path: Path) -> IO[bytes]:
    """What a file packed by gzip or zstd holds, as a stream."""
    if path.suffix.lower() == ZSTD:
        return io.BufferedReader(cast(io.RawIOBase, pyarrow.input_stream(str(path), compression="zstd")))
    return cast(IO[bytes], gzip.open(path, "rb"))


def as_utf8(path: Path, gzipped: bool, name: str) -> Copy | None:
    """A text file in UTF-16, such as spreadsheets call Unicode text, in UTF-8; None for any other."""
    with _opened(path, gzipped) as stream:
        if stream.read(2) not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return None
    folder = _Folder()
    copy = Copy(path=folder.path / (path.stem if gzipped else path.name), folder=folder)
    try:
        with _opened(path, gzipped) as stream, copy.path.open("w", encoding="utf-8", newline="") as file:
            shutil.copyfileobj(codecs.getreader("utf-16")(stream), file, _CHUNK)
    except UnicodeError as error:
        raise errors.InputError(f"{name} begins as UTF-16 text and is none: {error}.") from error
    return copy


def _opened(path: Path, gzipped: bool) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if gzipped else path.open("rb")


def _kind(begins: bytes) -> str:
    """The end of the name of a file that begins so."""
    if begins.startswith(_GZIP):
        return f"{_kind(zlib.decompressobj(wbits=31).decompress(begins, _HEAD))}{GZIP}"
    if begins.startswith(_ZSTD):
        with pyarrow.input_stream(pyarrow.BufferReader(begins), compression="zstd") as stream:
            return f"{_kind(stream.read(_HEAD))}{ZSTD}"
    if begins.startswith(_PARQUET):
        return ".parquet"
    text = begins.removeprefix(codecs.BOM_UTF8)
    if begins[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = begins[2:].replace(b"\0", b"")
    return ".json" if text.lstrip()[:1] in (b"[", b"{") else ".csv"
