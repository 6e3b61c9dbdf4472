"""From what an audit holds to findings and holds."""

import numpy

from arena.quality import limits, rings, wording
from arena.quality.arrays import Flags, Floats, Integers
from arena.quality.findings import Audit, Finding, Hold
from arena.quality.state import FoundHunt, FoundPool, Group, RingHeld, State

_LEVELS = 0.8
"""Of how much a deviation may run against the board before it is called a coin's."""
_NAMED = 0.5
"""Logits; a ring is said to lift a model by so much at least."""


def written(state: State, pools: list[FoundPool], groups: list[Group]) -> Audit:
    """Everything held, in words; findings by strength."""
    page = _Page(state)
    for hunt in state.hunts:
        page.hunt(hunt)
    for ring in state.rings:
        page.ring(ring)
    for rater in numpy.flatnonzero(state.alone & ~state.in_rings & ~state.hunting):
        page.alone(int(rater))
    for pool in pools:
        page.pool(pool)
    for group in groups:
        page.group(group)
    return page.audit()


class _Page:
    """Findings and held votes as they are written down, in the order of the log."""

    def __init__(self, state: State) -> None:
        self.state, self.log = state, state.log
        self.findings: list[Finding] = []
        self.whole = numpy.zeros(len(self.log.row), dtype=bool)
        self.single: dict[int, Flags] = {}
        self.waiting = numpy.zeros(len(self.log.row), dtype=bool)

    def ring(self, ring: RingHeld) -> None:
        """Its members, since the second half of their votes where that is when they began."""
        log = self.log
        late = ring.members & (ring.found.late > 0.5 * ring.found.chance)
        mine = self._since(ring.members, numpy.where(late, log.count // 2, 0))
        up, down = wording.named(ring.found.delta, _NAMED)
        said = wording.ring(log, int(ring.members.sum()), mine, up, down, bool(late.sum() > 0.5 * ring.members.sum()))
        self.whole |= mine
        if rings.levels(ring.found.delta, self.state.board) > _LEVELS:
            said = wording.coins(int(ring.members.sum()), mine)
            self._add("pooled", ring.members, mine, None, ring.found.gain, said)
            return
        self._add("ring", ring.members, mine, None, ring.found.gain, said)

    def hunt(self, hunt: FoundHunt) -> None:
        """Accounts that vote on one model again and again."""
        mine = hunt.members[self.log.votes.rater]
        self.whole |= mine
        with_it = mine & self._on(hunt.model)
        lifted = hunt.deviation.sign > 0
        said = wording.hunt(self.log, int(hunt.members.sum()), mine, with_it, hunt.model, lifted)
        self._add("hunt", hunt.members, mine, hunt.model, hunt.deviation.strength, said)

    def alone(self, rater: int) -> None:
        """One account by its own votes."""
        log, state = self.log, self.state
        who = numpy.arange(len(log.raters)) == rater
        mine = self._since(who, numpy.where(who, state.since[rater], 0))
        kind, model, lifted = state.best[rater], None, True
        self.whole |= mine
        if kind == "push":
            way, model = (
                int(place)
                for place in numpy.unravel_index(int(state.push[:, rater].argmax()), state.push[:, rater].shape)
            )
            lifted = way == 0
            mine = mine & self._on(model)
        said = wording.alone(log, kind, mine, model, lifted)
        self._add(kind, who, mine, model, float(state.strengths[rater]), said)

    def pool(self, pool: FoundPool) -> None:
        """Many accounts of one kind."""
        mine = pool.members[self.log.votes.rater]
        if pool.model is None:
            self.whole |= mine
        else:
            mine = mine & self._on(pool.model)
            self.single[pool.model] = self.single.get(pool.model, numpy.zeros_like(mine)) | mine
        said = wording.pool(self.log, pool.kind, int(pool.members.sum()), mine, pool.model, pool.lifted)
        self._add("push" if pool.kind == "push" else "pooled", pool.members, mine, pool.model, pool.strength, said)

    def group(self, group: Group) -> None:
        """Accounts that wait together."""
        mine = group.members[self.log.votes.rater]
        self.waiting |= mine
        one = group.deviation
        said = wording.cohort(self.log, group.name, int(group.members.sum()), mine, one.model, one.sign)
        self._add("cohort", group.members, mine, one.model, one.strength, said, pending=True)

    def audit(self) -> Audit:
        """All of it."""
        held = self.whole.copy()
        for mine in self.single.values():
            held |= mine
        holds = self._holds(self.whole, None, False) + self._holds(self.waiting & ~held, None, True)
        for model, mine in sorted(self.single.items()):
            holds += self._holds(mine & ~self.whole, model, False)
        holds.sort(key=lambda hold: (hold.pending, hold.rater, hold.model or ""))
        return Audit(
            findings=tuple(sorted(self.findings, key=lambda one: (-one.strength, one.raters))),
            holds=tuple(holds),
            held=self._given(held | self.waiting),
            pending=self._given(self.waiting & ~held),
            spreads=self.state.spreads,
            ring_bar=self.state.ring_bar,
            limits=limits.found(self.state.laid, len(self.log.row)),
        )

    def _add(
        self,
        kind: str,
        who: Flags,
        mine: Flags,
        model: int | None,
        strength: float,
        sentence: str,
        pending: bool = False,
    ) -> None:
        log = self.log
        everything = int(log.count[who].sum()) == int(mine.sum())
        self.findings.append(
            Finding(
                kind=kind,
                raters=tuple(sorted(log.raters[rater] for rater in numpy.flatnonzero(who))),
                model=None if model is None else log.models[model],
                strength=strength,
                rows=numpy.sort(log.row[mine]),
                since=None if everything or not mine.any() else float(log.moment[mine].min()),
                pending=pending,
                sentence=sentence,
            )
        )

    def _since(self, who: Flags, start: Integers) -> Flags:
        """Votes of these raters from a vote of theirs on; all those of the same moment are taken along."""
        log = self.log
        mine = who[log.votes.rater] & (log.turn >= start[log.votes.rater])
        first = numpy.full(len(log.raters), numpy.inf)
        numpy.minimum.at(first, log.votes.rater[mine], log.moment[mine])
        return who[log.votes.rater] & (log.moment >= first[log.votes.rater])

    def _on(self, model: int) -> Flags:
        found: Flags = (self.log.votes.left == model) | (self.log.votes.right == model)
        return found

    def _holds(self, mine: Flags, model: int | None, pending: bool) -> list[Hold]:
        """One for each rater: what of them is held, from the first of it on."""
        log = self.log
        about = numpy.ones_like(mine) if model is None else self._on(model)
        raters = len(log.raters)
        held = numpy.bincount(log.votes.rater[mine], minlength=raters)
        whole = numpy.bincount(log.votes.rater[about], minlength=raters)
        first: Floats = numpy.full(raters, numpy.inf)
        numpy.minimum.at(first, log.votes.rater[mine], log.moment[mine])
        return [
            Hold(
                rater=log.raters[rater],
                since=None if held[rater] == whole[rater] else float(first[rater]),
                model=None if model is None else log.models[model],
                votes=int(held[rater]),
                pending=pending,
            )
            for rater in numpy.flatnonzero(held)
        ]

    def _given(self, mine: Flags) -> Flags:
        """In the order of what was given."""
        found = numpy.zeros(len(mine), dtype=bool)
        found[self.log.row] = mine
        return found
