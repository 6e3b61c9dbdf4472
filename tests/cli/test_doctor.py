"""`arena doctor` says what is wrong with an installation and what to do; a healthy one has nothing wrong."""

import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.cli import doctor
from arena.cli.doctor import CheckResult, CheckState
from arena.server import running
from arena.services import clock, identity, paths
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.inference import misbehaving


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with misbehaving.serve(listed=("echo", "lines")) as server:
        yield server.endpoint


@pytest.fixture
def installed(tmp_path: Path, endpoint: str) -> Path:
    """The configuration of a healthy arena that does not run."""
    folder = tmp_path / "data"
    with paths.private_files(), Workspace.open(paths.workspace_path(folder, "default")):
        pass
    folder.chmod(0o700)
    with paths.private_files(), Instance.open(paths.instance_path(folder)) as instance:
        identity.first_admin_token(folder, instance, "default", clock.now())
    config = tmp_path / "arena.toml"
    config.write_text(written(folder, endpoint))
    return config


def written(folder: Path, endpoint: str, more: str = "") -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f'port = {port}\ndata_dir = "{folder}"\n{more}\n' + "".join(
        f'[[models]]\nname = "canary-{name}"\nendpoint = "{endpoint}"\nserved_name = "{name}"\n'
        for name in ("echo", "lines")
    )


def wrong(config: Path) -> dict[str, str]:
    """What is wrong, by check."""
    return {one.check: one.sentence for one in doctor.examined(config, None) if one.state is CheckState.WRONG}


def test_a_healthy_installation_has_nothing_wrong(installed: Path) -> None:
    found: list[CheckResult] = list(doctor.examined(installed, None))
    assert {one.check: one.sentence for one in found if one.state is CheckState.WRONG} == {}
    assert {"python", "packages", "configuration", "data folder", "disk", "modes", "port", "cookie"} <= {
        one.check for one in found
    }


def test_files_that_others_may_read_are_named(installed: Path) -> None:
    secret = installed.parent / "data" / "admin-token"
    secret.chmod(0o644)
    assert str(secret) in wrong(installed)["modes"]


def test_a_workspace_without_its_heads_and_heads_without_a_workspace(installed: Path) -> None:
    heads = installed.parent / "data/workspaces/default/workspace.heads"
    (heads.parents[1] / "other").mkdir(mode=0o700)
    heads.rename(heads.parents[1] / "other" / heads.name)
    assert set(wrong(installed)) == {"workspace default", "workspace other"}


def test_a_damaged_workspace_is_told(installed: Path) -> None:
    path = installed.parent / "data/workspaces/default/workspace.duckdb"
    path.write_bytes(b"nothing of a database" * 1000)
    assert "workspace default" in wrong(installed)


def test_a_taken_port_is_told_unless_the_arena_itself_has_it(installed: Path) -> None:
    port = int(installed.read_text().split()[2])
    with socket.create_server(("127.0.0.1", port)):
        assert str(port) in wrong(installed)["port"]
        with running.announced(installed.parent / "data", f"http://127.0.0.1:{port}", "default"):
            assert wrong(installed) == {}


@pytest.mark.parametrize(
    "more", ['public_url = "https://arena.example"', "secure_cookie = true", 'host = "203.0.113.1"']
)
def test_addresses_that_cannot_work_are_told(installed: Path, endpoint: str, more: str) -> None:
    installed.write_text(written(installed.parent / "data", endpoint, more))
    assert set(wrong(installed)) == {"port" if more.startswith("host") else "cookie"}


def test_models_that_do_not_answer_and_too_few_of_them(installed: Path) -> None:
    text = written(installed.parent / "data", misbehaving.closed_endpoint())
    installed.write_text(text.rpartition("[[models]]")[0])
    found = wrong(installed)
    assert set(found) == {"models", "model canary-echo"}


def test_a_clock_that_was_set_back_is_told(installed: Path) -> None:
    later = time.time() + 3600
    os.utime(installed.parent / "data/instance.duckdb", (later, later))
    assert "clock" in wrong(installed)


def test_a_wrong_configuration_is_told_and_the_rest_is_looked_at(installed: Path) -> None:
    installed.write_text("prot = 7")
    found = list(doctor.examined(installed, installed.parent / "data"))
    assert [one.check for one in found if one.state is CheckState.WRONG] == ["configuration"]
    assert "workspace default" in {one.check for one in found}


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    found = list(doctor.examined(None, tmp_path / "data"))
    assert [one.check for one in found if one.state is CheckState.WRONG] == ["data folder"]


def test_a_full_disk_is_told(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FULL_BYTES", 1 << 60)
    assert "Free space" in wrong(installed)["disk"]


def test_the_command_ends_with_1_and_prints_what_programs_read(installed: Path, arena: Command) -> None:
    (installed.parent / "data" / "admin-token").chmod(0o644)
    told = arena("doctor", "--config", str(installed), "--format", "json")
    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    findings = json.loads(told.stdout)["findings"]
    assert {"check", "state", "sentence"} == set(findings[0])
    assert [one["check"] for one in findings if one["state"] == "wrong"] == ["modes"]
