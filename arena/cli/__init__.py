"""The command `arena`. Exit 0 done, 1 failed, 2 wrong input; one sentence on stderr says what to do next."""

import errno
import os
import re
import sys

from arena import errors

WRONG_INPUT = (
    errors.InvalidValue,
    errors.Malformed,
    errors.NotFound,
    errors.SettingsError,
    errors.TooLarge,
)


OF_THE_MACHINE = (errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC)
"""Why a file cannot be used, where the fault is not in this program."""

STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What moves a cursor, turns the direction of the text around it, or is half a character; a new line is none of it.
Letters of many languages are joined and kept apart by signs that show nothing by themselves."""


def main() -> None:
    """Run a command; turn what went wrong into a sentence and an exit status."""
    _fill_closed_streams()
    try:
        if sys.argv[1:2] == ["rank"]:  # has a parser of its own, and typer takes longer to import than a file to rank
            _rank(sys.argv[2:])
        else:
            from arena.cli import commands  # noqa: PLC0415 - with typer, which ranking does without

            commands.COMMANDS()
    except errors.ArenaError as error:
        print(f"arena: {_shown(str(error))}", file=sys.stderr)
        sys.exit(2 if isinstance(error, WRONG_INPUT) else 1)
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            print(f"arena: The name {str(error.filename)[:80]!r}... is longer than a file's can be.", file=sys.stderr)
            sys.exit(2)
        if error.errno not in OF_THE_MACHINE or error.filename is None:
            raise
        print(f"arena: {error.filename} cannot be used ({error.strerror}); name another place.", file=sys.stderr)
        sys.exit(2 if error.errno == errno.ENOTDIR else 1)


def _shown(sentence: str) -> str:
    """A sentence without what steers a terminal, which a file that it quotes may hold."""
    return STEERING.sub("?", sentence)


def _rank(arguments: list[str]) -> None:
    from arena.cli import rank  # noqa: PLC0415 - the other commands need none of it

    try:
        rank.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # who reads has read enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - to be flushed into at the end
        sys.exit(1)


def _fill_closed_streams() -> None:
    """Let what is said on a closed stream (`2>&-`) go nowhere; else it goes to the other one, or ends the command."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)  # takes the number that is free, before a database does
            setattr(sys, name, os.fdopen(nowhere, mode))
