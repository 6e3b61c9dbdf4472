"""docs/ratings.md: its code runs, and every function it names is there."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import leaderboards
from leaderboards import settings
from leaderboards.fitting import pair_design

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "ratings.md").read_text(encoding="utf-8")
MODULES = {
    module.name.rsplit(".", 1)[1]: module.name
    for module in pkgutil.walk_packages(leaderboards.__path__, "leaderboards.")
}
"""The page names a module without its room."""
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
        assert hasattr(importlib.import_module(MODULES[module]), attribute)


def test_the_page_names_every_method_and_setting() -> None:
    for word in (*leaderboards.METHODS, *settings.TIES, *settings.BOTH_BAD, *settings.INTERVALS[:2]):
        assert word.lower() in PAGE.lower()
    assert len(pair_design.GOALS) == 4
