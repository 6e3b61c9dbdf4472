"""`configs/selections/everything.toml` names every key of a selection, with what it takes when it is left out."""

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from arena.domain.selection import Selection

FILE = Path(__file__).parents[2] / "configs/selections/everything.toml"
KEY = re.compile(r"^(?:# )?([a-z_]+) = ", re.MULTILINE)
KEYS = [field.name for field in dataclasses.fields(Selection)]


def test_the_file_names_every_key_once_and_no_other() -> None:
    assert sorted(KEY.findall(FILE.read_text())) == sorted(KEYS)


def test_the_file_is_a_selection_with_and_without_its_comments() -> None:
    text = FILE.read_text()
    assert Selection.from_mapping(tomllib.loads(text)) == Selection(test_share=0.1)
    shown = "\n".join(line.removeprefix("# ") for line in text.splitlines() if KEY.match(line))
    assert set(tomllib.loads(shown)) == set(KEYS)
    Selection.from_mapping(tomllib.loads(shown))


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_taken_out_is_missed(key: str) -> None:
    """The control."""
    text = re.sub(rf"^(# )?{key} = .*$", "", FILE.read_text(), flags=re.MULTILINE)
    assert set(KEYS) - set(KEY.findall(text)) == {key}
