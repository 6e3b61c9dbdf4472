"""benchmarks/structure.py counts what it says: a small package of which every figure is known."""

from pathlib import Path

import pytest
import structure

TOLD = '''from counted_package import second

def told(a: int, *, b: str = "") -> None:
    """Said."""
'''
BARE = """class Noun:
    def __init__(self, a: int):
        pass
    def bare(self, a):
        def inner() -> None: ...
"""
OWN = """def _own(a: int) -> None:
    from counted_package import first

    return None
"""


def _package(folder: Path, **modules: str) -> structure.Package:
    root = folder / "counted_package"
    root.mkdir()
    (root / "__init__.py").write_text("")
    for name, source in modules.items():
        (root / f"{name}.py").write_text(source)
    tests = folder / "test_all.py"
    tests.write_text("pass\n" * 6)
    return structure.Package("counted_package", "1", root, [tests])


def test_every_figure_of_a_small_package(tmp_path: Path) -> None:
    package = _package(tmp_path, first=TOLD, second=BARE, third=OWN)
    row = dict(zip(structure.HEADS, structure.row(package), strict=True))
    assert row == {
        "package": "counted_package",
        "version": "1",
        "files": "4",
        "median": "4",
        "longest": "4",
        "typed": "80 %",  # all but `bare`
        "documented": "50 %",  # `told`, not `bare`; `_own`, `__init__` and `inner` do not count
        "cycles": "0",
        "late": "0",
        "up": "-",
        "tests": "0.5",  # 6 lines for 13
    }


def test_a_circle_is_counted_and_an_import_inside_a_function_is_late(tmp_path: Path) -> None:
    package = _package(
        tmp_path,
        first="from counted_package import second\n",
        second="def use() -> None:\n    from counted_package import first\n    first\n",
        third="from counted_package import fourth\n",
        fourth="from counted_package import third\n",
    )
    row = dict(zip(structure.HEADS, structure.row(package), strict=True))
    assert (row["cycles"], row["late"]) == ("1", "2")


@pytest.mark.slow
def test_our_own_packages_have_no_circle_and_no_arrow_up() -> None:
    for package in structure.ours():
        row = dict(zip(structure.HEADS, structure.row(package), strict=True))
        assert row["cycles"] == "0"
        assert row["up"] in ("0", "-")
