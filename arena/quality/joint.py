"""A ring and everybody else, fitted together.

`rings.search` proposes a second class on one board. Here each rater's votes are weighed as those of a person: an honest
one, or one of the class, who deviates as it does and has tastes of their own beside that. Otherwise raters with many
votes, whose tastes cost much to learn, would be likelier in any class that comes near them. Then the board, and what
people are like, are learnt anew from the raters who are not of the class, and the class is searched again, for as long
as both together grow likelier: a large ring moves the board that it is held against, and hides behind it.

The gain counts from honest people alone, with a taste that they share where the log shows one: a ring is held for what
a taste that reaches both ways does not explain. Its bar is 1.5 times the largest of 20 honest replicas of the log.
"""

from dataclasses import dataclass, replace

import numpy
from scipy.special import expit

from arena.quality import ground, honest, rings
from arena.quality.arrays import Flags, Floats
from arena.quality.ground import Ground
from arena.quality.log import LEFT, RIGHT, TIE
from arena.quality.rings import Ring

_ROUNDS = 5
_ENOUGH = 0.5
"""Nats; a round that gains no more is the last."""
_SHARES = 30
_AS_ONE = 5.0
"""Nats by which one share of ties has to fit a class better than shares of their own: then one judge votes for all."""
_ONE_JUDGE = 0.3
"""Tastes that are left to each account of one judge, in those of people."""
_REPLICAS = 20
_MARGIN = 1.5
_CLEAR = 3.0
_CLEAR_AFTER = 5
"""A gain of three times the largest of five replicas needs no more of them."""
_LITTLE = 15.0
"""Nats: less is never a ring, and needs no bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A class, and how likely everybody's votes are with it."""

    total: float
    ring: Ring


def search(laid: Ground, among: Flags | None = None, known: Floats | None = None) -> Ring:
    """The best second class among these raters, those kept when not said; near a known deviation where one is given."""
    among = laid.kept if among is None else among
    begins = [laid] if laid.independent is None else [laid, laid.apart()]
    best = max((settled(begin, among, known) for begin in begins), key=lambda one: one.total)
    nobody = float(laid.honestly()[among].sum())
    alike = weighed(laid, without_deviation(best.ring), among).total if best.total > nobody + _LITTLE else nobody
    return replace(best.ring, gain=best.total - max(nobody, alike))


def without_deviation(ring: Ring) -> Ring:
    """The class that shares a sharpness, a side and ties, and nothing else."""
    sharp, side, ties = ring.alone
    return replace(ring, delta=numpy.zeros_like(ring.delta), sharp=sharp, side=side, ties=ties)


def settled(laid: Ground, among: Flags, known: Floats | None = None) -> Weighed:
    """Class and ground in turns, until they fit each other."""
    best = weighed(laid, rings.search(laid, among, known), among)
    for _ in range(_ROUNDS):
        members = best.ring.chance > rings.SURE
        if not members.any():
            break
        rest = ground.lay(
            laid.log,
            among & ~members,
            laid.spreads,
            afresh=False,
            people=laid.person,
            together=bool(laid.spreads.shared),
        )
        again = weighed(rest, rings.search(rest, among, best.ring.delta), among)
        gained = again.total - best.total
        best = max(best, again, key=lambda one: one.total)
        if gained < _ENOUGH:
            break
    return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """How the accounts of a class vote: as it deviates, with tastes of their own beside that."""

    ring: Ring
    late: Flags
    """Of each rater, whether they would belong since the second half of their votes."""
    later: float
    """Share of the members who do."""
    as_one: bool
    """Whether one judge votes for all."""

    @classmethod
    def of(cls, laid: Ground, ring: Ring, among: Flags) -> "Members":
        """Those of a class, as these raters show it."""
        later = float(numpy.clip(ring.late[among].sum() / max(ring.chance[among].sum(), 1e-9), *rings.LATER))
        usual, common = _ties(laid, ring)
        as_one = float((ring.chance * (common - usual))[among].sum()) > _AS_ONE
        return cls(ring=ring, late=ring.late > 0.5 * ring.chance, later=later, as_one=as_one)

    def likely(self, laid: Ground, among: Flags) -> Floats:
        """Log likelihood of each rater's votes, were the rater a member."""
        log, ring = laid.log, self.ring
        votes, logit = laid.decisive(among[log.votes.rater])
        begun = ~self.late[log.votes.rater] | (log.turn >= (log.count // 2)[log.votes.rater])
        deviates = begun[among[log.votes.rater] & (log.votes.outcome != TIE)]
        moved = logit + deviates * (ring.delta[votes.left] - ring.delta[votes.right])
        alike = replace(
            laid.spreads,
            slope_mean=float(numpy.log(ring.sharp)),
            side_mean=ring.side,
            taste=laid.spreads.taste * (_ONE_JUDGE if self.as_one else 1.0),
        )
        people = honest.person(votes, moved, log.size, alike, laid.person)
        usual, common = _ties(laid, ring)
        begins = numpy.log(numpy.where(self.late, self.later, 1 - self.later))
        found: Floats = people.log_likelihood + (common if self.as_one else usual) + begins
        return found


def _ties(laid: Ground, ring: Ring) -> tuple[Floats, Floats]:
    """Log likelihood of each rater's ties as people tie, and as a class ties whose members tie alike."""
    cast = laid.log.outcomes()
    tied, total = cast[:, TIE], cast.sum(1)
    common: Floats = tied * numpy.log(max(ring.ties, 1e-6)) + (total - tied) * numpy.log1p(-ring.ties)
    return honest.ties(tied, total, laid.spreads), common


def weighed(laid: Ground, ring: Ring, among: Flags) -> Weighed:
    """Each rater's chance to be of the class, tastes of their own considered."""
    members = Members.of(laid, ring, among)
    theirs, own = members.likely(laid, among), laid.honestly()
    share = 0.1
    for _ in range(_SHARES):
        odds = numpy.clip(numpy.log(share / (1 - share)) + theirs - own, -40, 40)
        share = float(numpy.clip(expit(odds)[among].mean(), 0.002, 0.6))
    chance = expit(odds) * among
    likely = numpy.logaddexp(numpy.log1p(-share) + own, numpy.log(share) + theirs)
    return Weighed(
        total=float(likely[among].sum() - 0.5 * (ring.delta**2).sum()),
        ring=replace(ring, chance=chance, late=chance * members.late, share=share),
    )


class Bar:
    """What a gain has to pass on this log: 1.5 times the largest of 20 honest replicas.

    Replicas are drawn as they are needed and kept for the next gain: drawing stops when the answer can no longer
    change, or is clear.
    """

    def __init__(self, laid: Ground, chance: numpy.random.Generator) -> None:
        self._laid, self._chance = laid, chance
        self._gains: list[float] = []

    def over(self, gain: float) -> float:
        """The bar for this gain, or one that it cannot pass either."""
        if gain < _LITTLE:
            return _LITTLE
        while len(self._gains) < _REPLICAS:
            largest = max(self._gains, default=0.0)
            if _MARGIN * largest >= gain or (len(self._gains) >= _CLEAR_AFTER and gain >= _CLEAR * largest):
                break
            self._gains.append(search(redrawn(self._laid, self._chance)).gain)
        return max(_MARGIN * max(self._gains, default=0.0), _LITTLE)


def redrawn(laid: Ground, chance: numpy.random.Generator) -> Ground:
    """The same raters on the same pairs, all of them honest: decisions are drawn anew, ties stay."""
    log, spread = laid.log, laid.spreads
    raters, models = log.size
    votes = log.votes
    taste = chance.normal(0, spread.taste, (raters, models))
    if spread.shared:
        taste += chance.normal(0, 1, (raters, 1)) * numpy.array(spread.shared)
    side = chance.normal(spread.side_mean, spread.side, raters)
    slope = numpy.exp(chance.normal(spread.slope_mean, spread.slope, raters))
    gap = laid.board.strengths[votes.left] - laid.board.strengths[votes.right]
    own = taste[votes.rater, votes.left] - taste[votes.rater, votes.right]
    chances = expit(slope[votes.rater] * gap + side[votes.rater] + own)
    outcome = numpy.where(chance.random(len(chances)) < chances, LEFT, RIGHT)
    outcome = numpy.where(votes.outcome == TIE, TIE, outcome)
    anew = replace(log, votes=replace(votes, outcome=outcome))
    return ground.lay(anew, laid.kept, spread, learn=False)
