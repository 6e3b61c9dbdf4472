"""The house: make targets, their set-up, and what continuous integration runs.

The scripts run in a small copy of the checkout, with stand-ins for the programs they call, so nothing is installed.
"""

import ast
import contextlib
import itertools
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

import leaderboards
from tests import syntax

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("bash", "make", "cat", "cksum", "dirname", "awk", "tail", "tee", "rm", "id", "mktemp", "sleep", "env")
"""The programs of any Unix that the scripts use; python, pip and apt-get are left out on purpose."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in a folder with a space in its name, holding the house only."""
    root = tmp_path / "a b" / "arena"
    root.mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    for name in ("scripts", ".ci"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder to use as the whole PATH: the tools above, and whatever a test adds."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return folder


def _write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{shutil.which('bash')}\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _run(
    command: list[str], root: Path, programs: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": str(programs), "HOME": str(root), **(environment or {})}
    return subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, timeout=60, check=False)


def _stamp(checkout: Path, programs: Path, extras: str) -> None:
    """Make `.venv` look built for these extras."""
    (checkout / ".venv").mkdir(exist_ok=True)
    state = _run(["bash", "-c", "{ pwd; cat pyproject.toml; } | cksum"], checkout, programs).stdout
    (checkout / ".venv/.ready").write_text(f"{state}{extras}\n")


# -- set-up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["embedded", "dev,embedded"])
def test_setup_is_silent_when_nothing_changed(checkout: Path, programs: Path, wanted: str) -> None:
    _stamp(checkout, programs, "embedded,dev")
    run = _run(["scripts/setup.sh", ".venv", wanted], checkout, programs)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_setup_starts_again_when_the_dependencies_change(checkout: Path, programs: Path) -> None:
    _stamp(checkout, programs, "embedded")
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("# one more dependency\n")
    assert _run(["scripts/setup.sh", ".venv", "embedded"], checkout, programs).returncode == 1


def test_setup_without_extras_holds_to_its_requirements_alone(checkout: Path, programs: Path) -> None:
    """A change of pyproject.toml leaves the trainers' environments alone; one of their own list does not."""
    requirements = checkout / "wanted.txt"
    requirements.write_text("one==1\n")
    command = ["scripts/setup.sh", ".venv-tool", "", "--no-deps", "-r", "wanted.txt"]
    (checkout / ".venv-tool").mkdir()
    content = "{ pwd; printf '%s\\n' --no-deps -r wanted.txt; cat wanted.txt; } | cksum"
    state = _run(["bash", "-c", content], checkout, programs).stdout
    (checkout / ".venv-tool/.ready").write_text(f"{state}\n")
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("# one more dependency\n")
    run = _run(command, checkout, programs)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    requirements.write_text("one==2\n")
    assert _run(command, checkout, programs).returncode == 1


def test_setup_starts_again_for_an_extra_it_does_not_hold(checkout: Path, programs: Path) -> None:
    _stamp(checkout, programs, "embedded")
    assert _run(["scripts/setup.sh", ".venv", "embedded,dev"], checkout, programs).returncode == 1


def test_setup_starts_again_when_the_checkout_was_moved(checkout: Path, programs: Path) -> None:
    _stamp(checkout, programs, "embedded")
    moved = checkout.rename(checkout.with_name("elsewhere"))
    assert _run(["scripts/setup.sh", ".venv", "embedded"], moved, programs).returncode == 1


def test_setup_without_a_suitable_python_says_what_to_install(checkout: Path, programs: Path) -> None:
    _write_program(programs / "python3", "exit 1")
    run = _run(["make", "demo"], checkout, programs)
    assert run.returncode != 0
    assert "No Python 3.11 or newer with venv and pip was found; install it" in run.stderr


@pytest.mark.slow
def test_setup_that_cannot_reach_an_index_says_so_and_leaves_no_stamp(checkout: Path) -> None:
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    run = subprocess.run(
        ["scripts/setup.sh", ".venv", "embedded"],
        cwd=checkout,
        env=inherited | nowhere,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 1
    assert "The packages could not be installed; the whole log is .venv/setup.log." in run.stderr
    assert not (checkout / ".venv/.ready").exists()


# -- make ----------------------------------------------------------------------------------------------------------


def test_demo_hands_its_options_on(checkout: Path, programs: Path) -> None:
    _stamp(checkout, programs, "embedded")
    _write_program(checkout / ".venv/bin/arena", "printf '%s|' \"$@\"")
    run = _run(["make", "demo", 'ARGS=--port 7999 --data-dir "my data"'], checkout, programs)
    assert run.stdout == "demo|--port|7999|--data-dir|my data|"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_make_stops_the_demo(checkout: Path, programs: Path, number: signal.Signals) -> None:
    _stamp(checkout, programs, "embedded")
    # Stopped by its group and by make, it may hear twice; only the first counts.
    program = "trap 'trap \"\" INT TERM; echo stopped; exit 0' INT TERM; echo $$; while :; do sleep 0.05; done"
    _write_program(checkout / ".venv/bin/arena", program)
    make = subprocess.Popen(
        ["make", "demo"],
        cwd=checkout,
        env={"PATH": str(programs)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert make.stdout
        arena = int(make.stdout.readline())
        os.killpg(make.pid, number)  # what a terminal does on Ctrl-C
        rest, _ = make.communicate(timeout=10)
        assert rest == "stopped\n"
        assert not Path(f"/proc/{arena}").exists()
    finally:
        with contextlib.suppress(ProcessLookupError):  # nobody is left
            os.killpg(make.pid, signal.SIGKILL)
        make.wait()


def test_every_make_target_is_in_the_help() -> None:
    text = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()) - {"help"}  # type: ignore[index]
    assert phony == set(re.findall(r"@echo 'make ([\w-]+)", text))


STEPS = ["check", "docs", "test-rest", "test-many", "test-vllm"]


@pytest.mark.parametrize("failing", [*STEPS, None])
def test_continuous_integration_runs_each_step_and_stops_at_the_first_failure(
    checkout: Path, programs: Path, failing: str | None
) -> None:
    (programs / "make").unlink()
    _write_program(programs / "make", f'echo "$2" >>calls; [ "$2" != "{failing}" ]')
    run = _run([".ci/run"], checkout, programs)
    assert (checkout / "calls").read_text().split() == STEPS[: STEPS.index(failing) + 1 if failing else None]
    assert (run.returncode == 0) is (failing is None)


def test_check_and_test_rest_are_make_test_with_each_test_once(checkout: Path, programs: Path) -> None:
    """Over every set of markers that a test may have; both run what is drawn, the second with all examples."""
    _stamp(checkout, programs, "embedded,dev")
    _write_program(checkout / ".venv/bin/python", 'for word; do printf "%s|" "$word"; done; echo')
    _write_program(checkout / ".venv/bin/lint-imports", "exit 0")
    chosen = {}
    for target in ("check", "test-rest", "test"):
        run = _run(["make", "--silent", target], checkout, programs)
        (line,) = (line.split("|") for line in run.stdout.splitlines() if line.startswith("-m|pytest|"))
        chosen[target] = line[line.index("-m", 1) + 1]
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["markers"]
    for held in itertools.product((False, True), repeat=len(declared)):
        markers = dict(zip((marker.split(":")[0] for marker in declared), held, strict=True))
        check, rest, every = (eval(words, markers.copy()) for words in chosen.values())  # noqa: S307 - the Makefile's words
        assert [check, rest].count(True) == int(every) * (1 + (markers["drawn"] and check)), markers


# -- the browser ---------------------------------------------------------------------------------------------------

SHELL = "chromium-headless-shell"
BROWSER = ["scripts/program.sh", "the browser tests", f"{SHELL} fonts-liberation", SHELL, "--", "chromium"]


def test_a_browser_that_is_there_is_left_alone(checkout: Path, programs: Path) -> None:
    _write_program(programs / SHELL, "exit 1")
    run = _run(BROWSER, checkout, programs)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_a_slower_browser_does_and_is_named(checkout: Path, programs: Path) -> None:
    _write_program(programs / "chromium", "exit 1")
    run = _run(BROWSER, checkout, programs)
    assert run.returncode == 0
    assert run.stderr.startswith(f"No {SHELL} here, so the browser tests take chromium, which is slower; to change")


def test_a_browser_that_cannot_be_installed_is_one_sentence_and_no_failure(checkout: Path, programs: Path) -> None:
    run = _run(BROWSER, checkout, programs)
    assert run.returncode == 0
    assert run.stderr.startswith(f"No {SHELL} here, so the browser tests are skipped; to change that, install it")


def test_root_installs_the_browser_with_apt(checkout: Path, programs: Path) -> None:
    (programs / "id").unlink()
    _write_program(programs / "id", "echo 0")
    _write_program(programs / "apt-get", 'echo "$@" >>calls')
    assert _run(BROWSER, checkout, programs).returncode == 0
    assert f"install -q -y --no-install-recommends {SHELL} fonts" in (checkout / "calls").read_text()


def test_a_program_that_cannot_be_taken_out_of_its_package_is_one_sentence_and_no_failure(
    checkout: Path, programs: Path
) -> None:
    take = ["scripts/unpacked.sh", "the test of rules", "prometheus", "usr/bin/promtool", ".venv/bin"]
    run = _run(take, checkout, programs)
    assert run.returncode == 0
    assert run.stderr.startswith("No promtool here, so the test of rules is skipped; to change that, install it")
    _write_program(checkout / ".venv/bin/promtool", "exit 1")
    assert _run(take, checkout, programs).stderr == "", "what is there is left alone"


# -- the real vLLM server ------------------------------------------------------------------------------------------


def _vllm_stand_in(checkout: Path, status: int, pytest_program: str) -> None:
    _write_program(
        checkout / "scripts/vllm_cpu.sh", f'echo "${{2:-start}}" >>calls; [ "${{2:-}}" = stop ] || exit {status}'
    )
    _write_program(checkout / ".venv/bin/python", f'echo "pytest $ARENA_VLLM_URL" >>calls; {pytest_program}')


@pytest.mark.parametrize(
    ("started", "tested", "calls", "ends"),
    [
        (0, 0, ["start", "pytest http://127.0.0.1:8123/v1", "stop"], 0),
        (0, 1, ["start", "pytest http://127.0.0.1:8123/v1", "stop"], 1),
        (1, 0, ["start", "stop"], 1),
        (3, 0, ["start", "stop"], 0),
    ],
)
def test_the_vllm_server_is_stopped_however_its_tests_end(
    checkout: Path, programs: Path, started: int, tested: int, calls: list[str], ends: int
) -> None:
    _vllm_stand_in(checkout, started, f"exit {tested}")
    run = _run(["scripts/test_vllm.sh"], checkout, programs, {"PORT": "8123"})
    assert (checkout / "calls").read_text().splitlines() == calls
    assert run.returncode == ends
    assert ("make test-vllm is skipped: no CPU build of torch can be had here" in run.stdout) is (started == 3)


def test_the_vllm_server_is_stopped_when_the_tests_are_interrupted(checkout: Path, programs: Path) -> None:
    _vllm_stand_in(checkout, 0, "exec sleep 30")
    run = subprocess.Popen(
        ["scripts/test_vllm.sh"],
        cwd=checkout,
        env={"PATH": str(programs), "HOME": str(checkout)},
        start_new_session=True,
    )
    calls = checkout / "calls"
    deadline = time.monotonic() + 10
    while not (calls.exists() and "pytest" in calls.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGINT)
    assert run.wait(timeout=10) == 130
    assert calls.read_text().splitlines()[-1] == "stop"


# -- pyproject -----------------------------------------------------------------------------------------------------


def test_every_dependency_has_a_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    extras = [requirement for group in project["optional-dependencies"].values() for requirement in group]
    bare = [r for r in project["dependencies"] + extras if not re.search(rf'"{re.escape(r)}",? +# \w', text)]
    assert not bare


def test_every_package_that_is_imported_is_declared() -> None:
    """What another package happens to bring along may be gone with its next release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    library = tomllib.loads((ROOT / "leaderboards" / "pyproject.toml").read_text())["project"]
    requirements = project["dependencies"] + project["optional-dependencies"]["embedded"]
    requirements += project["optional-dependencies"]["ray"] + project["optional-dependencies"]["postgres"]
    requirements += library["optional-dependencies"]["frames"]
    declared = {re.split(r"[^\w-]", requirement)[0] for requirement in requirements}
    trees = [
        syntax.parse(path.read_text()) for name in ("arena", "leaderboards") for path in (ROOT / name).rglob("*.py")
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    foreign = {name.split(".")[0] for name in named} - sys.stdlib_module_names - {"arena", "leaderboards"}
    homes = metadata.packages_distributions()
    assert foreign
    assert not {
        name for name in foreign if not declared & {home.lower().replace("_", "-") for home in homes.get(name, [name])}
    }


def test_leaderboards_carries_the_version_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == leaderboards.__version__
