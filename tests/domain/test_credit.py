"""`domain.credit`: what votes earn, and where it stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain import credit
from arena.domain.credit import CreditBalance, CreditTerms, HoldBack, TermsLine

NOW = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=UTC)
WEEK = timedelta(days=7)
AMOUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(("said", "counted"), [(1, 100), (0.1, 10), (0.29, 29), (1.1, 110), (2.5, 250), (0, 0)])
def test_credits_are_counted_in_whole_hundredths_and_told_as_they_were_said(said: float, counted: int) -> None:
    assert credit.hundredths(said) == counted
    assert credit.told(counted) == said


def test_a_whole_number_of_credits_is_told_without_a_point() -> None:
    assert str(credit.told(300)) == "3"
    assert str(credit.told(-300)) == "-3"


def test_an_edit_earns_more() -> None:
    terms = CreditTerms(reward=100, reward_edit=250)
    assert (terms.earned(edited=False), terms.earned(edited=True)) == (100, 350)


def test_a_turn_earns_by_the_terms_that_held_when_it_was_given() -> None:
    first, second = CreditTerms(since=NOW), CreditTerms(since=NOW + WEEK, reward=300)
    for given_at, held in ((NOW - WEEK, first), (NOW, first), (NOW + WEEK, second), (NOW + 2 * WEEK, second)):
        assert credit.in_force((first, second), given_at) is held


def test_without_a_window_a_credit_is_settled_at_once_and_with_one_after_the_close() -> None:
    assert CreditTerms().passed(None, NOW)
    held = CreditTerms(audit_window=7)
    assert not held.passed(None, NOW)
    assert not held.passed(NOW - WEEK + timedelta(microseconds=1), NOW)
    assert held.passed(NOW - WEEK, NOW)


@given(AMOUNTS, st.data())
def test_what_is_earned_is_held_settled_or_held_back(earned: int, data: st.DataObject) -> None:
    passed, held_back = data.draw(st.integers(0, earned)), data.draw(st.integers(0, earned))
    found = CreditBalance.of(votes=1, earned=earned, passed=passed, held_back=held_back)
    assert found.earned == found.held + found.settled + found.held_back
    assert min(found.held, found.settled, found.held_back) >= 0


@given(AMOUNTS, st.data())
def test_what_is_settled_never_shrinks(earned: int, data: st.DataObject) -> None:
    """Votes come, windows pass, and what is held may be held back: in any order."""
    passed, held_back, settled = 0, 0, 0
    for _ in range(data.draw(st.integers(1, 8))):
        earned += data.draw(st.integers(0, 1000))
        passed = data.draw(st.integers(passed, earned))
        now = CreditBalance.of(votes=1, earned=earned, passed=passed, held_back=held_back)
        held_back += data.draw(st.integers(0, now.held))
        now = CreditBalance.of(votes=1, earned=earned, passed=passed, held_back=held_back)
        assert now.settled >= settled
        settled = now.settled


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS)))
def test_balances_add_up(parts: list[tuple[int, int, int]]) -> None:
    each = [CreditBalance(votes=1, earned=a + b + c, settled=a, held_back=b) for a, b, c in parts]
    found = CreditBalance.together(each)
    assert found.votes == len(parts)
    assert found.held == sum(one.held for one in each)
    assert found.earned == found.held + found.settled + found.held_back


def test_whatever_is_changed_in_an_entry_changes_what_its_line_commits_to() -> None:
    decision = HoldBack(
        decision_id="cd_1",
        rater_sha256="a" * 64,
        campaign="law",
        amount=1600,
        reason="Two people look at these.",
        decided_by="t_lab",
        decided_at=NOW,
    )
    terms = TermsLine(terms_id="ct_1", campaign="default", terms=CreditTerms(since=NOW))
    changed = [
        *[replace(decision, **one) for one in ({"decision_id": "cd_2"}, {"rater_sha256": "b"}, {"campaign": "x"})],
        *[replace(decision, **one) for one in ({"amount": -1600}, {"reason": ""}, {"decided_by": "x"})],
        replace(decision, decided_at=NOW + timedelta(microseconds=1)),
        *[replace(terms, **one) for one in ({"terms_id": "ct_2"}, {"campaign": "law"})],
        *[
            replace(terms, terms=replace(terms.terms, **one))
            for one in ({"reward": 1}, {"reward_edit": 1}, {"audit_window": 1}, {"since": NOW + WEEK})
        ],
    ]
    every = (decision, terms, *changed)
    assert len({one.commitment("00") for one in every} | {decision.commitment("01")}) == len(every) + 1
