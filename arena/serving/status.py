"""What the servers of a configuration do now: their records, what lives of them, and what they say of themselves."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from arena.inference import server_metrics
from arena.inference.server_health import ServerHealth
from arena.inference.server_metrics import ServerMetrics
from arena.serving import processes
from arena.serving.lifecycle import LIVING, ServerState
from arena.serving.records import Folder
from arena.settings import Settings

APART: Final = 1.0
"""Seconds between the two readings that make tokens per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """One server. None is what it does not say."""

    name: str
    model: str
    endpoint: str
    gpus: tuple[int, ...] = ()
    state: ServerState
    since: str | None = None
    pid: int | None = None
    crashes: int = 0
    trouble: str = ""
    log: str
    log_end: tuple[str, ...] = ()
    running: int | None = None
    queue: int | None = None
    kv_use: float | None = None
    tokens_per_second: float | None = None
    first_text_seconds: float | None = None


def now(settings: Settings, folder: Folder, health: ServerHealth, wait: Callable[[float], None]) -> list[ServerStatus]:
    """Every server of the configuration, in its order, and then those that still run and are not in it."""
    known = _known(settings, folder)
    with ThreadPoolExecutor(max_workers=max(1, len(known))) as pool:
        states = list(pool.map(lambda one: _seen(one, health), known))
        before, begun = list(pool.map(lambda one: _metrics(one, health), states)), time.monotonic()
        if any(metrics is not None for metrics in before):
            wait(APART)
        after, seconds = list(pool.map(lambda one: _metrics(one, health), states)), time.monotonic() - begun
    return [_with_figures(*one, seconds) for one in zip(states, before, after, strict=True)]


def _known(settings: Settings, folder: Folder) -> Sequence[ServerStatus]:
    servers = {
        f"{model.name}-{number}": (model.name, str(endpoint).rstrip("/"))
        for model in settings.models
        if model.serve is not None
        for number, endpoint in enumerate(model.servers, start=1)
    }
    records = folder.read()
    found = []
    for name in [*servers, *(name for name in records if name not in servers)]:
        record, log = records.get(name), str(folder.log(name))
        if record is None:
            model, endpoint = servers[name]
            found.append(ServerStatus(name=name, model=model, endpoint=endpoint, state=ServerState.STOPPED, log=log))
            continue
        lives = processes.marked(folder.mark(name))
        if lives is None and name not in servers:
            continue
        gone = lives is None and record.state in LIVING
        found.append(
            ServerStatus(
                name=name,
                model=record.model,
                endpoint=record.endpoint,
                gpus=record.gpus,
                state=ServerState.STOPPED if gone else record.state,
                since=record.since,
                pid=lives.pid if lives is not None else None,
                crashes=record.crashes,
                trouble=record.trouble,
                log=log,
                log_end=record.log_end,
            )
        )
    return found


def _seen(one: ServerStatus, health: ServerHealth) -> ServerStatus:
    """The status with what a health check says now; the record may be some seconds old, or nobody keeps it."""
    if one.state not in LIVING:
        return one
    if health.answers(one.endpoint):
        return replace(one, state=ServerState.HEALTHY)
    return replace(one, state=ServerState.UNHEALTHY) if one.state is ServerState.HEALTHY else one


def _metrics(one: ServerStatus, health: ServerHealth) -> ServerMetrics | None:
    return health.metrics(one.endpoint) if one.state is ServerState.HEALTHY else None


def _with_figures(
    one: ServerStatus, before: ServerMetrics | None, after: ServerMetrics | None, seconds: float
) -> ServerStatus:
    if before is None or after is None:
        return one
    rates = server_metrics.rates(before, after, seconds)
    since_start = server_metrics.rates(ServerMetrics(first_tokens=0, first_token_seconds=0.0), after, seconds)
    return replace(
        one,
        running=after.running,
        queue=after.waiting,
        kv_use=after.kv_use,
        tokens_per_second=rates.tokens_per_second,
        first_text_seconds=rates.first_text_seconds or since_start.first_text_seconds,
    )
