"""What psycopg's errors mean here: the one place that turns them into ours.

    the connection is gone, or the server is          Again, and Overloaded once that lasts
    another process stands in the way for too long    Again
    the server has no room, or may not be written     Overloaded: the writer goes on when it can
    no such server, database or right                 StoreError
    anything else                                     the writer stops

An error in our own SQL is a bug and passes through.
"""

import psycopg
from psycopg import errors as codes

from arena import errors
from arena.store.writing.transactions import Again

DatabaseError = psycopg.Error
UNFIT: tuple[type[BaseException], ...] = (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError)
"""A value, or a statement, that the database does not take."""
PASSING: tuple[type[BaseException], ...] = (psycopg.OperationalError, psycopg.InterfaceError)
"""The connection, the server or a lock: it may be otherwise the next time."""
TRIED_AGAIN: tuple[type[BaseException], ...] = (*PASSING, Again, errors.Overloaded)
FULL: tuple[type[BaseException], ...] = (codes.DiskFull, codes.OutOfMemory, codes.ReadOnlySqlTransaction)
"""The server takes no more for now."""
IN_THE_WAY: tuple[type[BaseException], ...] = (codes.DeadlockDetected, codes.LockNotAvailable)
"""Somebody else has what this needs."""
DENIED: tuple[type[BaseException], ...] = (
    codes.InvalidPassword,
    codes.InvalidAuthorizationSpecification,
    codes.InsufficientPrivilege,
    codes.InvalidCatalogName,
)
"""Nothing will be different the next time."""
OF_ADBC = "Query was:"
"""How a line of ADBC begins that says what was asked, and not what is wrong."""


def unfit(error: BaseException) -> BaseException:
    """What is told of a command whose values the database does not take."""
    if isinstance(error, psycopg.DataError) and "NUL" in str(error):
        return errors.InvalidValue("A text holds a NUL character, which PostgreSQL cannot keep; send it without.")
    return error


def meant(error: BaseException) -> Exception | None:
    """What an error that speaks of no command means for those who wait; None where nobody can go on."""
    if isinstance(error, Again | errors.Overloaded):
        return error
    if isinstance(error, FULL):
        return errors.Overloaded(
            f"The database takes no more ({first_line(error)}), so this was not acknowledged; "
            "once it does, the same request with the same key succeeds."
        )
    if isinstance(error, PASSING):
        return Again(f"The database could not do this ({first_line(error)}); try again in a second.")
    return None


def unreachable(error: BaseException) -> errors.Overloaded:
    """No session can be had for now."""
    return errors.Overloaded(
        f"The database cannot be reached ({first_line(error)}), so nothing is written for now; "
        "once it can, the same request with the same key succeeds."
    )


def refused(error: BaseException) -> errors.StoreError:
    """No session can be had until somebody changes something."""
    return errors.StoreError(
        f"The database refuses this arena ({first_line(error)}); "
        "give it a database that exists and a user who may make schemas in it."
    )


def refuse_other(known: str, found: str) -> None:
    """Raise `NotFound` where tables are not those of the workspace that was opened: it was removed, and one was made
    under its name."""
    if found != known:
        raise errors.NotFound("This workspace was removed, and another one was made under its name.")


def is_denied(error: BaseException) -> bool:
    """Whether trying again is of no use. While it starts, a server names the code alone or nothing at all."""
    if isinstance(error, DENIED):
        return True
    said = str(error)
    return any(sign in said for sign in ("password authentication failed", "does not exist", "no pg_hba.conf entry"))


def first_line(error: BaseException) -> str:
    """What the database says, in a line: never where it is, which may hold a password."""
    told = error.diag.message_primary if isinstance(error, psycopg.Error) else None
    lines = [one for one in (told or str(error)).strip().splitlines() if not one.startswith(OF_ADBC)]
    return lines[-1].rstrip(".") if lines else type(error).__name__
