"""Nothing that a request needs is asked of a database in the thread of an event loop: meanwhile all others would wait.

A file answers within a millisecond, and so does the memory of an installation; a database elsewhere answers when it
can. So what may be one is refused in that thread, but for `LET_BE`.
"""

import asyncio
import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any
from unittest import mock

from arena.services.shared_folder import SharedFolder
from arena.store.instance_file import InstanceFile
from arena.store.other_processes import NoOthers
from arena.store.workspace import Workspace

ASKING: dict[type, tuple[str, ...]] = {
    Workspace: ("connection",),
    InstanceFile: ("transaction", "fetched"),
    NoOthers: ("take", "free", "done", "finish", "note", "noted", "find", "ask_to_stop", "asked_to_stop"),
    SharedFolder: tuple(name for name, _ in inspect.getmembers(SharedFolder, inspect.isfunction) if name[0] != "_"),
}
LET_BE = ("opened", "_opened", "close_all")
"""Functions of a workspace or an installation that comes or goes."""


@contextmanager
def refused() -> Iterator[list[str]]:
    """Inside it, whoever asks in the thread of a loop fails; gives what did."""
    found: list[str] = []
    with ExitStack() as patched:
        for kind, names in ASKING.items():
            for name in names:
                patched.enter_context(mock.patch.object(kind, name, _guarded(kind, name, found)))
        yield found


def _guarded(kind: type, name: str, found: list[str]) -> Callable[..., Any]:
    asked = getattr(kind, name)

    @functools.wraps(asked)
    def guarded(*arguments: object, **named: object) -> Any:
        if (why := _in_a_loop(f"{kind.__name__}.{name}")) is not None:
            found.append(why)
            raise AssertionError(why)
        return asked(*arguments, **named)

    return guarded


def _in_a_loop(asked: str) -> str | None:
    """Who asks in the thread of a loop and may not; None where nobody does."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return None
    frame: FrameType | None = sys._getframe(2)
    line: list[str] = []
    a_test = True  # which may look at the store itself
    while frame is not None and "/asyncio/" not in frame.f_code.co_filename:
        if frame.f_code.co_name in LET_BE:
            return None
        a_test &= "/arena/" not in frame.f_code.co_filename or "/arena/store/" in frame.f_code.co_filename
        line.append(f"{frame.f_code.co_filename.rpartition('/')[2]}:{frame.f_lineno}")
        frame = frame.f_back
    return None if a_test else f"{asked} in the thread of the loop: {' < '.join(line[:12])}"
