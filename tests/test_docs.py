"""The documents cannot rot: their code runs, their commands and paths exist, their generated parts are fresh."""

import ast
import functools
import inspect
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from arena import errors, settings
from arena.api import problems
from arena.cli import commands, rank
from arena.cli.lazy_commands import Later
from scripts import pages, settings_page
from tests import syntax

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
VOTES = """model_a,model_b,winner,rater
alpha,beta,model_a,r1
beta,gamma,model_a,r1
gamma,alpha,model_b,r2
gamma,beta,model_a,r2
beta,alpha,model_a,r2
alpha,gamma,tie,r3
beta,gamma,both_bad,r3
"""
RUN_ELSEWHERE = {
    "docs/verification.md": "tests/exports/proofs/test_documented_verifier.py",  # a program that wants words
    "docs/api.md": "tests/client/test_api_page.py",  # a client that wants an arena
}
"""Documents whose Python another test runs."""
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def _blocks(*languages: str) -> Iterator[tuple[str, str]]:
    """Every fenced block of these languages, with its document."""
    for document in DOCUMENTS:
        for language, code in FENCE.findall(_read(document)):
            if language in languages:
                yield document, code


def _commands(program: str) -> list[tuple[str, list[str]]]:
    """Every line of a shell block that runs this program, with its document; comments and prompts are left out."""
    found = []
    for document, code in _blocks("bash", "sh", "console"):
        for line in code.replace("\\\n", " ").splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words and words[0].rsplit("/", 1)[-1] == program:
                found.append((document, words[1:]))
    return found


# -- code and commands ---------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_python_in_the_documents_runs(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text(VOTES)
    programs: dict[str, str] = {}
    for document, code in _blocks("python"):
        programs[document] = f"{programs.get(document, '')}\n{code}"
    assert programs.keys() > RUN_ELSEWHERE.keys()
    for document in programs.keys() - RUN_ELSEWHERE.keys():
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", programs[document]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, f"{document}: {run.stderr}"


def test_what_runs_elsewhere_is_run_there() -> None:
    assert all(Path(document).name in _read(test) for document, test in RUN_ELSEWHERE.items())


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", _read("Makefile"), re.MULTILINE))
    named = {(document, word) for document, words in _commands("make") for word in words if "=" not in word}
    assert named
    assert not {(document, word) for document, word in named if word not in targets}


@functools.cache
def _whole(command: Later) -> Any:
    """The command with its options, made once."""
    return command.whole()


def _unknown(words: list[str]) -> str | None:
    """The first word of an `arena` command line that is no command or option of the program, if any."""
    command = commands.COMMANDS
    while words and isinstance(command, typer.core.TyperGroup):
        name, *words = words
        if name not in command.commands:
            return name
        command = command.commands[name]
        if isinstance(command, Later):
            command = _whole(command)
    if command.name == "rank":  # reads its words by itself
        _, left = rank.parser().parse_known_args(words)
        return next((word for word in left if word.startswith("-")), None)
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    return next((word for word in words if word.startswith("-") and word.split("=")[0] not in options), None)


def test_every_arena_command_in_the_documents_exists() -> None:
    named = _commands("arena")
    assert named
    assert [(document, unknown) for document, words in named if (unknown := _unknown(words))] == []


@pytest.mark.parametrize("line", ["dmeo", "demo --prot 7999", "backup --nowhere", "rank --metod elo"])
def test_a_command_that_does_not_exist_is_noticed(line: str) -> None:
    assert _unknown(shlex.split(line))


# -- links and paths -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_to_a_file(document: str) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", _read(document))
    dead = [t for t in targets if "://" not in t and not (ROOT / document).parent.joinpath(t).exists()]
    assert not dead


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/tour.md"])
def test_every_path_named_exists(document: str) -> None:
    named = set(
        re.findall(r"`((?:arena|leaderboards|tests|docs|configs|benchmarks|scripts|\.ci)/[\w./-]*)`", _read(document))
    )
    assert not {path for path in named if not (ROOT / path).exists()}


def test_every_design_decision_the_code_points_to_is_written_down() -> None:
    written = set(re.findall(r"^## (\d+)\. ", _read("docs/design.md"), re.MULTILINE))
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "arena").rglob("*.py"))
    named = set(re.findall(r"design decision (\d+)", sources))
    assert named
    assert not named - written


def test_every_name_the_tour_gives_is_defined_where_it_says() -> None:
    """In the tour, `voting.py` `cast` means: that file defines that function or class."""
    tour = _read("docs/tour.md")
    linked = re.findall(r"\[`[\w/.]+`\]\(\.\./([\w/.]+\.py)\)((?:,?\s+`[\w.]+`)*)", tour)
    plain = re.findall(r"[^[]`((?:arena|leaderboards)/[\w/.]+\.py)`((?:,?\s+`[\w.]+`)+)", tour)
    assert linked
    assert plain
    missing = [
        (path, name)
        for path, names in linked + plain
        for name in re.findall(r"`([\w.]+)`", names)
        if not _defines(syntax.parse(_read(path)), name.split("."))
    ]
    assert not missing


def _defines(scope: ast.AST, name: list[str]) -> bool:
    """Whether `Class.method` or `function` is defined in a module."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    body = getattr(scope, "body", [])
    found = next((node for node in body if isinstance(node, kinds) and node.name == name[0]), None)
    return found is not None and (len(name) == 1 or _defines(found, name[1:]))


# -- generated and counted parts -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def settings_written() -> str:
    """The page of settings as `make docs` writes it."""
    with syntax.undisturbed():
        return settings_page.page()


@pytest.mark.parametrize("name", pages.PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    with syntax.undisturbed():
        written = pages.PAGES[name]()
    assert _read(f"docs/{name}") == written, "run `make docs`"


def test_every_setting_is_described(settings_written: str) -> None:
    bare = [
        f"{heading} {name}"
        for heading, model in settings_page.sections(settings.Settings, "")
        for name in model.model_fields
        if re.search(rf"^\| `{name}` .*\|  \|$", settings_written, re.MULTILINE)
    ]
    assert not bare


def test_the_commented_configuration_shows_every_setting() -> None:
    text = _read("configs/arena.toml")
    keys = {name for _, model in settings_page.sections(settings.Settings, "") for name in model.model_fields}
    assert not {key for key in keys if not re.search(rf"^#? ?(\[+(\w+\.)*)?{key}\b", text, re.MULTILINE)}


def _tree() -> dict[str, tuple[str | None, int | None]]:
    """Of each class in the tree drawn in arena/errors.py: its parent, and its HTTP status where one stands."""
    drawn: dict[str, tuple[str | None, int | None]] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"    ([│├└─ ]*)([A-Z]\w+)( {2,}.*)?$", line):
            depth = len(match[1]) // 4
            status = re.search(r"HTTP (\d{3})", line)
            path = [*path[:depth], match[2]]
            drawn[match[2]] = (path[depth - 1] if depth else None, int(status[1]) if status else None)
    return drawn


def test_every_error_stands_in_the_tree_under_its_parent() -> None:
    classes = dict(inspect.getmembers(errors, lambda c: inspect.isclass(c) and c.__module__ == errors.__name__))
    parents = {name: None if name == "ArenaError" else kind.__base__.__name__ for name, kind in classes.items()}
    assert {name: parent for name, (parent, _) in _tree().items()} == parents


def test_the_tree_of_errors_gives_the_status_the_api_sends() -> None:
    sent = {kind.__name__: int(status) for kind, status in problems.STATUS.items()}
    assert {name: status for name, (_, status) in _tree().items() if status} == sent


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads(_read("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## \[({re.escape(version)}|Unreleased)\]", _read("CHANGELOG.md"), re.MULTILINE)
