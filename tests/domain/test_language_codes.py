"""One language has one code, however a source or a person writes it."""

import json
from pathlib import Path

import pytest

from arena.domain import language_codes
from arena.domain.selection import Selection
from arena.errors import InvalidValue

FRESH = Path(__file__).parent / "fresh_languages.jsonl"
"""Labels written by somebody who had not seen the code."""


@pytest.mark.parametrize(
    ("spelt", "code"),
    [
        ("eng", "en"),
        ("ger", "de"),
        ("zho", "zh"),
        ("zul", "zu"),
        ("Français", "fr"),
        ("Chinese (Simplified)", "zh"),
        ("English (US)", "en"),
        ("cmn", "zh"),
        ("nb", "no"),
        ("Norwegian Nynorsk", "no"),
        ("iw", "he"),
        ("pt-BR", "pt"),
        ("eng_Latn", "en"),
        ("en_US.UTF-8", "en"),
        ("日本語", "ja"),
        ("Brazilian Portuguese", "pt"),
        ("jp", "ja"),
        ("ceb", "ceb"),
        ("haw", "haw"),
        ("und", "und"),
        ("mul", "und"),
        ("", "und"),
        ("unknown", "und"),
        ("Mixed / other", "und"),
    ],
)
def test_a_language_is_read_in_any_usual_form(spelt: str, code: str) -> None:
    assert language_codes.read(spelt) == code


def test_labels_that_somebody_else_wrote_are_understood() -> None:
    rows = [json.loads(line) for line in FRESH.read_text(encoding="utf-8").splitlines()]
    wrong = [row for row in rows if language_codes.read(row["label"]) not in (row.get("accept") or [row["bcp47"]])]
    assert len(rows) >= 200
    assert len(wrong) <= len(rows) * 0.03


def test_a_selection_takes_names_and_codes_and_refuses_what_is_neither() -> None:
    chosen = Selection.from_mapping({"languages": ["eng", "German", "und", "en"]})
    assert chosen.languages == ("de", "en", "und")
    with pytest.raises(InvalidValue, match="languages holds 'xyzzy 7'"):
        Selection.from_mapping({"languages": ["xyzzy 7"]})
