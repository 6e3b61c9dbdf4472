"""One arena per data directory: the second says who holds it, and a killed one leaves nothing in the way."""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import MappingProxyType
from unittest import mock

import httpx
import pytest

from arena import cli
from arena.domain.battle import BattleState
from arena.domain.ids import BattleId
from arena.errors import StoreHeld
from arena.server import app, running
from arena.server import run as run_server
from arena.store import votes
from arena.store.workspace import Workspace
from benchmarks import idle
from tests import arenas
from tests.inference import misbehaving
from tests.nursery import NURSERY

ARENA = Path(sys.executable).parent / "arena"
MODELS = ("echo", "say:Rivers bend.")
SHORT_SECONDS = 3
"""How long battles may finish after a stop, where one never does."""


@pytest.fixture
def model_server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=MODELS) as server:
        yield server


@pytest.fixture
def config(model_server: misbehaving.Server, tmp_path: Path) -> Path:
    """A configuration with two healthy models."""
    path = tmp_path / "arena.toml"
    path.write_text(
        f'port = 0\ndata_dir = "{tmp_path / "data"}"\n'
        + "".join(
            f'[[models]]\nname = "canary-{number}"\nendpoint = "{model_server.endpoint}"\nserved_name = "{name}"\n'
            for number, name in enumerate(MODELS)
        )
    )
    return path


@contextmanager
def serving(config: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`arena serve` in a process of its own, with its address."""
    process = subprocess.Popen([ARENA, "serve", "--config", config], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if "The arena is ready: " in line:
                yield process, line.split("The arena is ready: ")[1].split()[0]
                return
        raise AssertionError(f"the arena ended with {process.wait()}")
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def run(said: Path, arguments: Sequence[str], environment: Mapping[str, str], battles_seconds: float) -> None:
    """`arena ARGUMENTS`, as a process that was forked runs it."""
    os.dup2(os.open(said, os.O_WRONLY), sys.stderr.fileno())
    os.environ.update(environment)
    sys.argv = ["arena", *arguments]
    with (
        arenas.hurried(),
        mock.patch.object(run_server, "BATTLES_SECONDS", battles_seconds),
        mock.patch.object(app, "build", arenas.with_pages),
    ):
        cli.main()


def begun(
    said: Path,
    *arguments: str | Path,
    environment: Mapping[str, str] = MappingProxyType({}),
    battles_seconds: float = run_server.BATTLES_SECONDS,
) -> BaseProcess:
    """`arena ARGUMENTS` in a process that has imported all it needs; what it says is in the file `said`."""
    said.touch()
    process = NURSERY.Process(target=run, args=(said, [*map(str, arguments)], dict(environment), battles_seconds))
    process.start()
    return process


def refused(said: Path, *arguments: str | Path, **environment: str) -> tuple[int | None, str]:
    """How a command ends that may not do what it is asked to, and its one sentence."""
    process = begun(said, *arguments, environment=environment)
    process.join(60)
    assert said.read_text().count("\n") == 1, said.read_text()
    return process.exitcode, said.read_text()


@dataclasses.dataclass(frozen=True, slots=True)
class Forked:
    """A process, in the words of `subprocess`."""

    process: BaseProcess

    @property
    def pid(self) -> int:
        assert self.process.pid
        return self.process.pid

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float | None = None) -> int | None:
        self.process.join(seconds)
        return self.process.exitcode


@contextmanager
def forked(config: Path, battles_seconds: float = run_server.BATTLES_SECONDS) -> Iterator[tuple[Forked, str]]:
    """The same in a process that has imported all it needs, for tests that are not about how it starts."""
    said = config.with_name(f"said-{uuid.uuid4().hex}")
    process = begun(said, "serve", "--config", config, battles_seconds=battles_seconds)
    try:
        while "The arena is ready: " not in said.read_text():
            assert process.is_alive(), said.read_text()
            time.sleep(0.02)
        yield Forked(process), said.read_text().split("The arena is ready: ")[1].split()[0]
    finally:
        process.kill()
        process.join()


Starting = Callable[[Path], AbstractContextManager[tuple[subprocess.Popen[str] | Forked, str]]]


@pytest.mark.slow
def test_a_second_arena_on_the_same_data_names_the_first(config: Path, tmp_path: Path) -> None:
    with forked(config) as (first, url):
        status, said = refused(tmp_path / "said", "serve", "--config", config)
        assert status == 1
        assert str(first.pid) in said
        assert url in said
        assert httpx.get(f"{url}/healthz").status_code == 200


@pytest.mark.slow
def test_a_second_demo_is_refused_before_it_fetches_or_loads_a_model(tmp_path: Path) -> None:
    cache = tmp_path / "no cache"
    with running.announced(tmp_path / "data", "http://127.0.0.1:1", "default"):
        status, said = refused(tmp_path / "said", "demo", "--data-dir", tmp_path / "data", XDG_CACHE_HOME=str(cache))
    assert status == 1
    assert str(os.getpid()) in said
    assert not cache.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("stop", "started_by"), [(signal.SIGINT, forked), (signal.SIGTERM, serving)])
def test_it_stops_cleanly_even_with_a_page_open(
    config: Path, tmp_path: Path, stop: signal.Signals, started_by: Starting
) -> None:
    with started_by(config) as (process, url), httpx.Client(base_url=url, headers={"Origin": url}) as browser:
        browser.get("/")
        battle = browser.post("/api/v1/battles", json={"prompt": "Tell me."}).json()["battle_id"]
        with browser.stream("GET", f"/api/v1/battles/{battle}/stream"):
            started = time.monotonic()
            process.send_signal(stop)
            assert process.wait(30) == 0
            assert time.monotonic() - started < 15
    assert running.find(tmp_path / "data") is None
    assert not list((tmp_path / "data/workspaces").glob("*.wal"))


def until_refused(url: str) -> str:
    """What an arena that begins to stop says, which a signal makes it do a moment later."""
    while (answer := httpx.get(f"{url}/readyz")).status_code == 200:
        time.sleep(0.02)
    assert answer.status_code == 503
    return answer.text


def ended(lines: Iterator[str]) -> str:
    """The last event of a stream."""
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")][-1]


@pytest.mark.slow
def test_a_battle_that_can_finish_does_while_nothing_new_is_begun(
    model_server: misbehaving.Server, config: Path, tmp_path: Path
) -> None:
    with forked(config) as (process, url), httpx.Client(base_url=url, headers={"Origin": url}, timeout=30) as browser:
        browser.get("/")
        with ExitStack() as reading:
            with model_server.holding(1):
                battle = browser.post("/api/v1/battles", json={"prompt": "Tell me."}).json()["battle_id"]
                stream = reading.enter_context(browser.stream("GET", f"/api/v1/battles/{battle}/stream"))
                process.send_signal(signal.SIGTERM)
                assert "stopping" in until_refused(url)
            assert ended(stream.iter_lines()) == "done"
        assert process.wait(30) == 0
    with Workspace.open(tmp_path / "data/workspaces/default/workspace.duckdb") as workspace:
        kept = workspace.battle(BattleId(battle))
    assert kept is not None
    assert kept.record.state is BattleState.READY


@pytest.mark.slow
def test_a_battle_that_cannot_finish_is_void_and_its_reader_is_told(config: Path, tmp_path: Path) -> None:
    config.write_text(config.read_text().replace('served_name = "echo"', 'served_name = "hang-after-text"'))
    with (
        forked(config, SHORT_SECONDS) as (process, url),
        httpx.Client(base_url=url, headers={"Origin": url}, timeout=60) as browser,
    ):
        browser.get("/")
        battle = browser.post("/api/v1/battles", json={"prompt": "Tell me."}).json()["battle_id"]
        with browser.stream("GET", f"/api/v1/battles/{battle}/stream") as stream:
            lines = stream.iter_lines()
            next(lines)
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert ended(lines) == "void"
        assert process.wait(60) == 0
        assert time.monotonic() - started < 30
    with Workspace.open(tmp_path / "data/workspaces/default/workspace.duckdb") as workspace:
        kept = workspace.battle(BattleId(battle))
    assert kept is not None
    assert kept.record.void is not None
    assert kept.record.void.failed_side is None


@pytest.mark.slow
def test_votes_that_were_acknowledged_while_it_stopped_are_there_afterwards(
    model_server: misbehaving.Server, config: Path, tmp_path: Path
) -> None:
    with forked(config) as (process, url), httpx.Client(base_url=url, headers={"Origin": url}, timeout=30) as browser:
        browser.get("/")
        ready = [arenas.battle(browser) for _ in range(3)]
        with model_server.holding(1):
            browser.post("/api/v1/battles", json={"prompt": "Keep it from stopping at once."})
            process.send_signal(signal.SIGTERM)
            until_refused(url)
            told = [arenas.vote(browser, battle).raise_for_status().json()["vote_id"] for battle in ready]
        assert process.wait(40) == 0
    with (
        Workspace.open(tmp_path / "data/workspaces/default/workspace.duckdb") as workspace,
        workspace.reading() as connection,
    ):
        assert votes.known(connection, told) == set(told)


@pytest.mark.slow
def test_a_killed_arena_does_not_keep_the_next_from_starting(config: Path, tmp_path: Path) -> None:
    with forked(config) as (process, _):
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert running.find(tmp_path / "data") is None
    with forked(config) as (_, url):
        assert httpx.get(f"{url}/readyz").status_code == 200


@pytest.mark.slow
def test_an_arena_without_visitors_hardly_wakes(config: Path) -> None:
    with forked(config) as (process, _):
        time.sleep(2)  # what starts with it comes to rest
        before = idle.wakes(process.pid)
        time.sleep(3)
        assert (idle.wakes(process.pid) - before) / 3 <= 50


@pytest.mark.slow
def test_a_port_in_use_is_named(config: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, said = refused(tmp_path / "said", "serve", "--config", config, "--port", str(port))
    assert status == 2
    assert str(port) in said


def test_an_announcement_is_private_and_ends_with_its_holder(tmp_path: Path) -> None:
    assert running.find(tmp_path) is None
    with running.announced(tmp_path, "http://127.0.0.1:1", "default"):
        found = running.find(tmp_path)
        assert found is not None
        assert (found.pid, found.url) == (os.getpid(), "http://127.0.0.1:1")
        assert (tmp_path / running.FILE).stat().st_mode & 0o777 == 0o600
        with (
            pytest.raises(StoreHeld, match=str(os.getpid())),
            running.announced(tmp_path, "http://127.0.0.1:2", "default"),
        ):
            pass
        assert json.loads((tmp_path / running.FILE).read_text())["url"] == "http://127.0.0.1:1"
    assert running.find(tmp_path) is None
