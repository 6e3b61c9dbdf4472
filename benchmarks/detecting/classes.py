"""What accounts add up to as a class of raters, and what the best class of raters that nobody attacked with adds up to.

A test that is not told the attack has to find a class: raters who share a sharpness, a side, a share of ties and a
deviation from the board, with tastes of their own beside it. Its gain is in log likelihood over people who differ, some
of whom share all of these but the deviation. An attacker's accounts can be told from people only where their class
gains more than the classes that people make by themselves. EM from memberships that are known, or from the directions
in which raters deviate most; it shares no step with the search of `arena.quality.rings`.
"""

from dataclasses import dataclass, replace

import numpy
from quality_worlds import Votes
from scipy.special import expit

from arena import quality
from arena.quality import ground, honest, shared
from arena.quality.ground import Ground
from arena.quality.log import RaterVotes

_ROUNDS, _DIRECTIONS = 10, 4
_ENOUGH = 0.3
"""Nats; a round that gains no more is the last."""
_SOME = 0.95
"""Chance of those named at first."""
_BEGUN = 0.1
"""Share of a class at first."""
_PEOPLE = ((0.5, 0.0, 1.0), (2.0, 0.0, 1.0), (1.0, 0.0, 0.3), (1.0, 0.0, 1.8), (1.0, 0.4, 1.0), (1.0, -0.4, 1.0))
"""Sharpness, side and times the usual share of ties, from which classes of people without a deviation begin."""
_FEWEST = 20
"""Raters; fewer make no classes."""


@dataclass(frozen=True, kw_only=True)
class _Class:
    delta: numpy.ndarray
    ties: float
    sharp: float = 1.0
    side: float = 0.0
    share: float = _BEGUN


def gains(votes: Votes) -> tuple[float, float] | None:
    """In nats: of the best class that is found from the votes alone, and of the attacker's accounts, named.

    None where there are too few raters. Without an attacker the second is 0.
    """
    log = quality.read(*votes.columns())
    if len(log.raters) < _FEWEST:
        return None
    laid = ground.lay(log, numpy.ones(len(log.raters), dtype=bool), quality.Spreads())
    fitting = _Fitting(laid)
    best = max(fitting.climbed(begin) for begin in fitting.beginnings())
    bad = numpy.bincount(votes.rater, votes.bad) > 0
    accounts = bad[[int(name) for name in log.raters]]
    named = fitting.climbed(fitting.of(accounts)) if accounts.any() else 0.0
    return best, max(named, 0.0)


class _Fitting:
    """Classes of the raters of one log, held against its people."""

    def __init__(self, laid: Ground) -> None:
        self.laid = laid
        self.votes, self.logit = laid.decisive()
        cast = laid.log.outcomes()
        self.tied, self.cast = cast[:, 2], cast.sum(1)
        self.usual_ties = float(self.tied.sum() / self.cast.sum())
        self.nobody = numpy.zeros(len(laid.board.strengths))
        self.people = laid.honestly()
        self.people = self._people()

    def climbed(self, begin: _Class) -> float:
        """By how much a class makes the votes likelier."""
        return float(self._climbed(begin, deviates=True)[0] - self.people.sum())

    def beginnings(self) -> list[_Class]:
        """Along the directions in which raters deviate most, both ways."""
        apart = shared.standard(self.votes, self.logit, self.laid.log.size, self.laid.spreads, self.laid.person)
        vectors = numpy.linalg.eigh(apart.T @ apart)[1][:, -_DIRECTIONS:]
        size = 0.7 * numpy.sqrt(len(vectors))
        return [_Class(delta=way * size * vector, ties=self.usual_ties) for vector in vectors.T for way in (1.0, -1.0)]

    def of(self, accounts: numpy.ndarray) -> _Class:
        """The class that these accounts make."""
        found = _Class(delta=self.nobody, ties=self.usual_ties)
        for _ in range(_ROUNDS):
            found = self._moved(found, _SOME * accounts, deviates=True)
        return found

    def _people(self) -> numpy.ndarray:
        """(raters,): log likelihood of people some of whom share a sharpness, a side and a share of ties."""
        ends = [(float(self.people.sum()), self.people)]
        for sharp, side, ties in _PEOPLE:
            alike = _Class(delta=self.nobody, ties=min(ties * self.usual_ties, 0.9), sharp=sharp, side=side)
            ends.append(self._climbed(alike, deviates=False))
        return max(ends, key=lambda end: end[0])[1]

    def _climbed(self, now: _Class, *, deviates: bool) -> tuple[float, numpy.ndarray]:
        """The likeliest of some rounds: in all, the deviation's prior considered, and of each rater."""
        best = -numpy.inf, self.people
        for _ in range(_ROUNDS):
            theirs = self._likely(now)
            share = now.share
            for _ in range(30):
                odds = numpy.log(share / (1 - share)) + theirs - self.people
                share = float(numpy.clip(expit(odds).mean(), 0.002, 0.6))
            likely = numpy.logaddexp(numpy.log1p(-share) + self.people, numpy.log(share) + theirs)
            total = float(likely.sum() - 0.5 * (now.delta**2).sum())
            gained, best = total - best[0], max(best, (total, likely), key=lambda end: end[0])
            if gained < _ENOUGH and now.share != _BEGUN:
                break
            now = self._moved(replace(now, share=share), expit(odds), deviates=deviates)
        return best

    def _likely(self, one: _Class) -> numpy.ndarray:
        """(raters,): log likelihood of each rater's votes in a class, tastes of their own considered."""
        spreads = replace(self.laid.spreads, slope_mean=float(numpy.log(one.sharp)), side_mean=one.side)
        moved = self.logit + one.delta[self.votes.left] - one.delta[self.votes.right]
        people = honest.person(self.votes, moved, self.laid.log.size, spreads, self.laid.person)
        return people.log_likelihood + honest.ties(self.tied, self.cast, self._tying(one))

    def _tying(self, one: _Class) -> honest.Spreads:
        """People whose shares of ties are around that of a class, as firmly as they are around the usual one."""
        firm = sum(self.laid.spreads.tie)
        return replace(self.laid.spreads, tie=(firm * one.ties, firm * (1 - one.ties)))

    def _moved(self, now: _Class, chance: numpy.ndarray, *, deviates: bool) -> _Class:
        """The class after one Newton step towards those who belong to it by these chances."""
        votes = self.votes
        weight = chance[votes.rater]
        gap = self.laid.board.strengths[votes.left] - self.laid.board.strengths[votes.right]
        logit = now.sharp * gap + now.side + now.delta[votes.left] - now.delta[votes.right]
        likely = expit(logit)
        rest, curved = weight * ((votes.outcome == 0) - likely), weight * likely * (1 - likely)
        delta = self._turned(now.delta, votes, rest, curved) if deviates else now.delta
        return replace(
            now,
            delta=delta,
            sharp=float(numpy.clip(now.sharp + (rest * gap).sum() / ((curved * gap**2).sum() + 4.0), 0.5, 2.0)),
            side=float(numpy.clip(now.side + rest.sum() / (curved.sum() + 4.0), -0.5, 0.5)),
            ties=float((chance @ self.tied + self.usual_ties) / (chance @ self.cast + 1.0)),
        )

    def _turned(
        self, delta: numpy.ndarray, votes: RaterVotes, rest: numpy.ndarray, curved: numpy.ndarray
    ) -> numpy.ndarray:
        """A deviation after one step, its prior being standard normal; what runs along the board is sharpness."""
        models = len(delta)
        between = numpy.bincount(votes.left * models + votes.right, curved, models**2).reshape(models, models)
        between = between + between.T
        pull = numpy.bincount(votes.left, rest, models) - numpy.bincount(votes.right, rest, models) - delta
        step = numpy.linalg.solve(numpy.diag(between.sum(1) + 1.0) - between, pull)
        moved = numpy.clip(delta + step, -4, 4)
        along = self.laid.board.strengths - self.laid.board.strengths.mean()
        moved = moved - moved.mean()
        return moved - along * max(float(moved @ along), 0.0) / float(along @ along)
