"""What a campaign takes and still needs: each figure is what its assumption says."""

import math
from dataclasses import replace

import pytest

import leaderboards
from arena.domain.battle import Answers
from arena.domain.campaign import Campaign, CampaignKind
from arena.domain.ids import ModelName
from arena.services import campaign_progress, pair_designs
from arena.store.campaign_facts import Agreeing

FIRST, SECOND = ModelName("first"), ModelName("second")
TASKS = Campaign(name="writing", kind=CampaignKind.TASKS, answers=Answers.STORED, overlap=3, reward=0.25)


def board(won: int, lost: int) -> leaderboards.Board:
    found = pair_designs.board_of({(FIRST, SECOND, "model_a"): won, (FIRST, SECOND, "model_b"): lost})
    assert found is not None
    return found


def test_votes_needed_are_those_of_the_closed_form() -> None:
    """Of two models alone the variance of the difference is 1 / (n p q) on the scale of logits."""
    (pair,) = campaign_progress.apart(board(55, 45), {frozenset((FIRST, SECOND)): 100})
    difference = math.log(55 / 45)
    whole = campaign_progress.NORMAL**2 / (difference**2 * 0.55 * 0.45)
    assert (pair.first, pair.second, pair.votes) == ("first", "second", 100)
    assert pair.needed == pytest.approx(whole - 100, abs=2)


def test_what_is_told_apart_needs_nothing_and_what_is_equal_nobody_can_say() -> None:
    (apart,) = campaign_progress.apart(board(90, 10), {})
    assert apart.needed == 0
    (equal,) = campaign_progress.apart(board(50, 50), {})
    assert equal.needed is None


def test_an_estimate_counts_tasks_days_and_credits() -> None:
    found = campaign_progress.estimated(TASKS, 100, 50.0, None)
    assert (found.votes, found.tasks, found.days, found.gpu_hours, found.credits) == (300, 300, 6.0, 0.0, 75.0)
    assert len(found.assumptions) == 4


def test_gold_and_repeats_are_more_tasks_and_earn_too() -> None:
    extra = Campaign(name="x", kind=CampaignKind.TASKS, answers=Answers.STORED, gold=0.15, repeats=0.05, gold_set="g")
    found = campaign_progress.estimated(extra, 80, 0.0, None)
    assert (found.votes, found.tasks, found.days, found.credits) == (80, 100, None, 100.0)
    assert any("no vote in the last" in said for said in found.assumptions)


def test_live_answers_cost_what_was_measured_and_nothing_is_made_up() -> None:
    wanting = Campaign(name="x", target_votes=900)
    assert campaign_progress.estimated(wanting, None, 1.0, 2.0).gpu_hours == pytest.approx(1.0)
    assert campaign_progress.estimated(wanting, None, 1.0, None).gpu_hours is None
    endless = campaign_progress.estimated(Campaign(name="x"), None, 1.0, 2.0)
    assert (endless.votes, endless.credits, len(endless.assumptions)) == (None, None, 1)


@pytest.mark.parametrize(("target", "size", "plan"), [(None, 10, 30), (20, 10, 20), (40, 10, 30), (None, None, None)])
def test_the_plan_is_the_fewer_of_items_and_target(target: int | None, size: int | None, plan: int | None) -> None:
    wanting = Campaign(name="x", kind=CampaignKind.TASKS, answers=Answers.STORED, overlap=3, target_votes=target)
    assert campaign_progress.planned(wanting, size) == plan


def test_an_estimate_says_what_disputed_items_cost_and_at_most() -> None:
    asking = replace(TASKS, further_votes=2)
    found = campaign_progress.estimated(asking, 100, 50.0, None, 10)
    assert (found.votes, found.credits) == (320, 80.0)
    (said,) = [one for one in found.assumptions if "disputed" in one]
    assert "10 are so far" in said
    assert "180 votes and 45.00 credits more if every item were disputed" in said
    wanting = replace(asking, target_votes=310)
    assert campaign_progress.planned(wanting, 100, 10) == 310


def test_alpha_is_that_of_a_hand_computed_example() -> None:
    """Two votes on each of four items: a a, a a, a b, b b. Of the 8 values 5 are a and 3 are b.

    Observed: 2 ordered pairs of unlike votes in 4 items, 2 / 8. Expected: 2 x 5 x 3 / (8 x 7) = 30 / 56.
    Alpha = 1 - (2 / 8) / (30 / 56) = 1 - 14 / 30 = 8 / 15.
    """
    found = campaign_progress.alpha_of(
        Agreeing(groups=[((2, 0, 0, 0), 2), ((1, 1, 0, 0), 1), ((0, 2, 0, 0), 1)], raters=3)
    )
    assert (found.alpha, found.items, found.raters, found.why) == (pytest.approx(8 / 15), 4, 3, None)


def test_alpha_says_why_there_is_none() -> None:
    nothing = campaign_progress.alpha_of(Agreeing(groups=[], raters=0))
    assert (nothing.alpha, nothing.items, nothing.why) == (None, 0, "No item has votes of two raters yet.")
    alike = campaign_progress.alpha_of(Agreeing(groups=[((3, 0, 0, 0), 5)], raters=4))
    assert (alike.alpha, alike.items) == (None, 5)
    assert alike.why is not None
    assert "All votes have the same outcome" in alike.why
