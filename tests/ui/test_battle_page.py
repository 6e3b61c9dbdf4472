"""The battle page's markup: every outcome, tag and example, and nothing from elsewhere."""

import html
import re

from arena.domain.battle import PROMPT_LIMIT
from arena.domain.vote import REASON_LIMIT, Tag, Winner
from arena.ui import assets, bar, battle, document, frame

PAGE = battle.markup()
SCRIPTS = [assets.STATIC / name for name in ("api.js", "battle.js", "frame.js")]
SCRIPTS += sorted((assets.STATIC / "battle").glob("*.js"))


def test_every_outcome_has_one_button_and_every_tag_one_box() -> None:
    assert re.findall(r'data-vote="(\w+)"', PAGE) == [Winner.MODEL_A, Winner.TIE, Winner.BOTH_BAD, Winner.MODEL_B]
    assert re.findall(r'type="checkbox" value="(\w+)"', PAGE) == list(Tag)


def test_the_script_knows_the_same_outcomes() -> None:
    state = (assets.STATIC / "battle" / "state.js").read_text(encoding="utf-8")
    known = re.findall(r'^  (\w+): \{ glyph: "(\w?)", words: say\("([^"]+)"\)', state, re.MULTILINE)
    assert known == [(winner, glyph, words) for winner, (glyph, words, _) in battle.OUTCOMES.items()]


def test_examples_can_be_sent_as_they_are() -> None:
    examples = [html.unescape(example) for example in re.findall(r'data-example="([^"]+)"', PAGE)]
    assert examples == [prompt for _, prompt in battle.EXAMPLES]
    assert all(len(example) <= PROMPT_LIMIT for example in examples)


def test_an_arena_without_models_has_its_sentence_hidden_until_it_is_known_to_be_one() -> None:
    assert re.search(r'role="status" data-nothing hidden>There is nothing to compare yet: a battle needs two', PAGE)


def test_limits_are_those_of_the_domain() -> None:
    assert f'maxlength="{PROMPT_LIMIT}"' in PAGE
    assert f'maxlength="{REASON_LIMIT}"' in PAGE


def test_nothing_is_left_of_the_template_and_nothing_gradio_would_fill_in() -> None:
    assert re.findall(r"\{\w+\}", PAGE) == []
    assert "${" not in PAGE
    assert "{{" not in PAGE


def test_every_hook_the_scripts_look_for_is_on_the_page() -> None:
    view = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    looked_for = set(re.findall(r'one\("\[(data-[\w-]+)(?:=\w+)?\]"', view)) | set(re.findall(r'"#(\w+)"', view))
    assert len(looked_for) > 20
    for hook in looked_for:
        assert hook in PAGE or hook in bar.BAR + bar.ACCOUNT, hook


def test_pages_and_scripts_name_no_other_host() -> None:
    for text in (
        PAGE,
        frame.HEAD,
        bar.BAR + bar.ACCOUNT,
        document.head("/", ""),
        *(path.read_text(encoding="utf-8") for path in SCRIPTS),
    ):
        assert re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.[a-z]{2,}", text) == []
