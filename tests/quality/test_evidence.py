"""Evidence about one rater: valid whenever one looks, on its line among many."""

import numpy
import pytest
from quality_worlds import Votes

from arena import quality
from arena.quality import evidence, ground
from arena.quality.evidence import Evidence
from tests.quality import conftest

LEVEL = 0.025


def _evidence(votes: Votes, until: int | None = None) -> tuple[Evidence, tuple[str, ...]]:
    log = quality.read(*(column[:until] for column in votes.columns()))
    laid = ground.lay(log, numpy.ones(len(log.raters), dtype=bool), quality.Spreads())
    return evidence.weighed(laid), log.raters


def test_honest_evidence_is_one_on_average_at_most() -> None:
    total = numpy.concatenate([_evidence(conftest.world(seed).clean())[0].total for seed in range(4)])
    assert numpy.exp(total).mean() <= 1
    assert (total > numpy.log(200)).mean() <= 0.005


def test_looking_again_and_again_raises_no_finding() -> None:
    for seed in range(2):
        votes = conftest.world(seed, votes=2_000, raters=80).clean()
        for until in range(400, 2_001, 400):
            found, _ = _evidence(votes, until)
            assert not evidence.passing(found.total, LEVEL).any()


@pytest.mark.parametrize("attack", ["always-left", "target"])
def test_a_busy_attacker_alone_is_seen(attack: str) -> None:
    votes = conftest.world(2).attacked(attack, 0.08, 1)
    found, raters = _evidence(votes)
    assert [raters[rater] for rater in numpy.flatnonzero(evidence.passing(found.total, LEVEL))] == ["150"]


def test_the_line_falls_as_more_raters_pass_it() -> None:
    one, many = numpy.full(400, -1.0), numpy.full(400, -1.0)
    one[0] = many[:50] = 7.0
    assert not evidence.passing(one, 0.05).any()
    assert evidence.passing(many, 0.05).sum() == 50
