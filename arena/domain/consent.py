"""What raters are told about the use of their prompts and votes, by version, and how far each agrees to it.

A text is never changed: a new one gets the next number, and is shown from then on. The battle page shows the newest.
Until there is a second one, every vote that was given here was given under the first; whoever writes the second also
records from which line of the ledger on it was shown.

A rater may narrow what the text says, and widen it again (docs/decisions/0016). Each choice is a line of the ledger:

    commitment = SHA-256(canonical JSON of [choice id, scope, SHA-256 of the rater's id])
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from arena.domain import ledger, removal
from arena.domain.ids import RaterId

TEXTS = {"1": "Do not enter personal details: prompts and votes may be published in a release."}
"""The texts by version, the oldest first."""
VERSION = "1"
"""The version of the text that is shown now."""


class Scope(StrEnum):
    """What all prompts and votes of a rater may be used for from now on.

    `public`: everything that the text says; this holds until a rater chooses · `private`: boards, and training by
    whoever runs this arena; not in a release that is published.
    """

    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a rater chose."""

    choice_id: str
    rater_id: RaterId
    scope: Scope
    chosen_at: datetime
    """UTC."""

    def commitment(self) -> str:
        """What the choice's line in the ledger commits to."""
        return commitment(self.choice_id, self.scope, removal.hashed(self.rater_id))


def commitment(choice_id: str, scope: Scope, rater_sha256: str) -> str:
    """The commitment to a choice. It can be computed from the hash of the rater's id alone, after an erasure too."""
    return hashlib.sha256(ledger.canonical([choice_id, scope, rater_sha256])).hexdigest()
