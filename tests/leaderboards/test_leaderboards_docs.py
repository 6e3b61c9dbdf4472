"""docs/ratings.md: its code runs, and every function it names is there."""

import importlib
import re
from pathlib import Path

import pytest

import leaderboards
from leaderboards import information, settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "ratings.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`((?:[a-z_]+)\.[A-Za-z_]+)`", PAGE)))


def test_the_code_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
        exec(compile(block, "docs/ratings.md", "exec"), {})  # noqa: S102 - our own page
    assert "| alpha |" in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_every_function_the_page_names_is_there(name: str) -> None:
    module, _, attribute = name.partition(".")
    if module == "board":
        assert attribute in leaderboards.Board.__dataclass_fields__ or hasattr(leaderboards.Board, attribute)
    elif module == "leaderboards":
        assert hasattr(leaderboards, attribute)
    else:
        assert hasattr(importlib.import_module(f"leaderboards.{module}"), attribute)


def test_the_page_names_every_method_and_setting() -> None:
    for word in (*leaderboards.METHODS, *settings.TIES, *settings.BOTH_BAD, *settings.INTERVALS[:2]):
        assert word.lower() in PAGE.lower()
    assert len(information.GOALS) == 4
