"""`exports.folder.files`: whatever a text holds, it is one line, and a file is never written over."""

import hashlib
import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.exports.folder import files
from tests.exports import making


@pytest.mark.parametrize("text", making.HOSTILE)
def test_a_hostile_text_is_one_line_and_comes_back_as_it_was(text: str) -> None:
    line = files.json_line({"text": text}).decode()
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {"text": text}


@given(st.text())
def test_any_unicode_text_is_one_line_and_comes_back_as_it_was(text: str) -> None:
    line = files.json_line({"text": text}).decode()
    assert len(line.splitlines()) == 1
    assert json.loads(line) == {"text": text}


@given(st.lists(st.text() | st.sampled_from(making.HOSTILE)))
def test_texts_that_are_spelt_together_are_spelt_as_alone(texts: list[str]) -> None:
    assert files.json_texts(texts) == [files.json_line([text])[1:-2] for text in texts]


def test_half_a_character_is_spelt_with_no_other_text() -> None:
    with pytest.raises(orjson.JSONEncodeError):
        files.json_texts(["whole", "\ud83d"])


def test_json_alone_would_break_lines_within_a_text() -> None:
    """Positive control of the two tests above."""
    line = json.dumps({"text": "a\u2028b\x85c"}, ensure_ascii=False)
    assert len(line.splitlines()) == 3


@pytest.mark.parametrize("text", ["\ud83d", "a\udc00b", "\udc00\ud800"])
def test_half_a_character_is_told_apart_from_a_bug(text: str) -> None:
    with pytest.raises(files.NotUnicodeError):
        files.json_line({"messages": [{"content": text}]})
    with pytest.raises(TypeError, match="not JSON serializable"):
        files.json_line({"messages": [{"content": object()}]})


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(FileExistsError):
        files.write_text(tmp_path, "README.md", "yours")
    assert (tmp_path / "README.md").read_text() == "mine"


@pytest.mark.parametrize("more", [-1, 0, 1, files.PIECE])
def test_a_file_holds_what_was_written_to_it_at_once(tmp_path: Path, more: int) -> None:
    content = bytes(number % 251 for number in range(files.PIECE + more))
    file = files.HashedFile(tmp_path / "file")
    assert file.write(content) == len(content)
    file.close()
    assert (tmp_path / "file").read_bytes() == content
    entry = file.entry("file", None)
    assert (entry.bytes, entry.sha256) == (len(content), hashlib.sha256(content).hexdigest())
