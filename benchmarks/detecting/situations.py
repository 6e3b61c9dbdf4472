"""The situations of the benchmark: who votes on how many models, and who attacks with what share of all votes.

A situation's name says it all: `ring-20-100` is three models of one vendor lifted with 20 % of all votes from 100
accounts, in the usual population; other populations stand before it, as in `wide:ring-20-100`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quality_worlds import ATTACKS, Spread, Votes, World

POPULATIONS: Mapping[str, Mapping[str, Any]] = {
    "usual": {},
    "wide": {"spread": Spread().wider(2)},
    "few-ties": {"spread": Spread(tie_level=0.23)},
    "many-ties": {"spread": Spread(tie_level=1.57)},
    "few-small": {"activity": 0.6},
    "many-small": {"activity": 1.33},
    "large": {"models": 130, "votes": 100_000},
    "large-wide": {"models": 130, "votes": 100_000, "spread": Spread().wider(2)},
}
"""Wide: people differ twice as much. Ties of 10 and 40 %, not 24. Few and many small: 5 and 40 % of raters with fewer
than 15 votes, not 29. Large: 130 models and 100,000 votes, not 20 and 20,000. 400 raters everywhere."""

SMALL = 15
"""Votes; an account with fewer is small."""
HARD = ("omnipresent", "ring", "slow-burn", "always-left", "straight-line")
"""Attacks of which nothing may be left."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A population and an attack on it."""

    population: str = "usual"
    attack: str | None = None
    share: float = 0.0
    """Of all votes."""
    accounts: int = 0

    @property
    def name(self) -> str:
        what = "clean" if self.attack is None else f"{self.attack}-{100 * self.share:g}-{self.accounts}"
        return what if self.population == "usual" else f"{self.population}:{what}"

    @property
    def control(self) -> "Situation":
        """As many more honest votes."""
        return Situation(population=self.population, attack="honest", share=self.share, accounts=self.accounts)

    def world(self, seed: int) -> World:
        return World(seed=seed, **POPULATIONS[self.population])

    def votes(self, world: World) -> tuple[Votes, Votes]:
        """The votes, and the honest ones a board should be made of."""
        honest = world.clean()
        if self.attack is None:
            return honest, honest
        return world.attacked(self.attack, self.share, self.accounts, honest), honest


@dataclass(frozen=True, kw_only=True)
class Group:
    """Situations that are run together."""

    situations: tuple[Situation, ...]
    seeds: int | None = None
    """At most; None: as many as asked for."""
    asked: bool = True
    """Whether a run without `--only` has it."""


def attacked(population: str, share: float, accounts: int, *attacks: str) -> tuple[Situation, ...]:
    """The same share and accounts for several attacks."""
    return tuple(Situation(population=population, attack=attack, share=share, accounts=accounts) for attack in attacks)


def _elsewhere(population: str) -> Group:
    return Group(
        situations=(
            Situation(population=population),
            *attacked(population, 0.2, 100, *HARD),
            *attacked(population, 0.1, 100, "honest", "omnipresent", "ring", "target"),
        )
    )


def _grid() -> tuple[Situation, ...]:
    return tuple(
        Situation(attack=attack, share=share, accounts=accounts)
        for share in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
        for accounts in (1, 5, 20, 100, 1000)
        for attack in ATTACKS
    )


GROUPS: Mapping[str, Group] = {
    "clean": Group(situations=(Situation(),)),
    "fifth": Group(situations=attacked("usual", 0.2, 100, *HARD)),
    "tenth": Group(
        situations=(
            *attacked("usual", 0.1, 100, "honest", *HARD),
            *attacked("usual", 0.1, 20, "honest", *HARD),
            *attacked("usual", 0.05, 100, "honest", "omnipresent"),
        )
    ),
    "one-model": Group(
        situations=(*attacked("usual", 0.1, 100, "target", "rival"), *attacked("usual", 0.1, 20, "target", "rival"))
    ),
    "robot": Group(situations=attacked("usual", 0.1, 100, "robot")),
    "thousand": Group(situations=attacked("usual", 0.1, 1000, "omnipresent", "target", "always-left")),
    "careless": Group(situations=attacked("usual", 0.1, 100, "apathetic", "gold-farmer", "mimic")),
    "wide": _elsewhere("wide"),
    "few-ties": _elsewhere("few-ties"),
    "many-ties": _elsewhere("many-ties"),
    "few-small": _elsewhere("few-small"),
    "many-small": _elsewhere("many-small"),
    "large": Group(
        situations=(
            Situation(population="large"),
            *attacked("large", 0.1, 100, "honest", "omnipresent", "target", "ring"),
            *attacked("large", 0.1, 20, "slow-burn", "target"),
            Situation(population="large-wide"),
            *attacked("large-wide", 0.1, 100, "omnipresent"),
        ),
        seeds=3,
    ),
    "grid": Group(situations=_grid(), seeds=1, asked=False),
}
