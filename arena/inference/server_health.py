"""Asks a model server whether it lives, and how busy it is: the two pages of vLLM beside its API."""

import ssl
import time
from types import TracebackType
from typing import Final, Self

import httpx

from arena.inference import server_metrics
from arena.inference.wire import Unreadable

PAGE_LIMIT: Final = 4 << 20
"""Most bytes of a page of figures."""


class ServerHealth:
    """A context manager; several threads may ask at once."""

    def __init__(self, timeout: float) -> None:
        """`timeout` is in seconds, for each step of a request."""
        self._timeout = timeout
        self._http = httpx.Client(
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
            headers={"Connection": "close"},
            verify=ssl.create_default_context(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def answers(self, endpoint: str) -> bool:
        """Whether the server at this base URL says that it is healthy."""
        try:
            with self._http.stream("GET", _page(endpoint, "health")) as response:
                return response.status_code == 200
        except httpx.HTTPError:
            return False

    def metrics(self, endpoint: str) -> server_metrics.ServerMetrics | None:
        """What the server says of itself; None where it does not answer or says nothing readable."""
        try:
            with self._http.stream("GET", _page(endpoint, "metrics")) as response:
                body, deadline = bytearray(), time.monotonic() + self._timeout
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > PAGE_LIMIT or time.monotonic() > deadline:
                        return None
            if response.status_code != 200:
                return None
            return server_metrics.read(body.decode("utf-8", "replace"))
        except (httpx.HTTPError, Unreadable):
            return None


def _page(endpoint: str, name: str) -> str:
    return f"{endpoint.rstrip('/').removesuffix('/v1')}/{name}"
