"""Change the program where a wrong vote or an open door would follow, one change at a time: do the fast tests notice?

    python scripts/mutants.py              every target of tests/mutation/targets.toml, and the changes by hand
    python scripts/mutants.py gate split   these targets alone; `by-hand` names the changes by hand

mutmut makes the changes inside functions. Constants and properties it leaves alone, so changes of those, and changes
that once passed every fast test, stand in tests/mutation/by_hand.toml. What survives has to be in
tests/mutation/survivors.toml with its reason. Texts of errors and of the log are left alone: tests of the pages and of
the API hold those. Docs: docs/decisions/0026-mutants-inside-functions-and-by-hand.md.
"""

import functools
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "tests" / "mutation"
COPIED = ("arena", "leaderboards", "tests", "configs", "benchmarks")
FLOOR = 85
"""Per cent of a target's mutants that have to be noticed, unless the target says more."""
NOTICED = (1, 3)
"""How pytest ends when a test fails, or does not end in time."""
UNNOTICED = (0, 33)
"""How it ends when all pass, and what mutmut says where no test runs a function."""
ARGUMENTS = ["-p", "no:cacheprovider", "-m", "not slow"]
ARGUMENTS += ["-o", "faulthandler_timeout=60", "-o", "faulthandler_exit_on_timeout=true"]
BY_HAND = "by-hand"
ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Two runs at once on two cores need no threads of their own."""

Mutant = tuple[str, str, str]
"""The function it is in, the lines as they are, the lines as they would be."""


def main(names: list[str]) -> int:
    targets: dict[str, Any] = tomllib.loads((KEPT / "targets.toml").read_text())
    unknown = [name for name in names if name not in targets and name != BY_HAND]
    if unknown:
        print(f"{', '.join(unknown)}: no such target; there are {', '.join([*targets, BY_HAND])}.")
        return 2
    reasons = _reasons()
    begun, fine = Begun(), True
    for name, target in targets.items():
        if not names or name in names:
            fine &= _run(name, target, reasons)
    if not names or BY_HAND in names:
        fine &= _run_by_hand()
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{begun} on {os.cpu_count()} cores; load {load}")
    return 0 if fine else 1


class Begun:
    """When something began; as text, how long ago that is, and how much CPU our programs took since."""

    def __init__(self) -> None:
        self._at, self._taken = time.monotonic(), self._cpu()

    def __str__(self) -> str:
        minutes, taken = (time.monotonic() - self._at) / 60, (self._cpu() - self._taken) / 60
        return f"{minutes:.1f} minutes, {taken:.1f} of CPU"

    @staticmethod
    def _cpu() -> float:
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ended.ru_utime + ended.ru_stime


def _run(name: str, target: Mapping[str, Any], reasons: Mapping[Mutant, str]) -> bool:
    """Whether enough mutants of one target were noticed, and there is a reason for each of the others."""
    begun = Begun()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        _copy(root)
        lists = {key: json.dumps(target[key]) for key in ("files", "tests")}
        with (root / "pyproject.toml").open("a") as file:
            file.write(
                "\n[tool.mutmut]\n"
                'source_paths = ["arena", "leaderboards"]\n'
                'also_copy = ["configs", "benchmarks"]\n'
                f"only_mutate = {lists['files']}\n"
                f"pytest_add_cli_args_test_selection = {lists['tests']}\n"
                f"pytest_add_cli_args = {json.dumps(ARGUMENTS)}\n"
                "do_not_mutate_patterns = ['\\braise ', '\\blog\\.']\n"
                'process_isolation = "forkserver"\n'  # what opens databases is not forked after it did
                "timeout_multiplier = 1e6\n"  # never: it would signal a process id long after its process ended
                "track_dependencies = false\n"
                "use_git_change_detection = false\n"
            )
        done = _mutmut(root, "run", "--max-children", "2")
        found = _results(root)
        if not found or None in found.values():
            untried = sum(code is None for code in found.values())
            print(f"{name}: mutmut ended with {untried} untried.\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
            return False
        unseen = [mutant for mutant, code in found.items() if code not in NOTICED]
        for mutant in unseen:
            if found[mutant] not in UNNOTICED:
                print(f"{name}: the tests of {mutant} ended with {found[mutant]}, neither well nor by a failure.")
        with ThreadPoolExecutor(2) as pool:
            missed = list(pool.map(functools.partial(_diff, root), unseen))
    share = 100 * (1 - len(missed) / len(found))
    unlisted = Counter(mutant for mutant in missed if mutant not in reasons)
    listed = len(missed) - unlisted.total()
    floor = target.get("floor", FLOOR)
    reached = 100 * (1 - (unlisted.total() if floor == 100 else len(missed)) / len(found))
    print(
        f"{name}: {len(found) - len(missed)} of {len(found)} noticed, {share:.1f} %; "
        f"{listed} others with a reason, {unlisted.total()} without; {begun}",
        flush=True,
    )
    for function, before, after in unlisted:
        print(f'\n[[survivor]]\nin = "{function}"\nwas = {json.dumps(before)}\nis = {json.dumps(after)}\nreason = ""')
    modules = tuple(path.removesuffix(".py").replace("/", ".") + "." for path in target["files"])
    for function, before, after in sorted(reasons.keys() - set(missed)):
        if function.startswith(modules):
            print(f"No reason is needed in {function} any more, this is noticed: {before!r}, as {after!r}")
    return not unlisted and reached >= floor


def _run_by_hand() -> bool:
    """Whether every change by hand makes a test fail, and the same tests pass without it."""
    begun = Begun()
    changes = tomllib.loads((KEPT / "by_hand.toml").read_text())["change"]
    missed = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        _copy(root)
        for tests in sorted({change["tests"] for change in changes}):
            if _pytest(root, tests) != 0:
                print(f"{tests} fails without any change.")
                return False
        for change in changes:
            path = root / change["file"]
            text = path.read_text()
            if text.count(change["was"]) != 1:
                print(f"{change['file']} holds {change['was']!r} {text.count(change['was'])} times, not once.")
                return False
            path.write_text(text.replace(change["was"], change["is"]))
            if _pytest(root, change["tests"]) != 1:
                missed.append(change)
            path.write_text(text)
    print(f"{BY_HAND}: {len(changes) - len(missed)} of {len(changes)} noticed; {begun}", flush=True)
    for change in missed:
        print(f"{change['tests']} does not notice: {change['name']}")
    return not missed


def _copy(root: Path) -> None:
    for folder in COPIED:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)


def _fresh(root: Path) -> dict[str, str]:
    """Names the folder of new files that tests copy. The first run, of the program as it is, makes them for all."""
    folder = root / "fresh"
    folder.mkdir(exist_ok=True)
    return {"FOLDER_OF_FRESH_FILES": str(folder)}


def _mutmut(root: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("mutmut")
    environment = os.environ | ALONE | _fresh(root)
    return subprocess.run(  # noqa: S603 - our own program
        [program, *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def _pytest(root: Path, tests: str) -> int:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", tests]
    environment = os.environ | ALONE | _fresh(root) | {"PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)  # noqa: S603 - as above
    return run.returncode


def _results(root: Path) -> dict[str, int | None]:
    """How the tests ended with each mutant; 33 where none runs the function, None where it was not tried."""
    found: dict[str, int | None] = {}
    for path in (root / "mutants").rglob("*.meta"):
        found |= json.loads(path.read_text())["exit_code_by_key"]
    return found


def _diff(root: Path, mutant: str) -> Mutant:
    """What is changed, by its text: mutmut numbers mutants anew whenever a function changes."""
    lines = _mutmut(root, "show", mutant).stdout.splitlines()
    before, after = (
        "\n".join(line[1:].strip() for line in lines if line[:1] == sign and line[:3] != sign * 3) for sign in "-+"
    )
    function = re.sub(r"\bx_|xǁ", "", mutant.rpartition("__mutmut_")[0]).replace("ǁ", ".")
    return function, before, after


def _reasons() -> dict[Mutant, str]:
    """The reasons of the survivors file; one without is none."""
    entries: Iterator[dict[str, str]] = iter(tomllib.loads((KEPT / "survivors.toml").read_text())["survivor"])
    return {(entry["in"], entry["was"], entry["is"]): entry["reason"] for entry in entries if entry["reason"]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
