"""Names of the arena's cookies."""

RATER = "arena_rater"
"""Of a rater without an account, in the default workspace."""
SESSION = "arena_session"


def of_session(*, secure: bool) -> str:
    """The cookie of a session: with HTTPS under a name that no other host can set."""
    return f"__Host-{SESSION}" if secure else SESSION


def of_rater(workspace: str, default: str) -> str:
    """The cookie of a rater without an account."""
    return RATER if workspace == default else f"{RATER}_{workspace}"
