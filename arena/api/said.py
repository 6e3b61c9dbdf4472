"""What the OpenAPI document says of values that the arena itself checks.

Each is a text or a number for pydantic, so that the arena refuses with a sentence of its own, which names what it
accepts; in the document it is what the arena takes.
"""

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import WithJsonSchema

UNSEEN: Final = (
    "\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890-\\u0891\\u08e2\\u1680\\u180e\\u2000-\\u200f"
    "\\u2028-\\u202f\\u205f-\\u2064\\u2066-\\u206f\\u3000\\ufeff\\ufff9-\\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""Signs that show nothing (`arena.domain.wording.INVISIBLE`), as a regular expression has them between brackets."""
VISIBLE: Final = f"^[^\\u0000]*[^{UNSEEN}][^\\u0000]*$"
WITHOUT_NUL: Final = "^[^\\u0000]*$"
CONTROLS: Final = "\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u2029"
LINE: Final = f"^[^{CONTROLS}]*$"
VISIBLE_LINE: Final = f"^[^{CONTROLS}]*[^{UNSEEN}][^{CONTROLS}]*$"
SLUG: Final = "^[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]$"
EMAIL: Final = "^[!-?A-~]{1,64}@[0-9A-Za-z][0-9A-Za-z.-]{0,188}$"
UNIT: Final = "^[A-Za-z][A-Za-z0-9 -]{0,30}$"


def one_of(words: Iterable[str]) -> WithJsonSchema:
    """One of these words."""
    return WithJsonSchema({"type": "string", "enum": [str(word) for word in words]})


def text(most: int, pattern: str = VISIBLE) -> WithJsonSchema:
    """A text of so many characters at most."""
    least = {"minLength": 1} if pattern in (VISIBLE, VISIBLE_LINE) else {}
    return WithJsonSchema({"type": "string", **least, "maxLength": most, "pattern": pattern})


def whole(least: int, most: int) -> WithJsonSchema:
    """A whole number from one to another."""
    return WithJsonSchema({"type": "integer", "minimum": least, "maximum": most})


KEY: Final = "^[!-~]([ -~]{0,198}[!-~])?$"
"""An Idempotency-Key."""
Path = Annotated[str, WithJsonSchema({"type": "string", "pattern": "^/[^\\u0000]+$"})]
"""A whole path on the arena's machine."""
Slug = Annotated[str, WithJsonSchema({"type": "string", "pattern": SLUG})]
Unit = Annotated[str, WithJsonSchema({"type": "string", "pattern": UNIT})]
Email = Annotated[str, text(254, EMAIL)]
Moment = Annotated[str, WithJsonSchema({"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]})]
"""`YYYY-MM-DD`, or RFC 3339."""
