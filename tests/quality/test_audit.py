"""What an audit finds in made-up logs, and what it must not depend on."""

from collections.abc import Callable

import numpy
import pytest
from quality_worlds import Spread, Votes, World

from arena import quality
from tests.quality import conftest

ATTACKS = {
    "omnipresent": "ring",
    "ring": "ring",
    "slow-burn": "ring",
    "robot": "ring",
    "target": "push",
    "always-left": "lopsided",
    "straight-line": "lopsided",
}


def _found(votes: Votes) -> quality.Audit:
    return quality.audit(conftest.log(votes))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_honest_raters_are_left_alone(seed: int, factor: float) -> None:
    votes = conftest.world(seed, spread=Spread().wider(factor)).clean()
    found = _found(votes)
    assert not found.holds, [one.sentence for one in found.findings]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_few_busy_attackers_are_found(attack: str) -> None:
    votes = conftest.world(3).attacked(attack, 0.2, 15)
    found = _found(votes)
    honest, bad = conftest.accounts(votes)
    named = set(found.held_raters)
    assert len(named & bad) >= 0.7 * len(bad), [one.sentence for one in found.findings]
    assert len(named & honest) <= 0.03 * len(honest)
    assert {one.kind for one in found.findings} & {ATTACKS[attack], "push", "ring", "pooled"}


def _same(left: quality.Audit, right: quality.Audit) -> None:
    assert left.held_raters == right.held_raters
    assert left.pending_raters == right.pending_raters
    assert [(one.kind, one.raters, one.model) for one in left.findings] == [
        (one.kind, one.raters, one.model) for one in right.findings
    ]
    assert [one.strength for one in left.findings] == pytest.approx([one.strength for one in right.findings], rel=1e-6)


@pytest.fixture(scope="module")
def attacked() -> Votes:
    return conftest.world(3).attacked("omnipresent", 0.15, 15)


@pytest.fixture(scope="module")
def plain(attacked: Votes) -> quality.Audit:
    """What is found in it as it is."""
    return _found(attacked)


def test_the_same_log_gives_the_same_findings(attacked: Votes, plain: quality.Audit) -> None:
    _same(_found(attacked), plain)


@pytest.mark.parametrize("side", ["rater", "model"])
def test_names_do_not_matter(attacked: Votes, plain: quality.Audit, side: str) -> None:
    rename = numpy.random.default_rng(4).permutation(200)
    back = {str(new): str(old) for old, new in enumerate(rename)}
    rater, left, right, outcome = attacked.columns()
    if side == "rater":
        rater = rename[rater]
    else:
        left, right = rename[left], rename[right]
    renamed = quality.audit(quality.read(rater, left, right, outcome))
    assert (renamed.held == plain.held).all()
    names: Callable[[str], str] = (lambda name: back[name]) if side == "rater" else str
    assert sorted(names(rater) for rater in renamed.held_raters) == list(plain.held_raters)


def test_sides_do_not_matter(attacked: Votes, plain: quality.Audit) -> None:
    rater, left, right, outcome = attacked.columns()
    swapped = quality.audit(quality.read(rater, right, left, numpy.array([1, 0, 2])[outcome]))
    assert (swapped.held == plain.held).all()


def test_the_order_of_rows_does_not_matter_where_times_are_given(attacked: Votes, plain: quality.Audit) -> None:
    order = numpy.random.default_rng(5).permutation(len(attacked.rater))
    columns = [column[order] for column in attacked.columns()]
    shuffled = quality.audit(quality.read(*columns, moment=order.astype(float)))
    assert (shuffled.held == plain.held[order]).all()
    _same(shuffled, plain)


def test_holds_say_which_votes(attacked: Votes, plain: quality.Audit) -> None:
    again = numpy.zeros(len(attacked.rater), dtype=bool)
    when = numpy.arange(len(attacked.rater))
    for hold in plain.holds:
        mine = attacked.rater == int(hold.rater)
        if hold.model is not None:
            mine &= (attacked.left == int(hold.model)) | (attacked.right == int(hold.model))
        if hold.since is not None:
            mine &= when >= hold.since
        again |= mine
        assert mine.sum() == hold.votes
    assert (again == plain.held).all()


def test_every_held_rater_is_named_in_a_finding(plain: quality.Audit) -> None:
    named = {rater for one in plain.findings for rater in one.raters}
    assert set(plain.held_raters) | set(plain.pending_raters) <= named


@pytest.mark.parametrize("rows", [0, 1, 2, 5])
def test_tiny_logs_say_nothing(rows: int) -> None:
    columns = conftest.world().clean().columns()
    found = quality.audit(quality.read(*(column[:rows] for column in columns)))
    assert not found.findings
    assert len(found.held) == rows


def test_three_raters_who_cast_most_of_the_votes_are_not_held_for_a_hundred_small_accounts() -> None:
    people = World(seed=7, models=5, raters=3, votes=3_000, activity=0.1, spread=Spread(tie_level=0.1))
    votes = people.attacked("omnipresent", 0.2, 100)
    found = _found(votes)
    assert not found.held[~votes.bad].any(), [one.sentence for one in found.findings]
    assert found.held[votes.bad].mean() > 0.9
