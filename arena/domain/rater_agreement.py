"""How a rater's votes compare with those of others: counts, and no score made of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterAgreement:
    """Counts over the votes of one rater that count."""

    votes: int = 0
    compared: int = 0
    """Votes of others on the battles this rater voted on: each is compared with the rater's own."""
    agreed: int = 0
    """Of those, the ones with the same outcome."""

    @property
    def agreement(self) -> float | None:
        """Share of the compared votes with the same outcome; None for a rater who shares no battle with anybody."""
        return self.agreed / self.compared if self.compared else None
