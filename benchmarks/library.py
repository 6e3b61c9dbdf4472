"""The ranking library by itself: what `pip install ./leaderboards` brings into an empty environment, and its start.

    python benchmarks/library.py [--keep FOLDER]

Builds wheel and sdist, installs the wheel into a new environment, ranks a small file there, and prints the packages
with their sizes and the CPU seconds of `import leaderboards`, of the whole process and of all its threads, the least of
five. Installing needs an index of packages, or a cache of pip that holds them.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1] / "leaderboards"
VOTES = "model_a,model_b,winner\nalpha,beta,model_a\nbeta,gamma,tie\ngamma,alpha,model_b\nbeta,alpha,model_a\n"
_ROUNDS = 5
_LISTED = """
import importlib.metadata as metadata
for found in metadata.distributions():
    size = sum(path.stat().st_size for file in found.files or () if (path := found.locate_file(file)).is_file())
    print(found.metadata["Name"], found.version, size)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package of an environment."""

    name: str
    version: str
    size: int
    """Bytes of its files, also of what Python compiled."""


def built(folder: Path) -> tuple[Path, Path]:
    """Wheel and sdist of the library."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=LIBRARY, check=True)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def installed(wheel: Path, folder: Path, *, compiled: bool = True) -> Path:
    """The interpreter of a new environment that holds the wheel and what it needs, put there by our own pip; compiled,
    or, in half the CPU, as modules are imported."""
    venv.create(folder)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-input"]
    words = ["--disable-pip-version-check", *([] if compiled else ["--no-compile"])]
    subprocess.run([*install, *words, str(wheel)], check=True)
    return python


def packages(python: Path) -> list[Package]:
    """What an environment holds, the largest first."""
    listed = subprocess.run([str(python), "-c", _LISTED], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    found = [Package(name=name, version=version, size=int(size)) for name, version, size in rows]
    return sorted(found, key=lambda one: -one.size)


def ranked(python: Path, folder: Path) -> str:
    """The board of a small file, made in that environment."""
    path = folder / "votes.csv"
    path.write_text(VOTES)
    arguments = [str(python), "-m", "leaderboards", str(path)]
    return subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=folder).stdout


def start(python: Path, folder: Path) -> float:
    """CPU seconds of a process that imports the library and ends."""
    least = float("inf")
    for _ in range(_ROUNDS):
        before = _spent()
        subprocess.run([str(python), "-c", "import leaderboards"], check=True, cwd=folder)
        least = min(least, _spent() - before)
    return least


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--keep", type=Path, help="where to build; a temporary folder otherwise")
    given = reader.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        wheel, sdist = built(folder / "dist")
        print(f"{wheel.name} {wheel.stat().st_size / 1000:.0f} kB, {sdist.name} {sdist.stat().st_size / 1000:.0f} kB\n")
        python = installed(wheel, folder / "environment")
        print("| package | version | MB |\n|---|---|---:|")
        found = packages(python)
        for one in found:
            print(f"| {one.name} | {one.version} | {one.size / 1e6:.1f} |")
        print(f"| all {len(found)} | | {sum(one.size for one in found) / 1e6:.1f} |\n")
        print(ranked(python, folder))
        seconds = start(python, folder)
        print(f"import leaderboards: {seconds:.2f} CPU s (bar: 0.5), load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
