"""Where an imported battle came from. A battle that was fought here has no origin."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the source says of one battle, and what tells it from every other."""

    source: str
    """Name of the data set, as the import was told, or else of the shape it came in."""
    item: str
    """What the source calls the battle; its digest where the source has no name for it."""
    language: str | None
    """As the source spells it: `English`, `en`. None where it does not say."""
    category: str | None
    timed: bool
    """Whether the source says when it was voted on. Where not, the votes carry the time of the import."""
    digest: str
    """SHA-256 over item, models and texts: a battle with the same digest is the same battle."""
