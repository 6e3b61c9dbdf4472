"""`domain.settlement`: what is settled again is settled by the difference."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from arena.domain import settlement
from arena.domain.settlement import Part, SettlementLine

AMOUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=5), st.integers(0, 10**12), max_size=30)
ENTRY = SettlementLine(
    settlement_id="s_1",
    release="a" * 64,
    root="b" * 64,
    total=100,
    unit="EUR-cent",
    part=Part(contributor="rater-1", weight=2, amount=67),
)


@given(AMOUNTS, AMOUNTS)
def test_corrections_make_the_sums_right_and_nothing_else(before: dict[str, int], after: dict[str, int]) -> None:
    wanted = [Part(contributor=name, weight=1, amount=amount) for name, amount in after.items()]
    sums = Counter(before)
    for part in settlement.corrections(before, wanted):
        assert part.amount
        sums[part.contributor] += part.amount
    assert {name: amount for name, amount in sums.items() if amount} == {
        name: amount for name, amount in after.items() if amount
    }
    assert not settlement.corrections(sums, wanted)


def test_whatever_is_changed_in_an_entry_changes_what_its_line_commits_to() -> None:
    changed = [
        replace(ENTRY, settlement_id="s_2"),
        replace(ENTRY, release="c" * 64),
        replace(ENTRY, root=None),
        replace(ENTRY, total=101),
        replace(ENTRY, unit="USD-cent"),
        *[
            replace(ENTRY, part=replace(ENTRY.part, **one))
            for one in ({"contributor": "x"}, {"weight": 3}, {"amount": 66})
        ],
    ]
    commitments = {entry.commitment("00") for entry in (ENTRY, *changed)} | {ENTRY.commitment("01")}
    assert len(commitments) == len(changed) + 2
