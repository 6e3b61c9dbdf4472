"""Every setting of a fit, checked once; a board carries all of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from leaderboards import errors

TIES = ("half", "drop", "davidson", "rao-kupper")
BOTH_BAD = ("tie", "drop", "separate")
INTERVALS = ("sandwich", "bootstrap", "none")
WEIGHTS = ("none", "pair-frequency", "draw-probability")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How votes become a board."""

    method: str = "bradley-terry"
    ties: str = "half"
    both_bad: str = "tie"
    """tie: counted as `ties` says; drop: left out; separate: left out, and each model's rate of them is given."""
    interval: str = "sandwich"
    level: float = 0.95
    cluster: tuple[str, ...] = ()
    """One or two columns; votes that share a value may depend on each other."""
    controls: tuple[str, ...] = ()
    anchor: tuple[str, float] | None = None
    """A model, and the rating it is given; otherwise the mean is 1000."""

    ridge: float = 0.0
    """Penalty ridge / 2 times the sum of squared strengths in logits; 0 shrinks nothing."""
    weights: str = "none"
    """pair-frequency: every pair weighs the same in total; draw-probability: a vote weighs one over its column."""

    replicates: int = 1000
    """How often the bootstrap refits."""
    seed: int = 0
    """Of everything drawn at random."""

    k: float = 4.0
    """How far one vote moves an online Elo rating at most."""
    orders: int = 1
    """Online Elo: 1 keeps the order of the votes, more average over as many shuffled orders."""

    @property
    def ties_count(self) -> bool:
        """Whether a tie enters the fit at all."""
        return self.ties != "drop"

    @property
    def both_bad_count(self) -> bool:
        """Whether a both-bad vote enters it, as a tie."""
        return self.ties_count and self.both_bad == "tie"

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        _one_of("ties", self.ties, TIES)
        _one_of("both_bad", self.both_bad, BOTH_BAD)
        _one_of("interval", self.interval, INTERVALS)
        _one_of("weights", self.weights, WEIGHTS)
        if not 0 <= self.ridge <= 1e9:
            raise errors.InputError(f"ridge is {self.ridge:g}; it must be 0 or more, such as 0.5.")
        if self.ridge and self.method != "bradley-terry":
            raise errors.InputError(f"ridge shrinks Bradley-Terry strengths; method={self.method} has none, so use 0.")
        if self.weights != "none" and self.method == "elo":
            raise errors.InputError(
                f"Elo follows votes one by one; weights={self.weights} goes with the other methods."
            )
        if not 0 < self.level < 1:
            raise errors.InputError(f"level is {self.level:g}; it must lie between 0 and 1, such as 0.95.")
        if self.replicates < 2:
            raise errors.InputError(f"replicates is {self.replicates}; the bootstrap needs at least 2.")
        if self.interval == "bootstrap" and len(self.cluster) > 1:
            raise errors.InputError("The bootstrap resamples one cluster column; use interval=sandwich for two.")
        if not 0 < self.k <= 1000 or not 1 <= self.orders <= 10_000:
            raise errors.InputError("k must lie between 0 and 1000, and orders between 1 and 10,000.")
        if len(self.cluster) > 2:
            raise errors.InputError(f"cluster names {len(self.cluster)} columns; one or two are possible.")


def columns(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """Column names from one name, several, or a comma-separated list."""
    if given is None:
        return ()
    listed = given.split(",") if isinstance(given, str) else list(given)
    return tuple(dict.fromkeys(name.strip() for name in listed if name.strip()))


def anchored(given: str | tuple[str, float] | None) -> tuple[str, float] | None:
    """A model and its rating from `MODEL=1000` or a pair."""
    if given is None or given == "":
        return None
    if not isinstance(given, str):
        return str(given[0]), float(given[1])
    model, equals, rating = given.rpartition("=")
    try:
        number = float(rating)
    except ValueError:
        number = float("nan")
    if not equals or not model or not -1e9 < number < 1e9:
        raise errors.InputError(f'anchor is "{given}"; it must be a model and its rating, such as MODEL=1000.')
    return model, number


def _one_of(name: str, value: str, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise errors.InputError(f'{name} is "{value}"; accepted: {", ".join(accepted)}.')
