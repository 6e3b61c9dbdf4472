"""Accounts that meet one model far more often than others do."""

import dataclasses

import numpy
from quality_worlds import Votes

from arena import quality
from arena.quality import hunts
from tests.quality import conftest

TARGET = 6


def _hunted(lifts: bool) -> Votes:
    """Ten accounts that skip four of five battles without the target, among honest raters."""
    votes = conftest.world(5, votes=9_000).attacked("target" if lifts else "honest", 0.3, 10)
    added = votes.rater >= 150
    about = (votes.left == TARGET) | (votes.right == TARGET)
    kept = ~added | about | (numpy.random.default_rng(1).random(len(added)) < 0.2)
    return Votes(**{one.name: getattr(votes, one.name)[kept] for one in dataclasses.fields(Votes)})


def test_nobody_hunts_where_pairs_are_drawn() -> None:
    assert not hunts.hunters(conftest.log(conftest.world(5).clean())).any()


def test_nobody_hunts_where_each_rater_is_given_few_models() -> None:
    votes = conftest.world(5).clean()
    given = (votes.left % 4 == votes.rater % 4) | (votes.right % 4 == votes.rater % 4)
    some = Votes(**{one.name: getattr(votes, one.name)[given] for one in dataclasses.fields(Votes)})
    assert not hunts.hunters(conftest.log(some)).any()


def test_hunters_of_a_model_who_lift_it_are_held() -> None:
    votes = _hunted(lifts=True)
    found = quality.audit(conftest.log(votes))
    honest, bad = conftest.accounts(votes)
    hunt = next(one for one in found.findings if one.kind == "hunt")
    assert hunt.model == str(TARGET)
    assert set(hunt.raters) <= bad
    assert len(hunt.raters) >= 0.6 * len(bad)
    assert not set(found.held_raters) & honest


def test_hunters_who_judge_as_others_do_are_left_alone() -> None:
    votes = _hunted(lifts=False)
    assert hunts.hunters(conftest.log(votes)).any()
    assert not [one for one in quality.audit(conftest.log(votes)).findings if one.kind == "hunt"]
