"""The generated pages leave nothing out. That they are fresh stands in tests/test_docs.py."""

import re
import tomllib
from pathlib import Path

import pytest

from arena.api import app
from scripts import commands_page, schema_page

ROOT = Path(__file__).resolve().parents[1]


def test_every_option_of_a_command_has_a_meaning() -> None:
    bare = re.findall(r"^\| `--.*\|  \|$|^\| `--[^|]*\| [^|]* \| \.? ?\|$", commands_page.page(), re.MULTILINE)
    assert not bare


@pytest.mark.parametrize("kind", schema_page.FILES)
def test_a_sentence_stands_on_every_column_and_on_nothing_else(kind: str) -> None:
    described = tomllib.loads(schema_page.DESCRIBED.read_text(encoding="utf-8"))[kind]
    schema = schema_page.schema(kind)
    assert {name: set(words) - {"table"} for name, words in described.items()} == {
        name: set(columns) for name, columns in schema.items()
    }
    assert all("table" in words for words in described.values())
    assert all(text.endswith(".") for words in described.values() for text in words.values())


def test_every_route_is_on_the_page() -> None:
    page = (ROOT / "docs" / "routes.md").read_text(encoding="utf-8")
    document = app.build(None).openapi()  # type: ignore[arg-type] - no route is called
    routes = {f"`{method.upper()} {path}`" for path, methods in document["paths"].items() for method in methods}
    assert routes == set(re.findall(r"^### (`[A-Z]+ /.*`)$", page, re.MULTILINE))
