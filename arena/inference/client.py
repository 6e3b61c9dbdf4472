"""A client for OpenAI-compatible model servers, written for vLLM.

Each request has a connection of its own (`connections`): some servers hang up after a streamed reply while promising
to keep the connection, and closing it is what tells vLLM to stop generating. Redirects are not followed, proxies
and .netrc of the environment are not used, and compressed replies are refused.
"""

import asyncio
import dataclasses
import ssl
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self

import httpx

from arena import errors, settings
from arena.domain.battle import Message
from arena.domain.model import Model
from arena.domain.parts import Media
from arena.inference import failures, server_metrics, wire
from arena.inference.answers import Answer
from arena.inference.connections import Connections
from arena.inference.keys import Key
from arena.inference.server_metrics import ServerMetrics
from arena.settings.tables import Deadlines

LISTING_LIMIT: Final = 4 << 20
"""Most bytes in a list of models."""
HEADERS: Final = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "preference-arena",
}
AVOIDED_SECONDS: Final = 10.0
"""How long a server that failed is asked only if the model has no other server."""


class Server:
    """One server, by its address: how busy this arena keeps it, and when it last failed."""

    def __init__(self, endpoint: str, limit: int, connect_seconds: float) -> None:
        self.endpoint = endpoint
        self._failed_at = float("-inf")
        self._connections = Connections(limit, _trusted(endpoint))
        self._timeout = httpx.Timeout(connect_seconds, read=None).as_dict()  # reading has deadlines of its own
        self._urls: dict[str, httpx.URL] = {}

    @property
    def in_use(self) -> int:
        """Connections held now."""
        return self._connections.in_use

    def failed(self, now: float) -> None:
        """Leave this server out for a while where there are others. `now` is seconds of the loop."""
        self._failed_at = now

    def avoided(self, now: float) -> bool:
        """Whether this server failed a moment ago."""
        return now - self._failed_at < AVOIDED_SECONDS

    async def send(self, key: Key | None, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Send a request; the response is open and its body unread.

        It goes straight to the transport: an `httpx.AsyncClient` looks for redirects, cookies and proxies, which costs
        more than the request itself.
        """
        request = self._request(key, method, path, body)
        return await self._connections.handle_async_request(request)

    def close(self) -> None:
        """Close every connection, and open none any more."""
        self._connections.close()

    def _request(self, key: Key | None, method: str, path: str, body: dict[str, Any] | None) -> httpx.Request:
        url, headers = self._url(path), httpx.Headers(HEADERS)  # `Headers`, which print no key
        if key is not None:
            headers["Authorization"] = key.authorization()
        request = httpx.Request(method, url, headers=headers, json=body, extensions={"timeout": self._timeout})
        if url.userinfo:
            next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
        return request

    def _url(self, path: str) -> httpx.URL:
        if path not in self._urls:
            url = httpx.URL(f"{self.endpoint.rstrip('/')}/{path}")
            if url.port is not None and not 0 < url.port < 65_536:  # found only while connecting, as a bug
                raise httpx.InvalidURL("the port is out of range")
            self._urls[path] = url
        return self._urls[path]


class ModelClient:
    """Talks to every model server of an arena. An async context manager; leaving it closes all connections."""

    def __init__(
        self,
        deadlines: Deadlines,
        *,
        connections: int = 256,
        secret: Callable[[str], str] = settings.secret,
        load: wire.Load | None = None,
    ) -> None:
        """`connections` is the most to one endpoint at once; `secret` turns `api_key_env` into the key; `load` gives
        the bytes of pictures in prompts."""
        self.deadlines = deadlines
        self._secret = secret
        self.load = load or _no_pictures
        self._limit = connections
        self._servers: dict[str, Server] = {}
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for server in self._servers.values():
            server.close()

    def stream(self, model: Model, messages: Sequence[Message]) -> Answer:
        """Ask a model. Nothing is sent until the answer is iterated; use it as an async context manager."""
        return Answer(self, model, messages)

    @property
    def in_use(self) -> int:
        """Connections held now, to all servers."""
        return sum(server.in_use for server in self._servers.values())

    def server(self, model: Model, tried: Server | None = None) -> Server:
        """The server to ask: preferably not the one `tried`, one that works, and the least busy."""
        now = asyncio.get_running_loop().time()
        servers = [self._server(endpoint) for endpoint in model.endpoints]
        return min(servers, key=lambda one: (one is tried, one.avoided(now), one.in_use))

    async def probe(self, model: Model) -> wire.ServedModel:
        """What a server says of this model. Raises `ModelError` when no server answers and serves the model."""
        key = self.key(model)
        found = await asyncio.gather(
            *(self._probed(model, self._server(endpoint), key) for endpoint in model.endpoints), return_exceptions=True
        )
        for bug in found:
            if isinstance(bug, BaseException) and not isinstance(bug, errors.ModelError):
                raise bug
        listed = [one for one in found if isinstance(one, wire.ServedModel)]
        if not listed:
            raise next(error for error in found if isinstance(error, errors.ModelError))
        known = [one.context for one in listed if one.context is not None]
        return wire.ServedModel(name=model.served_name, context=min(known, default=None))

    async def metrics(self, endpoint: str) -> ServerMetrics | None:
        """What the server of an endpoint says at /metrics, as vLLM does; None where it says nothing that can be read.

        The key stays here: vLLM asks for none at that address.
        """
        page = endpoint.rstrip("/").removesuffix("/v1")
        response: httpx.Response | None = None
        try:
            async with asyncio.timeout(2 * self.deadlines.connect):
                response = await self._server(page).send(None, "GET", "metrics")
                body = await wire.beginning(response.aiter_raw(), LISTING_LIMIT)
            if response.status_code != 200:
                return None
            return server_metrics.read(body.decode("utf-8", "replace"))
        except (TimeoutError, wire.Unreadable, httpx.HTTPError, httpx.InvalidURL):
            return None
        finally:
            if response is not None:
                await response.aclose()

    async def queued(self, model: Model) -> int | None:
        """How many requests wait at a model's servers; None where none of them says."""
        pages = await asyncio.gather(*(self.metrics(endpoint) for endpoint in model.endpoints))
        known = [page.waiting for page in pages if page is not None and page.waiting is not None]
        return sum(known) if known else None

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

    def _server(self, endpoint: str) -> Server:
        if endpoint not in self._servers:
            self._servers[endpoint] = Server(endpoint, self._limit, self.deadlines.connect)
            if self._closed:
                self._servers[endpoint].close()
        return self._servers[endpoint]

    async def _probed(self, model: Model, server: Server, key: Key | None) -> wire.ServedModel:
        model = dataclasses.replace(model, endpoint=server.endpoint)
        response: httpx.Response | None = None
        try:
            async with asyncio.timeout(min(self.deadlines.total, 2 * self.deadlines.connect)):
                response = await server.send(key, "GET", "models")
                body = await wire.beginning(response.aiter_raw(), LISTING_LIMIT)
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
            raise failures.of_transport(error, model, begun=response is not None) from error
        finally:
            if response is not None:
                await response.aclose()
        found = next((one for one in served if one.name == model.served_name), None)
        if found is None:
            names = wire.excerpt(", ".join(one.name for one in served), 200) or "nothing"
            raise errors.Rejected(
                f"{failures.who(model)}: the server serves {names}, not {model.served_name}. Correct served_name.",
                status=404,
            )
        return found


def _no_pictures(media: Media) -> bytes:
    raise LookupError(f"this client was given no pictures, such as {media.sha256}")


def _trusted(endpoint: str) -> ssl.SSLContext:
    """The certificate authorities of this machine; empty for plain HTTP, because reading them takes 20 ms of CPU."""
    return ssl.create_default_context() if endpoint[:5].lower() == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
