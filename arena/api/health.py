"""Whether the arena lives, is ready, and what it counts."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from arena.api.who import Arena
from arena.domain import wording
from arena.errors import Overloaded

router = APIRouter(tags=["health"])

MODELS_NEEDED = 2
"""A battle needs two models that answer."""


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
async def readyz(arena: Arena) -> dict[str, str | int]:
    """Battles can start: at least two models answer and the store takes votes."""
    answering = await arena.health.answering()
    if arena.workspace.stopped is not None:
        raise arena.workspace.stopped
    if answering < MODELS_NEEDED:
        raise Overloaded(
            f"{wording.counted(answering, 'model')} can be asked, and a battle needs two. `arena check` says which do "
            "not answer; start them."
        )
    return {"status": "ready", "models": answering}


@router.head("/metrics", include_in_schema=False)
@router.get("/metrics")
async def metrics(arena: Arena) -> Response:
    """Figures for Prometheus. They name no model: counts by model would tell who is in an open battle."""
    registry = CollectorRegistry()
    figures = await arena.health.figures()
    for name, (text, value) in figures.items():
        Gauge(name, text, registry=registry).set(value)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
