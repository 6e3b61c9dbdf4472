"""The way of one process to the database: a TCP proxy that can be cut, or say nothing for a while."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import TypeVar

PIECE = 65_536
Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
"""Of a connection: what is read from it, and what is written to it."""


class Line:
    """One way. What others call runs in the loop of the lines."""

    def __init__(self, loop: asyncio.AbstractEventLoop, goal: int) -> None:
        self._loop, self._goal = loop, goal
        self._speaks = asyncio.Event()
        self._speaks.set()
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(server.sockets[0].getsockname()[1])
        return server

    @contextlib.contextmanager
    def cut(self) -> Iterator[None]:
        """No connection is there, and none can be made, while the block lasts."""
        self._loop.call_soon_threadsafe(self._cut)
        try:
            yield
        finally:
            self._is_cut = False

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Connections stay, and nothing comes through while the block lasts."""
        self._loop.call_soon_threadsafe(self._speaks.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._speaks.set)

    def _cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._goal)
        except OSError:  # the server is away, and whoever asks is told as by its machine
            writer.transport.abort()
            return
        both = {writer, back}
        self._writers |= both
        passing = [asyncio.create_task(way) for way in self._ways((reader, writer), (there, back))]
        try:
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in passing:
                task.cancel()
            self._writers -= both
            for one in both:
                one.close()

    def _ways(self, process: Ends, server: Ends) -> tuple[Coroutine[None, None, None], Coroutine[None, None, None]]:
        """What passes on what the process says, and what the server says."""
        return self._pass(process[0], server[1]), self._pass(server[0], process[1])

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                await self._speaks.wait()
                writer.write(piece)
                await writer.drain()


L = TypeVar("L", bound=Line)


@contextlib.contextmanager
def lines(goal: int, count: int, made: Callable[[asyncio.AbstractEventLoop, int], L]) -> Iterator[list[L]]:
    """So many ways to a port of this machine, until the block ends; `made` is their kind."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="lines to the database", daemon=True)
    thread.start()
    found = [made(loop, goal) for _ in range(count)]
    servers = [asyncio.run_coroutine_threadsafe(line.listen(), loop).result() for line in found]
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(_ended(servers), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(servers: list[asyncio.Server]) -> None:
    for server in servers:
        server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
