"""Serves the files of the pages at /static: compressed, and under their hashed names kept for a year.

A file is compressed when it is first asked for, once a process: brotli at its best takes a quarter of a second for
the largest. Under its plain name a file is answered too, to be asked about each time; Gradio's page asks for one so.
"""

import asyncio
import re
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from arena.api import problems
from arena.errors import NotFound
from arena.ui import assets, catalogues

CODINGS = ("br", "gzip")
"""Content codings, the smaller first."""
KEPT = "public, max-age=31536000, immutable"
ASKED = "no-cache"
METHODS = ("GET", "HEAD")


class Static:
    """The files below `arena/ui/static`, as an ASGI application."""

    def __init__(self) -> None:
        self._plain: Mapping[str, assets.Asset] = {
            assets.PREFIX + name: asset for name, asset in assets.catalogue().items()
        }
        self._hashed = {asset.address: asset for asset in self._plain.values()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        asset = self._hashed.get(path) or self._plain.get(path) or catalogues.script_at(path)
        if asset is None or scope["method"] not in METHODS:
            await problems.response(NotFound(f"There is no file {path} to {scope['method']}."))(scope, receive, send)
            return
        response = await self._response(asset, Headers(scope=scope), kept=path == asset.address)
        await response(scope, receive, send)

    async def _response(self, asset: assets.Asset, asked: Headers, *, kept: bool) -> Response:
        coding = chosen(asked.get("accept-encoding", "")) if asset.compressible else None
        tag = f'"{asset.digest}{f"-{coding}" if coding else ""}"'
        headers = {"Cache-Control": KEPT if kept else ASKED, "ETag": tag}
        if asset.compressible:
            headers["Vary"] = "Accept-Encoding"
        if tag in asked.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        content = asset.content
        if coding:
            headers["Content-Encoding"] = coding
            content = await asyncio.to_thread(assets.compressed, asset, coding)
        return Response(content, media_type=asset.media_type, headers=headers)


def chosen(accepted: str) -> str | None:
    """The content coding to answer with for an `Accept-Encoding` header; None to leave it as it is."""
    weights = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", weight)
        weights[coding.strip()] = float(found[1]) if found else float(not weight)
    usable = [coding for coding in CODINGS if weights.get(coding, weights.get("*", 0.0)) > 0]
    return max(usable, key=lambda coding: weights.get(coding, weights.get("*", 0.0)), default=None)
