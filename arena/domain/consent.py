"""What raters are told about their prompts and votes before they give them, by version, and how far they agree to it.

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
"""By version, the oldest first."""
VERSION = "1"
"""Of the text that is shown now."""


class Scope(StrEnum):
    """What a rater's prompts and votes, earlier and later ones, may be used for in whatever is made from now on.

    `public`: all that the text says, and what holds until a rater chooses · `private`: boards, and training by whoever
    runs this arena; not in a release that is published.
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
        """What its line of the ledger commits to."""
        return commitment(self.choice_id, self.scope, removal.hashed(self.rater_id))


def commitment(choice_id: str, scope: Scope, rater_sha256: str) -> str:
    """The commitment to a choice; it can still be told when nothing but the hash of its rater is kept."""
    return hashlib.sha256(ledger.canonical([choice_id, scope, rater_sha256])).hexdigest()
