"""Watches the servers of a configuration: looks, lets `lifecycle` decide, and does what it says.

One thread does all of it, a few times a second; only health checks run beside it, because they may hang. What a new
file asks for (`follow`) and what an earlier supervisor left running are the same thing: some servers stay, some are
ended, and those that are missing start once the ended ones have let go of their GPUs and ports.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from signal import SIGKILL, SIGTERM
from typing import Final

from arena.errors import ArenaError
from arena.serving import lifecycle, processes
from arena.serving.lifecycle import LIVING, OVER, Action, Life, LifeLimits, Seen, ServerState
from arena.serving.plan import ServerPlan
from arena.serving.records import Folder, ServerRecord

UNKILLABLE: Final = 30.0
"""Seconds after KILL by which the kernel has ended a process, or never will."""
SHOWN: Final = 160
"""Characters of a log's last line in a report of progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """How often things are looked at, in seconds."""

    look: float = 0.25
    check_loading: float = 1.0
    check_healthy: float = 5.0
    report: float = 15.0


@dataclass(slots=True, kw_only=True)
class _Watched:
    """One server, as the supervisor knows it."""

    plan: ServerPlan
    life: Life
    server: processes.ServerProcesses | None = None
    check: "Future[bool] | None" = None
    checked_at: float = float("-inf")
    reported_at: float = 0.0
    started_at: float = 0.0
    log_start: int = 0
    log_end: tuple[str, ...] = field(default=())


class Supervisor:
    """The servers of one folder. `follow` says which there are to be, `run` keeps them so until it is told to stop."""

    def __init__(
        self,
        folder: Folder,
        *,
        answers: Callable[[str], bool],
        say: Callable[[str], None],
        limits: LifeLimits | None = None,
        rounds: Rounds | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`answers` asks the server at a base URL whether it is healthy."""
        self._folder = folder
        self._answers = answers
        self._clean: Callable[[str], str] = lambda line: ""
        self._say = say
        self._limits = limits or LifeLimits()
        self._rounds = rounds or Rounds()
        self._clock = clock
        self._watched: dict[str, _Watched] = {}
        self._waiting: list[ServerPlan] = []
        self._all_answered = False

    def adopt(self) -> Mapping[str, ServerPlan]:
        """Take over every server that an earlier supervisor left running."""
        for name, record in self._folder.read().items():
            process = processes.marked(self._folder.mark(name))
            if process is None:
                continue
            plan = ServerPlan(
                name=name, model=record.model, endpoint=record.endpoint, gpus=record.gpus, recipe=record.recipe
            )
            now = self._clock()
            state = ServerState.STARTING if record.state is ServerState.STARTING else ServerState.UNHEALTHY
            self._watched[name] = _Watched(
                plan=plan,
                life=Life(state=state, since=now),
                server=processes.ServerProcesses(process),
                started_at=now,
                reported_at=now,
            )
        return self.running

    @property
    def running(self) -> Mapping[str, ServerPlan]:
        """The servers whose processes live and are to live on."""
        return {name: one.plan for name, one in self._watched.items() if one.life.state in LIVING and one.life.wanted}

    def follow(self, plans: Sequence[ServerPlan], clean: Callable[[str], str]) -> None:
        """Run these servers from now on: keep those that are the same, end the others, start what is missing.

        One that was given up is tried again. `clean` cuts their secrets out of a line.
        """
        self._clean = clean
        wanted = {plan.name: plan for plan in plans}
        for name, one in list(self._watched.items()):
            if one.life.state in OVER:
                del self._watched[name]
            elif one.plan == wanted.get(name) and one.life.wanted:
                self._say(f"{name} runs already, at {one.plan.endpoint}.")
                one.plan = wanted.pop(name)
            else:
                self._say(f"{name} is no longer as the file says, and is stopped.")
                one.life = lifecycle.asked_to_stop(one.life)
        named = {plan.name for plan in plans}
        for name in self._folder.read():
            if name not in named and name not in self._watched:
                self._folder.forget(name)
        self._waiting = list(wanted.values())
        self._all_answered = False

    def run(self, stop: threading.Event, changed: Callable[[], None] = lambda: None) -> bool:
        """Keep the servers running until `stop` is set, then end them all. False when every one was given up.

        `changed` is called each time, to `follow` a new file. Raises `ArenaError` when a process cannot be ended.
        """
        with ThreadPoolExecutor(max_workers=16, thread_name_prefix="health") as pool:
            while not stop.is_set():
                changed()
                self._replace()
                self._look(pool)
                states = {one.life.state for one in self._watched.values()}
                if states == {ServerState.GAVE_UP} and not self._waiting:
                    return False
                if states == {ServerState.HEALTHY} and not self._waiting and not self._all_answered:
                    self._all_answered = True
                    self._say(f"All servers answer ({len(self._watched)}). Ctrl-C stops them.")
                stop.wait(self._rounds.look)
            self._stop(pool)
        return True

    def _stop(self, pool: ThreadPoolExecutor) -> None:
        deadline = self._clock() + 2 * self._limits.stop + UNKILLABLE
        for one in self._watched.values():
            one.life = lifecycle.asked_to_stop(one.life)
        while left := [name for name, one in self._watched.items() if one.life.state not in OVER]:
            if self._clock() > deadline:
                raise ArenaError(f"The processes of {', '.join(left)} cannot be ended; look at the kernel's log.")
            self._look(pool)
            time.sleep(min(self._rounds.look, 0.1))

    def _replace(self) -> None:
        """Forget servers that had to go, and once all of them are gone start those that take their place."""
        leaving = [name for name, one in self._watched.items() if not one.life.wanted]
        if any(self._watched[name].life.state not in OVER for name in leaving):
            return
        for name in leaving:
            del self._watched[name]
            self._folder.forget(name)
        for plan in self._waiting:
            self._watched[plan.name] = _Watched(plan=plan, life=Life(since=self._clock()))
        self._waiting = []

    def _look(self, pool: ThreadPoolExecutor) -> None:
        """Look once at every server, and do what follows."""
        for one in self._watched.values():
            before = one.life
            one.life, action = lifecycle.step(before, self._seen(one, pool), self._clock(), self._limits)
            if action is not None:
                self._act(one, action)
            if (one.life.state, one.life.crashes) != (before.state, before.crashes):
                self._changed(one, before)
            elif one.life.state is ServerState.STARTING:
                self._report(one)

    def _seen(self, one: _Watched, pool: ThreadPoolExecutor) -> Seen:
        if one.server is None or one.life.state in OVER:
            return Seen()
        ended = one.server.ended()
        stopping = one.life.state is ServerState.STOPPING
        group = bool(one.server.members()) if stopping else ended is None
        return Seen(ended=ended, group=group, answers=None if ended or stopping else self._check(one, pool))

    def _check(self, one: _Watched, pool: ThreadPoolExecutor) -> bool | None:
        """The result of a health check that is done; another is begun when it is time."""
        now, result = self._clock(), None
        if one.check is not None and one.check.done():
            result, one.check = one.check.result(), None
        rounds = self._rounds
        every = rounds.check_healthy if one.life.state is ServerState.HEALTHY else rounds.check_loading
        if one.check is None and now - one.checked_at >= every:
            one.checked_at = now
            self._folder.trim_log(one.plan.name)
            one.check = pool.submit(self._answers, one.plan.endpoint)
        return result

    def _act(self, one: _Watched, action: Action) -> None:
        if action is Action.START:
            self._start(one)
        elif one.server is not None:
            one.server.send(SIGTERM if action is Action.TERMINATE else SIGKILL)

    def _start(self, one: _Watched) -> None:
        name, now = one.plan.name, self._clock()
        one.check, one.checked_at, one.started_at, one.reported_at = None, now, now, now
        one.server, one.log_end = None, ()
        if _taken(one.plan):
            why = f"was not started: another program listens on port {one.plan.port}"
            one.life = lifecycle.not_started(one.life, why, now)
            return
        one.log_start = self._folder.begin_log(name, datetime.now(UTC))
        self._folder.mark(name).unlink(missing_ok=True)
        self._folder.write(self._record(one))  # before there is a process that only a record can name
        one.server = processes.start(
            one.plan.command, one.plan.environment, self._folder.log(name), self._folder.mark(name)
        )

    def _changed(self, one: _Watched, before: Life) -> None:
        """Tell and write down a new state."""
        name, life, now = one.plan.name, one.life, self._clock()
        crashed = f"{name} {life.trouble}"
        match life.state:
            case ServerState.STARTING:
                gpus = f" on GPU {', '.join(map(str, one.plan.gpus))}" if one.plan.gpus else ""
                self._say(f"{name} starts{gpus}, at {one.plan.endpoint}; its log is {self._folder.log(name)}.")
            case ServerState.HEALTHY if before.state is ServerState.STARTING:
                self._say(f"{name} answers after {now - one.started_at:.0f} s.")
            case ServerState.HEALTHY:
                self._say(f"{name} answers.")
            case ServerState.UNHEALTHY:
                self._say(f"{name} does not answer at the moment.")
            case ServerState.RESTARTING:
                self._say(f"{crashed}. It starts again in {life.start_at - now:.1f} s ({len(life.crashes)} crashes).")
            case ServerState.GAVE_UP:
                one.log_end = tuple(self._folder.last_lines(name, self._clean, start=one.log_start))
                said = "".join(f"\n    {line}" for line in one.log_end) or " nothing."
                times = max(len(life.crashes), life.failed_loads)
                self._say(
                    f"{crashed}, and is given up after {times} crashes. Correct what "
                    f"its log ({self._folder.log(name)}) names, then start again. The log ends:{said}"
                )
            case ServerState.STOPPED:
                self._say(f"{name} is stopped.")
            case ServerState.STOPPING:
                pass
        self._folder.write(self._record(one))

    def _report(self, one: _Watched) -> None:
        """Tell now and then that a server still loads, and what it said last."""
        now = self._clock()
        if now - one.reported_at < self._rounds.report:
            return
        one.reported_at = now
        last = self._folder.last_lines(one.plan.name, self._clean, start=one.log_start, most=1)
        said = f": {last[0][:SHOWN]}" if last else "."
        self._say(f"{one.plan.name} still loads after {now - one.started_at:.0f} s{said}")

    def _record(self, one: _Watched) -> ServerRecord:
        plan, life = one.plan, one.life
        return ServerRecord(
            name=plan.name,
            model=plan.model,
            endpoint=plan.endpoint,
            gpus=plan.gpus,
            recipe=plan.recipe,
            state=life.state,
            since=datetime.now(UTC).isoformat(timespec="seconds"),
            pid=one.server.process.pid if one.server is not None and life.state not in OVER else None,
            crashes=len(life.crashes),
            trouble=life.trouble,
            log_end=one.log_end,
        )


def _taken(plan: ServerPlan) -> bool:
    """Whether somebody listens where a server is to listen: it would answer health checks in its place."""
    host = plan.endpoint.split("://", 1)[1].rsplit(":", 1)[0].strip("[]")
    try:
        with socket.create_connection((host, plan.port), timeout=1):
            return True
    except OSError:
        return False
