"""The markup of a rater's own page: every outcome, and nothing from elsewhere."""

import re

from arena.domain.vote import Winner
from arena.ui import assets, battle
from arena.ui.pages import me

PAGE = me.markup()
SCRIPT = "".join((assets.STATIC / name).read_text(encoding="utf-8") for name in ("me.js", "me/view.js", "making.js"))


def test_every_outcome_has_one_line_with_the_glyph_of_the_battle_page() -> None:
    assert re.findall(r'data-outcome="(\w+)"', PAGE) == list(Winner)
    known = {winner: (glyph, words) for winner, (glyph, words, _) in battle.OUTCOMES.items()}
    assert {winner: (me.OUTCOMES[winner], me.WORDS[winner]) for winner in me.WORDS} == known


def test_nothing_is_left_of_the_template_and_nothing_gradio_would_fill_in() -> None:
    assert re.findall(r"\{\w+\}", PAGE) == []
    for sign in ("${", "{{", "`", "\\"):
        assert sign not in PAGE


def test_every_hook_the_scripts_look_for_is_on_the_page() -> None:
    looked_for = set(re.findall(r'"\[(data-[\w-]+)\]"', SCRIPT))
    assert len(looked_for) > 20
    for hook in looked_for:
        assert hook in PAGE, hook


def test_no_script_reads_text_as_markup_or_names_another_host() -> None:
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function("):
        assert way not in SCRIPT
    assert re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.[a-z]{2,}", PAGE + SCRIPT) == []
