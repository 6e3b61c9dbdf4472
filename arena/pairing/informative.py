"""Pairs whose next votes tell most about who is better, by `leaderboards.pair_design`; before a board, all alike."""

from collections.abc import Sequence

from arena.pairing import coverage, uniform
from arena.pairing.draw import KnownVotes, Pair, mixed


def shares(pairs: Sequence[Pair], seen: KnownVotes) -> dict[Pair, float]:
    """What each pair gets of the draws."""
    if coverage.lacks(pairs, seen):
        return coverage.shares(pairs, seen)
    told = {pair: seen.design.get(pair, 0.0) for pair in pairs}
    whole = sum(told.values())
    return mixed({pair: one / whole for pair, one in told.items()}) if whole else uniform.shares(pairs, seen)
