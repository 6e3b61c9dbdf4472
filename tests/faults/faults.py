"""What is done to an installation while its raters vote, and how soon it serves again.

The service is back when a rater of the process that was met has a new battle, which is stored then. How long answers
take is not counted with it: that is the models' and the machine's.
"""

import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.faults.many import Many

RESTART_SECONDS = 1.0
"""After which what died is started again, as by systemd."""
FULL_SECONDS = 6.0


class Back(NamedTuple):
    """Seconds after the beginning of a fault; of a full disk, after its end."""

    opened: float
    """Until there was a new battle."""
    voted: float
    """Until it was voted on."""


def killed_process(many: Many, chance: random.Random) -> Back:
    number = chance.randrange(len(many.arenas))
    started = time.monotonic()
    many.arenas[number].kill()
    time.sleep(RESTART_SECONDS)
    many.arenas[number].start()
    return back(many, number, started)


def killed_proxy(many: Many, chance: random.Random) -> Back:
    started = time.monotonic()
    many.proxy.kill()
    time.sleep(RESTART_SECONDS)
    many.proxy.start()
    return back(many, chance.randrange(len(many.arenas)), started)


def crashed_database(many: Many, chance: random.Random) -> Back:
    started = time.monotonic()
    many.server.stop("immediate")
    time.sleep(RESTART_SECONDS)
    many.server.start()
    return back(many, chance.randrange(len(many.arenas)), started)


def cut_connection(many: Many, chance: random.Random) -> Back:
    number, started = chance.randrange(len(many.arenas)), time.monotonic()
    with held(many.lines[number].cut(), chance.uniform(1, 6)):
        return back(many, number, started)


def silent_connection(many: Many, chance: random.Random) -> Back:
    number, started = chance.randrange(len(many.arenas)), time.monotonic()
    with held(many.lines[number].silent(), chance.uniform(2, 8)):
        return back(many, number, started)


def stopped_process(many: Many, chance: random.Random) -> Back:
    """For a third longer than its lease, so that others take its battles for left."""
    number = chance.randrange(len(many.arenas))
    started = time.monotonic()
    many.arenas[number].send(signal.SIGSTOP)
    try:
        seconds = back(many, number, started)
        time.sleep(max(0.0, started + many.lease_seconds * 4 / 3 - time.monotonic()))
    finally:
        many.arenas[number].send(signal.SIGCONT)
    return seconds


def full_disk(many: Many, chance: random.Random) -> Back:
    refused = many.crowd.told.refusals.total()
    with many.without_room():
        ends = time.monotonic() + FULL_SECONDS
        while many.crowd.told.refusals.total() == refused or time.monotonic() < ends:
            time.sleep(0.1)
    started = time.monotonic()
    if not many.server.lives:  # no room for its log ends it, and whoever keeps it running starts it again
        many.server.start()
    return back(many, chance.randrange(len(many.arenas)), started)


FAULTS: dict[str, Callable[[Many, random.Random], Back]] = {
    "a process is killed": killed_process,
    "the proxy is killed": killed_proxy,
    "PostgreSQL crashes": crashed_database,
    "a connection is cut": cut_connection,
    "a connection says nothing": silent_connection,
    "a process is stopped": stopped_process,
    "the disk is full": full_disk,
}
NEEDS_DISK = "the disk is full"


def possible(many: Many) -> list[str]:
    """The faults that this machine can have."""
    if many.disk is None:
        print("no disk may be mounted here, so none is filled: run this as root")
    return [name for name in FAULTS if name != NEEDS_DISK or many.disk is not None]


def back(many: Many, number: int, started: float) -> Back:
    """How long it took until a rater of a process was served again."""
    opened, voted = many.served(number)
    return Back(opened - started, voted - started)


@contextlib.contextmanager
def held(fault: contextlib.AbstractContextManager[None], seconds: float) -> Iterator[None]:
    """A fault that ends by itself after some seconds, and the block not before it."""

    def hold() -> None:
        with fault:
            time.sleep(seconds)

    thread = threading.Thread(target=hold, name="a fault")
    thread.start()
    try:
        yield
    finally:
        thread.join()
