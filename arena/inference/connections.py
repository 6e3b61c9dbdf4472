"""A connection of its own for each request, given back at once whatever happens to the request.

httpx pools connections, and closes them by awaiting: a task that is cancelled while it opens or closes one leaves the
pool's place, and sometimes the socket, taken for ever. So there is no pool here. A request takes a place, opens
its own sockets, and gives both back in one step that awaits nothing, which no exception and no cancellation can
interrupt.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from typing import cast

import httpx

from arena.inference.http1 import Exchange


class ConnectionsClosed(httpx.ConnectError):
    """Nothing is sent any more: the arena is stopping, and nobody would close a connection opened now."""


class Connections(httpx.AsyncBaseTransport):
    """Carries requests to one server, at most `limit` at once; others wait as long as they may wait to connect."""

    def __init__(self, limit: int, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._places = asyncio.Semaphore(limit)
        self._open: set[Exchange] = set()
        self._closed = False

    @property
    def in_use(self) -> int:
        """Requests that hold a place now."""
        return len(self._open)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response, open; closing it, or failing to get one, gives the connection back. Raises httpx's errors, and
        `ConnectionsClosed` after `close`."""
        await self._place(request.extensions["timeout"]["pool"])
        if self._closed:
            self._places.release()  # for the next who waits, who is told the same
            raise ConnectionsClosed("the connections are closed")
        exchange = Exchange()
        self._open.add(exchange)
        try:
            response = await exchange.ask(request, self._tls)
        except BaseException:
            self._give_back(exchange)
            raise
        response.stream = _Body(cast("httpx.AsyncByteStream", response.stream), lambda: self._give_back(exchange))
        return response

    async def aclose(self) -> None:
        """What httpx calls `close`."""
        self.close()

    def close(self) -> None:
        """Give every connection back, and open none any more."""
        self._closed = True
        for exchange in tuple(self._open):
            self._give_back(exchange)

    async def _place(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("every place is taken") from error

    def _give_back(self, exchange: Exchange) -> None:
        if exchange in self._open:
            self._open.remove(exchange)
            exchange.abort()
            self._places.release()


class _Body(httpx.AsyncByteStream):
    """The body of a response; closing it gives the connection back."""

    def __init__(self, body: httpx.AsyncByteStream, give_back: Callable[[], None]) -> None:
        self._body = body
        self._give_back = give_back

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._body.__aiter__()

    async def aclose(self) -> None:
        self._give_back()
