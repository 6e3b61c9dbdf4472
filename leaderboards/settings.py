"""Every setting of a fit, checked once; a board carries all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from leaderboards import errors

Method = Literal["bradley-terry", "elo", "win-rate", "crowd-bt"]
Ties = Literal["half", "drop", "davidson", "rao-kupper"]
BothBad = Literal["tie", "drop", "separate"]
Kind = Literal["sandwich", "bootstrap", "none"]
Weights = Literal["none", "pair-frequency", "draw-probability"]

NO_CLUSTER = "none"
"""What `cluster` says where votes are independent."""

METHODS: tuple[Method, ...] = get_args(Method)
TIES: tuple[Ties, ...] = get_args(Ties)
BOTH_BAD: tuple[BothBad, ...] = get_args(BothBad)
INTERVALS: tuple[Kind, ...] = get_args(Kind)
WEIGHTS: tuple[Weights, ...] = get_args(Weights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How votes become a board."""

    method: Method = "bradley-terry"
    ties: Ties = "half"
    both_bad: BothBad = "tie"
    """tie: counted as `ties` says; drop: left out; separate: left out, and each model's rate of them is given."""
    interval: Kind = "sandwich"
    level: float = 0.95
    cluster: tuple[str, ...] = ()
    """One or two columns; votes that share a value may depend on each other."""
    controls: tuple[str, ...] = ()
    anchor: tuple[str, float] | None = None
    """A model, and the rating it is given; otherwise the mean is 1000."""

    ridge: float = 0.0
    """Penalty ridge / 2 times the sum of squared strengths in logits; 0 shrinks nothing."""
    weights: Weights = "none"
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
        """Refuse values that are out of range."""
        for name in ("level", "ridge", "k"):
            _number(name, getattr(self, name), int | float)
        for name in ("replicates", "orders", "seed"):
            _number(name, getattr(self, name), int)
        _one_of("method", self.method, METHODS)
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
            raise errors.InputError(
                f"level is {self.level:g}; it must lie between 0 and 1, such as 0.95{_as_share(self.level)}."
            )
        if self.replicates < 2:
            raise errors.InputError(f"replicates is {self.replicates}; the bootstrap needs at least 2.")
        if self.interval == "bootstrap" and len(self.cluster) > 1:
            raise errors.InputError("The bootstrap resamples one cluster column; use interval=sandwich for two.")
        if self.seed < 0:
            raise errors.InputError(f"seed is {self.seed}; it must be 0 or more.")
        if not 0 < self.k <= 1000 or not 1 <= self.orders <= 10_000:
            raise errors.InputError("k must lie between 0 and 1000, and orders between 1 and 10,000.")
        if len(self.cluster) > 2:
            raise errors.InputError(f"cluster names {len(self.cluster)} columns; one or two are possible.")


def chosen(given: Mapping[str, Any]) -> Settings:
    """Settings from the arguments of a fit. Raises InputError, which for a misspelt argument names the nearest."""
    known = [field.name for field in fields(Settings)]
    for name in given:
        if name not in known:
            raise errors.InputError(f"There is no argument {errors.quoted(name)}; {errors.nearest(name, known)}")
    values = dict(given)
    for name in ("cluster", "controls"):
        if name in values:
            values[name] = columns(values[name], name)
    if values.get("cluster") == (NO_CLUSTER,):
        values["cluster"] = ()
    if "anchor" in values:
        values["anchor"] = anchored(values["anchor"])
    return Settings(**values)


def columns(given: str | Iterable[str] | None, setting: str = "cluster") -> tuple[str, ...]:
    """Column names from one name, several, or a comma-separated list."""
    if given is None:
        return ()
    listed = given.split(",") if isinstance(given, str) else list(given) if isinstance(given, Iterable) else [given]
    wrong = [name for name in listed if not isinstance(name, str)]
    if wrong:
        raise errors.InputError(f'{setting} is {wrong[0]!r}; it takes names of columns, such as {setting}="rater".')
    return tuple(dict.fromkeys(name.strip() for name in listed if name.strip()))


def anchored(given: str | tuple[str, float] | Mapping[str, float] | None) -> tuple[str, float] | None:
    """A model and its rating from `MODEL=1000`, a pair or a dict of one."""
    if given is None or given == "":
        return None
    if isinstance(given, Mapping) and len(given) == 1:
        given = next(iter(given.items()))
    listed = isinstance(given, tuple | list) and len(given) == 2
    pair: Any = given if listed else str(given).rpartition("=")[::2]
    model = str(pair[0])
    try:
        number = float(pair[1])
    except (TypeError, ValueError):
        number = float("nan")
    if not model or not -1e9 < number < 1e9:
        raise errors.InputError(
            f"anchor is {errors.quoted(given)}; it must be a model and its rating, such as MODEL=1000."
        )
    return model, number


def _one_of(name: str, value: object, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise errors.InputError(
            f"{name} is {errors.quoted(value)}; accepted: {', '.join(accepted)}{errors.or_nearest(value, accepted)}"
        )


def _number(name: str, value: object, kind: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, kind):
        raise errors.InputError(
            f"{name} is {value!r}; it must be a {'whole ' if kind is int else ''}number, such as {name}={_USUAL[name]}."
        )


def _as_share(level: float) -> str:
    """What a level in per cent means."""
    return f"; {level:g} per cent is {level / 100:g}" if 1 < level < 100 else ""


_USUAL = {"level": 0.95, "ridge": 0.5, "k": 4, "replicates": 1000, "orders": 1, "seed": 0}
