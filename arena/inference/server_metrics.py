"""What a vLLM server says of itself at /metrics: how busy it is, and how much it has written.

Counters grow from the server's start; `rates` makes speeds of two readings.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from arena.inference.wire import Unreadable

RUNNING: Final = "vllm:num_requests_running"
WAITING: Final = "vllm:num_requests_waiting"
KV_USE: Final = "vllm:kv_cache_usage_perc"
WRITTEN: Final = "vllm:generation_tokens_total"
BEGUN: Final = "vllm:time_to_first_token_seconds_count"
WAITED: Final = "vllm:time_to_first_token_seconds_sum"
NAMES: Final = (RUNNING, WAITING, KV_USE, WRITTEN, BEGUN, WAITED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMetrics:
    """One reading of one server, over all its engines. None is what the server does not say."""

    running: int | None = None
    """Answers being written now."""
    waiting: int | None = None
    """Requests in the queue."""
    kv_use: float | None = None
    """Share of the KV cache in use, 0 to 1, of the fullest engine."""
    written_tokens: int | None = None
    """Since the server started."""
    first_tokens: int | None = None
    """Answers whose first token came, since the server started."""
    first_token_seconds: float | None = None
    """The time these took together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a server did between two readings, or since its start. None where that cannot be said."""

    tokens_per_second: float | None
    first_text_seconds: float | None
    """Mean from a request to its first token."""


def read(text: str) -> ServerMetrics:
    """Read the page. Raises `Unreadable` where a figure of ours is not a figure."""
    lines = [line for line in text.splitlines() if line.startswith(NAMES)]
    try:
        samples = [
            sample for family in text_string_to_metric_families("\n".join(lines) + "\n") for sample in family.samples
        ]
    except ValueError as error:
        raise Unreadable("sent metrics that cannot be read") from error
    running, waiting = _total(samples, RUNNING), _total(samples, WAITING)
    written, first_tokens = _total(samples, WRITTEN), _total(samples, BEGUN)
    return ServerMetrics(
        running=None if running is None else round(running),
        waiting=None if waiting is None else round(waiting),
        kv_use=max(_values(samples, KV_USE), default=None),
        written_tokens=None if written is None else round(written),
        first_tokens=None if first_tokens is None else round(first_tokens),
        first_token_seconds=_total(samples, WAITED),
    )


def rates(before: ServerMetrics, after: ServerMetrics, seconds: float) -> Rates:
    """Speeds between two readings. After a restart of the server, whose counters fall, they are None."""
    written = _grown(before.written_tokens, after.written_tokens)
    begun = _grown(before.first_tokens, after.first_tokens)
    waited = _grown(before.first_token_seconds, after.first_token_seconds)
    return Rates(
        tokens_per_second=written / seconds if written is not None and seconds > 0 else None,
        first_text_seconds=waited / begun if waited is not None and begun else None,
    )


def _values(samples: Iterable[Sample], name: str) -> list[float]:
    return [sample.value for sample in samples if sample.name == name and math.isfinite(sample.value)]


def _total(samples: Iterable[Sample], name: str) -> float | None:
    values = _values(samples, name)
    return sum(values) if values else None


def _grown(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None or after < before else after - before
