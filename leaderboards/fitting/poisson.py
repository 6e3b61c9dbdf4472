"""Many Poisson draws for few different means: by a table of the distribution function.

Counts of votes repeat: on twenty thousand pairs hardly a hundred different numbers occur. For a mean that is drawn
often a uniform number of 32 bits is looked up by its first 12: almost always they decide the count alone, and where a
step of the distribution function falls between, the whole number is searched for. Rare means are drawn by NumPy.
"""

import numpy
import scipy
from numpy.typing import NDArray

from leaderboards.reading import counts

Floats = counts.Floats

_BITS = 12
_OFTEN = 1 << 14
"""Draws from which on a table pays."""
_LARGEST = 1e4
"""Mean beyond which the table would be long."""
_ENDS = (numpy.arange(1 << _BITS, dtype=numpy.uint64) << numpy.uint64(32 - _BITS)).astype(numpy.uint32)


def drawn(means: Floats, chance: numpy.random.Generator, size: int) -> Floats:
    """(len(means), size) independent draws."""
    table = numpy.zeros((len(means), size))
    distinct, kind, often = numpy.unique(means, return_inverse=True, return_counts=True)
    order = numpy.argsort(kind, kind="stable")
    rare = []
    for mean, cells in zip(distinct.tolist(), numpy.split(order, numpy.cumsum(often)[:-1]), strict=True):
        if mean == 0:
            continue
        if len(cells) * size < _OFTEN or mean > _LARGEST:
            rare.append(cells)
        else:
            table[cells] = _looked_up(mean, chance, (len(cells), size))
    if rare:
        places = numpy.concatenate(rare)
        table[places] = chance.poisson(means[places][:, None], size=(len(places), size))
    return table


def _looked_up(mean: float, chance: numpy.random.Generator, shape: tuple[int, int]) -> NDArray[numpy.int16]:
    uniform = chance.integers(0, 1 << 32, size=shape, dtype=numpy.uint32)
    highest = int(mean + 12 * numpy.sqrt(mean) + 30)
    steps = numpy.floor(scipy.special.pdtr(numpy.arange(highest), mean) * 2.0**32)
    steps = numpy.minimum(steps, 2.0**32 - 1).astype(numpy.uint32)
    first = numpy.searchsorted(steps, _ENDS, side="right").astype(numpy.int16)
    decided = numpy.append(first[1:], highest) == first
    place = uniform >> numpy.uint32(32 - _BITS)
    count: NDArray[numpy.int16] = first.take(place)
    unsure = ~decided.take(place)
    count[unsure] = numpy.searchsorted(steps, uniform[unsure], side="right")
    return count
