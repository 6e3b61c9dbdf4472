"""The rules of layering, and that each one bites: a violation is planted in a copy of the packages and must be found.

Rules about who imports whom are contracts of import-linter, in pyproject.toml. What it cannot say (who may read the
environment, what is pure, where SQL may stand) is checked here on the syntax trees.
"""

import ast
import functools
import itertools
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import syntax

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = {
    c["id"]: c for c in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

NUMERIC = {"numpy", "scipy", "duckdb", "pyarrow"}
"""All that leaderboards needs from outside the standard library."""
OPTIONAL = {
    "leaderboards/showing/drawing.py": {"PIL"},
    "leaderboards/showing/frames.py": {"pandas", "polars"},
    "leaderboards/board.py": {"pandas", "polars"},  # the types of what frames.py gives
}
"""What a module of leaderboards uses where it is installed, and says what to install where it is not."""
TOUCHES_THE_WORLD = {
    *("asyncio", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib", "shutil"),
    *("signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib"),
}
"""What a pure module does without: files, the network, other processes, the clock."""
TABLES = {"langcodes", "orjson", "rfc8785"}
"""Libraries that do nothing but look up the names of languages, and spell JSON."""
SQL = re.compile(r"\s*(SELECT|INSERT INTO|CREATE (TABLE|VIEW)|DELETE FROM|UPDATE|COPY|ATTACH|WITH)\s+\S")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and the contracts as they stand, to plant violations in."""
    _copied(tmp_path)
    return tmp_path


def _copied(root: Path) -> None:
    for package in ("arena", "leaderboards"):
        shutil.copytree(ROOT / package, root / package, ignore=_everything_but_python)
    shutil.copy(ROOT / "pyproject.toml", root)


def _everything_but_python(folder: str, names: list[str]) -> list[str]:
    kept = {name for name in names if name.endswith(".py") or (Path(folder) / name).is_dir()}
    return [name for name in names if name not in kept - {"__pycache__"}]


def _plant(root: Path, module: str, line: str) -> None:
    """Write a module holding one line; packages on the way are made where they are missing."""
    *folders, _ = parts = module.split(".")
    for depth in range(1, len(folders) + 1):
        folder = root.joinpath(*folders[:depth])
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
    path = root.joinpath(*parts).with_suffix(".py")
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n{line}\n")


def _lint(root: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    only = itertools.chain.from_iterable(("--contract", name) for name in contracts)
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache", "--no-logo", *only]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)


def test_the_packages_keep_every_import_contract(copy: Path) -> None:
    run = _lint(copy)
    assert run.returncode == 0, run.stdout


def _forbidden_steps() -> list[tuple[str, str]]:
    """Every (importer, imported) the layers rule out: a lower layer taking from a higher one, or from its neighbour."""
    layers = [[name.strip(" ()") for name in line.split("|")] for line in CONTRACTS["layers"]["layers"]]
    sideways = [step for line in layers for step in itertools.permutations(line, 2)]
    upward = [
        (below, above)
        for high, low in itertools.combinations(range(len(layers)), 2)
        for above in layers[high]
        for below in layers[low]
    ]
    return sideways + upward


def test_every_import_upward_or_sideways_is_found(copy: Path) -> None:
    steps = _forbidden_steps()
    for name in {name for step in steps for name in step}:
        if not (copy / "arena" / f"{name}.py").exists():
            _plant(copy, f"arena.{name}.planted", "")
    for below, above in steps:
        module = f"arena.{below}" if (copy / "arena" / f"{below}.py").exists() else f"arena.{below}.planted"
        _plant(copy, module, f"import arena.{above}")
    found = set(re.findall(r"arena\.(\w+) is not allowed to import arena\.(\w+)", _lint(copy, "layers").stdout))
    assert not set(steps) - found


BROKEN = [
    ("duckdb", "arena.services", "import duckdb"),
    ("duckdb", "arena.exports", "from duckdb import connect"),
    ("duckdb", "arena.store.writing", "import duckdb"),
    ("postgres", "arena.services", "import psycopg"),
    ("postgres", "arena.store.writing", "from adbc_driver_postgresql import dbapi"),
    ("httpx", "arena.services", "import httpx"),
    ("httpx", "arena.cli", "def call():\n    import httpx"),
    ("httpx", "arena.server", "import xllamacpp"),
    ("ray", "arena.services", "import ray"),
    ("gradio", "arena.api", "import gradio as gr"),
    ("gradio", "arena.services", "from gradio import Blocks"),
    ("quality", "arena.quality", "import leaderboards"),
    ("quality", "arena.quality", "import duckdb"),
    ("quality", "arena.quality", "from arena.domain import vote"),
    ("leaderboards", "leaderboards", "import arena.errors"),
    ("leaderboards", "leaderboards", "from arena.domain import vote"),
    ("export-rooms", "arena.exports.folder", "from arena.exports.writing import release"),
    ("export-rooms", "arena.exports.filters", "import arena.exports.proofs.signing"),
    ("reading-votes", "leaderboards.reading", "from leaderboards.fitting import sandwich"),
    ("fitting-votes", "leaderboards.fitting", "from leaderboards.showing import plots"),
    ("pages", "arena.ui.pages", "from arena.ui.pages import neighbour"),
    ("formats", "arena.exports.formats", "from arena.exports.formats import neighbour"),
    ("shapes", "arena.imports.shapes", "from arena.imports.shapes import neighbour"),
]
"""A contract, a package, and what no module of it may say. Each is in a module of its own."""


def _planted(number: int) -> str:
    return f"{BROKEN[number][1]}.planted_{number}"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What import-linter says of each contract when every violation is planted at once."""
    root = tmp_path_factory.mktemp("broken")
    _copied(root)
    for number, (_, _, line) in enumerate(BROKEN):
        _plant(root, _planted(number), line)
    for package in {package for _, package, line in BROKEN if line.endswith("import neighbour")}:
        _plant(root, f"{package}.neighbour", "")
    said = _lint(root).stdout.split("\nBroken contracts\n")[-1]
    by_name = {contract["name"]: name for name, contract in CONTRACTS.items()}
    heads = "|".join(map(re.escape, by_name))
    parts = re.split(rf"^({heads})\n-+\n", said, flags=re.MULTILINE)[1:]
    return {by_name[name]: text for name, text in zip(parts[::2], parts[1::2], strict=True)}


@pytest.mark.parametrize("number", range(len(BROKEN)), ids=[f"{one[0]}-{one[1]}-{one[2]}" for one in BROKEN])
def test_an_import_against_a_contract_is_found(broken: dict[str, str], number: int) -> None:
    assert re.search(rf"{re.escape(_planted(number))} -> ", broken[BROKEN[number][0]])


def test_a_package_without_a_layer_is_found(copy: Path) -> None:
    _plant(copy, "arena.newcomer.planted", "import arena.domain")
    run = _lint(copy, "layers")
    assert run.returncode == 1
    assert re.search(rf"{re.escape(CONTRACTS['layers']['name'])} +BROKEN", run.stdout), run.stdout


def test_every_contract_has_a_planted_violation() -> None:
    assert {contract for contract, _, _ in BROKEN} | {"layers"} == set(CONTRACTS)


# -- what import-linter cannot say ---------------------------------------------------------------------------------


def _modules(root: Path, *packages: str) -> Iterator[tuple[str, str]]:
    """Path and text of each. What a rule says of a text is kept: of a copy with one line planted, all else is known."""
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def _imports(tree: ast.Module) -> set[str]:
    """Full dotted names of all that a module imports, wherever it does so."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _environment_readers(root: Path) -> list[str]:
    """Modules other than arena.settings that read the environment or TOML."""
    found = [path for path, text in _modules(root, "arena", "leaderboards") if _reads_the_environment(text)]
    return [path for path in found if path != "arena/settings/__init__.py"]


@functools.cache
def _reads_the_environment(text: str) -> bool:
    tree = syntax.parse(text)
    attributes = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    names = attributes | _imports(tree)
    return any(re.match(r"os\.(environb?|getenvb?|putenv)$|tomllib\b|tomli\b|dotenv\b", name) for name in names)


def _impure(root: Path) -> list[str]:
    """Modules of arena.domain, pairing and quality that reach beyond the standard library, or for the world."""
    found = []
    for path, text in _modules(root, "arena/domain", "arena/pairing", "arena/quality"):
        tree = syntax.parse(text)
        tops = {name.split(".")[0] for name in _imports(tree)}
        opens = any(isinstance(node, ast.Name) and node.id in {"open", "print", "input"} for node in ast.walk(tree))
        known = TABLES | ({"numpy", "scipy", "threadpoolctl"} if path.startswith("arena/quality/") else set())
        if opens or tops & TOUCHES_THE_WORLD or tops - sys.stdlib_module_names - {"arena"} - known:
            found.append(path)
    return found


def _heavy_leaderboards(root: Path) -> list[str]:
    """Modules of leaderboards that import more than the standard library, numpy, scipy, duckdb and pyarrow."""
    allowed = sys.stdlib_module_names | NUMERIC | {"leaderboards"}
    return [
        path
        for path, text in _modules(root, "leaderboards")
        if {name.split(".")[0] for name in _imports(syntax.parse(text))} - allowed - OPTIONAL.get(path, set())
    ]


def _sql_outside_the_store(root: Path) -> list[str]:
    """Modules with a string that is SQL, other than those of arena.store."""
    return [path for path, text in _modules(root, "arena") if not path.startswith("arena/store/") and _holds_sql(text)]


@functools.cache
def _holds_sql(text: str) -> bool:
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
        for node in ast.walk(syntax.parse(text))
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages, from which each test takes again what it planted."""
    root = tmp_path_factory.mktemp("kept")
    _copied(root)
    return root


RULES = {
    "only arena.settings reads the environment and TOML": _environment_readers,
    "arena.domain, pairing and quality are pure": _impure,
    "leaderboards needs numpy, scipy, duckdb and pyarrow only": _heavy_leaderboards,
    "SQL stands only in arena.store": _sql_outside_the_store,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_packages_keep_the_rule(rule: str) -> None:
    assert RULES[rule](ROOT) == []


@pytest.mark.parametrize(
    ("rule", "module", "line"),
    [
        ("only arena.settings reads the environment and TOML", "arena.store.planted", "import os\nos.environ['HOME']"),
        ("only arena.settings reads the environment and TOML", "arena.cli.planted", "from os import getenv"),
        ("only arena.settings reads the environment and TOML", "leaderboards.planted", "import tomllib"),
        ("arena.domain, pairing and quality are pure", "arena.domain.planted", "import numpy"),
        ("arena.domain, pairing and quality are pure", "arena.domain.planted", "from pathlib import Path"),
        ("arena.domain, pairing and quality are pure", "arena.pairing.planted", "open('x')"),
        ("arena.domain, pairing and quality are pure", "arena.quality.planted", "import random, time"),
        ("arena.domain, pairing and quality are pure", "arena.quality.planted", "import pandas"),
        ("leaderboards needs numpy, scipy, duckdb and pyarrow only", "leaderboards.planted", "import pandas"),
        ("SQL stands only in arena.store", "arena.services.planted", "text = 'SELECT 1'"),
        ("SQL stands only in arena.store", "arena.api.planted", "text = f'''\n  INSERT INTO votes {1}'''"),
    ],
)
def test_a_broken_rule_is_found(kept: Path, rule: str, module: str, line: str) -> None:
    before = RULES[rule](kept)
    path = module.replace(".", "/") + ".py"
    _plant(kept, module, line)
    try:
        assert set(RULES[rule](kept)) - set(before) == {path}
    finally:
        (kept / path).unlink()


def test_every_rule_has_a_planted_violation() -> None:
    assert {case[0] for case in test_a_broken_rule_is_found.pytestmark[0].args[1]} == set(RULES)


def _taken_first(tree: ast.AST) -> list[int]:
    """Lines that take the first of what a generator gives, and say nothing of what follows where it gives none."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "next"
        and [type(one) for one in node.args] == [ast.GeneratorExp]
    ]


def test_nothing_that_runs_in_a_thread_ends_as_a_generator_does() -> None:
    """`StopIteration` from a thread is never told to who awaits it: the request would wait for ever."""
    assert _taken_first(ast.parse("next(one for one in found)")) == [1], "positive control"
    assert _taken_first(ast.parse("next((one for one in found), None)")) == []
    for package in ("services", "store"):
        for path in sorted((ROOT / "arena" / package).rglob("*.py")):
            assert _taken_first(ast.parse(path.read_text(encoding="utf-8"))) == [], path
