"""What an audit says: findings, which votes are held for them, and which wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from arena.quality.arrays import Flags, Integers
from arena.quality.honest import Spreads

KINDS = {
    "lopsided": "votes that do not depend on the answers, with a side of their own",
    "careless": "votes that do not depend on the answers, like a coin",
    "half": "a coin in half of all votes",
    "inverted": "the worse answer on purpose",
    "push": "one model lifted or lowered wherever it appears",
    "hunt": "one model in far more battles than others meet it in, and judged as nobody else does",
    "ring": "accounts that share one deviation from the board",
    "pooled": "many accounts of one kind, none of which says enough alone",
    "cohort": "accounts with something in common that differ together from everybody else",
    "gold": "known answers missed, as if nobody looked",
    "repeat": "other outcomes for the same items when they are shown again, as if nobody looked",
    "quick": "votes cast before two answers can be read",
    "straight": "sides that follow the vote before instead of the answers",
    "skip": "battles skipped or stopped until one model comes",
    "apart": "votes that agree with others' on shared items no more than a coin's",
}
"""What a finding can be, in a few words."""
NOTED = frozenset({"apart"})
"""Kinds for which nothing is ever held: to agree less with others is no fault."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """One thing the audit found."""

    kind: str
    """One of `KINDS`."""
    raters: tuple[str, ...]
    model: str | None
    """The model it is about, where it is about one."""
    strength: float
    """Natural logarithm of the evidence over honest raters: 5 is 150 to 1."""
    rows: Integers
    """The votes that speak for it, by their places in what was given."""
    since: float | None
    """The moment (where none were given, the place) of the first of them; None when they are all the raters have."""
    pending: bool
    """Whether the votes wait, rather than being held."""
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Votes of one rater that are not counted: those since a moment, on one model or on all."""

    rater: str
    since: float | None
    """None: from the first."""
    model: str | None
    """None: on all."""
    votes: int
    pending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLimit:
    """One thing that could not be found in a log if it were there."""

    kind: str
    """`uncompared`: raters were not compared with each other. `ring`: a ring may be missed."""
    deviation: float | None = None
    """Of a ring, the logits by which it would have to deviate on every model to be found; None: it never is."""

    @property
    def sentence(self) -> str:
        """It in English."""
        if self.kind == "uncompared":
            return "Raters were not compared here. Comparing raters needs at least three raters and two models."
        if self.deviation is None:
            return "Rings cannot be found here: the votes do not say of any model how raters differ on it."
        return (
            "Rings may be missed here: so few raters cast so few votes on each model that a fifth of all accounts "
            f"would have to deviate by {self.deviation:.1f} logits on every model to be told from chance."
        )

    def document(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {"kind": self.kind, "deviation": self.deviation, "sentence": self.sentence}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Audit:
    """Everything one audit says about a log."""

    findings: tuple[Finding, ...]
    holds: tuple[Hold, ...]
    held: Flags
    """Of each vote given, whether it is not counted; pending ones included."""
    pending: Flags
    """Of each vote given, whether it waits."""
    spreads: Spreads
    """How much honest raters differ here."""
    ring_bar: float | None
    """What a ring had to pass, where one was looked at closely."""
    limits: tuple[AuditLimit, ...] = ()
    """What could not be found in this log if it were there."""

    @property
    def held_raters(self) -> tuple[str, ...]:
        """Whose votes are held, on all models or on one."""
        return _once(hold.rater for hold in self.holds if not hold.pending)

    @property
    def pending_raters(self) -> tuple[str, ...]:
        """Whose votes wait."""
        return _once(hold.rater for hold in self.holds if hold.pending)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
