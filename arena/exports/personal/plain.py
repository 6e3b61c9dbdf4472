"""A text in plain letters, so that one pattern fits every way of writing: each finder reads this, not the text.

Unicode spaces become spaces, hyphens and digits of any script ASCII ones, full-width forms their narrow twins. What
nobody sees (zero-width spaces, soft hyphens, direction marks) is dropped. Positions lead back to the text as it was.
"""

import bisect
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

WORD = "0-9A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
"""For a class of a pattern: letters that make what stands beside them a part of a word. Those of Chinese, Japanese,
Korean, Arabic and Hindi do not: there numbers and addresses are written on to words."""
HYPHENS = "\u2010\u2011\u2012\u2013\u2212\ufe58\ufe63"
"""Those that join. An em dash parts two clauses and stays what it is."""
DOTS = "\u2024"
LINE_ENDS = "\u0085\u2028\u2029"
UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


class _Letters(dict[int, str]):
    """The plain letter of every character, asked for once: one for one, so that positions stay."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        category = unicodedata.category(character)
        if category == "Zs":
            character = " "
        elif category == "Nd":
            character = str(unicodedata.decimal(character))
        elif "\uff01" <= character <= "\uff5e":
            character = chr(point - 0xFEE0)
        self[point] = character
        return character


LETTERS = _Letters(
    {ord(character): plain for many, plain in ((HYPHENS, "-"), (DOTS, "."), (LINE_ENDS, "\n")) for character in many}
    | {ord("\t"): " ", ord("\r"): " "}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A text as finders read it."""

    text: str
    dropped: Sequence[int]
    """For each character that was dropped, where in this text it would stand; in order."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]`, which is not empty, stood."""
        if not self.dropped:
            return start, end
        return start + bisect.bisect_right(self.dropped, start), end + bisect.bisect_right(self.dropped, end - 1)


def plain_text(text: str) -> Plain:
    """The text as finders read it."""
    if text.isascii():
        return Plain(text=text.replace("\t", " ").replace("\r", " "), dropped=())
    plain = text.translate(LETTERS)
    dropped = [match.start() - count for count, match in enumerate(UNSEEN.finditer(plain))]
    return Plain(text=UNSEEN.sub("", plain) if dropped else plain, dropped=dropped)
