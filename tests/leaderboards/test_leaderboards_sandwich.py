"""Standard errors of many models come from single precision where that is enough, and from double where it is not."""

import numpy
import pytest

from leaderboards import bradley_terry, counts, curvature, sandwich

MODELS = 450


def _fitted(reach: int, *, ties: str = "half") -> bradley_terry.Fit:
    """A fit over models each of which met others up to `reach` places away."""
    chance = numpy.random.default_rng(4)
    first = chance.integers(MODELS, size=40_000)
    second = (first + chance.integers(1, reach + 1, size=len(first))) % MODELS
    met = (first < second) if reach < MODELS // 2 else numpy.ones(len(first), dtype=bool)  # a ladder has ends
    low, high = numpy.minimum(first, second)[met], numpy.maximum(first, second)[met]
    keys, pair = numpy.unique(low * MODELS + high, return_inverse=True)
    cells = numpy.bincount(pair * 3 + chance.integers(3, size=len(pair)), minlength=3 * len(keys))
    weight = cells.reshape(-1, 3).astype(float)
    pairs = counts.Pairs(size=MODELS, low=keys // MODELS, high=keys % MODELS, weight=weight, weight_squared=weight)
    return bradley_terry.fit(pairs, ties=ties)


@pytest.mark.parametrize("ties", ["half", "davidson"])
@pytest.mark.parametrize("dense", [False, True])
def test_single_precision_keeps_five_digits(monkeypatch: pytest.MonkeyPatch, ties: str, dense: bool) -> None:
    found = _fitted(MODELS - 1, ties=ties)
    paired = sandwich.independent_meat(found)
    meat = curvature.mirrored(paired.lower()) if dense else paired
    rough = sandwich.covariance(found, meat)
    monkeypatch.setattr(curvature, "MANY", MODELS + 1)
    exact = sandwich.covariance(found, meat)
    assert (rough.dtype, exact.dtype) == (numpy.float32, numpy.float64)
    assert numpy.sqrt(numpy.diag(rough)) == pytest.approx(numpy.sqrt(numpy.diag(exact)), rel=1e-5)
    assert numpy.abs(rough - exact).max() < 1e-5 * exact.max()


def test_a_ladder_of_models_is_computed_in_double_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _fitted(10)
    assert sandwich.covariance(found).dtype == numpy.float64
    monkeypatch.setattr(sandwich, "_LOSS", 1.0)
    assert sandwich.covariance(found).dtype == numpy.float32  # the control: only the bound kept it from that
