"""`exports.folder.credit`: shares by a stated rule, and amounts that sum exactly."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.vote import Winner
from arena.errors import InvalidValue
from arena.exports.folder import credit
from arena.exports.writing import release
from tests.exports import making

WEIGHTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=5), st.integers(1, 10**6), min_size=1, max_size=30)


@given(WEIGHTS, st.integers(0, credit.LARGEST))
def test_the_parts_sum_to_the_amount_and_each_is_within_one_of_its_share(weights: dict[str, int], amount: int) -> None:
    parts = credit.settle(credit.credit_of(weights), amount)
    assert sum(part.amount for part in parts) == amount
    total = sum(weights.values())
    for part in parts:
        assert part.amount >= 0
        assert abs(part.amount * total - amount * part.weight) < total
    earned = {part.contributor: part.amount for part in parts}
    for one, other in zip(sorted(weights), sorted(weights)[1:], strict=False):
        if weights[one] > weights[other]:
            assert earned[one] >= earned[other]


@given(WEIGHTS, st.integers(0, 10**9))
def test_the_order_of_contributors_changes_nothing(weights: dict[str, int], amount: int) -> None:
    again = dict(reversed(weights.items()))
    assert credit.settle(credit.credit_of(weights), amount) == credit.settle(credit.credit_of(again), amount)


def test_what_cannot_be_shared_goes_to_the_largest_remainders() -> None:
    parts = credit.settle(credit.credit_of({"a": 1, "b": 1, "c": 1}), 100)
    assert [(part.contributor, part.amount) for part in parts] == [("a", 34), ("b", 33), ("c", 33)]
    parts = credit.settle(credit.credit_of({"a": 1, "b": 2}), 100)
    assert [(part.contributor, part.amount) for part in parts] == [("b", 67), ("a", 33)]


def test_shares_count_the_votes_that_are_in_the_release_and_no_others(tmp_path: Path) -> None:
    records = [
        making.record(1, winners=[Winner.MODEL_A, Winner.MODEL_A, Winner.TIE]),
        making.record(2, winners=[Winner.MODEL_B]),
        making.record(3, winners=[Winner.TIE]),  # no pair
    ]
    manifest = release.write(tmp_path / "out", "trl-dpo", records, making.facts())
    assert manifest.credit.total == 4 == manifest.proofs.leaves
    assert [share.weight for share in manifest.credit.shares] == [2, 1, 1]
    assert manifest.raters == 3


def test_the_csv_holds_every_part_and_no_formula() -> None:
    parts = credit.settle(credit.credit_of({"rater-1": 2, "rater-2": 1}), 10)
    rows = list(csv.reader(io.StringIO(credit.to_csv(zip(parts, (5, None), strict=True), "EUR-cent"))))
    assert rows == [
        ["contributor", "weight", "amount", "unit", "line"],
        ["rater-1", "2", "7", "EUR-cent", "5"],
        ["rater-2", "1", "3", "EUR-cent", ""],
    ]
    for unit in ("=1+1", "+x", "@x", "-x", "", "a,b", "a\nb", "x" * 50):
        with pytest.raises(InvalidValue, match="unit"):
            credit.to_csv([(parts[0], None)], unit)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_a_formula_in_the_place_of_a_pseudonym_is_a_text(start: str) -> None:
    """A stranger's release may hold anything."""
    name = f"{start}cmd|' /C calc'!A0"
    parts = credit.settle(credit.credit_of({name: 1}), 10)
    rows = list(csv.reader(io.StringIO(credit.to_csv([(parts[0], None)], "EUR-cent"), newline="")))
    assert rows[1][0] == f"'{name}".replace("\r", " ")
    assert len(rows) == 2


def test_a_manifest_without_shares_is_refused() -> None:
    for document in ({}, {"credit": None}, {"credit": {"shares": [{"contributor": "a"}]}}):
        with pytest.raises(InvalidValue, match="does not say who contributed"):
            credit.read(document)


def test_an_amount_out_of_range_or_without_shares_is_refused() -> None:
    for amount in (-1, credit.LARGEST + 1):
        with pytest.raises(InvalidValue, match="whole number"):
            credit.settle(credit.credit_of({"a": 1}), amount)
    with pytest.raises(InvalidValue, match="Nobody has a share"):
        credit.settle(credit.credit_of({}), 1)


@pytest.mark.parametrize("weight", [-1, 1.5, "2", True, None, [1]])
def test_a_weight_that_is_no_whole_number_is_refused(weight: object) -> None:
    shares = [{"contributor": "one", "weight": 3}, {"contributor": "two", "weight": 2}]
    assert credit.read({"credit": {"shares": shares}}).total == 5
    with pytest.raises(InvalidValue, match="The weight of 'two' is"):
        credit.read({"credit": {"shares": [shares[0], {"contributor": "two", "weight": weight}]}})


def test_a_contributor_named_twice_is_refused() -> None:
    with pytest.raises(InvalidValue, match="names a contributor twice"):
        credit.read({"credit": {"shares": [{"contributor": "one", "weight": 3}] * 2}})
