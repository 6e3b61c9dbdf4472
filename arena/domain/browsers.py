"""Browsers as they name themselves, and what people call them; any other client is a program."""

BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
"""As browsers name themselves; some name others, too, so the first that is found is it."""
NAMES = {"Edg": "Edge", "OPR": "Opera"}
UNNAMED = "a program"
"""A client that says nothing of itself."""
_CALLED = (*(NAMES.get(name, name) for name in BROWSERS), "Mozilla", UNNAMED)
"""With those that keep their name to themselves: the browsers inside other apps of a telephone say Mozilla alone."""


def is_browser(client: str) -> bool:
    """Whether a client, as a session names it, is a browser, or may be one."""
    return client.partition(" on ")[0] in _CALLED
