"""Browsers as they name themselves, and what people call them; any other client is a program."""

BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
"""As browsers name themselves; some name others, too, so the first that is found is it."""
NAMES = {"Edg": "Edge", "OPR": "Opera"}
_CALLED = tuple(NAMES.get(name, name) for name in BROWSERS)


def is_browser(client: str) -> bool:
    """Whether a client, as a session names it, is a browser."""
    return client.partition(" on ")[0] in _CALLED
