"""Every way in which a server misbehaves, in every situation of its supervisor: a defined end, nothing left, no secret.

The servers are processes, the health checks HTTP; only the waiting is short.
"""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from arena import settings
from arena.inference.server_health import ServerHealth
from arena.serving import plan, processes, status
from arena.serving.lifecycle import LifeLimits, ServerState
from arena.serving.records import Folder
from arena.serving.redaction import Redaction
from arena.serving.supervisor import Rounds, Supervisor
from tests.serving import making

LIMITS = LifeLimits(load=20, silence=10, stop=0.3, first_pause=0.01, longest_pause=0.04, crashes=3)
ROUNDS = Rounds(look=0.01, check_loading=0.03, check_healthy=0.03, report=0.02)
HANGING = replace(LIMITS, load=0.4)
"""For what never answers."""
FALLS_SILENT = replace(LIMITS, silence=0.3)

GAVE_UP, HEALTHY, STOPPED = ServerState.GAVE_UP, ServerState.HEALTHY, ServerState.STOPPED
BEHAVIOURS = {
    "good": (HEALTHY, LIMITS),
    "crashes-loading": (GAVE_UP, LIMITS),
    "killed-loading": (GAVE_UP, LIMITS),
    "hangs-loading": (GAVE_UP, HANGING),
    "hangs-later": (GAVE_UP, FALLS_SILENT),
    "ignores-term": (HEALTHY, LIMITS),
    "dies-later": (GAVE_UP, LIMITS),
    "leaves-children": (HEALTHY, LIMITS),
    "dies-and-leaves-children": (GAVE_UP, LIMITS),
    "floods": (HEALTHY, LIMITS),
}
"""How it ends when it is left alone."""


@dataclass
class Arranged:
    """A supervisor in a thread, over one server that behaves."""

    folder: Folder
    plans: list[plan.ServerPlan]
    clean: Callable[[str], str]
    limits: LifeLimits
    said: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def begin(self, health: ServerHealth) -> None:
        """Adopt what runs, and keep the plans running."""
        self.stop = threading.Event()
        supervisor = Supervisor(
            self.folder, answers=health.answers, say=self.said.append, limits=self.limits, rounds=ROUNDS
        )
        supervisor.adopt()
        supervisor.follow(self.plans, self.clean)
        self.thread = threading.Thread(target=supervisor.run, args=(self.stop,))
        self.thread.start()

    def end(self) -> None:
        """Stop, and wait until it is done."""
        self.stop.set()
        if self.thread is not None:
            self.thread.join(30)
            assert not self.thread.is_alive()

    def state(self) -> ServerState | None:
        record = self.folder.read().get(self.plans[0].name)
        return None if record is None else record.state

    def reaches(self, *states: ServerState, seconds: float = 30) -> None:
        """Wait until the server is in one of these states."""
        deadline = time.monotonic() + seconds
        while self.state() not in states:
            assert time.monotonic() < deadline, (self.state(), self.said)
            time.sleep(0.01)


@pytest.fixture
def health() -> Iterator[ServerHealth]:
    with ServerHealth(0.3) as asked:
        yield asked


@pytest.fixture
def arrange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, health: ServerHealth
) -> Iterator[Callable[[str], Arranged]]:
    """Supervisors are ended before their `health` is closed."""
    made: list[Arranged] = []
    started: list[processes.ServerProcesses] = []
    start = processes.start
    monkeypatch.setattr(processes, "start", lambda *given: started.append(start(*given)) or started[-1])

    def of(behaviour: str) -> Arranged:
        vllm = making.program(tmp_path / "bin")
        environment = making.environment(tmp_path / "bin", str(tmp_path))
        loaded = settings.load(making.configuration(tmp_path, {"under-test": f'model = "/fake/{behaviour}"\ngpus = 0'}))
        folder = Folder(loaded.data_dir)
        folder.make()
        plans = plan.planned(loaded, environment, str(vllm), {})
        made.append(
            Arranged(
                folder, plans, Redaction(environment, ["LAB_ENTRANCE"]), BEHAVIOURS.get(behaviour, (None, LIMITS))[1]
            )
        )
        return made[-1]

    yield of
    for one in made:
        one.end()
    for pid in making.left(str(tmp_path)):  # a failed test leaves nothing either
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for server in started:  # children of this process, also those of a supervisor that vanished
        while server.ended() is None:
            time.sleep(0.01)


def nothing_secret(arranged: Arranged) -> None:
    """Not in what was said, not in the records, not in the status; while the log shows that it was printed."""
    shown = "\n".join([*arranged.said, *(path.read_text() for path in arranged.folder.path.glob("*.json"))])
    assert [secret for secret in making.SECRETS if secret in shown] == []


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_left_alone_it_comes_to_a_known_end(
    behaviour: str, arrange: Callable[[str], Arranged], health: ServerHealth, tmp_path: Path
) -> None:
    arranged = arrange(behaviour)
    arranged.begin(health)
    arranged.reaches(BEHAVIOURS[behaviour][0])
    if BEHAVIOURS[behaviour][0] is GAVE_UP:
        assert making.left(str(tmp_path)) == []
        assert "given up after 3 crashes" in arranged.said[-1]
        assert "key [secret] and token [secret]" in arranged.said[-1]
    else:
        assert len(making.left(str(tmp_path))) == 1 + (behaviour == "leaves-children")
    arranged.end()
    assert arranged.state() is (GAVE_UP if BEHAVIOURS[behaviour][0] is GAVE_UP else STOPPED)
    assert making.left(str(tmp_path)) == []
    nothing_secret(arranged)
    assert making.HF_TOKEN in arranged.folder.log("under-test-1").read_text(errors="replace")


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_stopped_while_it_starts_it_leaves_nothing(
    behaviour: str, arrange: Callable[[str], Arranged], health: ServerHealth, tmp_path: Path
) -> None:
    arranged = arrange(behaviour)
    arranged.begin(health)
    arranged.reaches(*ServerState)
    time.sleep(0.05)  # somewhere between the shell and the first answer
    arranged.end()
    assert arranged.state() in {STOPPED, GAVE_UP}
    assert making.left(str(tmp_path)) == []
    nothing_secret(arranged)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_supervisor_that_vanished_is_succeeded(
    behaviour: str,
    arrange: Callable[[str], Arranged],
    health: ServerHealth,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arranged = arrange(behaviour)
    with monkeypatch.context() as vanishing:
        vanishing.setattr(Supervisor, "_stop", lambda self, pool: None)
        arranged.begin(health)
        arranged.reaches(*([HEALTHY] if BEHAVIOURS[behaviour][0] is HEALTHY else ServerState))
        arranged.end()
    before = making.left(str(tmp_path))
    arranged.begin(health)
    arranged.reaches(BEHAVIOURS[behaviour][0])
    if BEHAVIOURS[behaviour][0] is HEALTHY:
        assert set(making.left(str(tmp_path))) == set(before), "the same processes, not others"
    arranged.end()
    assert making.left(str(tmp_path)) == []
    nothing_secret(arranged)


def test_a_port_that_another_program_has_is_said(arrange: Callable[[str], Arranged], health: ServerHealth) -> None:
    arranged = arrange("good")
    with socket.create_server(("127.0.0.1", arranged.plans[0].port)):
        arranged.begin(health)
        arranged.reaches(GAVE_UP)
    assert f"another program listens on port {arranged.plans[0].port}" in arranged.said[-1]


def test_the_status_of_a_healthy_server_has_its_figures(
    arrange: Callable[[str], Arranged], health: ServerHealth, tmp_path: Path
) -> None:
    arranged = arrange("good")
    loaded = settings.load(tmp_path / "served.toml")
    (absent,) = status.now(loaded, arranged.folder, health, time.sleep)
    assert (absent.state, absent.pid, absent.queue) == (STOPPED, None, None)
    arranged.begin(health)
    arranged.reaches(HEALTHY)
    (shown,) = status.now(loaded, arranged.folder, health, lambda seconds: time.sleep(0.2))
    assert (shown.state, shown.running, shown.queue, shown.kv_use) == (HEALTHY, 2, 3, 0.5)
    assert shown.tokens_per_second == pytest.approx(100, rel=0.5)
    assert shown.first_text_seconds == 0.25
    assert shown.pid in making.left(str(tmp_path))


# -- the controls ---------------------------------------------------------------------------------------------------


def test_control_without_the_kill_a_deaf_server_is_left_and_counted(
    arrange: Callable[[str], Arranged], health: ServerHealth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arranged = arrange("ignores-term")
    arranged.begin(health)
    arranged.reaches(HEALTHY)
    with monkeypatch.context() as harmless:
        harmless.setattr(processes.ServerProcesses, "send", lambda self, number: None)
        arranged.stop.set()
        time.sleep(LIMITS.stop + 0.3)
        assert len(making.left(str(tmp_path))) == 1
        assert arranged.state() is ServerState.STOPPING
    arranged.end()
    assert making.left(str(tmp_path)) == []


def test_control_without_redaction_the_secrets_are_shown(
    arrange: Callable[[str], Arranged], health: ServerHealth
) -> None:
    arranged = arrange("crashes-loading")
    arranged.clean = lambda line: line
    arranged.begin(health)
    arranged.reaches(GAVE_UP)
    assert [secret for secret in making.SECRETS if secret not in arranged.said[-1]] == []


def test_control_without_its_mark_a_server_is_not_adopted(
    arrange: Callable[[str], Arranged], health: ServerHealth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arranged = arrange("good")
    with monkeypatch.context() as vanishing:
        vanishing.setattr(Supervisor, "_stop", lambda self, pool: None)
        arranged.begin(health)
        arranged.reaches(HEALTHY)
        arranged.end()
    arranged.folder.mark("under-test-1").unlink()
    arranged.begin(health)
    arranged.reaches(GAVE_UP)
    assert "another program listens" in arranged.said[-1]
    assert len(making.left(str(tmp_path))) == 1
