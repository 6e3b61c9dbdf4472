"""The package imports and ranks with nothing but the standard library, numpy, scipy, duckdb and pyarrow."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import importlib.abc, sys

class OnlyThese(importlib.abc.MetaPathFinder):
    allowed = {"leaderboards", "numpy", "scipy", "duckdb", "_duckdb", "pyarrow"} | EXTRA
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        own = top in sys.stdlib_module_names or top.startswith("_sysconfigdata")
        if not own and top not in self.allowed:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None

sys.meta_path.insert(0, OnlyThese())
import leaderboards
board = leaderboards.fit([{"model_a": "x", "model_b": "y", "winner": "tie"}])
board.to_json(), board.to_csv(), board.to_markdown(), board.to_arrow()
try:
    import PACKAGE
except ModuleNotFoundError:
    print("alone", board.entries[0].rating)
else:
    print("the guard is off")
"""


def _run(extra: str, package: str = "pytest") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("EXTRA", extra).replace("PACKAGE", package)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )


def test_it_ranks_with_its_four_dependencies_alone() -> None:
    done = _run("set()")
    assert done.stdout == "alone 1000.0\n", done.stderr


def test_the_guard_notices_another_package() -> None:
    done = _run("{'iniconfig'}", "iniconfig")
    assert done.stdout == "the guard is off\n", done.stderr


@pytest.mark.slow
def test_scipy_imports_its_parts_when_they_are_needed() -> None:
    """They take as long to import as everything else together, and `--help` needs none of them."""
    program = "import sys, leaderboards.cli; {}; print(*(name for name in sys.modules if name == 'scipy.special'))"
    help_alone, fitted = (
        subprocess.run([sys.executable, "-c", program.format(work)], capture_output=True, text=True, check=True).stdout
        for work in (
            "leaderboards.cli.parser().format_help()",
            "leaderboards.fit([{'model_a': 'x', 'model_b': 'y', 'winner': 'tie'}])",
        )
    )
    assert help_alone.strip() == ""
    assert fitted.strip(), "positive control"
