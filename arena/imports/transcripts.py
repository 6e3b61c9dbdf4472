"""Whole conversations in one text, as Anthropic's HH holds them: `\\n\\nHuman: ... \\n\\nAssistant: ...`."""

import re

from arena.domain.battle import Message
from arena.imports import cells
from arena.imports.imported_vote import RowFault

BEGINS = "\n\nHuman:"
SPEAKER = re.compile(r"\n\n(Human|Assistant):")
ROLES = {"Human": "user", "Assistant": "assistant"}


def begins(text: object) -> bool:
    """Whether a text is such a conversation."""
    return isinstance(text, str) and text.startswith(BEGINS)


def said(text: str, column: str) -> tuple[Message, ...]:
    """Its messages, without the blanks around them. An `Assistant:` with nothing behind it asks for the answer."""
    parts = SPEAKER.split(cells.text(text, column))[1:]
    found = [(ROLES[speaker], words.strip()) for speaker, words in zip(parts[::2], parts[1::2], strict=True)]
    if found[-1] == ("assistant", ""):
        found.pop()
    if any(role == before for (role, _), (before, _) in zip(found[1:], found, strict=False)):
        raise RowFault(f"in {column} the same side speaks twice on end, so nobody can say where a message ends.")
    return tuple(Message.of_text(role=role, text=words) for role, words in found)
