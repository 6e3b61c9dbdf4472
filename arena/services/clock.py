"""The clock of the arena. Services are given it as an argument, so that a test can fix the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time, UTC, in the microseconds the store keeps."""
    return datetime.now(UTC)
