"""The data page's markup: every format and question of a selection, and nothing from elsewhere."""

import dataclasses
import re

import pytest

from arena import exports
from arena.domain.selection import Selection, Several, Thinking
from arena.exports import personal
from arena.ui import assets, battle
from arena.ui.pages import data

PAGE = data.markup()
FOLDER = assets.STATIC / "data"
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js"))}
STATES = (assets.STATIC / "battle" / "state.js").read_text(encoding="utf-8")
SCRIPTS["data.js"] = (assets.STATIC / "data.js").read_text(encoding="utf-8")


def test_every_format_is_offered_once_with_its_columns() -> None:
    offered = re.findall(r'name="format" value="([\w-]+)"', PAGE)
    assert sorted(offered) == sorted(exports.FORMATS)
    for form in exports.FORMATS.values():
        assert f'<span class="k" translate="no">{", ".join(form.schema.names)}</span>' in PAGE


def test_every_key_of_a_selection_has_a_control() -> None:
    hooks = set(re.findall(r'data-(?:values|keep|also|number|percent|day|switch|text)="(\w+)"', PAGE))
    hooks |= {"several", "mask", "thinking"}
    assert hooks == {field.name for field in dataclasses.fields(Selection)}
    assert re.findall(r'name="several" value="(\w+)"', PAGE) == list(Several)
    assert re.findall(r'name="thinking" value="(\w+)"', PAGE) == list(Thinking)
    assert re.findall(r'data-mask="(\w+)"', PAGE) == [kind.value for kind in personal.STRUCTURED]


def test_the_script_says_outcomes_and_tags_as_the_battle_page_does() -> None:
    known = dict(re.findall(r'^  (\w+): \{ glyph: "(\w?)"', STATES, re.MULTILINE))
    assert known == {winner.value: glyph for winner, (glyph, _, _) in battle.OUTCOMES.items()}
    tags = SCRIPTS["pairs.js"].split("const TAGS = {")[1].split("}")[0]
    said = dict(re.findall(r'(\w+): say\("([^"]+)"\)', tags))
    assert said == {tag.value: words for tag, words in battle.TAGS.items()}


def test_nothing_is_left_of_the_template_and_nothing_gradio_would_fill_in() -> None:
    assert re.findall(r"\{\w+\}", PAGE) == []
    for sign in ("${", "{{", "`", "\\"):
        assert sign not in PAGE


def test_every_hook_the_scripts_look_for_is_on_the_page() -> None:
    script = "".join(SCRIPTS.values())
    looked_for = set(re.findall(r'"\[(data-[\w-]+)\]"', script)) | set(re.findall(r'"#([\w-]+)"', script))
    assert len(looked_for) > 25
    for hook in looked_for:
        assert hook in PAGE, hook


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_reads_text_as_markup(name: str) -> None:
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function("):
        assert way not in SCRIPTS[name]


def test_page_and_scripts_name_no_other_host() -> None:
    for text in (PAGE, *SCRIPTS.values()):
        assert re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.[a-z]{2,}", text) == []
