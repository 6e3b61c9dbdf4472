"""docs/api.md: its Python and its curl lines run against a real arena, and its tables agree with the code."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from arena import errors
from arena.api import problems
from arena.client import AsyncClient, Client
from arena.domain.principal import Role
from tests import arenas

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:7860"


def _code(language: str) -> str:
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def test_the_python_of_the_page_runs(
    arena: arenas.Arena, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "arena-data").mkdir()
    (tmp_path / "arena-data" / "admin-token").write_text(f"{arena.admin_token}\n")
    monkeypatch.chdir(tmp_path)
    code = _code("python")
    assert ADDRESS in code
    exec(compile(code.replace(ADDRESS, arena.url), "docs/api.md", "exec"), {})  # noqa: S102 - the page's own
    said = capsys.readouterr().out
    assert " beat " in said
    assert "manifest.json" in said
    assert (tmp_path / "my-release" / "manifest.json").exists()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_curl_lines_of_the_page_run(arena: arenas.Arena, tmp_path: Path) -> None:
    code = _code("sh")
    assert ADDRESS in code
    run = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", code.replace(ADDRESS, arena.url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "event: done" in run.stdout
    assert '"receipt"' in run.stdout
    assert "| Model |" in run.stdout or "| model |" in run.stdout


def test_every_status_of_a_refusal_has_the_error_that_is_raised() -> None:
    told = re.findall(r"^\| (\d{3}) \| `(\w+)` \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert {status: word for status, word, _ in told} == {status: problems.WORDS[int(status)] for status, _, _ in told}
    assert {status: kind for status, _, kind in told} == {
        **{str(status): kind.__name__ for status, kind in errors.BY_STATUS.items()},
        "429": errors.TooMany.__name__,
    }


def test_every_method_of_the_page_is_one_of_both_clients() -> None:
    named = set(re.findall(r"`(\w+)\.(\w+)\(", PAGE.partition("Every method answers")[2].partition("## With curl")[0]))
    for kind in (Client, AsyncClient):
        client = kind(ADDRESS)
        parts = {part: value for part, value in vars(client).items() if not part.startswith("_") and part != "url"}
        there = {(part, name) for part, value in parts.items() for name in dir(value) if not name.startswith("_")}
        assert there == named


def test_every_role_has_its_row() -> None:
    assert {role for role in Role if re.search(rf"^\| an? {role.value}( rater)? \|", PAGE, re.MULTILINE)} == set(Role)
