"""A way to PostgreSQL that loses the connection of a transaction at its COMMIT: before it, or once it is there.

To know a COMMIT it reads what the process says: PostgreSQL's messages, in which a statement stands as it is, or under
the name that it was prepared as.
"""

import asyncio
import contextlib
import struct
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field

from tests.faults.lines import PIECE, Ends, Line

LENGTH = 4
"""Bytes that say how long a message is, themselves among it."""
STARTUP = 196_608
"""The number of the message after which each message begins with its kind; before it, others ask for encryption."""


@dataclass(slots=True)
class Statements:
    """What one connection asks to be run, of the bytes that it sends."""

    _left: bytes = b""
    _started: bool = False
    _prepared: dict[bytes, str] = field(default_factory=dict)

    def fed(self, piece: bytes) -> list[str]:
        """The statements that these bytes ask for."""
        self._left += piece
        found = []
        while (message := self._message()) is not None:
            kind, body = message
            if not kind:
                self._started = struct.unpack("!I", body[:LENGTH])[0] == STARTUP
            elif kind == b"Q":
                found.append(body.rstrip(b"\0").decode())
            elif kind == b"P":
                name, query, _ = body.split(b"\0", 2)
                self._prepared[name] = query.decode()
            elif kind == b"B":
                _, name, _ = body.split(b"\0", 2)
                found.append(self._prepared[name])
        return found

    def _message(self) -> tuple[bytes, bytes] | None:
        """The next whole message: its kind, which is empty until the connection has started, and what it says."""
        first = 1 if self._started else 0
        if len(self._left) < first + LENGTH:
            return None
        end = first + struct.unpack("!I", self._left[first : first + LENGTH])[0]
        if len(self._left) < end:
            return None
        kind, body = self._left[:first], self._left[first + LENGTH : end]
        self._left = self._left[end:]
        return kind, body


@dataclass(slots=True, kw_only=True)
class Loss:
    """The connection that is to be lost, once."""

    of: str
    """Stands in one of the statements of its transaction."""
    behind: bool
    """Whether the database has committed, and its answer is what is lost; else nothing of it arrives."""
    happened: threading.Event = field(default_factory=threading.Event)


class LosingLine(Line):
    """One such way."""

    _loss: Loss | None = None

    @contextlib.contextmanager
    def losing(self, of: str, *, behind: bool) -> Iterator[threading.Event]:
        """While the block lasts, lose the first connection that commits a transaction in which `of` stands; gives what
        is set when that happened."""
        self._loss = loss = Loss(of=of, behind=behind)
        try:
            yield loss.happened
        finally:
            self._loss = None

    def _ways(self, process: Ends, server: Ends) -> tuple[Coroutine[None, None, None], Coroutine[None, None, None]]:
        lost = asyncio.Event()
        return self._asking(process, server, lost), self._answering(process, server, lost)

    async def _asking(self, process: Ends, server: Ends, lost: asyncio.Event) -> None:
        asked, transaction = Statements(), list[str]()
        with contextlib.suppress(OSError):
            while piece := await process[0].read(PIECE):
                for statement in asked.fed(piece):
                    if statement.startswith("BEGIN"):
                        transaction.clear()
                    transaction.append(statement)
                if transaction[-1:] == ["COMMIT"] and (loss := self._met(transaction)) is not None:
                    loss.happened.set()
                    if not loss.behind:
                        process[1].transport.abort()
                        return
                    lost.set()
                server[1].write(piece)
                await server[1].drain()

    def _met(self, transaction: list[str]) -> Loss | None:
        """The loss that this transaction is to have, if any; the next one has none."""
        loss = self._loss
        if loss is None or not any(loss.of in one for one in transaction):
            return None
        self._loss = None
        return loss

    async def _answering(self, process: Ends, server: Ends, lost: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while piece := await server[0].read(PIECE):
                if lost.is_set():  # this is the answer to COMMIT: the database has it
                    process[1].transport.abort()
                    return
                process[1].write(piece)
                await process[1].drain()
