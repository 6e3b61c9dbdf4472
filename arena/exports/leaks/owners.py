"""What the model that answers is called: itself, its family and its makers, in every script.

`families.txt` says which names go together. A model belongs to a family whose name stands in its own name or in its
server's; of "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B" those are two.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from arena.exports.leaks import folding, names
from arena.exports.leaks.names import OwnKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Names that go together."""

    models: tuple[tuple[str, OwnKind], ...]
    makers: tuple[tuple[str, OwnKind], ...]


_LISTED = Path(__file__).with_name("families.txt")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
SHORTEST = 4
"""Letters of a word of a model's name that stands in no list and is looked for by itself."""
_GENERAL = frozenset(
    (
        "instruct",
        "chat",
        "base",
        "preview",
        "turbo",
        "mini",
        "small",
        "large",
        "medium",
        "tiny",
        "flash",
        "lite",
        "nano",
        "plus",
        "coder",
        "code",
        "vision",
        "thinking",
        "distill",
        "latest",
        "experimental",
        "free",
        "fast",
        "model",
        "beta",
        "alpha",
        "gamma",
        "delta",
        "test",
        "demo",
        "local",
        "assistant",
        "language",
        "open",
        "server",
        "default",
        "terse",
        "other",
        "answer",
    )
)
"""Words in the names of models that name none."""


@functools.lru_cache(maxsize=1024)
def own(model: str, served: str) -> Mapping[str, OwnKind]:
    """The folded names of a model, its family and its makers, each with its kind."""
    whole = folding.folded(served or model)
    organisation, _, called = whole.rpartition("/")
    parts = [_PARTS.findall(part) for part in (called, folding.folded(model))]
    found: dict[str, OwnKind] = {}
    mine = [family for family in _families() if any(_within(name, part) for name, _ in family.models for part in parts)]
    theirs = [
        family for family in _families() if organisation and any(_same(n, organisation) for n, _ in family.makers)
    ]
    for family in mine:
        _spell(found, family.models)
    for family in (*mine, *theirs):
        _spell(found, family.makers)
    if len(organisation) >= SHORTEST:
        _spell(found, [(" ".join(_PARTS.findall(organisation)), OwnKind.MAKER)])
    first = next((part for part in parts[0] if part.isalpha()), "")
    if not mine and served and len(first) >= SHORTEST and first not in _GENERAL:
        found.setdefault(first, OwnKind.MODEL_OR_ELSE)
    for part in parts:
        if len(part) > 1 and len("".join(part)) > SHORTEST and not _GENERAL.issuperset(part):
            _spell(found, [(" ".join(part), OwnKind.MODEL)])
    return found


def _spell(found: dict[str, OwnKind], listed: "list[tuple[str, OwnKind]] | tuple[tuple[str, OwnKind], ...]") -> None:
    for name, kind in listed:
        for spelling in names.spellings(name):
            found.setdefault(spelling, kind)


def _same(maker: str, organisation: str) -> bool:
    letters = "".join(_PARTS.findall(organisation))
    return maker.replace(" ", "") in (letters, letters.removesuffix("ai"), letters.removesuffix("llama"))


def _within(name: str, parts: list[str]) -> bool:
    """Whether the parts of a name stand side by side in those of another."""
    for spelling in {name, name.replace(" ", "")}:
        sought = _PARTS.findall(spelling)
        if sought and any(parts[at : at + len(sought)] == sought for at in range(len(parts))):
            return True
    return False


@functools.cache
def _families() -> tuple[Family, ...]:
    found = []
    for line in _LISTED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            models, makers = line.split("|")
            found.append(
                Family(
                    models=_read(models, OwnKind.MODEL, OwnKind.MODEL_OR_ELSE),
                    makers=_read(makers, OwnKind.MAKER, OwnKind.COMPANY),
                )
            )
    return tuple(found)


def _read(listed: str, clear: OwnKind, ambiguous: OwnKind) -> tuple[tuple[str, OwnKind], ...]:
    entries = [entry.strip() for entry in listed.split(",")]
    return tuple(
        (folding.folded(entry.removeprefix("!")), ambiguous if entry.startswith("!") else clear) for entry in entries
    )
