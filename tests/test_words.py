"""One name, one meaning: a public class is defined once, and no function hides one of Python's own."""

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import syntax

ROOT = Path(__file__).resolve().parents[1]
HIDDEN = {*dir(builtins), "of"}
"""Names that a module may not give its functions; `of` says nothing where it is called."""
BODIES = "arena/api/"
"""Bodies of requests and answers may bear the name of the noun that they carry."""


def _definitions(root: Path, *packages: str) -> Iterator[tuple[str, ast.stmt]]:
    """Every definition at the top of a module, with the module's path."""
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            for node in syntax.parse(path.read_text(encoding="utf-8")).body:
                yield path.relative_to(root).as_posix(), node


def _named_twice(root: Path, package: str) -> dict[str, list[str]]:
    """Public classes of a package by name, with the modules that define them, where there is more than one."""
    places: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for path, node in _definitions(root, package):
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            places[path.startswith(BODIES), node.name].append(path)
    return {name: paths for (_, name), paths in places.items() if len(paths) > 1}


def _hiding(root: Path) -> list[str]:
    """Functions at the top of a module that are named like a builtin."""
    return [
        f"{path}: {node.name}"
        for path, node in _definitions(root, "arena", "leaderboards")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in HIDDEN
    ]


@pytest.mark.parametrize("package", ["arena", "leaderboards"])
def test_a_public_class_is_defined_once(package: str) -> None:
    assert _named_twice(ROOT, package) == {}


def test_no_function_of_a_module_is_named_like_a_builtin() -> None:
    assert _hiding(ROOT) == []


def test_a_name_that_is_used_twice_is_found(tmp_path: Path) -> None:
    for path, name in (
        ("arena/store/one.py", "Known"),
        ("arena/exports/two.py", "Known"),
        ("arena/domain/vote.py", "Vote"),
        ("arena/api/bodies.py", "Vote"),
        ("arena/api/first.py", "Left"),
        ("arena/api/second.py", "Left"),
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"class {name}: ...\n")
    assert _named_twice(tmp_path, "arena") == {
        "Known": ["arena/exports/two.py", "arena/store/one.py"],
        "Left": ["arena/api/first.py", "arena/api/second.py"],
    }


def test_a_function_that_hides_a_builtin_is_found(tmp_path: Path) -> None:
    (tmp_path / "arena").mkdir()
    (tmp_path / "arena/models.py").write_text(
        "def all(): ...\nasync def of(): ...\ndef every(): ...\nclass Workspace:\n    def open(self): ...\n"
    )
    assert _hiding(tmp_path) == ["arena/models.py: all", "arena/models.py: of"]
