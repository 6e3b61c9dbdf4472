"""The library by itself: wheel and sdist are clean and complete, and rank in an empty environment."""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import library
import pytest

import leaderboards

ROOT = Path(__file__).resolve().parents[2]
NEEDED = {"numpy", "scipy", "duckdb", "pyarrow"}


def _project(path: Path) -> dict[str, object]:
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    assert isinstance(project, dict)
    return project


def test_its_dependencies_are_those_of_the_arena() -> None:
    own, arena = (_project(folder / "pyproject.toml")["dependencies"] for folder in (ROOT / "leaderboards", ROOT))
    assert isinstance(own, list)
    assert isinstance(arena, list)
    assert set(own) <= set(arena)
    assert len(own) == len(NEEDED)


def test_its_licence_is_the_projects() -> None:
    assert (ROOT / "leaderboards" / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_the_code_of_its_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "leaderboards" / "README.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    exec(compile(code, "leaderboards/README.md", "exec"), {})  # noqa: S102 - our own page
    assert "| alpha |" in capsys.readouterr().out


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return library.built(tmp_path_factory.mktemp("dist"))


@pytest.mark.slow
def test_wheel_and_sdist_hold_the_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    wheel, sdist = built
    folder = ROOT / "leaderboards"
    modules = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
    rooms = {Path(module).parent.as_posix() for module in modules} - {"."}
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        inside = {name.partition("/")[2] for name in names if name.startswith("leaderboards/")}
        assert inside == modules | {"py.typed"}
        others = {name.split("/")[0] for name in names} - {"leaderboards"}
        assert len(others) == 1
        assert next(iter(others)).endswith(".dist-info")
        metadata = Parser().parsestr(archive.read(next(name for name in names if name.endswith("METADATA"))).decode())
    assert metadata["Version"] == leaderboards.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert metadata["Description-Content-Type"] == "text/markdown"
    for field in ("Summary", "Author", "Keywords", "License-File"):
        assert metadata[field]
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()} - rooms
    assert packed - {".gitignore"} == modules | {"py.typed", "README.md", "LICENSE", "pyproject.toml", "PKG-INFO"}


@pytest.mark.slow
def test_the_sdist_builds_the_same_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, sdist = built
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=source, check=True
    )
    with zipfile.ZipFile(tmp_path / wheel.name) as again, zipfile.ZipFile(wheel) as first:
        assert {item.filename: item.CRC for item in again.infolist()} == {
            item.filename: item.CRC for item in first.infolist()
        }


@pytest.mark.slow
def test_it_ranks_in_an_environment_that_holds_nothing_else(built: tuple[Path, Path], tmp_path: Path) -> None:
    python = library.installed(built[0], tmp_path / "environment", compiled=False)
    assert {package.name for package in library.packages(python)} == NEEDED | {"preference-leaderboards"}
    assert "alpha" in library.ranked(python, tmp_path)
