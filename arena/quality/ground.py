"""What all tests of an audit stand on: the board of some raters, each vote's logit on it, and honest raters fitted."""

from dataclasses import dataclass

import numpy
from scipy.special import expit

from arena.quality import honest, spreads, strengths
from arena.quality.arrays import Flags, Floats
from arena.quality.log import TIE, Log, RaterVotes

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
) -> Ground:
    """Board, logits and honest raters. Spreads are learnt from the raters kept, or taken as they are.

    `without` are single votes that make no part of the board.
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
    logit = strengths.without_own(board, votes.rater, votes.left, votes.right, residual, log.size)
    deciding, of_deciding = votes.where(decided), logit[decided]
    used = start
    if learn:
        used = spreads.fit(deciding, of_deciding, log.outcomes(), log.size, kept, start, afresh=afresh)
    person = honest.person(deciding, of_deciding, log.size, used)
    return Ground(log=log, kept=kept, board=board, logit=logit, spreads=used, person=person)


def _weights(votes: RaterVotes, size: tuple[int, int]) -> Floats:
    """Of each vote on the board that raters are held against: no rater has many times the usual say on one model.

    Accounts that vote on one model only would else be most of what is known of it, and everybody else deviate.
    """
    first, second = strengths.tables(votes.rater, votes.left, votes.right, numpy.ones(len(votes.rater)), size)
    cast = first + second
    most = max(_SAY * float(cast.sum()) / max(int((cast > 0).sum()), 1), _SAY_LEAST)
    share = numpy.minimum(1.0, most / numpy.maximum(cast, 1.0))
    found: Floats = numpy.minimum(share[votes.rater, votes.left], share[votes.rater, votes.right])
    return found
