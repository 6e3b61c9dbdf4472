"""`docs/trainers.md`: a recipe for every format, whose command is that of a release, and whose export line runs."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from arena import exports
from arena.cli import commands
from arena.domain.vote import Winner
from arena.exports.folder import manifest
from arena.services import paths
from arena.store.workspace import Workspace
from arena.store.writing.commands import CastVote
from tests.store import making

PAGE = Path(__file__).resolve().parents[1] / "docs" / "trainers.md"
RECIPE = re.compile(
    r"^### `(?P<format>[\w-]+)`\n\n(?P<what>.+?)\n\n```bash\n(?P<export>.+?)\n```\n\n```sh\n(?P<command>.+?)\n```\n\n"
    r"Look at: (?P<look>.+?)\n",
    re.MULTILINE | re.DOTALL,
)


class Recipe(NamedTuple):
    """One section of the page."""

    format: str
    what: str
    export: str
    command: str
    look: str


def recipes() -> Iterator[Recipe]:
    yield from (Recipe(**found.groupdict()) for found in RECIPE.finditer(PAGE.read_text(encoding="utf-8")))


def test_every_format_has_one_recipe_with_the_command_of_a_release() -> None:
    found = list(recipes())
    assert sorted(recipe.format for recipe in found) == sorted(exports.FORMATS)
    for recipe in found:
        assert recipe.command == exports.FORMATS[recipe.format].command
        assert f"--format {recipe.format} " in recipe.export


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an arena with votes of every kind."""
    folder = tmp_path_factory.mktemp("arena") / "data"
    path = paths.workspace_path(folder, "default")
    path.parent.mkdir(parents=True)
    with Workspace.open(path) as workspace:
        for winner in Winner:
            won = winner in (Winner.MODEL_A, Winner.MODEL_B)
            given: dict[str, Any] = {} if won else {"strength": None, "edit": None}
            record = making.completed(workspace, turn=1, history=(), continues=None, continued_side=None)
            vote = making.vote(record.battle.battle_id, winner=winner, **given)
            workspace.submit(CastVote(vote=vote, record=record)).result()
    return folder


@pytest.mark.parametrize("recipe", list(recipes()), ids=lambda recipe: recipe.format)
def test_the_export_line_of_a_recipe_makes_the_folder_its_command_is_for(
    recipe: Recipe, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = shlex.split(recipe.export)
    commands.COMMANDS([*words[1:], "--data-dir", str(data)], standalone_mode=False)
    assert manifest.read(tmp_path / words[words.index("--out") + 1])["command"] == recipe.command
