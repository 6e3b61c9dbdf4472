"""`arena models up --config` and `arena models status`, as a person uses them; `vllm` is a program of our own."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PROGRAM, Command, refused
from tests.serving import making


class Machine:
    """A folder with a configuration, where `arena models up` runs or does not."""

    def __init__(self, folder: Path, models: dict[str, str]) -> None:
        self.folder = folder
        making.program(folder / "bin")
        self.environment = making.environment(folder / "bin", str(folder))
        self.config = making.configuration(folder, models)
        self.up: subprocess.Popen[str] | None = None

    def start(self) -> None:
        with (self.folder / "said").open("a") as said:
            self.up = subprocess.Popen(
                [PROGRAM, "models", "up", "--config", self.config], env=self.environment, stderr=said, text=True
            )

    def end(self, number: signal.Signals) -> int:
        assert self.up is not None
        self.up.send_signal(number)
        return self.up.wait(60)

    def said(self) -> str:
        return (self.folder / "said").read_text()

    def servers(self) -> list[int]:
        """The processes of servers, those of the supervisor left out."""
        mine = {self.up.pid} if self.up is not None else set()
        return sorted(set(making.left(str(self.folder))) - mine)

    def eventually(self, fact: Callable[[], bool], seconds: float = 40) -> None:
        deadline = time.monotonic() + seconds
        while not fact():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path, {"first": 'model = "/fake/good"\ngpus = 0', "second": 'model = "/fake/good"\ngpus = 0'})
    yield made
    if made.up is not None and made.up.poll() is None:
        made.up.kill()
        made.up.wait()
    for pid in making.left(str(tmp_path)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def status(arena: Command, machine: Machine) -> dict[str, Any]:
    done = arena("models", "status", "--config", machine.config, "--format", "json", **machine.environment)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.slow
def test_servers_outlive_a_killed_supervisor_follow_a_changed_file_and_end_with_it(
    arena: Command, machine: Machine
) -> None:
    machine.start()
    machine.eventually(lambda: "All servers answer (2)." in machine.said())
    before = machine.servers()
    assert len(before) == 2
    shown = status(arena, machine)
    assert shown["supervisor"] == machine.up.pid  # type: ignore[union-attr]
    assert [(one["name"], one["state"], one["queue"]) for one in shown["servers"]] == [
        ("first-1", "healthy", 3),
        ("second-1", "healthy", 3),
    ]
    assert {path.stat().st_mode & 0o077 for path in (machine.folder / "data/serving").iterdir()} == {0}
    refused_twice = arena("models", "up", "--config", machine.config, **machine.environment)
    refused(refused_twice, 1, f"watched by process {machine.up.pid} already")  # type: ignore[union-attr]

    machine.end(signal.SIGKILL)
    assert machine.servers() == before
    assert status(arena, machine)["supervisor"] is None
    machine.start()
    machine.eventually(lambda: machine.said().count("All servers answer (2).") == 2)
    assert machine.servers() == before

    text = machine.config.read_text()
    machine.config.write_text(text.replace('second"', 'third"'))
    machine.up.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    machine.eventually(lambda: machine.said().count("All servers answer (2).") == 3)
    assert len(set(machine.servers()) & set(before)) == 1, "the other goes on"
    assert [one["name"] for one in status(arena, machine)["servers"]] == ["first-1", "third-1"]
    machine.config.write_text(text + "broken")
    machine.up.send_signal(signal.SIGHUP)  # type: ignore[union-attr]
    machine.eventually(lambda: "Until then all stays as it was." in machine.said())
    assert len(machine.servers()) == 2
    machine.config.write_text(text.replace('second"', 'third"'))

    assert machine.end(signal.SIGTERM) == 0
    assert machine.servers() == []
    assert [one["state"] for one in status(arena, machine)["servers"]] == ["stopped", "stopped"]
    assert [secret for secret in making.SECRETS if secret in machine.said()] == []


@pytest.mark.slow
def test_every_server_given_up_ends_the_command_and_stays_in_the_status(arena: Command, tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"first": 'model = "/fake/good"\ngpus = 0'})
    (tmp_path / "bin" / "vllm").write_text("#!/bin/sh\necho cannot load $HF_TOKEN\nexit 3\n")
    machine.environment["PATH"] = f"{tmp_path / 'bin'}:/bin:/usr/bin"
    done = arena("models", "up", "--config", machine.config, **machine.environment)
    assert done.returncode == 1
    assert "first-1 ended with status 3 while it loaded its model, and is given up after 5 crashes" in done.stderr
    assert "\n    cannot load [secret]" in done.stderr
    (one,) = status(arena, machine)["servers"]
    assert (one["state"], one["crashes"], one["log_end"]) == ("gave_up", 5, ["cannot load [secret]"])
    table = arena("models", "status", "--config", machine.config, **machine.environment).stdout
    assert "first-1  gave_up" in table
    assert "    cannot load [secret]\n" in table


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        ('model = "lab/model"\ngpus = 0', "without revision"),
        ('model = "/m"\ngpus = [0]\n[[models]]\nname = "xyz"\nserved_name = "b"\nserved_by = "nobody"', "nobody"),
    ],
)
def test_a_file_that_cannot_be_meant_starts_nothing(arena: Command, tmp_path: Path, serve: str, words: str) -> None:
    machine = Machine(tmp_path, {"first": serve})
    refused(arena("models", "up", "--config", machine.config, **machine.environment), 2, words)
    assert not (tmp_path / "data").exists()


def test_a_machine_without_vllm_is_told_what_to_install(arena: Command, tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"first": 'model = "/m"\ngpus = 0'})
    done = arena("models", "up", "--config", machine.config, PATH="/nowhere")
    refused(done, 2, "There is no program vllm on PATH")


def test_the_port_of_the_embedded_model_is_not_for_a_file(arena: Command, tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"first": 'model = "/m"\ngpus = 0'})
    refused(arena("models", "up", "--config", machine.config, "--port", "1"), 2, "--port is for the embedded model")
