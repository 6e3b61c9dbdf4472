"""In logs of any shape honest raters are left alone, and a ring is found where a ring can be found."""

import numpy
import pytest

from arena import quality
from arena.quality import strengths
from tests.quality import conftest
from tests.quality.shapes import SHAPES

TOGETHER = {"ring", "pooled", "push", "hunt", "cohort"}
"""Kinds about several accounts at once."""


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", SHAPES)
def test_honest_raters_are_left_alone_in_every_shape(name: str, seed: int) -> None:
    found = quality.audit(conftest.log(SHAPES[name].cast(seed)))
    assert not [one.sentence for one in found.findings if one.kind in TOGETHER]
    assert not found.held.any()


@pytest.mark.parametrize("name", SHAPES)
def test_a_ring_is_found_or_said_to_be_out_of_sight(name: str) -> None:
    votes = SHAPES[name].cast(0, ring=0.2)
    found = quality.audit(conftest.log(votes))
    honest, bad = conftest.accounts(votes)
    named = set(found.held_raters)
    assert len(named & honest) <= 0.04 * len(honest)
    assert found.limits or len(named & bad) > 0.3 * len(bad), [one.sentence for one in found.findings]


def test_a_usual_log_has_no_limit_that_is_worth_a_sentence() -> None:
    assert not quality.audit(conftest.log(conftest.world(1).clean())).limits


@pytest.mark.parametrize("models", [5, 400])
def test_a_board_of_many_models_is_not_drawn_together(models: int) -> None:
    chance = numpy.random.default_rng(1)
    true = chance.normal(0, 1.2, models)
    left = chance.integers(0, models, 60 * models)
    right = (left + chance.integers(1, models, len(left))) % models
    won = chance.random(len(left)) < 1 / (1 + numpy.exp(true[right] - true[left]))
    fitted = strengths.fit(strengths.wins(left, right, won.astype(float), models)).strengths
    assert 0.9 < fitted.std() / true.std() < 1.15
