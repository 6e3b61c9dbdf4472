"""Whether the arena lives, is ready, and what it counts."""

from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from arena.api.forms import Figures
from arena.api.who import Arena, Whole
from arena.domain.durations import Durations

router = APIRouter(tags=["health"])


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz(whole: Whole) -> dict[str, str]:
    """The process answers, and says which it is."""
    return {"status": "ok", "process": whole.process}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
async def readyz(arena: Arena, whole: Whole) -> dict[str, str | int]:
    """Battles can start: two models answer, or the answers are stored, and the store takes votes and has room."""
    answering = await arena.health.answering()
    arena.health.refuse_unready(answering)
    return {"status": "ready", "models": answering, "process": whole.process}


@router.head("/metrics", include_in_schema=False)
@router.get("/metrics", response_class=Figures)
async def metrics(arena: Arena, whole: Whole) -> Response:
    """Figures for Prometheus. They name no model: counts by model would tell who is in an open battle."""
    registry = CollectorRegistry()
    figures = await arena.health.figures()
    for name, (text, value) in figures.items():
        Gauge(name, text, registry=registry).set(value)
    which = Gauge(
        "arena_process_info", "1, with the name of the process that answered.", ["process"], registry=registry
    )
    which.labels(process=whole.process).set(1)
    voids = Gauge("arena_voids", "Void battles by cause.", ["cause"], registry=registry)
    for cause, count in (await arena.health.voids()).items():
        voids.labels(cause=cause.value).set(count)
    for name, (text, durations) in arena.health.durations().items():
        registry.register(_Histogram(name, text, durations))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Histogram(Collector):
    """Durations as Prometheus reads them."""

    def __init__(self, name: str, text: str, durations: Durations) -> None:
        self._family = HistogramMetricFamily(name, text, durations.cumulative(), durations.total)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        yield self._family
