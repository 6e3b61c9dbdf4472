"""What all tests of an audit stand on: the board of some raters, each vote's logit on it, and honest raters fitted."""

from dataclasses import dataclass

import numpy
from scipy.special import expit

from arena.quality import honest, spreads, strengths
from arena.quality.arrays import Flags, Floats
from arena.quality.log import TIE, Log, RaterVotes


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


def lay(log: Log, kept: Flags, start: honest.Spreads, *, learn: bool = True, without: Flags | None = None) -> Ground:
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
    board = strengths.fit(strengths.wins(on_board.left, on_board.right, won, len(log.models)))
    gap = board.strengths[votes.left] - board.strengths[votes.right]
    residual = numpy.where(counted, (votes.sign > 0) - expit(gap), 0.0)
    logit = strengths.without_own(board, votes.rater, votes.left, votes.right, residual, log.size)
    deciding, of_deciding = votes.where(decided), logit[decided]
    used = start
    if learn:
        used = spreads.fit(deciding, of_deciding, log.outcomes(), log.size, kept, start)
    person = honest.person(deciding, of_deciding, log.size, used)
    return Ground(log=log, kept=kept, board=board, logit=logit, spreads=used, person=person)
