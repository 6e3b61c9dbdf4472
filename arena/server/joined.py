"""Heads that leave with the first bytes of their bodies: uvicorn writes both apart, and each write wakes whoever reads.

A head is held until something follows it, at the longest for one pass of the event loop.
"""

import asyncio
from typing import Any

HEAD = b"HTTP/1.1 "


class Joined:
    """A transport as uvicorn uses it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: bytes | None = None
        self.is_closing = transport.is_closing
        self.get_extra_info = transport.get_extra_info

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write what is held and this, or hold it if it is a head."""
        held, self._held = self._held, None
        if held is not None:
            data = held + data
        elif data.startswith(HEAD):
            self._held = data
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Write what is held, then close as the transport does."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._transport.write(held)
