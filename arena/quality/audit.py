"""The whole audit of a log: who, of what kind, since when, and which votes are held for it.

First accounts that hunt for one model; then those that say enough alone, and rings, both again until nothing changes,
because each makes the board of the others cleaner; then kinds pooled over accounts; then cohorts. What is held is never
thrown away, and the board stays the plain fit over the votes that are not held.
"""

import numpy
from threadpoolctl import threadpool_limits

from arena.quality import cohorts, evidence, foretelling, ground, honest, hunts, joint, kinds, pooled, report, rings
from arena.quality.arrays import Flags, Integers
from arena.quality.findings import Audit
from arena.quality.log import Log
from arena.quality.state import FoundHunt, FoundPool, Group, RingHeld, State

LEVEL = 0.025
"""Expected share of false findings among those about one account."""
TOGETHER = 0.005
"""Chance of a pooled kind, and of a cohort, on a log of honest raters."""
_ROUNDS = 4
_SETTLED = 1 / 2000
"""Share of raters; where no more of them change, the board of the others does not."""
_RINGS = 3
_UNUSUAL = 0.1
"""Nats a rater that a pooled kind of whole accounts has to pass beyond its bar: unusual people are a share of all
raters, and so is what they add up to (8 of the 124 raters of LLMFAO add 18)."""
_PUSHES = 4
_BLIND = (*kinds.BLIND, "half", "inverted")
_APART = 2.0
"""Spreads of taste; a ring deviates by more than people do."""
_APART_LEAST = 0.8
_MOST = 0.4
"""Share of votes; a larger group is not apart from everybody else."""


def run(log: Log, *, looks: int = 1, seed: int = 0, ring_bar: float | None = None) -> Audit:
    """Audit a log.

    `looks` is over how many audits of a growing log the chance of a false ring, pool or cohort is to be split; evidence
    about one account needs no splitting. `ring_bar` is what a ring has to pass, where it is known for a log of this
    shape; otherwise honest replicas are drawn, with `seed`.
    """
    with threadpool_limits(limits=1, user_api="blas"):  # its matrices are small: threads would wait for each other
        return _run(log, looks, seed, ring_bar)


def _run(log: Log, looks: int, seed: int, ring_bar: float | None) -> Audit:
    raters = len(log.raters)
    state = State(
        log=log,
        spreads=honest.Spreads(),
        looks=looks,
        chance=numpy.random.default_rng(seed),
        known_bar=ring_bar,
        hunts=[],
        alone=numpy.zeros(raters, dtype=bool),
        strengths=numpy.zeros(raters),
    )
    if raters < 3 or len(log.models) < 2:
        return report.written(state, [], [])
    _hunt(state)
    _settle(state)
    pools, votes = _pool(state, state.kept)
    groups = _gather(state, votes)
    if groups:
        waiting = numpy.logical_or.reduce([group.members for group in groups])
        pools, _ = _pool(state, state.kept & ~waiting)
    return report.written(state, pools, groups)


def _hunt(state: State) -> None:
    """Those who vote on one model far more often than others meet it, where they judge it as nobody else does."""
    log = state.log
    hunting = hunts.hunters(log)
    if not hunting.any():
        return
    others: Flags = ~numpy.logical_or.reduce(hunting, axis=1)
    laid = ground.lay(log, others, state.spreads)
    bar = float(numpy.log(len(log.models) * state.looks / TOGETHER))
    nothing = numpy.zeros(len(log.row), dtype=bool)
    for model in numpy.flatnonzero(hunting.any(0)):
        members = hunting[:, model]
        one = cohorts.deviation(laid, members, nothing)
        if one.strength > bar and one.model == model:
            state.hunts.append(FoundHunt(model=int(model), deviation=one, members=members))


def _settle(state: State) -> None:
    """Accounts alone and rings, again until nothing changes."""
    for _ in range(_ROUNDS):
        before = state.kept
        found = _weigh(state)
        state.strengths, state.best, state.since, state.push = found.total, found.best, found.since, found.push
        state.alone = _apart_from_most(state, evidence.passing(found.total, LEVEL))
        _ring(state)
        if (state.kept != before).sum() <= _SETTLED * len(before):
            break


def _apart_from_most(state: State, found: Flags) -> Flags:
    """Without those found for how they judge models, where they cast too many votes to differ from everybody else."""
    judging = found & ~numpy.isin(numpy.array(state.best), kinds.BLIND)
    cast = state.log.count
    return found & ~judging if cast[judging].sum() > _MOST * cast.sum() else found


def _lay(state: State) -> ground.Ground:
    """The ground of those kept: the last one, where they are the same."""
    last = state.laid
    if last is not None and (last.kept == state.kept).all():
        return last
    people = None if last is None else last.person
    laid = ground.lay(state.log, state.kept, state.spreads, afresh=last is None, people=people)
    state.laid, state.spreads = laid, laid.spreads
    return laid


def _weigh(state: State) -> evidence.Evidence:
    """The evidence on the ground of those kept: weighed once for each."""
    laid = _lay(state)
    if state.said is None or state.weighed is not laid:
        state.said, state.weighed = evidence.weighed(laid), laid
    return state.said


def _ring(state: State) -> None:
    """Search each known ring anew, and one more."""
    blind = state.hunting | (state.alone & numpy.isin(numpy.array(state.best), _BLIND))
    laid = _lay(state)
    for ring in list(state.rings):
        state.rings.remove(ring)
        again = joint.search(laid, ~blind & ~state.in_rings, ring.found.delta)
        if again.gain >= ring.bar and _apart(again, state.spreads):
            state.rings.append(RingHeld(found=again, bar=ring.bar, members=again.chance > rings.SURE))
    if len(state.rings) >= _RINGS:
        return
    found = joint.search(laid, ~blind & ~state.in_rings)
    if not _apart(found, state.spreads):
        return
    state.ring_bar = bar = _bar(state, laid, found.gain)
    if found.gain > bar * _margin(state.looks) and _foretells(state, laid, ~blind & ~state.in_rings):
        state.rings.append(RingHeld(found=found, bar=bar, members=found.chance > rings.SURE))


def _foretells(state: State, laid: ground.Ground, among: Flags) -> bool:
    """Whether the deviation is in votes, too, that it was not learnt from."""
    return foretelling.passes(laid, among, float(numpy.log(state.looks / TOGETHER)))


def _bar(state: State, laid: ground.Ground, gain: float) -> float:
    if state.known_bar is not None:
        return state.known_bar
    if state.replicas is None:
        state.replicas = joint.Bar(laid, state.chance)
    return state.replicas.over(gain)


def _margin(looks: int) -> float:
    """How much more a ring needs when it is looked for so often: the largest of many gains grows as a logarithm."""
    return 1.0 + 0.1 * float(numpy.log(looks))


def _apart(ring: rings.Ring, spreads: honest.Spreads) -> bool:
    return float(numpy.abs(ring.delta).max()) >= max(_APART_LEAST, _APART * spreads.taste)


def _pool(state: State, kept: Flags) -> tuple[list[FoundPool], Flags]:
    """Pooled kinds among these raters, and the votes held for pushes."""
    log = state.log
    raters, models = log.size
    bar = float(numpy.log((2 * models + 2) * state.looks / TOGETHER))
    stratum = pooled.strata(log.count)
    said, laid = _weigh(state), _lay(state)
    found: dict[tuple[str, int, int], FoundPool] = {}
    gone = numpy.zeros(raters, dtype=bool)
    for kind in ("lopsided", "inverted"):
        one = pooled.pool(said.plain[kind], stratum, kept)
        if one.strength > bar + _UNUSUAL * kept.sum():
            members = kept & (one.chance > pooled.SURE)
            gone |= members
            found[kind, -1, 0] = FoundPool(kind=kind, model=None, lifted=False, strength=one.strength, members=members)
    among = kept & ~gone
    push = said.push
    on = _on_model(log)
    pushed: list[tuple[int, int]] = []
    without = numpy.zeros(len(log.row), dtype=bool)
    for turn in range(_PUSHES + 2):
        if turn or not (among == laid.kept).all():
            moved = ground.lay(log, among, state.spreads, learn=False, without=without, people=laid.person, again=False)
            push = evidence.pushes(moved)
        before = without
        strengths = numpy.stack([pooled.strength(pooled.by_many(way, among), stratum, among) for way in push])
        for sign, model in pushed:
            strengths[sign, model] = -numpy.inf
        sign, model = divmod(int(strengths.argmax()), models)
        if strengths[sign, model] > bar and len(pushed) < _PUSHES:
            pushed.append((sign, model))
        without = numpy.zeros(len(log.row), dtype=bool)
        for way, which in pushed:
            one = pooled.pool(push[way][:, which], stratum, among)
            members = pooled.balanced(numpy.where(among, one.chance, 0.0), on[:, which])
            key = ("push", which, way)
            strength = max(one.strength, found[key].strength if key in found else one.strength)
            found[key] = FoundPool(kind="push", model=which, lifted=way == 0, strength=strength, members=members)
            about = (log.votes.left == which) | (log.votes.right == which)
            without |= about & members[log.votes.rater]
        if (without == before).all():
            break
    return [one for one in found.values() if one.members.any()], without


def _on_model(log: Log) -> Integers:
    """(raters, models): votes of each rater with each model."""
    raters, models = log.size
    votes = log.votes
    total = numpy.bincount(votes.rater * models + votes.left, minlength=raters * models)
    total += numpy.bincount(votes.rater * models + votes.right, minlength=raters * models)
    return total.reshape(raters, models)


def _gather(state: State, without: Flags) -> list[Group]:
    """Cohorts that differ from everybody else."""
    log = state.log
    laid = ground.lay(log, state.kept, state.spreads, learn=False, without=without)
    groups = [
        (name, state.kept & (codes == code))
        for name, codes in log.groups.items()
        for code in range(int(codes.max(initial=-1)) + 1)
    ]
    bar = float(numpy.log((len(groups) + 1) * state.looks / TOGETHER))
    found: list[Group] = []
    for name, members in groups:
        if log.count[members].sum() > _MOST * log.count.sum():
            continue
        one = cohorts.deviation(laid, members, without)
        if one.strength > bar:
            found.append(Group(name=name, deviation=one, members=members))
    largest = cohorts.SMALL[-1]
    small = state.kept & (log.count < largest)
    if log.count[small].sum() <= _MOST * log.count.sum():
        whole = cohorts.deviation(laid, small, without)
        if whole.strength > bar:
            for cut in cohorts.SMALL:
                members = small & (log.count < cut)
                if cut == largest or cohorts.deviation(laid, small & ~members, without).strength < 0:
                    found.append(Group(name=f"fewer than {cut} votes", deviation=whole, members=members))
                    break
    return found
