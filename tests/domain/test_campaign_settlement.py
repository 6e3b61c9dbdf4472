"""`domain.campaign_settlement`: exact to the unit, nobody paid twice, nothing taken back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain import campaign_settlement
from arena.domain.campaign_settlement import PaidBefore, PaymentLine, SettledCredits
from arena.errors import Conflict, InvalidValue


def shares(**credits_of: int) -> list[SettledCredits]:
    return [SettledCredits(rater_sha256=name, contributor=f"r_{name}", credits=one) for name, one in credits_of.items()]


def added(
    amount: int, settled: Sequence[SettledCredits], before: PaidBefore | None = None, unit: str = "EUR-cent"
) -> tuple[PaymentLine, ...]:
    return campaign_settlement.added("s_1", "law", amount, unit, settled, before or PaidBefore())


def after(before: PaidBefore, lines: Sequence[PaymentLine]) -> PaidBefore:
    paid = before.credits + Counter({one.rater_sha256: one.credits for one in lines})
    return PaidBefore(unit="EUR-cent", amount=before.amount + sum(one.amount for one in lines), credits=paid)


def test_an_amount_is_shared_out_by_settled_credits() -> None:
    lines = added(100, shares(a=200, b=100))
    assert [(one.contributor, one.credits, one.amount) for one in lines] == [("r_a", 200, 67), ("r_b", 100, 33)]
    assert {one.total for one in lines} == {100}


def test_a_second_settlement_pays_only_credits_that_were_settled_since() -> None:
    first = added(100, shares(a=200, b=100))
    before = after(PaidBefore(), first)
    second = added(150, shares(a=200, b=200, c=100), before)
    assert [(one.rater_sha256, one.credits, one.amount) for one in second] == [("b", 100, 25), ("c", 100, 25)]
    assert added(150, shares(a=200, b=200, c=100), after(before, second)) == (), "asked again, it pays once"
    assert added(100, shares(a=200, b=200, c=100), before) == (), "and so does the same amount with new credits"


def test_more_for_credits_that_were_all_paid_goes_to_all_of_them() -> None:
    before = after(PaidBefore(), added(100, shares(a=200, b=100)))
    lines = added(130, shares(a=200, b=100), before)
    assert [(one.rater_sha256, one.credits, one.amount) for one in lines] == [("a", 0, 20), ("b", 0, 10)]


def test_what_was_paid_is_not_taken_back_and_the_unit_stays() -> None:
    before = after(PaidBefore(), added(100, shares(a=1)))
    with pytest.raises(Conflict, match="settled at 100 EUR-cent in all"):
        added(99, shares(a=1), before)
    with pytest.raises(Conflict, match="was settled in EUR-cent"):
        added(200, shares(a=1), before, unit="points")
    assert added(101, shares(a=1), before), "positive control"


def test_nobody_is_paid_without_settled_credits() -> None:
    with pytest.raises(Conflict, match="nobody to pay"):
        added(100, shares(a=0))
    with pytest.raises(Conflict, match="nobody to pay"):
        added(100, [])
    assert added(0, []) == ()


@pytest.mark.parametrize("amount", [-1, 2**53 + 1])
def test_what_is_no_amount_is_refused(amount: int) -> None:
    with pytest.raises(InvalidValue, match="whole number"):
        added(amount, shares(a=1))


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 10_000)), st.integers(0, 10**7)),
        min_size=1,
        max_size=8,
    )
)
def test_payments_sum_to_the_amount_and_each_credit_is_paid_once(steps: list[tuple[dict[str, int], int]]) -> None:
    """Credits are settled and campaigns are paid, over and over."""
    settled: Counter[str] = Counter({"a": 1})
    before, paid = PaidBefore(), Counter[str]()
    for earned, more in steps:
        settled.update(earned)
        amount = before.amount + more
        lines = added(amount, shares(**settled), before)
        assert sum(one.amount for one in lines) == more
        assert all(one.amount >= 0 and one.credits >= 0 for one in lines)
        before = after(before, lines)
        paid.update({one.rater_sha256: one.amount for one in lines})
        assert before.amount == paid.total() == amount
        assert before.credits <= settled
        assert before.credits == (settled if more else before.credits)


def test_whatever_is_changed_in_an_entry_changes_what_its_line_commits_to() -> None:
    (line,) = added(100, shares(a=100))
    changed = [
        *[replace(line, **one) for one in ({"settlement_id": "s_2"}, {"campaign": "x"}, {"total": 1}, {"unit": "x"})],
        *[replace(line, **one) for one in ({"rater_sha256": "b"}, {"contributor": "b"}, {"credits": 1}, {"amount": 1})],
    ]
    assert len({one.commitment("00") for one in (line, *changed)} | {line.commitment("01")}) == len(changed) + 2
