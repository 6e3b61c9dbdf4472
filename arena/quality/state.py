"""What an audit holds while it runs."""

from dataclasses import dataclass, field

import numpy

from arena.quality import cohorts, honest, rings
from arena.quality.arrays import Flags, Floats, Integers
from arena.quality.log import Log


@dataclass(slots=True)
class RingHeld:
    found: rings.Ring
    bar: float
    members: Flags


@dataclass(slots=True)
class State:
    """What is held so far."""

    log: Log
    spreads: honest.Spreads
    looks: int
    chance: numpy.random.Generator
    known_bar: float | None
    alone: Flags
    """Raters whose own votes say enough."""
    strengths: Floats
    """Of each rater, the logarithm of the evidence."""
    best: tuple[str, ...] = ()
    """Of each rater, the kind that says most."""
    push: Floats = field(default_factory=lambda: numpy.zeros((0, 0, 0)))
    since: Integers = field(default_factory=lambda: numpy.zeros(0, dtype=numpy.int64))
    rings: list[RingHeld] = field(default_factory=list)
    ring_bar: float | None = None

    @property
    def in_rings(self) -> Flags:
        found = numpy.zeros(len(self.log.raters), dtype=bool)
        for ring in self.rings:
            found |= ring.members
        return found

    @property
    def kept(self) -> Flags:
        return ~(self.alone | self.in_rings)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPool:
    kind: str
    model: int | None
    lifted: bool
    strength: float
    members: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    deviation: cohorts.Deviation
    members: Flags
