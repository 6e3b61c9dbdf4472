"""What an audit holds while it runs."""

from dataclasses import dataclass, field

import numpy

from arena.quality import cohorts, honest, joint, rings
from arena.quality.arrays import Flags, Floats, Integers
from arena.quality.evidence import Evidence
from arena.quality.ground import Ground
from arena.quality.log import Log


@dataclass(slots=True)
class RingHeld:
    found: rings.Ring
    bar: float
    members: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    deviation: cohorts.Deviation
    members: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHunt:
    model: int
    deviation: cohorts.Deviation
    members: Flags


@dataclass(slots=True)
class State:
    """What is held so far."""

    log: Log
    spreads: honest.Spreads
    looks: int
    chance: numpy.random.Generator
    known_bar: float | None
    hunts: list[FoundHunt]
    """Raters who hunt for a model, and judge it as nobody else does."""
    alone: Flags
    """Raters whose own votes say enough."""
    strengths: Floats
    """Of each rater, the logarithm of the evidence."""
    laid: Ground | None = None
    """The last ground, of those then kept."""
    said: Evidence | None = None
    """What was weighed last."""
    weighed: Ground | None = None
    """The ground it was weighed on."""
    best: tuple[str, ...] = ()
    """Of each rater, the kind that says most."""
    push: Floats = field(default_factory=lambda: numpy.zeros((0, 0, 0)))
    since: Integers = field(default_factory=lambda: numpy.zeros(0, dtype=numpy.int64))
    rings: list[RingHeld] = field(default_factory=list)
    replicas: joint.Bar | None = None
    ring_bar: float | None = None

    @property
    def board(self) -> Floats:
        """Strengths on the last ground."""
        return numpy.zeros(len(self.log.models)) if self.laid is None else self.laid.board.strengths

    @property
    def in_rings(self) -> Flags:
        found = numpy.zeros(len(self.log.raters), dtype=bool)
        for ring in self.rings:
            found |= ring.members
        return found

    @property
    def kept(self) -> Flags:
        return ~(self.alone | self.in_rings | self.hunting)

    @property
    def hunting(self) -> Flags:
        found = numpy.zeros(len(self.log.raters), dtype=bool)
        for hunt in self.hunts:
            found |= hunt.members
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPool:
    kind: str
    model: int | None
    lifted: bool
    strength: float
    members: Flags
