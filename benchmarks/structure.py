"""How the code is built, counted: this project beside four that its style was taken from.

    python benchmarks/structure.py           arena, leaderboards, and the peers as pip finds them today
    python benchmarks/structure.py --ours    without downloading anything

The peers are source distributions from the package index, and the wheel where a source distribution needs a compiler
to be looked at; nothing of them is run. Trees are read with `ast`, imports with grimp, which import-linter stands on.

files         modules of the package, tests apart
median        lines of the middle one, as they stand: blank lines, comments and docstrings count
longest       lines of the longest function
typed         functions whose parameters (but self and cls) and result are all annotated; `__init__` needs no result
documented    public functions and methods with a docstring: no underscore before them or their class, not nested
cycles        groups of modules that import each other in a circle when they are imported
late          the same with imports inside functions, which run later; imports for type checkers count in neither
up            imports that go up or sideways in the layers that pyproject.toml declares; - where none are declared
tests         lines of tests for one line of code; - where the distribution holds no tests
"""

import argparse
import ast
import importlib.metadata
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import grimp
import numpy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).resolve().parents[1]
PEERS = ("httpx", "structlog", "evalica", "datasette")
HEADS = ("package", "version", "files", "median", "longest", "typed", "documented", "cycles", "late", "up", "tests")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Package(NamedTuple):
    """Where a package lies, and its tests."""

    name: str
    version: str
    folder: Path
    tests: list[Path]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--ours", action="store_true", help="without the peers")
    ours_alone = parser.parse_args().ours
    print("files " + (__doc__ or "").partition("\n\nfiles ")[2])
    print("| " + " | ".join(HEADS) + " |\n|---|---" + "|---:" * (len(HEADS) - 2) + "|")
    with tempfile.TemporaryDirectory(prefix="structure-") as folder:
        for package in (*ours(), *(() if ours_alone else peers(Path(folder)))):
            print(f"| {' | '.join(row(package))} |", flush=True)
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\nPython {sys.version.split()[0]}, grimp {importlib.metadata.version('grimp')}; load {load}")


def ours() -> Iterator[Package]:
    """The two packages of this project; tests of the library are those in tests/leaderboards."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    library = sorted((ROOT / "tests" / "leaderboards").rglob("*.py"))
    others = sorted(set((ROOT / "tests").rglob("*.py")) - set(library))
    yield Package("arena", version, ROOT / "arena", others)
    yield Package("leaderboards", version, ROOT / "leaderboards", library)


def peers(folder: Path) -> Iterator[Package]:
    """The others, fetched and unpacked."""
    for name in PEERS:
        fetched = _source(name, folder / name)
        version = fetched.name.removesuffix(".tar.gz").split("-")[1]
        (found,) = (
            path.parent for path in _unpacked(fetched).glob(f"**/{name}/__init__.py") if "tests" not in path.parts
        )
        tests = next((path for path in (found.parent, found.parent.parent) if (path / "tests").is_dir()), None)
        yield Package(name, version, found, [] if tests is None else sorted((tests / "tests").rglob("*.py")))


def _source(name: str, folder: Path) -> Path:
    """The newest distribution of a package that pip can look at here."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-qq",
        "--no-deps",
        "--disable-pip-version-check",
        "-d",
        str(folder),
    ]
    source = subprocess.run([*pip, "--no-binary", ":all:", name], capture_output=True, check=False)
    if source.returncode:
        subprocess.run([*pip, "--only-binary", ":all:", name], check=True)
    (fetched,) = folder.iterdir()
    return fetched


def _unpacked(fetched: Path) -> Path:
    goal = fetched.parent / "unpacked"
    if fetched.suffix == ".whl":
        shutil.unpack_archive(fetched, goal, "zip")
    else:
        shutil.unpack_archive(fetched, goal, "gztar", filter="data")
    return goal


def row(package: Package) -> list[str]:
    """One line of the table."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(package.folder.rglob("*.py"))]
    lines = [len(source.splitlines()) for source in sources]
    trees = [ast.parse(source) for source in sources]
    every = [node for tree in trees for node in ast.walk(tree) if isinstance(node, Function)]
    public = [function for tree in trees for function in _public(tree)]
    graph = _graph(package)
    tests = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in package.tests)
    up = _up(package.name, graph)
    return [
        package.name,
        package.version,
        str(len(sources)),
        f"{statistics.median(lines):.0f}",
        str(max((node.end_lineno or 0) - node.lineno + 1 for node in every)),
        f"{100 * sum(map(_typed, every)) / len(every):.0f} %",
        f"{100 * sum(ast.get_docstring(one) is not None for one in public) / len(public):.0f} %",
        str(_cycles(graph, _late(package))),
        str(_cycles(graph, set())),
        "-" if up is None else str(up),
        f"{tests / sum(lines):.1f}" if tests else "-",
    ]


def _public(tree: ast.Module) -> Iterator[Function]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (one for one in node.body if isinstance(one, Function) and not one.name.startswith("_"))
        elif isinstance(node, Function) and not node.name.startswith("_"):
            yield node


def _typed(function: Function) -> bool:
    given = function.args
    named = [*given.posonlyargs, *given.args]
    if named and named[0].arg in ("self", "cls"):
        named = named[1:]
    rest = [*named, *given.kwonlyargs, *(one for one in (given.vararg, given.kwarg) if one is not None)]
    result = function.returns is not None or function.name == "__init__"
    return result and all(one.annotation is not None for one in rest)


def _graph(package: Package) -> grimp.ImportGraph:
    sys.path.insert(0, str(package.folder.parent))
    try:
        return grimp.build_graph(package.name, exclude_type_checking_imports=True, cache_dir=None)
    finally:
        sys.path.pop(0)


def _late(package: Package) -> set[tuple[str, int]]:
    """Module and line of every import inside a function."""
    found = set()
    for path in package.folder.rglob("*.py"):
        parts = path.relative_to(package.folder.parent).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, Function):
                lines = (one.lineno for one in ast.walk(function) if isinstance(one, ast.Import | ast.ImportFrom))
                found |= {(module, line) for line in lines}
    return found


def _cycles(graph: grimp.ImportGraph, without: set[tuple[str, int]]) -> int:
    """Strongly connected groups of more than one module, some imports apart."""
    modules = sorted(graph.modules)
    place = {module: number for number, module in enumerate(modules)}
    arrows = [(0, 0)]
    for one in modules:
        for other in graph.find_modules_directly_imported_by(one):
            lines = {(one, found["line_number"]) for found in graph.get_import_details(importer=one, imported=other)}
            if lines - without:
                arrows.append((place[one], place[other]))
    tails, heads = numpy.array(arrows).T
    joined = csr_array((numpy.ones(len(tails)), (tails, heads)), shape=(len(modules), len(modules)))
    _, groups = connected_components(joined, connection="strong")
    return int((numpy.bincount(groups) > 1).sum())


def _up(name: str, graph: grimp.ImportGraph) -> int | None:
    """Imports against the layers of the package's contract, or None where it has none."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next((one["layers"] for one in contracts if one["type"] == "layers" and name in one["containers"]), None)
    if layers is None:
        return None
    level = {layer.strip("()"): depth for depth, line in enumerate(layers) for layer in line.replace("|", " ").split()}
    against = 0
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            below, above = (f"{module}.".split(".")[1] for module in (importer, imported))
            if below in level and above in level and below != above and level[above] <= level[below]:
                against += 1
    return against


if __name__ == "__main__":
    main()
