"""Accounts that share one deviation from the board: few of them are enough to say what none of them says alone.

Two classes of raters: honest ones, each with a person's own marginal likelihood, and a minority that adds the same
delta to the board, all the time or in the second half of each account's votes, and ties as often as each other. EM from
the leading directions in which raters deviate, both ways, and from those who hardly ever tie. Delta never runs along
the board: people who tell better from worse more sharply than others share that deviation, and it moves nobody.

The gain in log likelihood counts from what ties alone give, because people differ in tying as cultures do. It grows
with models and votes on honest logs as well, so the bar is the log's own: honest votes are drawn anew on the same pairs
by the same raters, and searched in the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy
from scipy.special import expit

from arena.quality import ground, honest, strengths
from arena.quality.arrays import Flags, Floats, Integers, per
from arena.quality.ground import Ground
from arena.quality.log import LEFT, RIGHT, TIE, RaterVotes

SURE = 0.7
"""From which chance on an account is held: at 0.9 a third of small accounts of a ring stay, and move the board."""
_MOST = 0.4
"""Share of votes: a larger class is not a minority, and may be the honest one."""
_DIRECTIONS = 2
_RARELY = 0.2
"""How often those tie who hardly ever do, beside the rest."""
_FIRST, _THEN = 5, 10
"""Rounds from every beginning, and from the best of them."""
_REPLICAS = 20
_MARGIN = 1.5
_CLEAR = 3.0
_CLEAR_AFTER = 5
"""A gain of three times the largest of five replicas needs no more of them."""
_LITTLE = 15.0
"""Nats: less is never a ring, and needs no bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """The best second class of raters, whether or not there is one."""

    gain: float
    """In log likelihood over one class of honest raters and what ties alone give, in nats."""
    chance: Floats
    """Of each rater, that they belong."""
    late: Floats
    """Of each rater, that they belong since the second half of their votes."""
    delta: Floats
    """What they add to each model, in logits."""
    share: float = 0.0
    """Of all raters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    votes: RaterVotes
    late: Flags
    """Votes in the second half of their account's."""
    cast: Floats
    board: strengths.Fit
    honest: Floats
    before: Floats
    """Log likelihood of the first halves, honest."""
    honest_ties: tuple[Floats, Floats]
    """What of `honest` and of `before` is ties."""
    tied: tuple[Floats, Floats]
    """Ties of each rater, in all votes and in the second half."""
    all_cast: tuple[Floats, Floats]
    """Votes of each rater, likewise."""
    tie_share: float
    size: tuple[int, int]

    def tie_odds(self, share: float) -> tuple[Floats, Floats]:
        """Log odds of a class with this share of ties over honest ones, before what is in `honest` and `before`."""
        always, later = (
            tied * numpy.log(share) + (cast - tied) * numpy.log1p(-share)
            for tied, cast in zip(self.tied, self.all_cast, strict=True)
        )
        return always, later


def search(laid: Ground, among: Flags | None = None) -> Ring:
    """The best second class among these raters, those kept when not said."""
    among = laid.kept if among is None else among
    log = laid.log
    raters, models = log.size
    mine = among[log.votes.rater]
    votes, logit = laid.decisive(mine)
    tie = log.votes.outcome == TIE
    all_late = log.turn >= (log.count // 2)[log.votes.rater]
    late = all_late[mine & ~tie]
    tied, cast = _twice(log.votes.rater, mine & tie, all_late, raters), _twice(log.votes.rater, mine, all_late, raters)
    first = honest.person(votes.where(~late), logit[~late], log.size, laid.spreads, laid.person, 3)
    every_tie = honest.ties(tied[0], cast[0], laid.spreads)
    first_ties = honest.ties(tied[0] - tied[1], cast[0] - cast[1], laid.spreads)
    found = _Search(
        votes=votes,
        late=late,
        cast=cast[0],
        board=laid.board,
        honest=laid.person.log_likelihood + every_tie,
        before=first.log_likelihood + first_ties,
        honest_ties=(every_tie, first_ties),
        tied=tied,
        all_cast=cast,
        tie_share=float((tied[0].sum() + 1) / (cast[0].sum() + 4)),
        size=log.size,
    )
    none = Ring(gain=0.0, chance=numpy.zeros(raters), late=numpy.zeros(raters), delta=numpy.zeros(models))
    if len(votes.rater) == 0 or models < 3:
        return none
    tried = [_climbed(found, _State.at(found, delta), _FIRST) for delta in _beginnings(found, logit, laid)]
    tried.append(_climbed(found, _State.at(found, numpy.zeros(models), _RARELY * found.tie_share), _FIRST))
    running = [state for state in tried if state is not None]
    if not running:
        return none
    best = _climbed(found, max(running, key=lambda state: state.gain), _THEN)
    if best is None:
        return none
    return Ring(
        gain=best.gain - _ties_alone(found, best),
        chance=best.all_time + best.since_half,
        late=best.since_half,
        delta=best.delta,
        share=best.share,
    )


def _twice(rater: Integers, which: Flags, late: Flags, raters: int) -> tuple[Floats, Floats]:
    """Votes of each rater, all of them and the late ones."""
    return per(rater, raters, which * 1.0), per(rater, raters, (which & late) * 1.0)


def _beginnings(found: _Search, logit: Floats, laid: Ground) -> list[Floats]:
    """The directions in which raters deviate most from the board, each way, beyond their own side and sharpness."""
    votes = found.votes
    person = laid.person
    chance = expit(numpy.exp(person.slope)[votes.rater] * logit + person.side[votes.rater])
    won = (votes.sign > 0).astype(float)
    first, second = strengths.tables(votes.rater, votes.left, votes.right, won - chance, found.size)
    seen, also = strengths.tables(votes.rater, votes.left, votes.right, chance * (1 - chance), found.size)
    known = seen + also
    standard = (first - second) / numpy.sqrt(known * (1 + laid.spreads.taste**2 * known) + 0.25)
    _, vectors = numpy.linalg.eigh(standard.T @ standard)
    leading = [vectors[:, -1 - place] for place in range(min(_DIRECTIONS, found.size[1] - 1))]
    return [way * 1.5 * vector / numpy.abs(vector).max() for vector in leading for way in (1.0, -1.0)]


@dataclass(slots=True)
class _State:
    delta: Floats
    share: float
    all_time: Floats
    since_half: Floats
    gain: float
    board: Floats
    ties: float

    @classmethod
    def at(cls, found: _Search, delta: Floats, ties: float | None = None) -> "_State":
        raters = found.size[0]
        return cls(
            delta=_across(delta, found.board.strengths),
            share=0.1,
            all_time=numpy.zeros(raters),
            since_half=numpy.zeros(raters),
            gain=-numpy.inf,
            board=found.board.strengths,
            ties=found.tie_share if ties is None else ties,
        )


def _climbed(found: _Search, state: _State, rounds: int) -> _State | None:
    """So many rounds of EM; None when the class grows beyond a minority."""
    votes, raters, models = found.votes, *found.size
    won = (votes.sign > 0).astype(float)
    active = found.cast > 0
    state = replace(state)
    for step in range(rounds):
        gap = state.board[votes.left] - state.board[votes.right]
        eta = gap + state.delta[votes.left] - state.delta[votes.right]
        each = -numpy.logaddexp(0.0, -votes.sign * eta)
        tie_always, tie_later = found.tie_odds(state.ties)
        always = per(votes.rater, raters, each) + tie_always - found.honest
        later = per(votes.rater, raters, each * found.late) + tie_later + found.before - found.honest
        odds = numpy.logaddexp(always, later) - numpy.log(2)
        belongs = expit(numpy.clip(numpy.log(state.share / (1 - state.share)) + odds, -40, 40)) * active
        part = expit(numpy.clip(always - later, -40, 40))
        state.all_time, state.since_half = belongs * part, belongs * (1 - part)
        mixed = numpy.logaddexp(numpy.log1p(-state.share), numpy.log(state.share) + odds)
        state.gain = float(mixed[active].sum() - 0.5 * (state.delta**2).sum())
        state.share = float(numpy.clip(belongs[active].mean(), 0.002, 0.6))
        state.ties = _tie_rate(found, state)
        weight = state.all_time[votes.rater] + state.since_half[votes.rater] * found.late
        if weight.sum() > _MOST * len(weight):
            return None
        if step % 3 == 2:
            table = strengths.wins(votes.left, votes.right, won, models) - _wins(votes, won, weight, models)
            state.board = strengths.fit(table, state.board, 1e-3).strengths
            gap = state.board[votes.left] - state.board[votes.right]
        chance = expit(gap + state.delta[votes.left] - state.delta[votes.right])
        state.delta = _stepped(votes, (won - chance) * weight, chance * (1 - chance) * weight, state.delta, state.board)
    return state


def _tie_rate(found: _Search, state: _State) -> float:
    """How often the class ties."""
    tied = (state.all_time * found.tied[0] + state.since_half * found.tied[1]).sum()
    cast = (state.all_time * found.all_cast[0] + state.since_half * found.all_cast[1]).sum()
    return float((tied + found.tie_share) / (cast + 1.0))


def _ties_alone(found: _Search, best: _State) -> float:
    """What a class with these ties, and no other deviation, would gain."""
    always, later = found.tie_odds(best.ties)
    every, first = found.honest_ties
    odds = (numpy.logaddexp(always, later + first) - numpy.log(2) - every)[found.cast > 0]
    share, gain = best.share, 0.0
    for _ in range(20):
        mixed = numpy.logaddexp(numpy.log1p(-share), numpy.log(share) + odds)
        gain = float(mixed.sum())
        share = float(numpy.clip(numpy.exp(numpy.log(share) + odds - mixed).mean(), 0.002, 0.6))
    return max(gain, 0.0)


def _wins(votes: RaterVotes, won: Floats, weight: Floats, models: int) -> Floats:
    """The wins of weighted votes."""
    key, back = votes.left * models + votes.right, votes.right * models + votes.left
    table = per(key, models * models, won * weight) + per(back, models * models, (1 - won) * weight)
    return table.reshape(models, models)


def _stepped(votes: RaterVotes, rest: Floats, curved: Floats, delta: Floats, board: Floats) -> Floats:
    """One Newton step of delta, under a standard normal prior."""
    models = len(delta)
    pull = per(votes.left, models, rest) - per(votes.right, models, rest) - delta
    between = per(votes.left * models + votes.right, models * models, curved).reshape(models, models)
    between = between + between.T
    information = numpy.diag(between.sum(1) + 1.0) - between
    return _across(numpy.clip(delta + numpy.linalg.solve(information, pull), -4, 4), board)


def _across(delta: Floats, board: Floats) -> Floats:
    """A deviation without the constant, and without what of it runs along the board."""
    delta = delta - delta.mean()
    along = board - board.mean()
    found: Floats = delta - along * max(float(delta @ along), 0.0) / max(float(along @ along), 1e-9)
    return found


def bar(laid: Ground, chance: numpy.random.Generator, gain: float) -> float:
    """What a gain has to pass on this log: 1.5 times the largest of 20 honest replicas.

    Drawing stops when the answer for `gain` can no longer change, or is clear.
    """
    largest = 0.0
    if gain < _LITTLE:
        return _LITTLE
    for replica in range(_REPLICAS):
        largest = max(largest, search(redrawn(laid, chance)).gain)
        if _MARGIN * largest >= gain or (replica + 1 >= _CLEAR_AFTER and gain >= _CLEAR * largest):
            break
    return max(_MARGIN * largest, _LITTLE)


def redrawn(laid: Ground, chance: numpy.random.Generator) -> Ground:
    """The same raters on the same pairs, all of them honest: decisions are drawn anew, ties stay."""
    log, spread = laid.log, laid.spreads
    raters, models = log.size
    votes = log.votes
    taste = chance.normal(0, spread.taste, (raters, models))
    side = chance.normal(spread.side_mean, spread.side, raters)
    slope = numpy.exp(chance.normal(spread.slope_mean, spread.slope, raters))
    gap = laid.board.strengths[votes.left] - laid.board.strengths[votes.right]
    own = taste[votes.rater, votes.left] - taste[votes.rater, votes.right]
    chances = expit(slope[votes.rater] * gap + side[votes.rater] + own)
    outcome = numpy.where(chance.random(len(chances)) < chances, LEFT, RIGHT)
    outcome = numpy.where(votes.outcome == TIE, TIE, outcome)
    anew = replace(log, votes=replace(votes, outcome=outcome))
    return ground.lay(anew, laid.kept, spread, learn=False)


Bar = Callable[[Ground, float], float]
"""What a gain has to pass."""
