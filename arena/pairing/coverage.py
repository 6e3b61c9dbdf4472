"""Pairs with few votes are drawn more often.

While a pair has fewer than `floor` votes, pairs are drawn by what they lack; then by the inverse of what they have.
"""

from collections.abc import Sequence

from arena.pairing.draw import KnownVotes, Pair, mixed


def shares(pairs: Sequence[Pair], seen: KnownVotes) -> dict[Pair, float]:
    """What each pair gets of the draws."""
    lacking = {pair: float(max(0, seen.floor - seen.votes.get(pair, 0))) for pair in pairs}
    if not any(lacking.values()):
        lacking = {pair: 1 / (1 + seen.votes.get(pair, 0)) for pair in pairs}
    whole = sum(lacking.values())
    return mixed({pair: lack / whole for pair, lack in lacking.items()})


def lacks(pairs: Sequence[Pair], seen: KnownVotes) -> bool:
    """Whether a pair has fewer than `floor` votes."""
    return any(seen.votes.get(pair, 0) < seen.floor for pair in pairs)
