"""How busy the servers of models are, for labs: what vLLM says at /metrics, read at most once in some seconds."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from arena.domain.model import Model
from arena.inference import server_metrics
from arena.inference.client import ModelClient
from arena.inference.server_metrics import Rates, ServerMetrics

FRESH_SECONDS: Final = 5.0
"""How long a reading is kept before the server is asked again."""
APART_SECONDS: Final = 1.0
"""Between the first two readings of a server, so that there is a speed at once."""
NOTHING: Final = ServerMetrics(first_tokens=0, first_token_seconds=0.0)
"""What every server has counted when it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLoad:
    """Of all servers of a model, whoever asks them. None where no server says it."""

    queue: int | None = None
    """Requests that wait."""
    kv_use: float | None = None
    """Share of the KV cache in use, of the fullest server."""
    tokens_per_second: float | None = None
    first_text_seconds: float | None = None
    """Mean from a request to its first token: since the reading before, or else since the server started."""


@dataclass(slots=True)
class _Reading:
    at: float
    metrics: ServerMetrics
    rates: Rates


class ServerFigures:
    """Readings of servers by their endpoints."""

    def __init__(self, client: ModelClient) -> None:
        self._client = client
        self._readings: dict[str, _Reading] = {}
        self._lock = asyncio.Lock()

    async def of(self, models: Sequence[Model]) -> list[ServerLoad]:
        """The figures of each model, in order."""
        endpoints = sorted({endpoint for model in models for endpoint in model.endpoints})
        async with self._lock:
            now = time.monotonic()
            stale = [one for one in endpoints if self._age(one, now) > FRESH_SECONDS]
            unread = [one for one in stale if one not in self._readings]
            await asyncio.gather(*map(self._read, stale))
            if any(one in self._readings for one in unread):
                await asyncio.sleep(APART_SECONDS)
                await asyncio.gather(*(self._read(one) for one in unread if one in self._readings))
        return [self._figures(model) for model in models]

    def _age(self, endpoint: str, now: float) -> float:
        return now - self._readings[endpoint].at if endpoint in self._readings else float("inf")

    async def _read(self, endpoint: str) -> None:
        metrics = await self._client.metrics(endpoint)
        if metrics is None or metrics == ServerMetrics():  # gone, or no vLLM
            self._readings.pop(endpoint, None)
            return
        now, before = time.monotonic(), self._readings.get(endpoint)
        rates = Rates(tokens_per_second=None, first_text_seconds=None)
        if before is not None:
            rates = server_metrics.rates(before.metrics, metrics, now - before.at)
        if rates.first_text_seconds is None:
            since_start = server_metrics.rates(NOTHING, metrics, 1.0)
            rates = Rates(tokens_per_second=rates.tokens_per_second, first_text_seconds=since_start.first_text_seconds)
        self._readings[endpoint] = _Reading(now, metrics, rates)

    def _figures(self, model: Model) -> ServerLoad:
        read = [self._readings[one] for one in model.endpoints if one in self._readings]
        waiting = [one.metrics.waiting for one in read if one.metrics.waiting is not None]
        used = [one.metrics.kv_use for one in read if one.metrics.kv_use is not None]
        speeds = [one.rates.tokens_per_second for one in read if one.rates.tokens_per_second is not None]
        waits = [one.rates.first_text_seconds for one in read if one.rates.first_text_seconds is not None]
        return ServerLoad(
            queue=sum(waiting) if waiting else None,
            kv_use=max(used, default=None),
            tokens_per_second=sum(speeds) if speeds else None,
            first_text_seconds=sum(waits) / len(waits) if waits else None,
        )
