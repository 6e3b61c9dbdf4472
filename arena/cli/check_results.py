"""What `arena doctor` says of one thing that it looked at."""

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """What a check found."""

    FINE = "fine"
    NOTE = "note"
    """Worth knowing, and nothing is broken."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One thing that was looked at."""

    check: str
    state: CheckState
    sentence: str
    """What is the case, and what to do where that is wrong."""


def fine(check: str, sentence: str) -> CheckResult:
    """All is well."""
    return CheckResult(check=check, state=CheckState.FINE, sentence=sentence)


def note(check: str, sentence: str) -> CheckResult:
    """Nothing is broken."""
    return CheckResult(check=check, state=CheckState.NOTE, sentence=sentence)


def wrong(check: str, sentence: str) -> CheckResult:
    """Something is to be done."""
    return CheckResult(check=check, state=CheckState.WRONG, sentence=sentence)
