"""What a message says: parts in their order. A picture, a sound or a film is named by the hash of its bytes.

In JSON (what the ledger commits to, and what is stored) one text is that text alone, and anything else a list:

    "Why is the sky blue?"
    [{"type": "image", "media_type": "image/png", "sha256": "5c1d..."}, {"type": "text", "text": "What is this?"}]
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class MediaKind(StrEnum):
    """What a part is, if not text."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A part in words."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A part that is a file."""

    kind: MediaKind
    sha256: str
    """Of its bytes, in hex."""
    media_type: str
    """Such as `image/png`."""


Part = Text | Media
Content = tuple[Part, ...]


def of_text(text: str) -> Content:
    """Content that is one text."""
    return (Text(text=text),)


def words(content: Content) -> str:
    """All that a content says in words; texts apart from each other by an empty line."""
    if len(content) == 1 and isinstance(content[0], Text):
        return content[0].text
    return "\n\n".join(part.text for part in content if isinstance(part, Text))


def plain(content: Content) -> bool:
    """Whether a content is one text and nothing else."""
    return len(content) == 1 and isinstance(content[0], Text)


def media(content: Content) -> tuple[Media, ...]:
    """The pictures, sounds and films of a content."""
    return tuple(part for part in content if isinstance(part, Media))


def mapped(content: Content, change: Callable[[str], str]) -> Content:
    """A content with its texts changed."""
    return tuple([Text(text=change(part.text)) if isinstance(part, Text) else part for part in content])


def to_json(content: Content) -> str | list[dict[str, str]]:
    """The one form of a content in JSON."""
    if len(content) == 1 and isinstance(content[0], Text):
        return content[0].text
    return [_part_to_json(part) for part in content]


def from_json(document: str | Sequence[Mapping[str, Any]]) -> Content:
    """The content that was written so. Raises `ValueError` for anything else."""
    if isinstance(document, str):
        return of_text(document)
    return tuple(_part_from_json(part) for part in document)


def media_to_text(media: Sequence[Media]) -> str | None:
    """Media as a column holds them; None for none."""
    return json.dumps([_part_to_json(one) for one in media]) if media else None


def media_from_text(stored: str | None) -> tuple[Media, ...]:
    """What was stored so. Raises `ValueError` for anything else."""
    return () if stored is None else media(from_json(json.loads(stored)))


def _part_to_json(part: Part) -> dict[str, str]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    return {"type": part.kind.value, "media_type": part.media_type, "sha256": part.sha256}


def _part_from_json(part: Mapping[str, Any]) -> Part:
    match part:
        case {"type": "text", "text": str(text), **rest} if not rest:
            return Text(text=text)
        case {"type": str(kind), "media_type": str(media_type), "sha256": str(sha256), **rest} if not rest:
            return Media(kind=MediaKind(kind), sha256=sha256, media_type=media_type)
    raise ValueError(f"{part!r} is no part of a message")
