"""How a sentence counts things, whether a text says anything, and one spelling for each sign of it."""

import functools
import re
import unicodedata
from typing import Final, Literal

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Categories of Unicode that show nothing by themselves; of a zero-width space nobody can say what was meant."""

BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode that a line of text may not hold: controls, half characters, line and paragraph separators."""

CLOSING = frozenset({"Pe", "Pf", "Pi"})
"""Categories of Unicode that close brackets and quotations: languages differ in which of two marks does."""

MARKS = frozenset({"Mc", "Me", "Mn"})
"""Categories of Unicode that belong to the letter before them."""

MARKS_IN_A_RUN: Final = 30
"""No language writes more combining marks on one letter; Unicode Standard Annex 15 calls such a text stream-safe."""
_MAY_BE_MARKS: Final = re.compile(f"[\\W\uff9e\uff9f]{{{MARKS_IN_A_RUN + 1},}}")


def counted(count: int, noun: str) -> str:
    """A number of things: `1 vote`, `2,000 votes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def ended(text: str) -> str:
    """What somebody wrote as a sentence that another can follow: with a full stop where it ends with a word, be it in
    brackets or quotation marks."""
    bare = text.rstrip()
    inside = bare
    while inside and (inside[-1] in "\"'" or unicodedata.category(inside[-1]) in CLOSING):
        inside = inside[:-1].rstrip()
    is_word = inside[-1:].isalnum() or unicodedata.category(inside[-1:] or " ") in MARKS
    return f"{bare}." if is_word else bare


def in_one_line(text: str) -> bool:
    """Whether a text has no controls, line breaks and half characters."""
    return not any(unicodedata.category(sign) in BREAKING for sign in text)


def storable(text: str) -> bool:
    """Whether a text holds neither NUL nor half a character, which no database keeps."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def visible(text: str) -> bool:
    """Whether anything of a text can be seen."""
    return text[:1].isalnum() or any(unicodedata.category(sign) not in INVISIBLE for sign in text)


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """A text from outside in a form of Unicode, without the marks that a run of them has too many."""
    return unicodedata.normalize(form, stream_safe(text))


def stream_safe(text: str) -> str:
    """A text without the marks that a run of them has too many: to order a run takes the square of its length."""
    return text if text.isascii() else _MAY_BE_MARKS.sub(_shortened, text)


def _shortened(found: re.Match[str]) -> str:
    kept, run = [], 0
    for sign in found[0]:
        run = run + 1 if is_mark(sign) else 0
        if run <= MARKS_IN_A_RUN:
            kept.append(sign)
    return "".join(kept)


@functools.lru_cache(maxsize=4096)
def is_mark(sign: str) -> bool:
    """Whether a sign joins the run of marks before it: nothing in it stays where it is when marks are ordered."""
    return all(map(unicodedata.combining, unicodedata.normalize("NFKD", sign)))
