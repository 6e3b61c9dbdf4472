"""One answer being written by a model server.

An answer is complete only with a finish reason, a stream that ended cleanly (`[DONE]`, or the server's own end of the
body) and visible text; everything else ends in one of the errors below `arena.errors.ModelError`. Deadlines bound it:
to connect, to the first visible text, between two events after that, and in total. Comments by which a busy server
keeps the line open are no events. A server that fails before the first visible text is asked once more, or another of
the model's servers is, within the same deadlines.
"""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import httpx

from arena import errors
from arena.domain import parts, wording
from arena.domain.battle import Message, Response
from arena.domain.model import Model
from arena.inference import draft, failures, http1, wire
from arena.inference.keys import Key

if TYPE_CHECKING:
    from arena.inference.client import ModelClient, Server

ERROR_LIMIT: Final = 64 << 10
"""Bytes read of a body that explains a refusal."""
AGAIN_SECONDS: Final = 0.2
"""Pause before a server is asked once more."""


class Answer:
    """One answer being written: iterate it for pieces of visible text; then `response` is the whole.

    Or `begin` it, and then take at times of your own choice what has `come`, which waits for nothing.

    Leaving the context, or cancelling the task that iterates, closes the connection at once, and the server
    stops generating.
    """

    def __init__(self, client: "ModelClient", model: Model, messages: Sequence[Message]) -> None:
        self._client = client
        self._model = model
        self._messages = messages
        self._response: Response | None = None
        self._exchange: _Exchange | None = None
        self._pieces = self._read()

    @property
    def thinks(self) -> bool:
        """Whether the model has begun to think, and no text is there yet."""
        return self._exchange is not None and self._exchange.draft.thinks

    @property
    def signed(self) -> str | None:
        """The name that the server signs with, once it has."""
        return None if self._exchange is None else self._exchange.draft.signed

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        return await anext(self._pieces)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def begin(self) -> str:
        """Ask; returns the text up to the first that can be seen. Raises `ModelError`."""
        _, begun = await self._begun()
        return begun

    def come(self) -> str:
        """The text that has come since, without waiting for more; it may be empty. Raises `ModelError`.

        To be called often, because it is what notices that a deadline has passed.
        """
        if self._exchange is None:
            raise RuntimeError("the answer was not begun")
        text = self._exchange.come()
        if self._exchange.draft.done:
            self._response = self._exchange.draft.response()
        return text

    async def aclose(self) -> None:
        """Close the connection."""
        await self._pieces.aclose()
        if self._exchange is not None:
            await self._exchange.aclose()

    @property
    def complete(self) -> bool:
        """Whether the answer has ended, and as it should."""
        return self._response is not None

    @property
    def response(self) -> Response:
        """The answer, once it is complete."""
        if self._response is None:
            raise RuntimeError("the answer is not complete")
        return self._response

    async def _read(self) -> AsyncGenerator[str, None]:
        exchange, begun = await self._begun()
        try:
            text: str | None = begun
            while text is not None:
                if text:
                    yield text
                text = await exchange.more()
        finally:
            await exchange.aclose()
        self._response = exchange.draft.response()

    async def _begun(self) -> "tuple[_Exchange, str]":
        """An exchange whose first visible text has come, and all its text so far."""
        key = self._client.key(self._model)
        started = asyncio.get_running_loop().time()
        server: Server | None = None
        while True:
            first = server is None
            server = self._client.server(self._model, tried=server)
            exchange = self._exchange = _Exchange(self._client, server, self._model, key, started)
            try:
                await exchange.open(self._messages)
                return exchange, await exchange.until_visible()
            except BaseException as error:
                await exchange.aclose()
                if not isinstance(error, errors.ModelError):
                    raise
                if not isinstance(error, errors.PromptRefused | errors.NotAsked):
                    server.failed(asyncio.get_running_loop().time())
                if not first or not failures.passing(error, elsewhere=len(self._model.endpoints) > 1):
                    raise
            await asyncio.sleep(AGAIN_SECONDS)


class _Exchange:
    """One request to one server, and the stream that answers it."""

    def __init__(self, client: "ModelClient", server: "Server", model: Model, key: Key | None, started: float) -> None:
        self._server = server
        self._model = dataclasses.replace(model, endpoint=server.endpoint)
        self._load = client.load
        self._key = key
        self.draft = draft.Draft(self._model, client.deadlines, started)
        self._lines = wire.LineSplitter()
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None

    async def open(self, messages: Sequence[Message]) -> None:
        """Send the request. Raises `ModelError`."""
        try:
            if not self._model.images and any(parts.media(message.content) for message in messages):
                raise errors.PromptRefused(
                    f"{failures.who(self._model)}: was not asked, because the prompt has a picture and the model takes "
                    "none. Set images = true where it does."
                )
            body = wire.request(self._model, messages, self._load)
            async with self.draft.deadline():
                response = await self._server.send(self._key, "POST", wire.path(self._model), body)
            self._response = response
            if response.status_code != 200:
                async with self.draft.deadline():
                    raise failures.of_status(
                        self._model,
                        response.status_code,
                        await wire.beginning(response.aiter_raw(), ERROR_LIMIT),
                        self._key,
                    )
            _expect_events(response)
            self._chunks = response.aiter_raw()
        except (wire.Unreadable, httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._explained(error) from (None if isinstance(error, wire.Unreadable) else error)

    async def until_visible(self) -> str:
        """The text up to the first that can be seen. Raises `ModelError`, also when none comes."""
        text = ""
        while not wording.visible(text):
            more = await self.more()
            if more is None:
                self.draft.response()  # says what is missing
                raise AssertionError("an answer without visible text is never complete")
            text += more
        return text

    async def more(self) -> str | None:
        """The text in the next bytes of the stream, which may be empty; None once the answer is complete.

        Raises `ModelError`.
        """
        if self.draft.done or self._chunks is None:
            return None
        try:
            async with self.draft.deadline():
                chunk = await anext(self._chunks, None)
            return self._text(chunk)
        except (wire.Unreadable, httpx.HTTPError) as error:
            raise self._explained(error) from (None if isinstance(error, wire.Unreadable) else error)

    def come(self) -> str:
        """The text in what has come since, without waiting. Raises `ModelError`."""
        if self.draft.done or self._response is None:
            return ""
        try:
            chunk = self._response.extensions[http1.COME]()
            text = "" if chunk == b"" else self._text(chunk)
        except (wire.Unreadable, httpx.HTTPError) as error:
            raise self._explained(error) from (None if isinstance(error, wire.Unreadable) else error)
        if not self.draft.done:
            self.draft.keep_deadline()
        return text

    def _text(self, chunk: bytes | None) -> str:
        """The visible text of some bytes; None is the end of the stream."""
        if chunk is not None:
            return self.draft.take(self._lines.feed(chunk), self._key)
        rest = self.draft.take(self._lines.feed(b"\n"), self._key)
        self.draft.end()
        return rest

    async def aclose(self) -> None:
        """Give the connection back; nothing here waits."""
        if self._response is not None:
            await self._response.aclose()

    def _explained(self, error: wire.Unreadable | httpx.HTTPError | httpx.InvalidURL) -> errors.ModelError:
        if isinstance(error, wire.Unreadable):  # it may quote a key
            return failures.of_unreadable(self._model, error, self._key)
        return failures.of_transport(error, self._model, begun=self._response is not None)


def _expect_events(response: httpx.Response) -> None:
    """Raises `wire.Unreadable` when the response is no plain stream of server-sent events."""
    content_type = response.headers.get("Content-Type", "nothing")
    if content_type.partition(";")[0].strip().lower() != "text/event-stream":
        raise wire.Unreadable(f"answered a chat request with {wire.excerpt(content_type)}, not with a stream of events")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise wire.Unreadable("sent a compressed stream though none was asked for")
