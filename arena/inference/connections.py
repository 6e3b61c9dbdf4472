"""A connection of its own for each request, given back at once whatever happens to the request.

httpx pools connections, and closes them by awaiting: a task that is cancelled while it opens or closes one leaves the
pool's place, and sometimes the socket, taken for ever. So there is no pool here. A request takes a place, opens
its own sockets, and gives both back in one step that awaits nothing, which no exception and no cancellation can
interrupt.
"""

import asyncio
import errno
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final, cast

import httpcore
import httpx

READ_BYTES: Final = 64 << 10
"""What one read takes at most."""
OURS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
"""Why a socket cannot be opened that are this machine's matter, not the server's."""


class Connections(httpx.AsyncBaseTransport):
    """Carries requests to one server, at most `limit` at once; others wait as long as they may wait to connect."""

    def __init__(self, limit: int, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._places = asyncio.Semaphore(limit)
        self._open: set[Sockets] = set()

    @property
    def in_use(self) -> int:
        """Requests that hold a place now."""
        return len(self._open)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response, open; closing it, or failing to get one, gives the connection back."""
        await self._place(request.extensions["timeout"]["pool"])
        sockets = Sockets()
        self._open.add(sockets)
        try:
            response = await _Carrier(sockets, self._tls).handle_async_request(request)
        except BaseException:
            self._give_back(sockets)
            raise
        response.stream = _Body(cast("httpx.AsyncByteStream", response.stream), lambda: self._give_back(sockets))
        return response

    async def aclose(self) -> None:
        """Give every connection back."""
        for sockets in tuple(self._open):
            self._give_back(sockets)

    async def _place(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise httpx.PoolTimeout("every place is taken") from error

    def _give_back(self, sockets: "Sockets") -> None:
        if sockets in self._open:
            self._open.remove(sockets)
            sockets.abort()
            self._places.release()


class Sockets(httpcore.AsyncNetworkBackend):
    """The sockets that one request opened."""

    def __init__(self) -> None:
        self._transports: list[asyncio.Transport] = []
        self._aborted = False

    def add(self, transport: asyncio.Transport) -> None:
        """Called by the loop in the step in which a socket is connected."""
        self._transports.append(transport)
        if self._aborted:
            transport.abort()

    def abort(self) -> None:
        """Close them all now, without sending what waits to be sent."""
        self._aborted = True
        for transport in self._transports:
            transport.abort()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to a server; nobody here gives options or an address of ours."""
        reader = asyncio.StreamReader(limit=READ_BYTES)
        async with _within(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            transport, protocol = await asyncio.get_running_loop().create_connection(
                lambda: _Protocol(reader, self.add), host, port
            )
        writer = asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())
        return _Stream(reader, writer)


class _Protocol(asyncio.StreamReaderProtocol):
    """Tells of its transport before anybody who awaits it can be cancelled."""

    def __init__(self, reader: asyncio.StreamReader, connected: Callable[[asyncio.Transport], None]) -> None:
        super().__init__(reader)
        self._connected = connected

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connected(cast("asyncio.Transport", transport))
        super().connection_made(transport)


class _Stream(httpcore.AsyncNetworkStream):
    """What httpcore reads and writes; closing it is left to `Sockets`, so that it never waits."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        if timeout is None:  # as here always: reading has deadlines of its own
            try:
                return await self._reader.read(max_bytes)
            except OSError as error:
                raise httpcore.ReadError(str(error)) from error
        async with _within(timeout, httpcore.ReadTimeout, httpcore.ReadError):
            return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if buffer:
            async with _within(timeout, httpcore.WriteTimeout, httpcore.WriteError):
                self._writer.write(buffer)
                await self._writer.drain()

    async def aclose(self) -> None:
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        async with _within(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        return self._writer.get_extra_info(info)


class _Carrier(httpx.AsyncHTTPTransport):
    """httpx's own transport over a pool for one request, which is thrown away with it."""

    def __init__(self, sockets: Sockets, tls: ssl.SSLContext) -> None:
        # not httpx's own beginning: it makes a pool whose sockets nobody else can close
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_connections=1, max_keepalive_connections=0, network_backend=sockets
        )


class _Body(httpx.AsyncByteStream):
    """The body of a response; closing it gives the connection back."""

    def __init__(self, body: httpx.AsyncByteStream, give_back: Callable[[], None]) -> None:
        self._body = body
        self._give_back = give_back

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._body.__aiter__()

    async def aclose(self) -> None:
        self._give_back()


@asynccontextmanager
async def _within(
    seconds: float | None, late: type[httpcore.TimeoutException], broken: type[httpcore.NetworkError]
) -> AsyncIterator[None]:
    """Bound a step on the network, and name its failure as httpcore does."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:  # an OSError too, when the network itself says so
        raise late(str(error)) from error
    except UnicodeError as error:  # a host name that no resolver takes
        raise broken(str(error)) from error
    except OSError as error:
        if broken is httpcore.ConnectError and error.errno in OURS:
            raise httpcore.PoolTimeout(str(error)) from error
        raise broken(str(error)) from error
