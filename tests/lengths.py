"""Parameters that a test has in `make soak` only, beside those that stand for them in `make test`."""

import pytest


def at_length(*values: object) -> list[object]:
    """Each a value, or a tuple of values."""
    each = (one if isinstance(one, tuple) else (one,) for one in values)
    return [pytest.param(*one, marks=pytest.mark.soak) for one in each]
