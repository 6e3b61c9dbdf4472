"""Names of models and of those who make them, each with how much it says by itself.

In `names.txt` a name is in lower case, with a blank where its parts may stand together, apart, or be joined by a mark.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from arena.exports.leaks import folding


class NameKind(StrEnum):
    """What a name can be beside a name: the letter stands for it in a clause."""

    MODEL = "1"
    """A model and nothing else."""
    PERSON = "2"
    """A model, and a person, an animal or a sign of the zodiac."""
    MAKER = "3"
    """Somebody who makes models."""
    COMPANY = "4"
    """Somebody who makes models, and much else."""
    WORD = "5"
    """A model, and a common word."""


class OwnKind(StrEnum):
    """What a name of the answering model itself is. The digit stands for it in a clause, as in `NameKind`."""

    MODEL = "6"
    """The model or its family, and nothing else."""
    MODEL_OR_ELSE = "7"
    """The model or its family, and a person, an animal or a word."""
    MAKER = "8"
    """Who made it, and makes nothing else."""
    COMPANY = "9"
    """Who made it, and makes much else."""


_LISTED = Path(__file__).with_name("names.txt")
VERSION = re.compile(
    r"(?:[\s\-_.:/]{0,2}(?:v?\d+(?:\.\d+)*(?:[bmkot]|bit)?|x?\d+x\d+b|turbo|mini|nano|pro|flash|ultra|plus|max|lite|large|medium|"
    r"small|instruct|chat|preview|base|opus|sonnet|haiku|thinking|omni|coder|vision|code|next|exp|it|hf|gguf|awq|r\+?|"
    r"four|three|five|bot)(?![a-z\u00e0-\u024f]))+"
)
"""What follows a name and belongs to it."""
_JOINTS = ("", " ", "-", "_", ".")
_SUFFIX = "\u0430-\u044f"
"""Russian names are declined."""
BESIDE = re.compile("[a-z\u00e0-\u024f\u0430-\u044f]")
"""A letter that makes a longer word of a name it stands beside; other scripts set no space beside one."""


def spellings(name: str) -> list[str]:
    """A name with its parts apart, together and joined by marks."""
    return [joint.join(name.split(" ")) for joint in (_JOINTS if " " in name else ("",))]


def known() -> dict[str, NameKind]:
    """Every spelling of the names in `names.txt`; the first kind given for one holds."""
    found: dict[str, NameKind] = {}
    sections = re.split(r"(?m)^\[(\d)\].*$", _LISTED.read_text(encoding="utf-8"))[1:]
    for kind, names in zip(sections[::2], sections[1::2], strict=True):
        for name in names.replace("\n", " ").split(","):
            for spelling in spellings(" ".join(name.split())):
                found.setdefault(spelling, NameKind(kind))
    return found


def own(models: Iterable[str]) -> dict[str, NameKind]:
    """What a model of the battle is called here and by its server, with the organisation before it and without.

    A name that is one common word and no number says little by itself, as `Kind.WORD`.
    """
    found = {}
    for model in models:
        organisation, _, name = model.casefold().rpartition("/")
        for called in (name, f"{organisation}/{name}" if organisation else ""):
            parts = re.findall(r"[^\W\d_]+|\d+", called)
            if sum(map(len, parts)) < SHORTEST:
                continue
            kind = NameKind.MODEL if len(parts) > 1 else NameKind.WORD
            marks = re.findall(r"[\W_]+", called)
            for joint in {*_JOINTS, *marks}:
                found[joint.join(parts)] = kind
            found[called] = kind
            bare = re.sub(r"[\W_]+", " ", called).strip()
            found[bare] = found[bare.replace(" ", "-")] = found[bare.replace(" ", "")] = kind
        if len(organisation) >= SHORTEST:
            found[organisation] = NameKind.MAKER
    return found


SHORTEST = 3
"""Letters and digits of the shortest name of a model that is looked for."""


def backwards(names: Iterable[str]) -> dict[str, str]:
    """Long names by how they read from the end, and thirteen letters on (ROT13)."""
    turned = {}
    for name in names:
        if len(name) >= 6 and name.isascii() and name.isalpha():
            turned[name[::-1]] = name
            turned[name.translate(folding.ROT13)] = name
    return turned


_SCRIPTS = (
    (BESIDE, BESIDE),
    (re.compile("[\u0620-\u06d3]"), re.compile("[\u0620-\u06d3]")),
    (re.compile("[\uac00-\ud7a3]"), None),
    (re.compile("[\u30a0-\u30ff]"), re.compile("[\u30a0-\u30ff]")),
    (re.compile("[\u0900-\u097f]"), re.compile("[\u0900-\u097f]")),
)
_VERB = re.compile(r"\b(?:se|te|me lo|le|lo|la|las|nos|os|una) $")
"""Before Spanish "llama": it is called, it calls; the animal, the flame."""
_PREFIXES = re.compile("(?:^|[^\u0620-\u06d3])[\u0648\u0628\u0643\u0641\u0644]?(?:\u0627\u0644)?\u0644?$")
"""What Arabic sets before a word without a space."""
_DECLINED = re.compile(r"(?:\u0430|\u0443|\u0435|\u043e\u043c|\u043e\u0438|\u044b|\u0438|\u044e)?(?![\u0430-\u044f])")


def stands(text: str, start: int, end: int) -> bool:
    """Whether what is there is a word, and no part of a longer one."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if text.startswith("llama", start) and _VERB.search(text[max(0, start - 6) : start]):
        return False
    for left, right in _SCRIPTS:
        if not left.match(text[start]):
            continue
        if (
            before
            and left.match(before)
            and not (before >= "\u0600" and _PREFIXES.search(text[max(0, start - 5) : start]))
        ):
            return False
        if "\u0430" <= text[end - 1] <= "\u044f":
            return _DECLINED.match(text, end) is not None
        return not (right is not None and after and right.match(text[end - 1]) and right.match(after))
    return not (before.isdigit() and text[start].isdigit())


def kind(known: NameKind | OwnKind, *, numbered: bool) -> NameKind | OwnKind:
    """What a name says with a version behind it: no person and no word has a number."""
    if numbered and known in (NameKind.PERSON, NameKind.WORD):
        return NameKind.MODEL
    return OwnKind.MODEL if numbered and known is OwnKind.MODEL_OR_ELSE else known
