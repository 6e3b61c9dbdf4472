"""No sentence of a script stands outside the catalogues. Markup that is the same for everybody needs no such test."""

import re
from pathlib import Path

import pytest

from arena import ui

UI = Path(ui.__file__).parent
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.DOTALL)
TEXT = r'"(?:[^"\\\n]|\\.)*"'
CLASSES = re.compile(rf"\bclass: (?:\w+ \? )?{TEXT}(?: : {TEXT})?")
SAID = re.compile(rf"\b(?:say|sayWith)\(\s*{TEXT}|\bplural\(\s*[^\"]*?,\s*{TEXT},\s*{TEXT}")
LITERAL = re.compile(rf"{TEXT}|`(?:[^`\\]|\\.)*`")
SENTENCE = re.compile(
    r"^[\"`]?\s*(?:[A-Z][a-z]+(?:'s)?,? (?:\w+,? )*\w+,? ?|[a-z]+(?: [a-z]+){2,})[.:!?]?\s*[\"`]?$|[a-z]{2}\. [A-Z]"
)
"""Words side by side as a sentence has them, and no selector, path or list of classes."""
NOT_SHOWN = ("No reason in words.", "Undone at once.", "Visual Basic", "Bearer ${kept()}")
"""Reasons that are stored with a report and published in the log; the name of a language of programs; a header."""


def _scripts() -> list[Path]:
    static = UI / "static"
    found = []
    for path in sorted(static.rglob("*.js")):
        name = path.relative_to(static).as_posix()
        if not name.startswith(("vendor/", "js/", "words.js")):
            found.append(path)
    return found


def _outside(script: str) -> list[str]:
    """Literals of a script that read as a sentence and are not said through the catalogues."""
    rest = CLASSES.sub("", SAID.sub("", COMMENT.sub("", script)))
    found = [literal for literal in LITERAL.findall(rest) if SENTENCE.search(re.sub(r"\$\{[^}]*\}", "x", literal))]
    return [literal for literal in found if literal.strip('"`') not in NOT_SHOWN and " class=" not in literal]


@pytest.mark.parametrize("script", _scripts(), ids=lambda path: path.relative_to(UI / "static").as_posix())
def test_a_script_says_its_sentences_through_the_catalogues(script: Path) -> None:
    assert _outside(script.read_text(encoding="utf-8")) == []


def test_a_planted_sentence_is_found_in_a_script() -> None:
    planted = (
        'make("p", {}, "You have no votes yet."); make("i", { class: "tbtn wide on" }, say("You have votes."));\n'
        "tell(`Read ${count} answers first`); // A comment says nothing to anybody\n"
        'one("main section.form"); plural(votes, "{n} vote counts.", "{n} votes count.");'
    )
    assert _outside(planted) == ['"You have no votes yet."', "`Read ${count} answers first`"]
