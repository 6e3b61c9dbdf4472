"""A proxy that keeps each rater on one process, as a program of its own, so that it can be killed.

    python -m tests.faults.sticky_proxy PORT ARENA_PORT...

The bearer token of the first request of a connection says which process that is; while that one is not ready it is the
next. Each process is asked every second whether it is ready, as by the proxies of deploy/.
"""

import asyncio
import contextlib
import hashlib
import re
import sys
from collections.abc import Sequence

LOOK_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""After which a process that was asked counts as not ready."""
PIECE = 65_536
TOKEN = re.compile(rb"^authorization: *bearer +(\S+)", re.IGNORECASE | re.MULTILINE)
NOBODY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def chosen(token: bytes, count: int) -> int:
    """The number of the process that a token belongs to, of so many."""
    return int.from_bytes(hashlib.sha256(token).digest()[:4]) % count


class StickyProxy:
    """What passes connections on."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._ready = dict.fromkeys(ports, True)

    async def look(self, port: int) -> None:
        """Ask a process again and again whether it is ready."""
        while True:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._ready[port] = await _is_ready(port)
            except (OSError, TimeoutError):
                self._ready[port] = False
            await asyncio.sleep(LOOK_SECONDS)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on until either side ends it."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            there = await self._opened(head)
            if there is None:
                writer.write(NOBODY)
                await writer.drain()
            else:
                there[1].write(head)
                await joined((reader, writer), there)
        writer.close()

    async def _opened(self, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        found = TOKEN.search(head)
        first = chosen(found[1] if found else head, len(self._ports))
        in_order = [*self._ports[first:], *self._ports[:first]]
        for port in in_order:
            if self._ready[port]:
                with contextlib.suppress(OSError):
                    return await asyncio.open_connection("127.0.0.1", port)
        return None


async def joined(
    one: tuple[asyncio.StreamReader, asyncio.StreamWriter], other: tuple[asyncio.StreamReader, asyncio.StreamWriter]
) -> None:
    """Pass on what each of two connections says to the other, until one of them ends; then both do."""
    passing = [
        asyncio.create_task(_passed_on(one[0], other[1])),
        asyncio.create_task(_passed_on(other[0], one[1])),
    ]
    try:
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)
        for _, writer in (one, other):
            writer.close()


async def _passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()


async def _is_ready(port: int) -> bool:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        return (await reader.readline()).split(b" ")[1:2] == [b"200"]
    finally:
        writer.close()


async def main(port: int, ports: Sequence[int]) -> None:
    proxy = StickyProxy(ports)
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", port), asyncio.TaskGroup() as looking:
        for one in ports:
            looking.create_task(proxy.look(one))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), [int(port) for port in sys.argv[2:]]))
