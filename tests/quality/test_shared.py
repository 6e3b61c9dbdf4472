"""A taste that people share is learnt, and nobody is held for it; a ring is no such taste."""

import numpy
from quality_worlds import Votes, World

from arena import quality
from arena.quality import ground, joint, pooled
from tests.quality import conftest


def _for_length(seed: int) -> tuple[Votes, numpy.ndarray]:
    """Honest votes of people of whom some like long answers and some do not, and what length adds to each model."""
    world = World(seed=seed, models=20, raters=200, votes=9_000)
    own = world.clean()
    chance = numpy.random.default_rng(seed)
    length = chance.normal(0, 0.8, world.models)
    share = chance.normal(0, 1, world.raters)
    strength = world.strengths()
    gap = strength[own.left] - strength[own.right] + share[own.rater] * (length[own.left] - length[own.right])
    gap += chance.normal(0, 0.3, (world.raters, world.models))[own.rater, own.left]
    won = chance.random(len(gap)) < 1 / (1 + numpy.exp(-gap))
    outcome = numpy.where(own.outcome == 2, 2, numpy.where(won, 0, 1))
    return Votes(rater=own.rater, left=own.left, right=own.right, outcome=outcome, bad=own.bad), length


def _laid(votes: Votes) -> ground.Ground:
    log = conftest.log(votes)
    return ground.lay(log, numpy.ones(len(log.raters), dtype=bool), quality.Spreads())


def test_the_taste_is_learnt_as_it_is() -> None:
    votes, length = _for_length(3)
    laid = _laid(votes)
    learnt = numpy.array(laid.spreads.shared)
    true = numpy.array([length[int(model)] for model in laid.log.models])
    assert abs(numpy.corrcoef(learnt, true)[0, 1]) > 0.9
    assert 0.6 < learnt.std() / true.std() < 1.5


def test_nobody_is_held_for_it_and_without_it_a_ring_is_seen() -> None:
    votes, _ = _for_length(3)
    assert quality.audit(conftest.log(votes)).held_raters == ()
    laid = _laid(votes)
    unaware = laid.apart()
    assert not unaware.spreads.shared
    found = joint.search(unaware)
    assert found.gain > joint.Bar(unaware, numpy.random.default_rng(1)).over(found.gain)  # the control
    aware = joint.search(laid)
    assert aware.gain < joint.Bar(laid, numpy.random.default_rng(1)).over(aware.gain)


def test_independent_tastes_are_none() -> None:
    assert _laid(World(seed=5, raters=200, votes=9_000).clean()).spreads.shared == ()


def test_a_ring_that_moves_the_board_is_no_taste() -> None:
    votes = World(seed=100).attacked("omnipresent", 0.2, 100)
    laid = _laid(votes)
    assert not laid.spreads.shared
    found = joint.search(laid)
    honest, bad = conftest.accounts(votes)
    members = {laid.log.raters[rater] for rater in numpy.flatnonzero(found.chance > 0.7)}
    assert len(members & bad) > 0.9 * len(bad)
    assert len(members & honest) <= 0.03 * len(honest)


def test_a_few_say_nothing_of_many() -> None:
    among = numpy.ones(124, dtype=bool)
    stratum = numpy.zeros(124, dtype=int)
    few, many = numpy.full(124, -1.0), numpy.full(124, -1.0)
    few[:3], many[:30] = 9.0, 2.0
    assert pooled.strength(few, stratum, among) > 5
    assert pooled.strength(pooled.by_many(few, among), stratum, among) < 0
    assert pooled.strength(pooled.by_many(many, among), stratum, among) > 5
