"""Made-up populations of raters, and attacks on them, for `benchmarks/quality.py` and the tests.

Honest raters vote by Davidson's model with a sharpness, tastes, a side they lean to and a share of ties of their own,
and log-normal activity. An attacker recognises a model by its answer 95 times in 100 and votes like an honest person
where the attack says nothing. Votes are in the order of time, attackers spread evenly over it.
"""

from dataclasses import dataclass, field

import numpy

RECOGNISES = 0.95
COIN = (0.38, 0.38, 0.24)
"""Left, right and tie of one who does not look."""
ALWAYS = 0.9
HONEST_ON_GOLD, HONEST_MIMIC = 0.1, 0.5
"""Shares of votes."""
ROBOT_SHARPNESS, ROBOT_SIDE, ROBOT_TIES = 1.5, 0.3, 0.1
_ROBOT = 7
"""Of the seed of its taste."""

ATTACKS = (
    "omnipresent",  # lifts the target and, wherever it is absent, lowers the six above it
    "ring",  # three models of one vendor against everybody else
    "target",
    "rival",  # lowers the one model above the target
    "slow-burn",  # honest for half of each account's votes, then omnipresent
    "always-left",
    "straight-line",
    "apathetic",
    "gold-farmer",  # honest where the answer is known (one vote in ten), a coin elsewhere
    "mimic",  # half of the votes honest, half a coin
    "robot",  # one judge with a taste of its own behind all accounts
    "honest",  # the control: as many more honest votes
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How honest raters differ."""

    taste: float = 0.3
    side: float = 0.2
    slope: float = 0.25
    ties: float = 0.5
    tie_level: float = 0.7
    """Davidson's parameter of the median rater: 0.7 makes 24 % ties."""

    def wider(self, by: float) -> "Spread":
        """The same, differing so many times as much."""
        return Spread(
            taste=self.taste * by, side=self.side * by, slope=self.slope * by, ties=self.ties, tie_level=self.tie_level
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """Votes in the order of time; outcome 0 left, 1 right, 2 tie."""

    rater: numpy.ndarray
    left: numpy.ndarray
    right: numpy.ndarray
    outcome: numpy.ndarray
    bad: numpy.ndarray
    """Whether an attacker cast it."""

    def columns(self) -> tuple[numpy.ndarray, ...]:
        """As `arena.quality` reads them."""
        return self.rater, self.left, self.right, self.outcome

    def beside(self, added: "Votes") -> "Votes":
        """These and others of other raters, both spread evenly over the same time."""
        when = [numpy.arange(len(part.rater)) / max(len(part.rater), 1) for part in (self, added)]
        order = numpy.argsort(numpy.concatenate(when), kind="stable")

        def together(own: numpy.ndarray, others: numpy.ndarray) -> numpy.ndarray:
            return numpy.concatenate([own, others])[order]

        return Votes(
            rater=together(self.rater, added.rater + int(self.rater.max()) + 1),
            left=together(self.left, added.left),
            right=together(self.right, added.right),
            outcome=together(self.outcome, added.outcome),
            bad=together(self.bad, added.bad),
        )


@dataclass(frozen=True, kw_only=True)
class World:
    """A board that is true, and who votes on it."""

    seed: int
    models: int = 20
    raters: int = 400
    votes: int = 20_000
    activity: float = 1.1
    spread: Spread = field(default_factory=Spread)

    @property
    def target(self) -> int:
        """The model an attacker works for: the middle of the board; models are numbered from the best."""
        return self.models // 2

    def strengths(self) -> numpy.ndarray:
        """True strengths in logits, best first."""
        drawn = numpy.random.default_rng((self.seed, 1)).normal(0, 0.8, self.models)
        return numpy.sort(drawn)[::-1].copy()

    def robots_taste(self) -> numpy.ndarray:
        """(models,): what the one judge behind a robot's accounts likes, in logits."""
        return numpy.random.default_rng((self.seed, _ROBOT)).normal(0, 0.8, self.models)

    def clean(self) -> Votes:
        """The honest votes alone."""
        chance = numpy.random.default_rng((self.seed, 2))
        active = chance.lognormal(0, self.activity, self.raters)
        rater = chance.choice(self.raters, self.votes, p=active / active.sum())
        left, right = _pairs(chance, self.votes, self.models)
        outcome = self._people(chance, self.raters).vote(chance, rater, left, right)
        return Votes(rater=rater, left=left, right=right, outcome=outcome, bad=numpy.zeros(self.votes, dtype=bool))

    def attacked(self, attack: str, share: float, accounts: int, honest: Votes | None = None) -> Votes:
        """Honest votes and an attacker's, who casts this share of all votes from so many accounts."""
        own = self.clean() if honest is None else honest
        chance = numpy.random.default_rng((self.seed, 3, ATTACKS.index(attack)))
        n = int(len(own.rater) * share / (1 - share))
        return own.beside(self._cast(chance, attack, accounts, chance.integers(0, accounts, n)))

    def evenly(self, attack: str, accounts: int, each: int) -> Votes:
        """An attacker's accounts alone, each with exactly so many votes."""
        chance = numpy.random.default_rng((self.seed, 4, ATTACKS.index(attack)))
        rater = chance.permutation(numpy.repeat(numpy.arange(accounts), each))
        return self._cast(chance, attack, accounts, rater)

    def _cast(self, chance: numpy.random.Generator, attack: str, accounts: int, rater: numpy.ndarray) -> Votes:
        left, right = _pairs(chance, len(rater), self.models)
        honest = self._people(chance, accounts).vote(chance, rater, left, right)
        outcome = voted(attack, chance, honest, self.strengths(), self.target, rater, left, right, self.robots_taste())
        bad = numpy.full(len(rater), attack != "honest")
        return Votes(rater=rater, left=left, right=right, outcome=outcome, bad=bad)

    def _people(self, chance: numpy.random.Generator, count: int) -> "_People":
        return _People(
            strengths=self.strengths(),
            taste=chance.normal(0, self.spread.taste, (count, self.models)),
            side=chance.normal(0.05, self.spread.side, count),
            slope=chance.lognormal(0, self.spread.slope, count),
            ties=chance.lognormal(numpy.log(self.spread.tie_level), self.spread.ties, count),
        )


@dataclass(frozen=True, kw_only=True)
class _People:
    strengths: numpy.ndarray
    taste: numpy.ndarray
    side: numpy.ndarray
    slope: numpy.ndarray
    ties: numpy.ndarray

    def vote(
        self, chance: numpy.random.Generator, rater: numpy.ndarray, left: numpy.ndarray, right: numpy.ndarray
    ) -> numpy.ndarray:
        gap = self.strengths[left] - self.strengths[right]
        logit = self.slope[rater] * gap + self.taste[rater, left] - self.taste[rater, right] + self.side[rater]
        return _davidson(chance, logit, self.ties[rater])


def _pairs(chance: numpy.random.Generator, n: int, models: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    left = chance.integers(0, models, n)
    return left, (left + 1 + chance.integers(0, models - 1, n)) % models


def _davidson(chance: numpy.random.Generator, logit: numpy.ndarray, ties: numpy.ndarray) -> numpy.ndarray:
    for_left, for_right = numpy.exp(logit / 2), numpy.exp(-logit / 2)
    drawn = chance.random(len(logit)) * (for_left + for_right + ties)
    return numpy.where(drawn < for_left, 0, numpy.where(drawn < for_left + for_right, 1, 2))


def voted(
    attack: str,
    chance: numpy.random.Generator,
    honest: numpy.ndarray,
    strengths: numpy.ndarray,
    target: int,
    rater: numpy.ndarray,
    left: numpy.ndarray,
    right: numpy.ndarray,
    judge: numpy.ndarray,
) -> numpy.ndarray:
    """What attackers vote who, were they honest, would vote `honest`.

    Models are numbered from the best; `judge` is the taste of the one judge behind a robot's accounts.
    """
    n, models = len(rater), len(strengths)
    coin = chance.choice([0, 1, 2], n, p=COIN)
    knows_left, knows_right = chance.random(n) < RECOGNISES, chance.random(n) < RECOGNISES

    def pushed(outcome: numpy.ndarray, mine: numpy.ndarray, wins: bool = True) -> numpy.ndarray:
        outcome = numpy.where(mine[left] & ~mine[right] & knows_left, 0 if wins else 1, outcome)
        return numpy.where(mine[right] & ~mine[left] & knows_right, 1 if wins else 0, outcome)

    def everywhere(outcome: numpy.ndarray) -> numpy.ndarray:
        outcome = pushed(outcome, among(models, target))
        above = rivals(models, target)
        elsewhere = knows_left & knows_right & (left != target) & (right != target)
        outcome = numpy.where(elsewhere & above[left] & ~above[right], 1, outcome)
        return numpy.where(elsewhere & above[right] & ~above[left], 0, outcome)

    def robot() -> numpy.ndarray:
        gap = strengths[left] - strengths[right]
        logit = ROBOT_SHARPNESS * gap + judge[left] - judge[right] + ROBOT_SIDE
        return _davidson(chance, logit, numpy.full(n, ROBOT_TIES))

    late = turns(rater) >= numpy.bincount(rater)[rater] / 2
    return {
        "omnipresent": lambda: everywhere(honest),
        "ring": lambda: pushed(honest, among(models, *vendor(target))),
        "target": lambda: pushed(honest, among(models, target)),
        "rival": lambda: pushed(honest, among(models, target - 1), wins=False),
        "slow-burn": lambda: numpy.where(late, everywhere(honest), honest),
        "always-left": lambda: numpy.where(chance.random(n) < ALWAYS, 0, 1),
        "straight-line": lambda: rater % 2,
        "apathetic": lambda: coin,
        "gold-farmer": lambda: numpy.where(chance.random(n) < HONEST_ON_GOLD, honest, coin),
        "mimic": lambda: numpy.where(chance.random(n) < HONEST_MIMIC, honest, coin),
        "robot": robot,
        "honest": lambda: honest,
    }[attack]()


def turns(rater: numpy.ndarray) -> numpy.ndarray:
    """Of each vote, which of its rater's it is, from 0."""
    order = numpy.argsort(rater, kind="stable")
    cast = numpy.bincount(rater)
    turn = numpy.empty(len(rater), dtype=int)
    turn[order] = numpy.arange(len(rater)) - (numpy.cumsum(cast) - cast)[rater[order]]
    return turn


def among(models: int, *chosen: int) -> numpy.ndarray:
    """(models,): which of them are chosen."""
    return numpy.isin(numpy.arange(models), chosen)


def rivals(models: int, target: int) -> numpy.ndarray:
    """(models,): the six above the target."""
    return among(models, *range(max(0, target - 6), target))


def vendor(target: int) -> tuple[int, int, int]:
    """The target, and the two others of its maker."""
    return target, target + 2, target + 4
