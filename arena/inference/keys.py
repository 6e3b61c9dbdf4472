"""A model server's key: sent in one header, and shown nowhere."""

from typing import Final

HIDDEN: Final = "[key]"


class Key:
    """A key that prints as `[key]`, so that a traceback with local variables holds no secret either."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Raises `ValueError` without the value when it cannot be sent in a header."""
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise ValueError("a key is printable ASCII without spaces")
        self._value = value

    def __repr__(self) -> str:
        return HIDDEN

    def authorization(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self._value}"

    def cut_from(self, text: str) -> str:
        """A text from a server with the key replaced, should the server have echoed it."""
        return text.replace(self._value, HIDDEN)
