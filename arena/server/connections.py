"""Connections: a request has to be sent whole in time, and what is being sent has its share.

uvicorn waits for ever for the rest of a request. The first half of a head never reaches the application, so the
deadline stands here, below it: from the opened connection, or the first byte of a further request, to the last byte of
the body. A file that is let in has longer, by its size (`limits.more_seconds`). Until its head is complete a request
holds a place among those of its address; from then on the gate counts it. A proxy that is trusted sends for many, so
only the gate counts what comes through it.

Requests of one address begin in turns with those of others (`turns.py`).
"""

import asyncio
import functools
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from arena import errors
from arena.api import problems
from arena.server import limits
from arena.server.gate import SECURITY_HEADERS
from arena.server.joined import Joined
from arena.server.senders import Senders
from arena.server.turns import Turns
from arena.services.fair_shares import FairShares
from arena.settings import Settings
from arena.settings.tables import Limits

UNASKED_SECONDS = 1.0
"""How long a connection beyond the share is kept to hear its request, so that the refusal can be read."""

Protocol: Any = AutoHTTPProtocol
"""uvicorn's own, whichever parser is installed."""


def bounded(settings: Settings, shares: FairShares) -> type[asyncio.Protocol]:
    """The protocol of an arena's connections, for `uvicorn.Config(http=...)`."""
    senders = Senders(settings.trusted_proxies)

    class Bounded(_Bounded):
        _senders = senders
        _shares = shares
        _turns = Turns()
        _limits = settings.limits

    return Bounded


class _Bounded(Protocol):  # type: ignore[misc]  # uvicorn chooses the class when it is imported
    _senders: Senders
    _shares: FairShares
    _turns: Turns
    _limits: Limits

    _deadline: asyncio.TimerHandle | None = None
    _place: str | None = None
    """The address that holds a place for a head that is being sent."""
    _refusal: errors.TooMany | None = None
    _before: Any = None
    """The request that was sent whole last."""
    _more_seconds = 0.0
    """What was added to the deadline of this request."""
    _ahead = False
    """Whether bytes of a further request came while one was answered."""
    _heard = False
    """Whether any byte of the request came yet."""
    _waiting: bytes | None = None
    """What came of a request whose turn it is not yet."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(Joined(transport, self.loop))
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:  # at once: a refusal costs next to nothing, and a turn would keep it waiting
            self._refuse(_refused(str(self._refusal), self._refusal.retry_seconds))
        elif self._waiting is not None:
            self._waiting += data
        elif self._heard or self._answering():
            self._take(data)
        else:
            self._heard, self._waiting = True, data
            self._turns.take(self.client[0] if self.client else "", self._turn)

    def _turn(self) -> None:
        """It is the turn of what came."""
        data, self._waiting = self._waiting, None
        if data is not None and not self.transport.is_closing():
            self._take(data)

    def _take(self, data: bytes) -> None:
        if self._deadline is None and self._refusal is None:
            if self._answering():
                self._ahead = True
            else:
                self._begin()
        if self._refusal is not None:
            self._refuse(_refused(str(self._refusal), self._refusal.retry_seconds))
            return
        self._heard = True
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        further = self._ahead or self.cycle is not self._before
        self._ahead = False
        if further and self._deadline is None and not self._answering() and not self.transport.is_closing():
            self._heard = True
            self._begin()
        self._look()

    def _answering(self) -> bool:
        """Whether a request that was sent whole waits for the end of its answer."""
        return self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete

    def _begin(self) -> None:
        """A request begins: it has a deadline, and a place while its head comes."""
        seconds, self._more_seconds = self._limits.send_seconds, 0.0
        if self.client is not None and not self._senders.trusts(self.client[0]):
            try:
                address = self._senders.share(self.client[0])
                self._shares.requests.take(address)
                self._place = address
            except errors.TooMany as error:
                self._refusal, seconds = error, UNASKED_SECONDS
        self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _look(self) -> None:
        """Let go of the place once the head is complete, and of the deadline once the body is."""
        if self.cycle is None or self.cycle is self._before:
            return
        self._free()
        if not self.cycle.more_body:
            self._before = self.cycle
            self._end()

    def _end(self) -> None:
        self._free()
        self._heard = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _free(self) -> None:
        if self._place is not None:
            self._shares.requests.free(self._place)
            self._place = None

    def _too_slow(self) -> None:
        """Drop the connection; one that never sent a byte, or has an answer already, is told nothing. A file has more
        time once, unless it was refused meanwhile: that is an answer, too."""
        self._deadline = None
        asked = self.cycle if self.cycle is not self._before else None
        started = asked is not None and asked.response_started
        if asked is not None and not started and not self._more_seconds and self._refusal is None:
            self._more_seconds = limits.more_seconds(self._limits, asked.scope)
            if self._more_seconds:
                self._deadline = self.loop.call_later(self._more_seconds, self._too_slow)
                return
        if self._heard and not started and self._refusal is None:
            seconds = round(self._limits.send_seconds + self._more_seconds, 1)
            self._refuse(
                _answer(
                    problems.problem(
                        HTTPStatus.REQUEST_TIMEOUT,
                        f"The request was not sent whole within {seconds:g} seconds. Send it again at once.",
                    )
                )
            )
        if started:
            self.transport.abort()
        else:
            self.transport.close()

    def _refuse(self, answer: bytes) -> None:
        """Write a whole answer without the application, which hears that the client is gone, and close."""
        if self.transport.is_closing():
            return
        self._free()
        self.transport.write(answer)
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


@functools.lru_cache(maxsize=16)
def _refused(sentence: str, retry_seconds: int) -> bytes:
    """The answer to whoever has taken too much; a flood asks for the same one thousands of times."""
    status, code = problems.STATUS[errors.TooMany], errors.TooMany.code
    return _answer(problems.problem(status, sentence, code=code, retry_seconds=retry_seconds))


def _answer(problem: JSONResponse) -> bytes:
    """A problem as it goes over the wire, the last thing on its connection."""
    head = [f"HTTP/1.1 {problem.status_code} {HTTPStatus(problem.status_code).phrase}", "Connection: close"]
    head += [f"{name}: {value}" for name, value in {**problem.headers, **SECURITY_HEADERS}.items()]
    return "\r\n".join([*head, "", ""]).encode() + bytes(problem.body)
