"""The life of one server: what is to be done, by what is seen and when. Nothing is done here, and time comes in.

restarting --start--> starting --answers--> healthy <--> unhealthy
    ^                    |                     |             |
    |                    +------ ends, or does not answer for too long
    |                                          v
    +---- after a pause ---- stopping: TERM, or after a crash at once KILL, of the whole group
                                               |
                                               +--> stopped, when that was asked
                                               +--> gave_up, after too many crashes
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class ServerState(StrEnum):
    """Where a server is in its life."""

    RESTARTING = "restarting"
    """It pauses before it is started, again or for the first time."""
    STARTING = "starting"
    """It loads its model."""
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    """It was healthy, and does not answer at the moment."""
    STOPPING = "stopping"
    STOPPED = "stopped"
    GAVE_UP = "gave_up"


LIVING = frozenset({ServerState.STARTING, ServerState.HEALTHY, ServerState.UNHEALTHY})
OVER = frozenset({ServerState.STOPPED, ServerState.GAVE_UP})


class Action(StrEnum):
    """What is to be done to the processes of a server."""

    START = "start"
    TERMINATE = "terminate"
    KILL = "kill"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeLimits:
    """How long things may take, in seconds, and how often they may fail."""

    load: float = 3600.0
    """From the start to the first answer: large weights from a slow disk take most of an hour."""
    silence: float = 120.0
    """Without an answer to a health check, from a server that gave one before."""
    stop: float = 30.0
    """From TERM to KILL."""
    first_pause: float = 1.0
    """Before the start after a crash; it doubles with each further one."""
    longest_pause: float = 60.0
    crashes: int = 5
    """So many within `window`, or so many loads in a row that never answered, and it is given up."""
    window: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is seen of a server's processes now."""

    ended: str | None = None
    """How its first process ended; None while it lives."""
    group: bool = False
    """Whether any process of it is left."""
    answers: bool | None = None
    """The health check, where there was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """All that counts for what comes next. Times are monotonic seconds."""

    state: ServerState = ServerState.RESTARTING
    since: float
    wanted: bool = True
    """Whether it is to run."""
    start_at: float = 0.0
    """When the pause is over."""
    killing: bool = False
    """While stopping: no longer asked but ended."""
    crashes: tuple[float, ...] = ()
    failed_loads: int = 0
    """Starts in a row that never answered."""
    trouble: str = ""
    """What went wrong last."""


def step(life: Life, seen: Seen, now: float, limits: LifeLimits) -> tuple[Life, Action | None]:
    """The life after what was seen, and what is to be done now."""
    if life.state in OVER:
        return life, None
    if life.state is ServerState.RESTARTING:
        if not life.wanted:
            return replace(life, state=ServerState.STOPPED, since=now), None
        if now < life.start_at:
            return life, None
        return replace(life, state=ServerState.STARTING, since=now), Action.START
    if life.state is ServerState.STOPPING:
        if not seen.group:
            return _gone(life, now, limits), None
        killing = life.killing or now - life.since >= limits.stop
        return replace(life, killing=killing), Action.KILL if killing else None
    return _living(life, seen, now, limits)


def asked_to_stop(life: Life) -> Life:
    """The life of a server that is no longer wanted; `step` ends it."""
    return replace(life, wanted=False)


def not_started(life: Life, why: str, now: float) -> Life:
    """The life after a start that left no process: it counts as a crash."""
    return _crashed(life, why, now, killing=True)


def _living(life: Life, seen: Seen, now: float, limits: LifeLimits) -> tuple[Life, Action | None]:
    loading = life.state is ServerState.STARTING
    if seen.ended is not None:
        when = " while it loaded its model" if loading else ""
        return _crashed(life, seen.ended + when, now, killing=True), Action.KILL  # what it left holds the GPUs
    if not life.wanted:
        return replace(life, state=ServerState.STOPPING, since=now, killing=False), Action.TERMINATE
    if seen.answers:
        if life.state is ServerState.HEALTHY:
            return life, None
        return replace(life, state=ServerState.HEALTHY, since=now, failed_loads=0), None
    if life.state is ServerState.HEALTHY:
        return (life if seen.answers is None else replace(life, state=ServerState.UNHEALTHY, since=now)), None
    limit = limits.load if loading else limits.silence
    if now - life.since < limit:
        return life, None
    what = "did not answer within" if loading else "stopped answering for"
    return _crashed(life, f"{what} {limit:.0f} s", now, killing=False), Action.TERMINATE


def _crashed(life: Life, trouble: str, now: float, *, killing: bool) -> Life:
    return replace(
        life,
        state=ServerState.STOPPING,
        since=now,
        killing=killing,
        crashes=(*life.crashes, now),
        failed_loads=life.failed_loads + (life.state is ServerState.STARTING),
        trouble=trouble,
    )


def _gone(life: Life, now: float, limits: LifeLimits) -> Life:
    """The life once no process is left."""
    if not life.wanted:
        return replace(life, state=ServerState.STOPPED, since=now)
    recent = tuple(crash for crash in life.crashes if now - crash <= limits.window)
    failures = max(len(recent), life.failed_loads)
    if failures >= limits.crashes:
        return replace(life, state=ServerState.GAVE_UP, since=now, crashes=recent)
    pause = min(limits.longest_pause, limits.first_pause * 2 ** max(0, failures - 1))
    return replace(life, state=ServerState.RESTARTING, since=now, start_at=now + pause, crashes=recent)
