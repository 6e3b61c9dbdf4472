"""Ending a process as if killed, before an operation on a file that it is about to do."""

import os
import sys
from collections.abc import Callable

TOUCHING = (
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.chmod",
    "open",
    "fcntl.flock",
)
"""What Python tells an audit hook of operations on files; of `os.fsync` it tells nothing, so that is replaced."""


def killed_at(work: Callable[[], object], last: int) -> int:
    """Do some work in a child process that dies before its operation number `last`; 9 where it died, 0 where the work
    was over before."""
    child = os.fork()
    if child == 0:
        left = last

        def count(event: str, _: tuple[object, ...]) -> None:
            nonlocal left
            if event in TOUCHING:
                left -= 1
                if left == 0:
                    os._exit(9)

        try:
            sys.addaudithook(count)
            os.fsync = lambda _: count("open", ())
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
