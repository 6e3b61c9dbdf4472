"""Kinds of arrays, and the sum that every table here is made with."""

from typing import Any

import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.float64]
Integers = NDArray[numpy.int64]
Flags = NDArray[numpy.bool_]


def per(index: Integers, size: int, value: NDArray[Any] | None = None) -> Floats:
    """The sum of `value`, or the count, at each index below `size`."""
    found: Floats = numpy.bincount(index, value, size).astype(numpy.float64, copy=False)
    return found
