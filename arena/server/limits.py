"""What one request may take: its share of places while it is answered, and bytes of a body."""

import re
from types import TracebackType
from typing import Self

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from arena import errors
from arena.domain.principal import Principal
from arena.services.fair_shares import BattlePlace, FairShares, Places
from arena.settings.tables import Limits

LISTENERS = ("/api/v1/events",)
"""How paths begin whose requests stay open and only wait for news."""
UPLOAD = re.compile(r"/api/v1/prompt-sets/[^/]+/uploads")
"""Where the body is a file."""
SLOWEST_UPLOAD = 64 * 1024
"""Bytes a second at which a file that is sent still arrives in time, whoever sends it over a slow line."""
OPENS_A_BATTLE = "/api/v1/battles"
STREAM = re.compile(r"/api/v1/battles/[^/]+/stream")


class Shares:
    """The places that one request holds; they are given back when the block ends."""

    def __init__(self, shares: FairShares, address: str) -> None:
        self._shares = shares
        self._address = address
        self._held: list[tuple[Places, object]] = []
        self._battle: BattlePlace | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for places, key in self._held:
            places.free(key)
        if self._battle is not None:
            self._battle.free()

    def take_request(self, path: str) -> None:
        """A place among the requests of the address, or among those that only listen."""
        self._take(self._shares.listeners if path.startswith(LISTENERS) else self._shares.requests, self._address)

    def take_battle(self, method: str, path: str, principal: Principal | None) -> BattlePlace | None:
        """A place for the battle that the request opens, or for the stream that it reads; returns the former."""
        if principal is None:
            return None
        if STREAM.fullmatch(path):
            self._take(self._shares.streams, (principal.id, path))
        elif method == "POST" and path == OPENS_A_BATTLE:
            self._battle = self._shares.battles.take(self._address)
        return self._battle

    def _take(self, places: Places, key: object) -> None:
        places.take(key)
        self._held.append((places, key))


def largest_body(limits: Limits, path: str) -> int:
    """Bytes that a request to a path may send."""
    return limits.upload_bytes if UPLOAD.fullmatch(path) else limits.body_bytes


def more_seconds(limits: Limits, scope: Scope) -> float:
    """How much longer than another request one may take to be sent whole: a file longer, the larger it is."""
    length = Headers(scope=scope).get("content-length", "")
    if scope["method"] != "POST" or not UPLOAD.search(scope["path"]) or not length.isdecimal():
        return 0.0
    return min(int(length[:20]), limits.upload_bytes) / SLOWEST_UPLOAD


class LimitedBody:
    """Counts a request's body as it is read; what is beyond the limit is never handed on."""

    def __init__(self, receive: Receive, headers: Headers, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self._sentence = f"The body is larger than {limit:,} bytes. Send less."
        self.refusal: errors.TooLarge | None = None
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise errors.TooLarge(self._sentence)

    async def receive(self) -> Message:
        """The next part of the body; a disconnect once the limit is passed."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.refusal = errors.TooLarge(self._sentence)
            return {"type": "http.disconnect"}
        return message
