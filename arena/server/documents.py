"""Edits and compresses the HTML documents of the pages; everything else passes untouched.

Only the documents at the pages' own addresses are held back until they are whole: holding a stream would break it.
They hold nothing secret, so compressing them tells a listener nothing (docs/decisions/0021).
"""

import asyncio
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from arena.server import static
from arena.ui import assets, document, language

QUALITY = 5
"""Of brotli for a document, which is made anew for each visit: 2 ms; its best would take 60 ms and save a tenth."""


class Documents:
    """One layer around the application, for the addresses of the pages."""

    def __init__(self, app: ASGIApp, pages: Collection[str], public_url: str | None) -> None:
        self._app = app
        self._pages = pages
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in self._pages:
            send = _Whole(self, scope, send).send
        await self._app(scope, receive, send)

    def origin(self, scope: Scope) -> str:
        """Where a person reaches the arena."""
        if self._public_url is not None:
            parts = urlsplit(self._public_url)
            return f"{parts.scheme}://{parts.netloc}"
        return f"{scope['scheme']}://{Headers(scope=scope).get('host', '')}"


class _Whole:
    """Collects one HTML document and sends it edited."""

    def __init__(self, documents: Documents, scope: Scope, send: Send) -> None:
        self._documents = documents
        self._scope = scope
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_document(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        origin = self._documents.origin(self._scope)
        asked = Headers(scope=self._scope)
        with language.speaking(language.asked(asked)):
            body = document.edited(self._body.decode(), self._scope["path"], origin).encode()
        headers = MutableHeaders(scope=start)
        headers.add_vary_header("Accept-Encoding")
        coding = static.chosen(asked.get("accept-encoding", ""))
        if coding:
            headers["Content-Encoding"] = coding
            body = await asyncio.to_thread(assets.encode, body, coding, QUALITY)
        headers["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": b"" if self._scope["method"] == "HEAD" else body})


def _is_document(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
