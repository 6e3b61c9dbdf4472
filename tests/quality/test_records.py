"""Gold, repeats and agreement, on published examples and made-up raters."""

import numpy
import pytest

from arena.quality import agreement, records

EXAMPLE = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Four observers and twelve units, from Krippendorff (2011); nominal alpha 0.743."""


def _votes() -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    rows = [
        (rater, item, int(value))
        for rater, line in enumerate(EXAMPLE)
        for item, value in enumerate(line.split())
        if value != "."
    ]
    rater, item, value = numpy.array(rows).T
    return rater, item, value


def test_alpha_is_that_of_the_published_example() -> None:
    _, item, value = _votes()
    assert agreement.alpha(agreement.table(item, value)) == pytest.approx(0.743, abs=5e-4)


def test_alpha_is_1_where_all_agree_and_none_where_nothing_can_be_said() -> None:
    assert agreement.alpha(numpy.array([[2.0, 0.0], [0.0, 3.0]])) == 1
    assert agreement.alpha(numpy.array([[1.0, 0.0], [0.0, 1.0]])) is None
    assert agreement.alpha(numpy.array([[2.0], [3.0]])) is None
    assert agreement.alpha(numpy.zeros((0, 2))) is None


def test_agreement_with_others_is_told_for_each_rater() -> None:
    rater = numpy.array([0, 1, 2, 0, 1, 3])
    item = numpy.array([0, 0, 0, 1, 1, 2])
    value = numpy.array([1, 1, 0, 1, 1, 1])
    found = agreement.with_others(rater, item, value, 4)
    assert found[:3] == pytest.approx([0.75, 0.75, 0])
    assert numpy.isnan(found[3])


def test_a_coin_on_gold_is_seen_and_honest_raters_are_not() -> None:
    chance = numpy.random.default_rng(1)
    rater = numpy.repeat(numpy.arange(200), 30)
    honest = chance.beta(16, 4, 200)
    honest[:5] = 0.38
    right = (chance.random(len(rater)) < honest[rater]).astype(int)
    found = records.read(rater, right, 200)
    assert (found.strength[:5] > numpy.log(20)).sum() >= 4
    assert numpy.exp(found.strength[5:]).mean() <= 1
    assert not (found.strength[5:] > numpy.log(200)).any()


def test_a_rater_without_gold_says_nothing() -> None:
    found = records.read(numpy.array([1, 1]), numpy.array([1, 0]), 3)
    assert found.seen.tolist() == [0, 2, 0]
    assert found.strength[[0, 2]] == pytest.approx(0)


def test_who_keeps_the_side_when_sides_are_swapped_leans() -> None:
    rater = numpy.array([0, 0, 0, 1, 1])
    found = records.side_kept(rater, numpy.array([1, 1, 1, 1, 0]), numpy.array([1, 1, 1, 0, 1]), 3)
    assert found[:2].tolist() == [1, 0]
    assert numpy.isnan(found[2])
