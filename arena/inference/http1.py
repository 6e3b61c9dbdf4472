"""One HTTP/1.1 exchange over sockets of its own, parsed in C, under httpx's interface.

Bytes are read only when somebody asks for them: until then the system gathers them, so that one read brings every
token that has come meanwhile, and a server that writes faster than it is read waits. Whoever has a clock of their own
takes `come` and never waits: that is one read of the socket, without the loop.
"""

import asyncio
import errno
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final, cast

import httptools
import httpx

COME: Final = "arena.come"
"""The extension of a response by which its body is read without waiting."""
HEAD_LIMIT: Final = 64 << 10
"""Bytes of a status line and its headers."""
OURS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
"""Why a socket cannot be opened that are this machine's matter, not the server's."""
READ_BYTES: Final = 64 << 10
"""What one read of a socket brings at most."""
READS: Final = 4
"""Reads at which `come` leaves the rest for the next time, so that one fast server does not hold up the others."""
AHEAD: Final = 256
"""Pieces of a body that are decrypted before anybody asked for them."""


class Exchange(asyncio.Protocol):
    """A request on its way and the response to it. `abort` ends it in one step, whatever it is at."""

    def __init__(self) -> None:
        self._sockets: list[asyncio.Transport] = []
        self._transport: asyncio.Transport | None = None
        self._plain = -1
        """The descriptor of the socket, where what comes from it is not encrypted."""
        self._aborted = False
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[None] | None = None
        self._head_bytes = 0
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._until_close = True
        """Whether nothing but the end of the connection ends the body."""
        self._complete = False
        self._failed: httpx.TransportError | None = None

    async def ask(self, request: httpx.Request, tls: ssl.SSLContext) -> httpx.Response:
        """Send the request; returns once the response has begun. Raises httpx's errors."""
        seconds = request.extensions["timeout"]["connect"]
        with _named(httpx.ConnectTimeout, httpx.ConnectError):
            async with asyncio.timeout(seconds):
                transport = await self._connected(request.url, tls)
        self._transport = transport
        if request.url.scheme != "https":
            self._plain = transport.get_extra_info("socket").fileno()
        transport.write(_head(request) + await request.aread())
        while not self._status and self._failed is None:
            await self._more()
        if not self._status and self._failed is not None:
            raise self._failed
        return httpx.Response(self._status, headers=self._headers, stream=_Body(self), extensions={COME: self.come})

    def abort(self) -> None:
        """Close every socket now, without sending what waits to be sent."""
        self._aborted = True
        for socket in self._sockets:
            socket.abort()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, in pieces as large as what had come when they were asked for. Raises httpx's errors."""
        while True:
            if self._body:
                data = b"".join(self._body)
                self._body.clear()
                yield data
            elif self._complete:
                return
            elif self._failed is not None:
                raise self._failed
            else:
                await self._more()

    def come(self) -> bytes | None:
        """What has come of the body since it was asked for last, without waiting; None at its end. Raises httpx's
        errors."""
        self._pull()
        if self._body:
            data = b"".join(self._body)
            self._body.clear()
            return data
        if self._complete:
            return None
        if self._failed is not None:
            raise self._failed
        return b""

    # what the loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """In the step in which the socket is connected, before anybody who awaits it can be cancelled."""
        self._sockets.append(cast("asyncio.Transport", transport))
        if self._aborted:
            self._sockets[-1].abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self._complete:
                self._end(httpx.RemoteProtocolError(str(error) or "what came is not HTTP"))
        if not self._status:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT:
                self._end(httpx.RemoteProtocolError(f"more than {HEAD_LIMIT:,} bytes of headers"))
        if len(self._body) > AHEAD and self._waiting is None and self._transport is not None:
            self._transport.pause_reading()
        if self._waiting is not None:
            self._wake()

    def eof_received(self) -> None:
        if self._status and self._until_close:
            self._complete = True
        self._end(self._broken())

    def connection_lost(self, error: Exception | None) -> None:
        self._end(self._broken() if error is None else httpx.ReadError(str(error)))

    # what the parser calls

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._until_close = False

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200:
            self._status = status

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        if self._status:
            self._complete = True
        else:  # a note on the way, such as 100 Continue
            self._headers.clear()
            self._until_close = True

    async def _connected(self, url: httpx.URL, tls: ssl.SSLContext) -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        secure = url.scheme == "https"
        transport, _ = await loop.create_connection(lambda: self, url.host, url.port or (443 if secure else 80))
        if secure:
            upgraded = await loop.start_tls(transport, self, tls, server_hostname=url.host)
            if upgraded is None:
                raise ConnectionError("the connection was closed")
            transport = upgraded
        return transport

    def _pull(self) -> None:
        """Read what lies in the socket. What is encrypted is read by the loop, as it comes."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if self._plain < 0:
            transport.resume_reading()
            return
        try:
            for _ in range(READS):
                data = os.read(self._plain, READ_BYTES)
                if not data:
                    self.eof_received()
                    return
                self.data_received(data)
                if len(data) < READ_BYTES:
                    return
        except BlockingIOError:
            return
        except OSError as error:
            self._end(httpx.ReadError(str(error)))

    async def _more(self) -> None:
        """Wait until something has come, or the connection has ended."""
        transport = self._transport
        if transport is None:
            raise RuntimeError("nothing was asked")
        self._waiting = asyncio.get_running_loop().create_future()
        if not transport.is_closing():
            transport.resume_reading()
        try:
            await self._waiting
        finally:
            self._waiting = None
            if not transport.is_closing():
                transport.pause_reading()

    def _broken(self) -> httpx.TransportError:
        if not self._status:
            return httpx.RemoteProtocolError("the server hung up without sending a response")
        return httpx.RemoteProtocolError("the connection ended before the body did")

    def _end(self, error: httpx.TransportError) -> None:
        if self._failed is None:
            self._failed = error
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class _Body(httpx.AsyncByteStream):
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._exchange.chunks()


def _head(request: httpx.Request) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    lines += [b"%s: %s" % (name, value) for name, value in request.headers.raw]
    return b"\r\n".join([*lines, b"", b""])


@contextmanager
def _named(late: type[httpx.TimeoutException], broken: type[httpx.NetworkError]) -> Iterator[None]:
    """Name the failure of a step on the network as httpx does."""
    try:
        yield
    except TimeoutError as error:  # an OSError too, when the network itself says so
        raise late(str(error)) from error
    except UnicodeError as error:  # a host name that no resolver takes
        raise broken(str(error)) from error
    except OSError as error:
        if error.errno in OURS:
            raise httpx.PoolTimeout(str(error)) from error
        raise broken(str(error)) from error
