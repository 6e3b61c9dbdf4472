"""Agreement of raters on items that several of them voted on.

Krippendorff's alpha for nominal values, 1 - observed / expected disagreement, on counts of values per item. Source:
Krippendorff (2011), Computing Krippendorff's alpha-reliability. Items with one vote say nothing and are left out. The
package `krippendorff` does the same under GPL-3.0, which a program under Apache-2.0 cannot take in.
"""

import numpy

from arena.quality.arrays import Floats, Integers, per


def table(item: Integers, value: Integers) -> Floats:
    """(items, values): how often each value was given to each item."""
    values = int(value.max(initial=0)) + 1
    items = int(item.max(initial=-1)) + 1
    return per(item * values + value, items * values).reshape(items, values)


def alpha(counts: Floats, items: Integers | None = None) -> float | None:
    """Krippendorff's alpha; None where no item has two votes, or all votes are one value.

    `counts` is (rows, values): how often each value was given to an item. `items`, (rows,), says how many items each
    row stands for; without it, each is one.
    """
    votes = counts.sum(1)
    shared = votes > 1
    counts, votes = counts[shared], votes[shared]
    alike = numpy.ones(len(votes)) if items is None else items[shared]
    total = float((alike * votes).sum())
    if not total:
        return None
    observed = float((alike * (votes**2 - (counts**2).sum(1)) / (votes - 1)).sum())
    expected = (total**2 - float(((alike @ counts) ** 2).sum())) / (total - 1)
    return None if expected == 0 else 1 - observed / expected


def with_others(rater: Integers, item: Integers, value: Integers, raters: int) -> Floats:
    """Of each rater, the share of others' votes on the same items that are as theirs; nan where nobody else voted."""
    counts = table(item, value)
    votes = counts.sum(1)[item]
    shared = votes > 1
    same = (counts[item, value] - 1)[shared] / (votes[shared] - 1)
    compared = per(rater[shared], raters)
    found: Floats = numpy.full(raters, numpy.nan)
    numpy.divide(per(rater[shared], raters, same), compared, out=found, where=compared > 0)
    return found
