"""How much raters' tastes differ, learnt from their votes.

If rater u has a taste w_um ~ N(0, t^2) for each model m, two votes v and v' of the same rater on one model have
residuals with E[r r'] = c c' t^2, c what the expectation of a vote moves with its logit, and twice that when both are
on the same pair; the noise of single votes does not enter products of two. So t^2 = sum r r' / sum c c' over all such
products, to the first order in t. Residuals come from a board on which the rater voted, too, which makes t smaller by
about the share of one rater's votes.
"""

import numpy
import scipy

from leaderboards.fitting import bradley_terry, crowd
from leaderboards.reading import counts

Floats = counts.Floats


def scores(found: bradley_terry.Fit, table: crowd.Table) -> "scipy.sparse.csr_array":
    """(raters, models): the gradient of each rater's log-likelihood at the board."""
    slope = found.terms.slope[table.pair, table.column] * table.mass
    return _by_model(found, table, slope, -slope)


def spread(found: bradley_terry.Fit, table: crowd.Table) -> float | None:
    """Standard deviation of tastes in logits of the board; None where no rater has two votes on a model."""
    slope, bend = found.terms.slope[table.pair, table.column], -found.terms.curve[table.pair, table.column]
    mass, pairs = table.mass, len(found.pairs.low)
    products = float((scores(found, table).data ** 2).sum()) - 2 * float((mass * slope**2).sum())
    own = float((mass * bend**2).sum())
    on_model = float((_by_model(found, table, mass * bend, mass * bend).data ** 2).sum()) - 2 * own
    on_pair = scipy.sparse.csr_array((mass * bend, (table.rater, table.pair)), shape=(table.raters, pairs))
    expected = on_model + 2 * (float((on_pair.data**2).sum()) - own)
    if not expected > 0:
        return None
    return float(numpy.sqrt(max(products / expected, 0.0)))


def _by_model(found: bradley_terry.Fit, table: crowd.Table, low: Floats, high: Floats) -> "scipy.sparse.csr_array":
    """(raters, models): a value of each row of the table summed over its low and over its high model."""
    rater = numpy.concatenate([table.rater, table.rater])
    model = numpy.concatenate([found.pairs.low[table.pair], found.pairs.high[table.pair]])
    summed = scipy.sparse.csr_array(
        (numpy.concatenate([low, high]), (rater, model)), shape=(table.raters, found.pairs.size)
    )
    summed.sum_duplicates()
    return summed
