"""Rows of a prompt set: what is read from them, and what stays outside."""

import json
from pathlib import Path
from typing import Any

import pytest

from arena.domain.parts import Media
from arena.domain.prompt_set import StoredPrompt
from arena.imports import prompt_rows
from arena.imports.imported_vote import Outside
from arena.imports.reading import Unkept


def nothing(path: Path, name: str) -> Media:
    """Takes no file in."""
    raise AssertionError(f"{name} at {path} was to be taken in")


def detect(text: str) -> str:
    """Of a language that is surely not told."""
    return "is" if text else "und"


def read(tmp_path: Path, *rows: dict[str, Any]) -> tuple[list[StoredPrompt | Outside], dict[str, int]]:
    path, unkept = tmp_path / "p.jsonl", Unkept()
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [found for _, found in prompt_rows.entries(path, detect, unkept, nothing)], dict(unkept.rows)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"prompt": " "}, "prompt ends with a message without text."),
        ({"language": "de"}, "no field is the prompt; accepted: messages, prompt."),
        ({"prompt": "a", "messages": [{"role": "user", "content": "b"}]}, "it has both messages and prompt;"),
        ({"messages": [{"role": "assistant", "content": "b"}]}, "messages does not end with a message by the user."),
        ({"prompt": "a", "image": "sky.png"}, '"sky.png" is no file beside p.jsonl;'),
        ({"prompt": "a", "image": "../sky.png"}, '"../sky.png" is no file beside p.jsonl;'),
        ({"prompt": "a", "image": "/etc/hostname"}, '"/etc/hostname" is no file beside p.jsonl;'),
        ({"prompt": "a", "image": "a\0b"}, "image"),
        ({"prompt": "a", "tags": "sky"}, 'tags is "sky"; it must be a list'),
        ({"prompt": "a", "language": "Qxzy?"}, "language is"),
        ({"prompt": "a", "winner": "tie", "model_a": "m", "model_b": "n"}, "a known outcome without explanation;"),
        ({"prompt": "a", "winner": "left", "model_a": "m", "model_b": "n", "explanation": "e"}, 'winner is "left";'),
        ({"prompt": "a", "winner": "tie", "model_a": "m", "model_b": "m", "explanation": "e"}, "against itself"),
        ({"prompt": "a", "prompt_id": "x" * 201}, "prompt_id is"),
    ],
)
def test_a_row_that_is_no_prompt_stays_outside(tmp_path: Path, row: dict[str, Any], why: str) -> None:
    (found,), _ = read(tmp_path, row)
    assert isinstance(found, Outside)
    assert why in found.why


def test_a_language_is_detected_where_none_is_told_and_what_is_not_kept_is_named(tmp_path: Path) -> None:
    (own, told), unkept = read(tmp_path, {"prompt": "Hae?", "source": "a"}, {"prompt": "Hae?", "language": "English"})
    assert isinstance(own, StoredPrompt)
    assert isinstance(told, StoredPrompt)
    assert (own.language, told.language) == ("is", "en")
    assert own.prompt_id == told.prompt_id
    assert own.digest != told.digest
    assert unkept == {"source": 1}
