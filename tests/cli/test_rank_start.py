"""`arena rank` on a small file imports what it ranks with, and nothing that takes longer than ranking."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from arena import cli
sys.argv = ["arena", "rank", *sys.argv[1:]]
cli.main()
print("modules:", *sys.modules)
"""
HEAVY = {
    "pandas",
    "pydantic",
    "arena.settings",
    "arena.store",
    "numpy.f2py.f2py2e",
    "pyarrow.compute",
    "pyarrow.parquet",
    "scipy.sparse",
    "typer",
}


def _imported(path: Path, *options: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), *options], capture_output=True, text=True, check=True
    )
    assert "alpha" in done.stdout
    return set(done.stdout.rpartition("modules:")[2].split())


def test_a_small_file_is_ranked_without_what_only_others_need(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    path.write_text("model_a,model_b,winner\nalpha,beta,model_a\nbeta,alpha,model_a\nalpha,gamma,tie\n")
    assert _imported(path) & HEAVY == set()
    assert "pyarrow.compute" in _imported(path, "--by", "model_b", "--interval", "none"), "positive control"
