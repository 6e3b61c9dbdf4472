"""Gold, repeats and agreement, on published examples and made-up raters."""

import numpy
import pytest

from arena.quality import agreement, records
from arena.quality.records import Trials

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


def test_a_row_may_stand_for_several_items() -> None:
    each = numpy.array([[2.0, 0.0], [1.0, 1.0], [0.0, 2.0], [1.0, 0.0]])
    many = numpy.array([3, 2, 1, 4])
    assert agreement.alpha(each, many) == pytest.approx(agreement.alpha(numpy.repeat(each, many, axis=0)), rel=1e-12)


def test_agreement_with_others_is_told_for_each_rater() -> None:
    rater = numpy.array([0, 1, 2, 0, 1, 3])
    item = numpy.array([0, 0, 0, 1, 1, 2])
    value = numpy.array([1, 1, 0, 1, 1, 1])
    found = agreement.with_others(rater, item, value, 4)
    assert found[:3] == pytest.approx([0.75, 0.75, 0])
    assert numpy.isnan(found[3])


def _trials(rater: numpy.ndarray, right: numpy.ndarray) -> Trials:
    return Trials(rater=rater, moment=numpy.arange(len(rater), dtype=float), right=right.astype(bool))


def test_a_coin_on_gold_is_seen_and_honest_raters_are_not() -> None:
    chance = numpy.random.default_rng(1)
    rater = numpy.repeat(numpy.arange(200), 60)
    honest = chance.beta(16, 4, 200)
    honest[:5] = 0.38
    found = records.read(_trials(rater, chance.random(len(rater)) < honest[rater]), 200)
    assert (found.strength[:5] > numpy.log(20)).sum() >= 4
    assert numpy.exp(found.strength[5:]).mean() <= 1
    assert not (found.strength[5:] > numpy.log(200)).any()
    assert found.usual == pytest.approx(0.8, abs=0.05)


def test_somebody_who_stops_looking_is_found_from_then_on() -> None:
    rater = numpy.repeat(numpy.arange(40), 64)
    right = numpy.random.default_rng(2).random(len(rater)) < 0.85
    right[32:64] = False
    found = records.read(_trials(rater, right), 40)
    assert found.strength.argmax() == 0
    assert found.since[0] == 32
    assert (found.right[0], found.seen[0]) == (0, 32)


def test_trials_that_most_fail_say_nothing_of_anybody() -> None:
    rater = numpy.repeat(numpy.arange(40), 20)
    right = numpy.random.default_rng(3).random(len(rater)) < 0.45
    assert numpy.isneginf(records.read(_trials(rater, right), 40).strength).all()


def test_a_rater_without_gold_says_nothing() -> None:
    found = records.read(_trials(numpy.array([1, 1]), numpy.array([1, 0])), 3)
    assert found.seen.tolist() == [0, 2, 0]
    assert (found.strength[[0, 2]] <= 0).all()


def test_a_known_answer_that_nobody_knows_is_left_out() -> None:
    item = numpy.repeat([0, 1, 2], [6, 6, 3])
    right = numpy.array([1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0], dtype=bool)
    kept = records.known_to_others(item, right)
    assert kept[:6].all(), "the one who failed what others know"
    assert not kept[6:12].any()
    assert kept[12:].all(), "too few others to say"


def test_who_keeps_the_side_when_sides_are_swapped_leans() -> None:
    rater = numpy.array([0, 0, 0, 1, 1])
    found = records.side_kept(rater, numpy.array([1, 1, 1, 1, 0]), numpy.array([1, 1, 1, 0, 1]), 3)
    assert found[:2].tolist() == [1, 0]
    assert numpy.isnan(found[2])
