"""Online Elo: each vote moves two ratings by K times the surprise, in the order of the votes.

r_a += K (y - E), E = 1 / (1 + 10^((r_b - r_a) / 400)). Source: Elo (1978), The Rating of Chessplayers. The result
depends on the order and on K, and has no sampling error of its own; `orders` above 1 averages over shuffled orders.
Kept for comparison: Bradley-Terry uses all votes at once and depends on no order.
"""

import numpy

from leaderboards import progress
from leaderboards.reading import counts, outcomes, rows

START = 1000.0


def rate(votes: rows.Rows, size: int, *, k: float, orders: int, seed: int) -> counts.Floats:
    """(models,) ratings after all votes; a row with a count is that many votes in a row."""
    times = votes.times.astype(numpy.int64)
    sequence = numpy.repeat(numpy.arange(len(times)), times) if (times != 1).any() else numpy.arange(len(times))
    share = numpy.array([1.0, 0.0, 0.5, 0.5])[votes.outcome]
    if orders == 1:
        return _walked(votes, share, sequence, size, k)
    chance = numpy.random.default_rng(seed)
    walks = []
    with progress.step("orders of the votes", orders) as walked:
        for _ in range(orders):
            walks.append(_walked(votes, share, chance.permutation(sequence), size, k))
            walked.advance()
    mean: counts.Floats = numpy.mean(walks, axis=0)
    return mean


def heard(votes: rows.Rows, *, ties: bool, both_bad: bool) -> rows.Rows:
    """The rows that enter the fit under these settings."""
    kept = votes.outcome < outcomes.TIE
    kept |= (votes.outcome == outcomes.TIE) & ties
    kept |= (votes.outcome == outcomes.BOTH_BAD) & ties & both_bad
    return votes.chosen(kept & (votes.first >= 0) & (votes.second >= 0))


def _walked(votes: rows.Rows, share: counts.Floats, sequence: counts.Integers, size: int, k: float) -> counts.Floats:
    """One pass. Plain numbers: each step needs the one before, so arrays would not help."""
    ratings = [START] * size
    steps = zip(
        votes.first[sequence].tolist(),
        votes.second[sequence].tolist(),
        share[sequence].tolist(),
        (k * votes.weight[sequence]).tolist(),
        strict=True,
    )
    for a, b, won, pace in steps:
        moved = pace * (won - 1 / (1 + 10 ** ((ratings[b] - ratings[a]) / 400)))
        ratings[a] += moved
        ratings[b] -= moved
    return numpy.array(ratings)
