"""Whether a deviation that some raters share is found in others, too.

Whoever looks for a shared deviation among hundreds of models finds one that fits what chance did to some raters, and
the fewer votes there are for each model, the better it fits. It does not fit others. So raters are dealt into two
halves: a class learnt from one is held against the votes of the other, a share c of whom is taken to belong to it,

    E = prod_u (1 - c + c L1_u / L0_u), L = likelihood of a rater's votes,

and likewise the other way round, and in other halves. While raters are honest the mean of each is 1, and so is that of
their mean, so that P(E >= 1 / a) <= a in a log of any shape: of few votes or many, of models met often or hardly ever.
It has to pass beside the bar from replicas (`joint.Bar`), which knows only what it redraws. People may share a
sharpness, a side and a share of ties, and differ as much as the others are found to: L0 is the likeliest of these.
"""

from dataclasses import replace

import numpy

from arena.quality import ground, honest, joint, rings
from arena.quality.arrays import Flags
from arena.quality.ground import Ground
from arena.quality.rings import Ring

_DEALT = ((0, 1), (0, 2), (0, 3))
"""Which raters of each four in turn are the one half."""
_VOTES = 200_000
"""Of a large log every second rater is read, or every third, ...: so many votes show what is shared."""


def passes(laid: Ground, among: Flags, enough: float) -> bool:
    """Whether the logarithm of E, its mean over all ways to deal these raters, is more than that."""
    turn = numpy.cumsum(among) - 1
    step = -(-int(laid.log.count[among].sum()) // _VOTES)
    if step > 1:
        among = among & (turn % step == 0)
        laid, among = laid.of(among), among[among]
    turn = (numpy.cumsum(among) - 1) % 4
    least = enough + float(numpy.log(2 * len(_DEALT)))
    total = -numpy.inf
    for dealt in _DEALT:
        one = numpy.isin(turn, dealt)
        for half in (one, ~one):
            total = float(numpy.logaddexp(total, _of(laid, among & half, among & ~half)))
            if total > least:
                return True
    return False


def _of(laid: Ground, learnt: Flags, told: Flags) -> float:
    """Logarithm of E of the class that the first raters show, in the votes of the second."""
    begins = [laid] if laid.independent is None else [laid, laid.apart()]
    ends = [joint.settled(begin, learnt) for begin in begins]
    best = max(range(len(ends)), key=lambda place: ends[place].total)
    begin, found = begins[best], ends[best].ring
    members = found.chance > rings.SURE
    if not members.any():
        return 0.0
    # a large class moves the board, and how much people seem to differ: this is the others'
    rest = ground.lay(
        laid.log,
        (learnt | told) & ~members,
        begin.spreads,
        afresh=False,
        people=begin.person,
        together=bool(begin.spreads.shared),
    )
    people = max(float(one.honestly()[told].sum()) for one in (laid, _differing(laid, rest)))
    alike = _likely(laid, joint.without_deviation(found), learnt, told)
    again = rings.search(rest, learnt, found.delta)
    return _likely(rest, again, learnt, told) - max(people, alike)


def _differing(laid: Ground, other: Ground) -> Ground:
    """The same, were people to differ as they do on another ground."""
    votes, logit = laid.decisive()
    people = honest.person(votes, logit, laid.log.size, other.spreads, laid.person)
    return replace(laid, spreads=other.spreads, person=people)


def _likely(laid: Ground, ring: Ring, learnt: Flags, told: Flags) -> float:
    """Log likelihood of the second raters' votes, were as many of them of this class as of the first."""
    found = joint.weighed(laid, ring, learnt).ring
    members = joint.Members.of(laid, found, learnt)
    whole = numpy.zeros(len(told), dtype=bool)
    theirs = numpy.logaddexp(*(replace(members, late=late).likely(laid, told) for late in (whole, ~whole)))
    likely = numpy.logaddexp(numpy.log1p(-found.share) + laid.honestly(), numpy.log(found.share) + theirs)
    return float(likely[told].sum())
