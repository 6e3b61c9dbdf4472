"""What DuckDB's errors mean here: the one place that turns them into ours.

    held by another process, or twice by this one     StoreHeld
    not a database, a checksum or the log is wrong    StoreCorrupt
    no permission, no directory, a newer DuckDB       StoreError
    the disk is full                                  Overloaded: the writer goes on
    anything else while reading or writing            StoreStopped: the writer does not

An error in our own SQL is a bug and passes through.
"""

import contextlib
import errno
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb

from arena import errors

DatabaseError = duckdb.Error
"""Whatever the database says instead of doing it."""
Busy = duckdb.TransactionException
"""Somebody else's transaction, or none of our own, stands against it."""
Interrupted = duckdb.InterruptException
"""A statement that was ended from outside."""
InUse = duckdb.ResourceInUseException
"""A connection cannot close yet: a statement of it, or of a cursor of it, is running."""
ENDED = (duckdb.FatalException, duckdb.InternalException, duckdb.IOException, duckdb.ConnectionException)
"""The file is wrong, or the database can do no more."""
UNFIT = (duckdb.DataError, duckdb.IntegrityError, duckdb.ProgrammingError)
"""A value, or a statement, that the database does not take."""

HOLDER = re.compile(r"held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")
CORRUPT = (
    "not a valid DuckDB database",
    "Corrupt database file",
    "does not match stored checksum",
    "Failure while replaying WAL",
    "Corrupt WAL",
    "Could not read enough bytes",
    "deserialize",
)
UNREACHABLE = ("Permission denied", "Read-only file system", "No such file or directory", "Is a directory")
FULL = ("No space left on device", "Disk quota exceeded")
NEWER = ("newer version", "newer DuckDB", "is higher than", "can only read version")


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Inside it, an error of DuckDB about the file at `path` becomes one of ours."""
    try:
        yield
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
        raise
    except duckdb.Error as error:
        raise translate(error, path) from error


def translate(error: duckdb.Error, path: Path) -> errors.StoreError:
    """Our error for one of DuckDB's, as a sentence that says what to do."""
    text = str(error)
    if "Could not set lock" in text:
        return held(path, HOLDER.search(text))
    if "different configuration" in text:
        return held_here(path)
    if any(sign in text for sign in UNREACHABLE):
        return errors.StoreError(
            f"{path} cannot be opened ({_first_line(text)}); "
            "make the folder exist and let this user write in it, or choose another --data-dir."
        )
    if any(sign in text for sign in NEWER):
        return errors.StoreError(f"{path} was written by a newer DuckDB ({_first_line(text)}); install that version.")
    if any(sign in text for sign in CORRUPT) or isinstance(
        error, duckdb.InternalException | duckdb.SerializationException
    ):
        return errors.StoreCorrupt(
            f"{path} is not what was written ({_first_line(text)}); "
            "keep the file for study and restore the latest backup with `arena restore`."
        )
    return stopped(path, _first_line(text))


def disk_full(error: BaseException) -> bool:
    """Whether there was no space: DuckDB then takes the transaction back whole, and can go on once there is some."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    ended = isinstance(error, duckdb.FatalException | duckdb.InternalException)
    return isinstance(error, duckdb.Error) and not ended and any(sign in str(error) for sign in FULL)


def full(path: Path) -> errors.Overloaded:
    """The disk took no more."""
    return errors.Overloaded(
        f"The disk that holds {path.name} is full, so this was not acknowledged; "
        "once there is space, the same request with the same key succeeds."
    )


def held(path: Path, holder: re.Match[str] | None) -> errors.StoreHeld:
    """Another process has the file open."""
    who = f"process {holder['pid']} ({holder['program']})" if holder else "another process"
    return errors.StoreHeld(
        f"{path} is open in {who}; only one process may open it. Stop that process, or let it do the work: "
        "commands find a running arena through its data directory."
    )


def held_here(path: Path) -> errors.StoreHeld:
    """This process has the file open already."""
    return errors.StoreHeld(f"{path} is already open in this process; close the first one or share it.")


def stopped(path: Path, cause: str) -> errors.StoreStopped:
    """The file could not be read or written."""
    return errors.StoreStopped(
        f"{path} could not be written or read ({cause}); nothing more is accepted. Check the disk and start the "
        "arena again, then send anew what was not acknowledged."
    )


def first_line(error: BaseException) -> str:
    """What the database says, in a line."""
    return _first_line(str(error))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].rstrip(".") if text.strip() else "no message"
