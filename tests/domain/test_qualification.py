"""How far a rater is with a qualification: practice, tries, waiting, passed, over."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from arena.domain import qualification as qualifying
from arena.domain.ids import AssignmentId, RaterId
from arena.domain.purpose import Purpose
from arena.domain.qualification import GoldTurn, Qualification, QualificationProgress, QualificationResult, Stage
from arena.domain.vote import Winner
from tests.store.making import NOW

ASKED = Qualification(
    field="law", gold_set="gold", title="Law", practice=2, items=3, needed=2, created_by="t", created_at=NOW
)


def turn(part: Purpose, right: bool | None, number: int = 0) -> GoldTurn:
    said = None if right is None else Winner.TIE if right else Winner.MODEL_A
    return GoldTurn(
        assignment_id=AssignmentId(f"a_{number}"),
        prompt_id=f"p{number}",
        part=part,
        winner=said,
        known=Winner.TIE,
        explanation="So.",
    )


def result(passed: bool, days: float = 0) -> QualificationResult:
    answered = [turn(Purpose.TEST, passed, number) for number in range(3)]
    return qualifying.graded(ASKED, "q_1", RaterId("r_1"), answered, NOW - timedelta(days=days))


def progress(
    *turns: GoldTurn, results: tuple[QualificationResult, ...] = (), now: datetime = NOW, **more: Any
) -> QualificationProgress:
    return qualifying.progress(ASKED, turns, results, now, **more)


PRACTISED = (turn(Purpose.PRACTICE, True), turn(Purpose.PRACTICE, None))
TESTED = tuple(turn(Purpose.TEST, True) for _ in range(3))


def test_practice_comes_first_then_the_test() -> None:
    begun = progress()
    assert (begun.stage, begun.part, begun.tries_left) == (Stage.OPEN, Purpose.PRACTICE, 2)
    assert progress(begun=True).stage is Stage.PRACTICE
    practising = progress(PRACTISED[0])
    assert (practising.stage, practising.part, practising.right, practising.answered) == (
        Stage.PRACTICE,
        Purpose.PRACTICE,
        1,
        1,
    )
    ready = progress(*PRACTISED)
    assert (ready.stage, ready.part, ready.answered) == (Stage.TEST, Purpose.TEST, 0)
    going = progress(*PRACTISED, turn(Purpose.TEST, True), turn(Purpose.TEST, None))
    assert (going.stage, going.part, going.right, going.answered) == (Stage.TEST, Purpose.TEST, 1, 2)


def test_an_item_that_was_skipped_is_not_right() -> None:
    assert not turn(Purpose.TEST, None).right
    assert qualifying.graded(ASKED, "q", RaterId("r"), [turn(Purpose.TEST, None)] * 3, NOW).passed is False


def test_a_passed_test_is_valid_for_its_days_and_then_open_again() -> None:
    passed = result(passed=True)
    assert passed.valid_until == NOW + timedelta(days=365)
    there = progress(*PRACTISED, *TESTED, results=(passed,))
    assert (there.stage, there.part, there.until, there.right) == (Stage.PASSED, None, passed.valid_until, 3)
    over = progress(*PRACTISED, *TESTED, results=(passed,), now=NOW + timedelta(days=365))
    assert (over.stage, over.part, over.tries_left, over.until) == (Stage.OPEN, Purpose.TEST, 2, None)


def test_after_a_failed_test_comes_a_second_try_and_then_a_waiting_time() -> None:
    once = progress(*PRACTISED, *TESTED, results=(result(passed=False),))
    assert (once.stage, once.part, once.tries_left, once.again_at) == (Stage.FAILED, Purpose.TEST, 1, None)
    assert progress(*PRACTISED, *TESTED, turn(Purpose.TEST, True), results=(result(passed=False),)).stage is Stage.TEST
    assert progress(*PRACTISED, *TESTED, results=(result(passed=False),), begun=True).stage is Stage.TEST
    results = (result(passed=False, days=2), result(passed=False, days=1))
    twice = progress(*PRACTISED, *TESTED, *TESTED, results=results)
    assert (twice.stage, twice.part, twice.tries_left) == (Stage.FAILED, None, 0)
    assert twice.again_at == NOW + timedelta(days=6)
    again = progress(*PRACTISED, *TESTED, *TESTED, results=results, now=NOW + timedelta(days=6))
    assert (again.stage, again.part, again.tries_left, again.again_at) == (Stage.OPEN, Purpose.TEST, 2, None)
    third = (*results, result(passed=False))
    assert progress(*PRACTISED, *TESTED * 3, results=third).tries_left == 1


def test_failures_before_a_pass_are_forgotten() -> None:
    results = (result(passed=False, days=500), result(passed=True, days=400))
    over = progress(*PRACTISED, *TESTED, *TESTED, results=results)
    assert (over.stage, over.tries_left) == (Stage.OPEN, 2)


def test_the_items_of_the_test_that_goes_on_are_those_after_the_last_result() -> None:
    turns = [*PRACTISED, *TESTED, turn(Purpose.TEST, False, 9)]
    assert qualifying.ungraded(turns, [result(passed=False)]) == [turns[-1]]


@pytest.mark.parametrize("campaign", ["default", "qualification", "law"])
def test_battles_of_a_qualification_are_known_by_their_campaign(campaign: str) -> None:
    assert qualifying.field_of(qualifying.campaign("law")) == "law"
    assert qualifying.field_of(campaign) is None
