"""Names of the arena's cookies."""

RATER = "arena_rater"
"""Of a rater without an account, in the default workspace."""
SESSION = "arena_session"
ORGANISATION = "arena_organisation"


def of_session(*, secure: bool) -> str:
    """The cookie of a session: with HTTPS under a name that no other host can set."""
    return f"__Host-{SESSION}" if secure else SESSION


def of_organisation(*, secure: bool) -> str:
    """The cookie of a browser that is on its way to the organisation's page and back."""
    return f"__Host-{ORGANISATION}" if secure else ORGANISATION


def of_rater(workspace: str, default: str) -> str:
    """The cookie of a rater without an account."""
    return RATER if workspace == default else f"{RATER}_{workspace}"
