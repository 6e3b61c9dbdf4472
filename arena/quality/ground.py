"""What all tests of an audit stand on: the board of some raters, each vote's logit on it, and honest raters fitted."""

from dataclasses import dataclass, replace

import numpy
from scipy.special import expit

from arena.quality import honest, shared, spreads, strengths
from arena.quality.arrays import Flags, Floats
from arena.quality.log import TIE, Log, RaterVotes

_FAR = 1.5
"""Logits; the most that leaving one rater out may move a difference: one Newton step is no more exact than that."""
_FROM_NEAR = 3
"""Steps that raters need who were fitted on a board much like this one."""
_SAY, _SAY_LEAST = 3.0, 5.0
"""Times the usual number of a rater's votes on a model, and votes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Made by `lay`."""

    log: Log
    kept: Flags
    """Raters whose votes make the board."""
    board: strengths.Fit
    logit: Floats
    """Of each vote, on the board without its rater."""
    spreads: honest.Spreads
    person: honest.Person

    independent: "tuple[honest.Spreads, honest.Person] | None" = None
    """Where people share a taste: honest raters fitted as if they shared none."""
    level: float
    """Mean of 2 cosh(logit / 2): what ties are measured against, in Davidson's model."""

    def apart(self) -> "Ground":
        """The same, as if people shared no taste."""
        if self.independent is None:
            return self
        spreads, people = self.independent
        return replace(self, spreads=spreads, person=people, independent=None)

    def honestly(self) -> Floats:
        """Log likelihood of each rater's votes, ties too, were the rater honest."""
        cast = self.log.outcomes()
        return self.person.log_likelihood + honest.ties(cast[:, TIE], cast.sum(1), self.spreads)

    def part(self, first: int, last: int) -> "Ground":
        """Of the raters from `first` to below `last`."""
        if (first, last) == (0, len(self.log.raters)):
            return self
        log, where = self.log.part(first, last)
        return replace(
            self,
            log=log,
            kept=self.kept[first:last],
            logit=self.logit[where],
            person=self.person.part(first, last),
        )

    def of(self, some: Flags) -> "Ground":
        """Of these raters, on the same board."""
        log, mine = self.log.of(some)
        independent = None if self.independent is None else (self.independent[0], self.independent[1].of(some))
        return replace(
            self,
            log=log,
            kept=self.kept[some],
            logit=self.logit[mine],
            person=self.person.of(some),
            independent=independent,
        )

    def decisive(self, among: Flags | None = None) -> tuple[RaterVotes, Floats]:
        """Votes that are no tie, of those named, with their logits."""
        mine = self.log.votes.outcome != TIE
        mine = mine if among is None else mine & among
        return self.log.votes.where(mine), self.logit[mine]


def lay(
    log: Log,
    kept: Flags,
    start: honest.Spreads,
    *,
    learn: bool = True,
    afresh: bool = True,
    without: Flags | None = None,
    people: honest.Person | None = None,
    again: bool = True,
    together: bool = True,
) -> Ground:
    """Board, logits and honest raters. Spreads are learnt from the raters kept, or taken as they are.

    `without` are single votes that make no part of the board. `people` were fitted on a board much like this one: they
    are where the search begins or, if not `again`, taken as they are. A shared taste is learnt if `together`.
    """
    votes = log.votes
    decided = votes.outcome != TIE
    counted = decided & kept[votes.rater]
    if without is not None:
        counted &= ~without
    on_board = votes.where(counted)
    won = (on_board.sign > 0).astype(float)
    weight = _weights(on_board, log.size)
    board = strengths.fit(strengths.wins(on_board.left, on_board.right, won, len(log.models), weight))
    gap = board.strengths[votes.left] - board.strengths[votes.right]
    residual = numpy.zeros(len(gap))
    residual[counted] = weight * (won - expit(gap[counted]))
    logit = _without_own(board, votes, gap, residual, log.size)
    deciding, of_deciding = votes.where(decided), logit[decided]
    used = replace(start, shared=()) if learn else start
    if learn:
        used = spreads.fit(deciding, of_deciding, log.outcomes(), log.size, kept, used, afresh=afresh)
    if people is None or again:
        steps = {} if people is None else {"steps": _FROM_NEAR}
        people = honest.person(deciding, of_deciding, log.size, used, people, **steps)
    independent = None
    common = shared.seen(deciding, of_deciding, log.size, used, people, kept) if learn and together else ()
    if common:
        independent = used, people
        used = replace(used, shared=common)
        used = spreads.fit(deciding, of_deciding, log.outcomes(), log.size, kept, used, afresh=False)
        people = honest.person(deciding, of_deciding, log.size, used, people)
        if not used.shared or shared.parted(people, kept):
            (used, people), independent = independent, None
    return Ground(
        log=log,
        kept=kept,
        board=board,
        logit=logit,
        spreads=used,
        person=people,
        independent=independent,
        level=float(2 * numpy.cosh(logit / 2).mean()) if len(logit) else 2.0,
    )


def _without_own(
    board: strengths.Fit, votes: RaterVotes, gap: Floats, residual: Floats, size: tuple[int, int]
) -> Floats:
    """The logit of every vote on the board without its rater u: s - H^-1 S_u, one Newton step.

    S_u is the rater's part of the score; `residual` is 0 on votes that are not on the board.
    """
    first, second = votes.tables(residual, size)
    moved = ((first - second) @ board.inverse()).ravel()
    left, right = votes.cells(size[1])
    logit: Floats = gap + numpy.clip(moved[right] - moved[left], -_FAR, _FAR)
    return logit


def _weights(votes: RaterVotes, size: tuple[int, int]) -> Floats:
    """Of each vote on the board that raters are held against: no rater has many times the usual say on one model.

    Accounts that vote on one model only would else be most of what is known of it, and everybody else deviate.
    """
    first, second = votes.tables(numpy.ones(len(votes.rater)), size)
    cast = first + second
    most = max(_SAY * float(cast.sum()) / max(int((cast > 0).sum()), 1), _SAY_LEAST)
    share = numpy.minimum(1.0, most / numpy.maximum(cast, 1.0)).ravel()
    left, right = votes.cells(size[1])
    found: Floats = numpy.minimum(share[left], share[right])
    return found
