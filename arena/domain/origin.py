"""Where an imported battle came from. A battle that was fought here has no origin."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the source says of one battle, and the digest that identifies the battle."""

    source: str
    """The name of the data set, as the import gave it, or otherwise the name of its shape."""
    item: str
    """The source's id of the battle; its digest where the source has none."""
    language: str | None
    """As the source spells it: `English`, `en`. None where it does not say."""
    category: str | None
    timed: bool
    """Whether the source says when votes were cast. If not, the votes carry the time of the import."""
    digest: str
    """SHA-256 over item, models and texts: a battle with the same digest is the same battle."""
