"""How a sentence counts things, and whether a text says anything."""

import unicodedata

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Categories of Unicode that show nothing by themselves; of a zero-width space nobody can say what was meant."""


def counted(count: int, noun: str) -> str:
    """A number of things: `1 vote`, `2,000 votes`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def visible(text: str) -> bool:
    """Whether anything of a text can be seen."""
    return text[:1].isalnum() or any(unicodedata.category(sign) not in INVISIBLE for sign in text)
