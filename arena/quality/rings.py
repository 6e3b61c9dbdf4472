"""Accounts that share one deviation from the board: few of them are enough to say what none of them says alone.

Two classes of raters: honest ones, each with a person's own marginal likelihood, and a minority that votes by
P(left) = 1 / (1 + exp(-(b d + s + delta_left - delta_right))), d the board's difference, all the time or in the second
half of each account's votes, and ties as often as each other. EM from the leading directions in which raters deviate,
both ways, and from those who hardly ever tie. Delta never runs along the board: people who tell better from worse more
sharply than others share that deviation, and it moves nobody.

The gain in log likelihood counts from what a class with a sharpness b, a side s and ties of its own gives without a
delta: people differ in these as cultures do. It grows with models and votes on honest logs as well, so the bar is the
log's own: honest votes are drawn anew on the same pairs by the same raters, and searched in the same way.

All of it runs on one sparse table, raters by outcomes of pairs: within a class a vote's likelihood depends on nothing
else.
"""

from dataclasses import dataclass, replace

import numpy
import scipy.sparse
from scipy.special import expit, log_expit

from arena.quality import honest, shared, strengths
from arena.quality.arrays import Flags, Floats, Integers, per
from arena.quality.ground import Ground
from arena.quality.log import LEFT, RIGHT, TIE, RaterVotes

SURE = 0.7
"""From which chance on an account is held: at 0.9 a third of small accounts of a ring stay, and move the board."""
_MOST = 0.4
"""Share of votes: a larger class is not a minority, and may be the honest one."""
_DIRECTIONS = 3
_RARELY = 0.2
"""How often those tie who hardly ever do, beside the rest."""
_FIRST, _THEN, _ALONE = 6, 14, 10
"""Rounds from every beginning, from the best of them, and of a class without a deviation."""
_SHARP, _SIDE = (0.5, 2.0), 0.5
"""What sharpness, and what side, in logits, a class may have before it is called a deviation."""
LATER = (0.05, 0.95)
"""What share of a class may be late: learnt, since half and half would cost each of its small accounts 0.7 nats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The best second class of raters, whether or not there is one."""

    gain: float
    """In log likelihood over one class of honest raters and what a class without a deviation gives, in nats."""
    chance: Floats
    """Of each rater, that they belong."""
    late: Floats
    """Of each rater, that they belong since the second half of their votes."""
    delta: Floats
    """What they add to each model, in logits."""
    share: float = 0.0
    """Of all raters."""
    sharp: float = 1.0
    side: float = 0.0
    ties: float = 0.0
    """The class's own, as the deviation is."""
    alone: tuple[float, float, float] = (1.0, 0.0, 0.0)
    """Sharpness, side and ties of the best class without a deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    always: scipy.sparse.csr_array
    """(raters, outcomes of pairs): how often each rater gave each, ties apart."""
    late: scipy.sparse.csr_array
    """Likewise, in the second half of each account's votes."""
    board: Floats
    honest: Floats
    before: Floats
    """Log likelihood of the first halves, honest."""
    tied: tuple[Floats, Floats]
    """Ties of each rater, in all votes and in the second half."""
    cast: tuple[Floats, Floats]
    """Votes of each rater, likewise."""
    tie_share: float

    def tie_odds(self, share: float) -> tuple[Floats, Floats]:
        """Log likelihood of ties in a class with this share of them: of all, and of those in second halves."""
        always, later = (
            tied * numpy.log(share) + (cast - tied) * numpy.log1p(-share)
            for tied, cast in zip(self.tied, self.cast, strict=True)
        )
        return always, later

    def table(self, weight: Floats, late: Floats) -> Floats:
        """(2, models, models): weighted votes that left, and that right, won, by pair."""
        models = len(self.board)
        found: Floats = (self.always.T @ weight + self.late.T @ late).reshape(2, models, models)
        return found


def search(laid: Ground, among: Flags | None = None, known: Floats | None = None) -> Ring:
    """The best second class among these raters, those kept when not said; near a known deviation where one is given."""
    among = laid.kept if among is None else among
    log = laid.log
    raters, models = log.size
    mine = among[log.votes.rater]
    votes, logit = laid.decisive(mine)
    none = Ring(gain=0.0, chance=numpy.zeros(raters), late=numpy.zeros(raters), delta=numpy.zeros(models))
    if len(votes.rater) == 0 or models < 3:
        return none
    tie = log.votes.outcome == TIE
    late = log.turn >= (log.count // 2)[log.votes.rater]
    tied, cast = _twice(log.votes.rater, mine & tie, late, raters), _twice(log.votes.rater, mine, late, raters)
    late = late[mine & ~tie]
    first = honest.person(votes.where(~late), logit[~late], log.size, laid.spreads, laid.person, 2)
    found = _Search(
        always=_outcomes(votes, numpy.ones(len(late)), log.size),
        late=_outcomes(votes, late * 1.0, log.size),
        board=laid.board.strengths,
        honest=laid.person.log_likelihood + honest.ties(tied[0], cast[0], laid.spreads),
        before=first.log_likelihood + honest.ties(tied[0] - tied[1], cast[0] - cast[1], laid.spreads),
        tied=tied,
        cast=cast,
        tie_share=float((tied[0].sum() + 1) / (cast[0].sum() + 4)),
    )
    begins = [known] if known is not None else _beginnings(votes, logit, laid)
    tried = [_climbed(found, _Class.at(found, delta), _FIRST) for delta in begins]
    if known is None:
        tried.append(_climbed(found, _Class.at(found, numpy.zeros(models), _RARELY * found.tie_share), _FIRST))
    running = [one for one in tried if one is not None]
    if not running:
        return none
    best = _climbed(found, max(running, key=lambda one: one.gain), _THEN)
    if best is None:
        return none
    alone = _climbed(found, replace(best, delta=numpy.zeros(models)), _ALONE, deviates=False)
    return Ring(
        gain=best.gain - (max(alone.gain, 0.0) if alone is not None else 0.0),
        chance=best.all_time + best.since_half,
        late=best.since_half,
        delta=best.delta,
        share=best.share,
        sharp=best.sharp,
        side=best.side,
        ties=best.ties,
        alone=(1.0, 0.0, found.tie_share) if alone is None else (alone.sharp, alone.side, alone.ties),
    )


def _twice(rater: Integers, which: Flags, late: Flags, raters: int) -> tuple[Floats, Floats]:
    """Votes of each rater, all of them and the late ones."""
    return per(rater, raters, which * 1.0), per(rater, raters, (which & late) * 1.0)


def _outcomes(votes: RaterVotes, value: Floats, size: tuple[int, int]) -> scipy.sparse.csr_array:
    """(raters, outcomes of pairs): a value of each vote; votes are in the order of raters."""
    raters, models = size
    column = (votes.outcome * models + votes.left) * models + votes.right
    edge = numpy.searchsorted(votes.rater, numpy.arange(raters + 1))
    return scipy.sparse.csr_array((value, column, edge), shape=(raters, 2 * models * models))


def _beginnings(votes: RaterVotes, logit: Floats, laid: Ground) -> list[Floats]:
    """The directions in which raters deviate most from the board, each way, beyond their own side and sharpness."""
    size = laid.log.size
    standard = shared.standard(votes, logit, size, laid.spreads, laid.person)
    _, vectors = numpy.linalg.eigh(standard.T @ standard)
    leading = [vectors[:, -1 - place] for place in range(min(_DIRECTIONS, size[1] - 1))]
    return [way * 1.5 * vector / numpy.abs(vector).max() for vector in leading for way in (1.0, -1.0)]


@dataclass(slots=True)
class _Class:
    """The second class, as it is so far."""

    delta: Floats
    board: Floats
    ties: float
    all_time: Floats
    since_half: Floats
    sharp: float = 1.0
    side: float = 0.0
    share: float = 0.1
    later: float = 0.5
    """Share of the members who belong since the second half of their votes."""
    gain: float = -numpy.inf

    @classmethod
    def at(cls, found: _Search, delta: Floats, ties: float | None = None) -> "_Class":
        nobody = numpy.zeros(len(found.honest))
        return cls(
            delta=_across(delta, found.board),
            board=found.board,
            ties=found.tie_share if ties is None else ties,
            all_time=nobody,
            since_half=nobody,
        )

    def eta(self) -> Floats:
        """(models, models): log odds that the left one of a pair wins."""
        own = self.sharp * self.board + self.delta
        found: Floats = own[:, None] - own + self.side
        return found


def _climbed(found: _Search, begin: _Class, rounds: int, *, deviates: bool = True) -> _Class | None:
    """So many rounds of EM; None when the class grows beyond a minority."""
    now = replace(begin)
    active = found.cast[0] > 0
    everything = found.table(numpy.ones(len(active)), numpy.zeros(len(active)))
    for step in range(rounds):
        eta = now.eta()
        each = numpy.stack([log_expit(eta), log_expit(-eta)]).ravel()
        tie_always, tie_later = found.tie_odds(now.ties)
        always = found.always @ each + tie_always - found.honest
        later = found.late @ each + tie_later + found.before - found.honest
        odds = numpy.logaddexp(numpy.log1p(-now.later) + always, numpy.log(now.later) + later)
        belongs = expit(numpy.clip(numpy.log(now.share / (1 - now.share)) + odds, -40, 40)) * active
        part = expit(numpy.clip(numpy.log(1 / now.later - 1) + always - later, -40, 40))
        now.all_time, now.since_half = belongs * part, belongs * (1 - part)
        mixed = numpy.logaddexp(numpy.log1p(-now.share), numpy.log(now.share) + odds)
        now.gain = float(mixed[active].sum() - 0.5 * (now.delta**2).sum())
        now.share = float(numpy.clip(belongs[active].mean(), 0.002, 0.6))
        now.later = float(numpy.clip(now.since_half.sum() / max(belongs.sum(), 1e-9), *LATER))
        now.ties = _tie_rate(found, now)
        theirs = found.table(now.all_time, now.since_half)
        if theirs.sum() > _MOST * everything.sum():
            return None
        if step % 3 == 2:
            rest = everything - theirs
            now.board = strengths.fit(rest[LEFT] + rest[RIGHT].T, now.board, 1e-3).strengths
        _stepped(now, theirs, deviates)
    return now


def _tie_rate(found: _Search, now: _Class) -> float:
    """How often the class ties."""
    tied = (now.all_time * found.tied[0] + now.since_half * found.tied[1]).sum()
    cast = (now.all_time * found.cast[0] + now.since_half * found.cast[1]).sum()
    return float((tied + found.tie_share) / (cast + 1.0))


def _stepped(now: _Class, theirs: Floats, deviates: bool) -> None:
    """One Newton step of delta, under a standard normal prior, and of the class's sharpness and side."""
    chance = expit(now.eta())
    rest = theirs[LEFT] * (1 - chance) - theirs[RIGHT] * chance
    curved = (theirs[LEFT] + theirs[RIGHT]) * chance * (1 - chance)
    if deviates:
        between = curved + curved.T
        information = numpy.diag(between.sum(1) + 1.0) - between
        pull = rest.sum(1) - rest.sum(0) - now.delta
        now.delta = _across(numpy.clip(now.delta + numpy.linalg.solve(information, pull), -4, 4), now.board)
    gap = now.board[:, None] - now.board
    sharp = (rest * gap).sum() / ((curved * gap**2).sum() + 4.0)
    side = rest.sum() / (curved.sum() + 4.0)
    now.sharp = float(numpy.clip(now.sharp + sharp, *_SHARP))
    now.side = float(numpy.clip(now.side + side, -_SIDE, _SIDE))


def _across(delta: Floats, board: Floats) -> Floats:
    """A deviation without the constant, and without what of it runs along the board."""
    delta = delta - delta.mean()
    along = board - board.mean()
    found: Floats = delta - along * max(float(delta @ along), 0.0) / max(float(along @ along), 1e-9)
    return found


def levels(delta: Floats, board: Floats) -> float:
    """How much of a deviation runs against the board, from 0 to 1: all of it where models come to be alike."""
    along = board - board.mean()
    size = float(numpy.linalg.norm(delta) * numpy.linalg.norm(along))
    return max(-float(delta @ along) / max(size, 1e-9), 0.0)
