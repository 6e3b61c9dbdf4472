"""A client for OpenAI-compatible model servers, written for vLLM.

An answer is complete only with a finish reason, `[DONE]` and visible text; everything else ends in one of the
errors below `arena.errors.ModelError`. Deadlines bound it: to connect, to the first visible text, between two
events after that, and in total. Comments by which a busy server keeps the line open are no events.

Each request has a connection of its own (`Connection: close`): some servers hang up after a streamed reply while
promising to keep the connection, and closing it is what tells vLLM to stop generating. Redirects are not followed,
proxies and .netrc of the environment are not used, and compressed replies are refused.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self, cast

import httpx

from arena import errors, settings
from arena.domain.battle import Message, Response
from arena.domain.model import Model
from arena.inference import draft, failures, wire
from arena.inference.keys import Key

ERROR_LIMIT: Final = 64 << 10
"""Bytes read of a body that explains a refusal."""
LISTING_LIMIT: Final = 4 << 20
"""Bytes of a list of models."""


class ModelClient:
    """Talks to every model server of an arena. An async context manager; leaving it closes all connections."""

    def __init__(
        self,
        deadlines: settings.Deadlines,
        *,
        connections: int = 256,
        secret: Callable[[str], str] = settings.secret,
    ) -> None:
        """`connections` is the most to one endpoint at once; `secret` turns `api_key_env` into the key."""
        self.deadlines = deadlines
        self._secret = secret
        self._limits = httpx.Limits(max_connections=connections, max_keepalive_connections=0)
        self._endpoints: dict[str, httpx.AsyncClient] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        endpoints, self._endpoints = self._endpoints, {}
        for http in endpoints.values():
            await http.aclose()

    def stream(self, model: Model, messages: Sequence[Message]) -> "Answer":
        """Ask a model. Nothing is sent until the answer is iterated; use it as an async context manager."""
        return Answer(self, model, messages)

    async def probe(self, model: Model) -> None:
        """Check that the model's server answers and serves the model. Raises `ModelError`."""
        key = self.key(model)
        begun = False
        try:
            async with asyncio.timeout(min(self.deadlines.total, 2 * self.deadlines.connect)):
                response = await self.send(model, key, "GET", "models")
                begun = True
                body = await _body(response, LISTING_LIMIT)
            if response.status_code != 200:
                raise failures.of_status(model, response.status_code, body, key)
            served = wire.listing(body)
        except TimeoutError as error:
            raise errors.TimedOut(
                f"{failures.who(model)}: no list of models within the deadline. Look at the server's log."
            ) from error
        except wire.Unreadable as error:
            raise failures.of_unreadable(model, error, key) from None  # it may quote a key
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise failures.of_transport(error, model, begun=begun) from error
        if model.served_name not in served:
            names = wire.excerpt(", ".join(served), 200) or "nothing"
            raise errors.Rejected(
                f"{failures.who(model)}: the server serves {names}, not {model.served_name}. Correct served_name.",
                status=404,
            )

    async def send(
        self, model: Model, key: Key | None, method: str, path: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send a request to the model's server; the response is open and its body unread."""
        if model.endpoint not in self._endpoints:
            self._endpoints[model.endpoint] = httpx.AsyncClient(
                limits=self._limits,
                timeout=httpx.Timeout(self.deadlines.connect, read=None),  # reading has deadlines of its own
                verify=_trusted(model.endpoint),
                follow_redirects=False,
                trust_env=False,
            )
        http = self._endpoints[model.endpoint]
        headers = httpx.Headers({"Connection": "close", "Accept-Encoding": "identity"})
        if key is not None:
            headers["Authorization"] = key.authorization()
        url = httpx.URL(f"{model.endpoint.rstrip('/')}/{path}")
        if url.port is not None and not 0 < url.port < 65_536:  # httpx finds this only while connecting, as a bug
            raise httpx.InvalidURL("the port is out of range")
        request = http.build_request(method, url, headers=headers, json=body)
        return await http.send(request, stream=True)

    def key(self, model: Model) -> Key | None:
        """The server's key. Raises `Unreachable`, naming only the variable, when there is no usable one."""
        if model.api_key_env is None:
            return None
        try:
            return Key(self._secret(model.api_key_env))
        except errors.SettingsError as error:
            raise errors.Unreachable(f"{failures.who(model)}: was not asked. {error}") from error
        except ValueError:
            raise errors.Unreachable(
                f"{failures.who(model)}: was not asked. The environment variable {model.api_key_env} holds what cannot "
                "be a key, such as a space or a line end; set it again."
            ) from None


class Answer:
    """One answer being written: iterate it for pieces of visible text; then `response` is the whole.

    Leaving the context, or cancelling the task that iterates, closes the connection at once, and the server
    stops generating.
    """

    def __init__(self, client: ModelClient, model: Model, messages: Sequence[Message]) -> None:
        self._client = client
        self._model = model
        self._messages = messages
        self._response: Response | None = None
        self._pieces = self._read()

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

    async def aclose(self) -> None:
        """Close the connection."""
        await self._pieces.aclose()

    @property
    def response(self) -> Response:
        """The complete answer; there is one only after the iteration has ended by itself."""
        if self._response is None:
            raise RuntimeError("the answer is not complete")
        return self._response

    async def _read(self) -> AsyncGenerator[str, None]:
        model, key = self._model, self._client.key(self._model)
        written = draft.Draft(model, self._client.deadlines)
        response: httpx.Response | None = None
        try:
            async with written.deadline():
                body = wire.request(model, self._messages)
                response = await self._client.send(model, key, "POST", "chat/completions", body)
            if response.status_code != 200:
                async with written.deadline():
                    raise failures.of_status(model, response.status_code, await _body(response, ERROR_LIMIT), key)
            _expect_events(response)
            lines = wire.Lines()
            raw = cast("AsyncGenerator[bytes, None]", response.aiter_raw())  # httpx declares less than it returns
            async with contextlib.aclosing(raw) as chunks:
                while not written.done:
                    async with written.deadline():
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        raise errors.Incomplete(
                            f"{failures.who(model)}: the stream ended without [DONE]. Look at the server's log."
                        )
                    for piece in written.take(lines.feed(chunk), key):
                        yield piece
        except wire.Unreadable as error:
            raise failures.of_unreadable(model, error, key) from None  # it may quote a key
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise failures.of_transport(error, model, begun=response is not None) from error
        finally:
            if response is not None:
                await response.aclose()
        self._response = written.response()


def _trusted(endpoint: str) -> ssl.SSLContext:
    """The authorities of this machine; none for plain HTTP, since reading them takes 20 ms of CPU."""
    return ssl.create_default_context() if endpoint[:5].lower() == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _expect_events(response: httpx.Response) -> None:
    """Raises `wire.Unreadable` when the response is no plain stream of server-sent events."""
    content_type = response.headers.get("Content-Type", "nothing")
    if content_type.partition(";")[0].strip().lower() != "text/event-stream":
        raise wire.Unreadable(f"answered a chat request with {wire.excerpt(content_type)}, not with a stream of events")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise wire.Unreadable("sent a compressed stream though none was asked for")


async def _body(response: httpx.Response, limit: int) -> bytes:
    """The body, or its beginning where it is longer than `limit` bytes."""
    try:
        body = b""
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > limit:
                break
        return body[:limit]
    finally:
        await response.aclose()
