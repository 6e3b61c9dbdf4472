"""A cut: the part of the votes that a board is fitted from. `board_settings` says it in the words of a query."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

UNCATEGORISED = "uncategorised"
"""The category of prompts whose source or set names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which votes, besides whether held ones are among them. None: all."""

    campaign: str | None = None
    language: str | None = None
    """As the source of an import or a prompt set says it."""
    category: str | None = None
    prompt: str | None = None
    """The id of one prompt, as `tally.PROMPT_ID` makes it. No word of a query: boards name it by `by` and
    `value`."""
    since: datetime | None = None
    """UTC; votes cast at this time or later. Those whose time nobody knows are left out, as with `until`."""
    until: datetime | None = None
    """UTC; votes cast before this time."""

    @property
    def whole_days(self) -> bool:
        """Whether it begins and ends with a day, UTC."""
        moments = [one.astimezone(UTC) for one in (self.since, self.until) if one is not None]
        return all(one.time() == time() for one in moments)


WHOLE = Cut()
"""All votes."""
