"""How a conversation becomes one text, for base models that have no chat template.

A template is part of what a model is: the same name always makes the same text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from arena.domain.battle import Message

SPEAKERS: Final = {"system": "System", "user": "User", "assistant": "Assistant"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One way to write a conversation down."""

    text: Callable[[str | None, Sequence[Message]], str]
    """Of the system prompt and the conversation."""
    stop: tuple[str, ...] = ()
    """What a model writes where it would go on with the next turn itself."""


def _dialogue(system: str | None, messages: Sequence[Message]) -> str:
    turns = [f"{SPEAKERS[message.role]}: {message.text}" for message in messages]
    opening = [] if system is None else [system, ""]
    return "\n".join([*opening, *turns, f"{SPEAKERS['assistant']}:"])


def _continuation(system: str | None, messages: Sequence[Message]) -> str:
    opening = [] if system is None else [system]
    return "\n\n".join([*opening, *(message.text for message in messages)])


TEMPLATES: Final[Mapping[str, Template]] = {
    "dialogue": Template(text=_dialogue, stop=("\nUser:",)),
    "continuation": Template(text=_continuation),
}
"""By the names that a configuration gives them."""
