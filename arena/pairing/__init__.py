"""Which two models meet next: pure functions of the votes that are counted, never of who votes next."""

from collections.abc import Callable, Mapping, Sequence

from arena.domain.campaign import PairingPolicy
from arena.pairing import coverage, informative, uniform
from arena.pairing.draw import KnownVotes, Pair

POLICIES: Mapping[PairingPolicy, Callable[[Sequence[Pair], KnownVotes], dict[Pair, float]]] = {
    PairingPolicy.UNIFORM: uniform.shares,
    PairingPolicy.COVERAGE: coverage.shares,
    PairingPolicy.INFORMATIVE: informative.shares,
}
"""By name, what each pair gets of the draws; it sums to 1."""
