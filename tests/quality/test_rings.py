"""Rings: who shares a deviation, and who only shares what people share."""

import numpy
from quality_worlds import Votes, World

from arena import quality
from arena.quality import ground, joint, rings
from arena.quality.ground import Ground
from tests.quality import conftest


def _laid(votes: Votes) -> Ground:
    log = conftest.log(votes)
    return ground.lay(log, numpy.ones(len(log.raters), dtype=bool), quality.Spreads())


def _with_group(sharp: float, bent: float) -> Votes:
    """Sixty more raters, alike: as much sharper than the board, and with a taste of as many logits for every third."""
    world = World(seed=11, raters=300, votes=12_000)
    own = world.clean()
    chance = numpy.random.default_rng(3)
    n = 2_000
    left = chance.integers(0, 20, n)
    right = (left + 1 + chance.integers(0, 19, n)) % 20
    strength = sharp * world.strengths() + bent * (numpy.arange(20) % 3 == 0)
    won = chance.random(n) < 1 / (1 + numpy.exp(strength[right] - strength[left]))
    added = numpy.where(chance.random(n) < 0.24, 2, numpy.where(won, 0, 1))
    return Votes(
        rater=numpy.concatenate([own.rater, 300 + chance.integers(0, 60, n)]),
        left=numpy.concatenate([own.left, left]),
        right=numpy.concatenate([own.right, right]),
        outcome=numpy.concatenate([own.outcome, added]),
        bad=numpy.concatenate([own.bad, numpy.ones(n, dtype=bool)]),
    )


def test_people_who_tell_more_sharply_are_no_ring() -> None:
    laid = _laid(_with_group(2.0, 0.0))
    found = joint.search(laid)
    assert found.gain < joint.Bar(laid, numpy.random.default_rng(1)).over(found.gain)


def test_as_many_who_share_a_taste_are_one() -> None:
    votes = _with_group(1.0, 2.5)
    laid = _laid(votes)
    found = joint.search(laid)
    assert found.gain > joint.Bar(laid, numpy.random.default_rng(1)).over(found.gain)
    members = {laid.log.raters[rater] for rater in numpy.flatnonzero(found.chance > rings.SURE)}
    honest, bad = conftest.accounts(votes)
    assert len(members & bad) > 0.5 * len(bad)
    assert len(members & honest) <= 0.03 * len(honest)


def test_a_robot_behind_a_hundred_accounts_is_found() -> None:
    votes = World(seed=21).attacked("robot", 0.1, 100)
    found = quality.audit(conftest.log(votes))
    honest, bad = conftest.accounts(votes)
    assert len(set(found.held_raters) & bad) > 0.3 * len(bad)
    assert len(set(found.held_raters) & honest) <= 0.03 * len(honest)


def test_a_bar_keeps_the_replicas_it_has_drawn() -> None:
    laid = _laid(conftest.world(2).clean())
    chance = numpy.random.default_rng(1)
    bar = joint.Bar(laid, chance)
    first = bar.over(1e6)
    drawn = chance.bit_generator.state["state"]
    assert bar.over(1e6) == first
    assert chance.bit_generator.state["state"] == drawn
    assert bar.over(first) == first


def test_a_deviation_against_the_board_levels_models() -> None:
    board = numpy.array([1.0, 0.5, -0.5, -1.0])
    assert rings.levels(-board, board) > 0.99
    assert rings.levels(board, board) == 0
    assert rings.levels(numpy.array([1.0, -1.0, -1.0, 1.0]), board) < 0.01
