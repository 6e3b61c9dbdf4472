"""What is asked of a detector in each situation, and whether it was reached."""

from collections.abc import Callable
from dataclasses import dataclass

from detecting.results import Runs
from detecting.situations import HARD, Situation


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The runs of one situation: of the detector, of the board without one, and of the honest control."""

    own: Runs
    nothing: Runs
    control: Runs

    def excess(self) -> list[float]:
        """By how much the largest shift passes that of as many more honest votes, in the same world."""
        return [
            run["shift"] - self.control.by_seed[seed]["shift"]
            for seed, run in self.own.by_seed.items()
            if seed in self.control.by_seed
        ]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One figure with its limit."""

    what: str
    limit: float
    figure: Callable[[Seen], float]
    at_least: bool = False
    percent: bool = False

    def holds(self, seen: Seen) -> bool:
        reached = self.figure(seen)
        return reached >= self.limit - 1e-12 if self.at_least else reached <= self.limit + 1e-12

    def said(self, seen: Seen) -> str:
        sign = ">=" if self.at_least else "<="
        verdict = "holds" if self.holds(seen) else "MISSED"
        return f"{self.what} {self.reached(seen)} ({sign} {self._shown(self.limit)}) {verdict}"

    def reached(self, seen: Seen) -> str:
        """The figure in words."""
        return self._shown(self.figure(seen))

    def _shown(self, value: float) -> str:
        return f"{100 * value:.3g} %" if self.percent else f"{value:.3g}"


def _most(name: str, what: str, limit: float) -> Bar:
    return Bar(what=what, limit=limit, figure=lambda seen: seen.own.most(name))


def _mean(name: str, what: str, limit: float, percent: bool = False) -> Bar:
    return Bar(what=what, limit=limit, figure=lambda seen: seen.own.mean(name), percent=percent)


def _excess(seen: Seen) -> float:
    found = seen.excess()
    return sum(value <= 1 for value in found) / len(found) if found else float("nan")


_HELD = _mean("held", "honest raters held", 0.001, percent=True)
_GAIN = _most("gain", "largest gain", 1)
_WAITING_SMALL = Bar(
    what="waiting beyond the small",
    limit=0.0,
    figure=lambda seen: max((run["waiting"] - run["small"] for run in seen.own.by_seed.values()), default=float("nan")),
    percent=True,
)
_CLEAN = (
    _HELD,
    Bar(
        what="runs with any held",
        limit=0.05,
        figure=lambda seen: 1 - seen.own.within("held", 0.0),
        percent=True,
    ),
    _mean("tau_loss", "tau loss", 0.003),
    _WAITING_SMALL,
)
_FIFTH = (
    _GAIN,
    Bar(
        what="shift <= 1 in",
        limit=0.95,
        figure=lambda seen: seen.own.within("shift", 1),
        at_least=True,
        percent=True,
    ),
    _most("shift", "largest shift", 2),
    _mean("tau_loss", "tau loss", 0.006),
)
_TENTH = (
    _GAIN,
    Bar(what="excess over control <= 1 in", limit=0.95, figure=_excess, at_least=True, percent=True),
)
_HALVED = Bar(
    what="mean gain of that without defence",
    limit=0.5,
    figure=lambda seen: seen.own.mean("gain") / max(seen.nothing.mean("gain"), 1e-9),
    percent=True,
)
_FOUND = Bar(
    what="found (a tenth of its accounts held, at 10 times the honest rate) in",
    limit=0.8,
    figure=lambda seen: (
        sum(run["accounts_held"] >= max(0.1, 10 * run["held"]) for run in seen.own.by_seed.values())
        / max(len(seen.own), 1)
    ),
    at_least=True,
    percent=True,
)
_FLOOR = Bar(
    what="ranks with the floor cover in",
    limit=0.95,
    figure=lambda seen: 1 - seen.own.within("covers_with_floor", 1 - 1e-9),
    at_least=True,
    percent=True,
)
_THOUSAND = (
    _GAIN,
    _mean("waiting", "honest raters waiting", 0.3, percent=True),
    _mean("waiting_votes", "honest votes waiting", 0.1, percent=True),
    _FLOOR,
)
_CARELESS = (_mean("tau_loss", "tau loss", 0.01), _mean("held", "honest raters held", 0.01, percent=True), _FLOOR)
_LARGE = (
    Bar(
        what="target's interval covers in",
        limit=1.0,
        figure=lambda seen: seen.own.mean("covers_target"),
        at_least=True,
        percent=True,
    ),
    _most("errors_moved", "largest move in clustered errors", 1.0),
    Bar(
        what="rank intervals that cover",
        limit=1.0,
        figure=lambda seen: seen.own.mean("covers"),
        at_least=True,
        percent=True,
    ),
)


def asked(situation: Situation) -> tuple[Bar, ...]:
    """Its bars; none where a situation is only shown."""
    attack, tenth = situation.attack, situation.share == 0.1
    if attack is None:
        return _CLEAN
    if situation.population.startswith("large"):
        solved = attack in ("omnipresent", "slow-burn") or (attack == "target" and situation.accounts == 20)
        return _LARGE if solved else ()
    if attack in ("apathetic", "gold-farmer", "mimic") and tenth and situation.accounts == 100:
        return _CARELESS
    if attack == "robot" and tenth and situation.accounts == 100:
        return (_FOUND, _FLOOR)
    if attack in ("omnipresent", "target", "always-left") and tenth and situation.accounts == 1000:
        return _THOUSAND
    if attack in ("target", "rival") and tenth and situation.accounts in (20, 100):
        return (_HALVED, _FLOOR) if situation.accounts == 100 else (_GAIN, _FLOOR)
    if attack in HARD and situation.share == 0.2 and situation.accounts == 100:
        return _FIFTH
    if attack in HARD and tenth and situation.accounts in (20, 100):
        return _TENTH
    return _TENTH if (attack, situation.share, situation.accounts) == ("omnipresent", 0.05, 100) else ()
