"""A message's content is parts, and one text is read and written as that text."""

import pytest

from arena.domain import parts
from arena.domain.battle import Message
from arena.domain.parts import Media, MediaKind, Text

PICTURE = Media(kind=MediaKind.IMAGE, sha256="ab" * 32, media_type="image/png")


def test_one_text_is_that_text_in_json() -> None:
    content = parts.of_text("Why?")
    assert parts.to_json(content) == "Why?"
    assert parts.from_json("Why?") == content
    assert Message.of_text(role="user", text="Why?").text == "Why?"


def test_a_picture_keeps_its_place_between_texts() -> None:
    content = (Text(text="This"), PICTURE, Text(text="or that?"))
    told = parts.to_json(content)
    assert told == [
        {"type": "text", "text": "This"},
        {"type": "image", "media_type": "image/png", "sha256": "ab" * 32},
        {"type": "text", "text": "or that?"},
    ]
    assert parts.from_json(told) == content
    assert parts.words(content) == "This\n\nor that?"
    assert not parts.plain(content)


def test_what_changes_texts_leaves_files_alone() -> None:
    assert parts.mapped((PICTURE, Text(text="a")), str.upper) == (PICTURE, Text(text="A"))


@pytest.mark.parametrize(
    "told",
    [
        [{"type": "text"}],
        [{"type": "smell", "media_type": "image/png", "sha256": "ab"}],
        [{"type": "text", "text": "a", "more": 1}],
        [{"type": "image", "media_type": "image/png"}],
    ],
)
def test_nothing_else_is_a_part(told: list[dict[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"part|smell"):
        parts.from_json(told)


def test_media_are_stored_as_a_message_says_them() -> None:
    media = (Media(kind=MediaKind.IMAGE, sha256="5c1d", media_type="image/png"),)
    assert parts.media_from_text(parts.media_to_text(media)) == media
    assert parts.media_to_text(()) is None
    assert parts.media_from_text(None) == ()
