"""Whether the server of each model answers, as of a moment ago."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.inference.client import ModelClient
from arena.services import health
from arena.services.health import Probe

AT_ONCE: Final = 32
"""Models whose servers are asked at the same time."""


class ModelHealth:
    """Probes of models, kept for `health.FRESH_SECONDS`. A probe asks what a server lists, and no model to write."""

    def __init__(self, client: ModelClient) -> None:
        self._client = client
        self._kept: dict[ModelName, tuple[float, Model, Probe]] = {}
        self._places = asyncio.Semaphore(AT_ONCE)

    async def of(self, models: Sequence[Model]) -> list[Probe]:
        """Of each model, in order."""
        return list(await asyncio.gather(*map(self._of, models)))

    async def _of(self, model: Model) -> Probe:
        kept = self._kept.get(model.name)
        if kept is not None and kept[1] == model and time.monotonic() - kept[0] < health.FRESH_SECONDS:
            return kept[2]
        async with self._places:
            (found,) = await health.probe(self._client, [model])
        self._kept[model.name] = time.monotonic(), model, found
        return found
