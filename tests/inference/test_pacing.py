"""One pace for both sides: what is shown, and that nobody can time which model is the slower."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from timing import classifier, sources

from arena.inference import pacing
from tests.lengths import at_length

KINDS = sorted(sources.KINDS)
FOUND = 0.03
"""What the classifier may be off chance: decision 0019 has what was measured."""


@pytest.mark.slow
def test_a_slow_side_does_not_reveal_itself() -> None:
    watched = classifier.watch(sources.paced, sources.Situation(), 1600, seed=1)
    assert classifier.accuracy(watched) == pytest.approx(0.5, abs=FOUND)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["usual", *at_length(*KINDS)])
def test_without_pacing_the_slow_side_is_found(kind: str) -> None:
    """The control: the same classifier, on the same kinds of battle."""
    watched = classifier.watch(sources.passed_through, sources.KINDS.get(kind, sources.Situation()), 500, seed=2)
    assert classifier.accuracy(watched) >= 0.95


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_side_does_not_reveal_itself_in_any_kind_of_pair(kind: str) -> None:
    watched = classifier.watch(sources.paced, sources.KINDS[kind], 6000, seed=3)
    assert classifier.accuracy(watched) == pytest.approx(0.5, abs=FOUND)


@pytest.mark.parametrize("size", [4, 5])
def test_even_sources_are_shown_soon_and_hardly_later_than_they_write(size: int) -> None:
    """Two sources of 30 tokens a second, 200 tokens, the first after 0.2 s."""
    chance = random.Random(1)
    for begins in (0.2, 0.21, 0.25, 0.29):
        a, b = (sources.even(first=first, size=size) for first in (begins, begins + 0.03))
        events = sources.paced(a, b, chance)
        assert events[0][0] - b.began <= 1.0
        assert events[-1][0] <= 1.25 * b.ended + 1.0


def shown(a: list[int], b: list[int], ticks: int = 5000) -> list[pacing.Shown]:
    """What is shown of two answers that grow by these characters a tick, tick by tick until the end."""
    pace = pacing.Pace(100.0)
    received_a, received_b = list(itertools.accumulate(a)), list(itertools.accumulate(b))
    history = []
    for tick in range(ticks):
        at_a, at_b = min(tick, len(a) - 1), min(tick, len(b) - 1)
        history.append(
            pace.release(
                100.0 + tick * pacing.TICK,
                received_a[at_a],
                received_b[at_b],
                done_a=tick >= len(a),
                done_b=tick >= len(b),
            )
        )
        if tick >= max(len(a), len(b)) and (history[-1].a, history[-1].b) == (received_a[-1], received_b[-1]):
            return history
    raise AssertionError("some text was never shown")


def steps(history: list[pacing.Shown]) -> list[tuple[int, int]]:
    """Characters of each side added at each tick."""
    start = [pacing.Shown(a=0, b=0), *history]
    return [(after.a - before.a, after.b - before.b) for before, after in itertools.pairwise(start)]


answers = st.lists(st.integers(0, 40), min_size=1, max_size=120).filter(any)


@given(answers, answers)
def test_everything_is_shown_in_the_end_and_nothing_is_taken_back(a: list[int], b: list[int]) -> None:
    history = shown(a, b)
    assert (history[-1].a, history[-1].b) == (sum(a), sum(b))
    assert all(x >= 0 and y >= 0 for x, y in steps(history))


@given(answers, answers)
def test_both_sides_show_as_much_while_both_have_text(a: list[int], b: list[int]) -> None:
    for now in shown(a, b):
        assert now.a == now.b or now.a == sum(a) or now.b == sum(b)


@given(answers, answers)
def test_nothing_is_shown_before_it_was_received(a: list[int], b: list[int]) -> None:
    for tick, now in enumerate(shown(a, b)):
        assert now.a <= sum(a[: tick + 1])
        assert now.b <= sum(b[: tick + 1])


@given(answers, answers)
def test_swapping_the_sides_swaps_what_is_shown(a: list[int], b: list[int]) -> None:
    swapped = [pacing.Shown(a=now.b, b=now.a) for now in shown(b, a)]
    assert shown(a, b) == swapped


@given(answers, answers)
def test_the_longer_side_never_goes_faster_once_it_is_alone(a: list[int], b: list[int]) -> None:
    shorter, added = min(sum(a), sum(b)), [max(step) for step in steps(shown(a, b))]
    totals = list(itertools.accumulate(added))
    alone = next(tick for tick, total in enumerate(totals) if total >= shorter)
    assert max(added[alone + 1 :], default=0) <= max(added[: alone + 1]) + 1


def test_nothing_is_shown_until_both_have_begun_and_a_fixed_time_has_passed() -> None:
    late = [0] * 30 + [5] * 100
    for other in ([5] * 130, [50] * 13, [650]):
        first = next(tick for tick, step in enumerate(steps(shown(late, other))) if any(step))
        assert first * pacing.TICK == pytest.approx(30 * pacing.TICK + pacing.PATIENT.reserve)


def test_an_answer_without_text_holds_nobody_for_ever() -> None:
    pace = pacing.Pace(0.0)
    for tick in range(200):
        now = pace.release(tick * pacing.TICK, 0, 100, done_a=True, done_b=True)
    assert now == pacing.Shown(a=0, b=100)


def test_a_stall_of_one_side_holds_both() -> None:
    stalled = [20] * 30 + [0] * 100 + [20] * 30
    added = steps(shown(stalled, [20] * 60))
    assert (0, 0) in added[60:120]


def test_jitter_does_not_show() -> None:
    chance = random.Random(7)
    uneven = [chance.choice([0, 0, 5, 10, 25]) for _ in range(300)]
    added = [max(step) for step in steps(shown(uneven, [8] * 300)) if any(step)]
    changes = sum(abs(after - before) > 1 for before, after in itertools.pairwise(added))
    assert changes <= 12


def test_fast_answers_are_shown_faster_and_faster_up_to_the_highest_gear() -> None:
    rules = pacing.QUICK
    added = [max(step) for step in steps(shown([400] * 40, [400] * 40)) if any(step)]
    assert added[0] == pytest.approx(rules.first_pace * pacing.TICK, abs=1)
    assert max(added) == pytest.approx(rules.fastest * pacing.TICK, rel=rules.step - 1)
    assert all(after >= before - 1 for before, after in itertools.pairwise(added[:-1]))


def test_the_slower_side_alone_chooses_between_quick_and_patient() -> None:
    """When the first character shows tells the reserve, and so the rules."""
    for slow, rules in ((5, pacing.PATIENT), (8, pacing.QUICK)):
        for a, b in (([slow] * 200, [40] * 100), ([40] * 100, [slow] * 200)):
            first = next(tick for tick, step in enumerate(steps(shown(a, b))) if any(step))
            assert first * pacing.TICK == pytest.approx(rules.reserve)


def test_from_the_first_lower_gear_on_the_pace_is_patient() -> None:
    """Higher gears follow each other more slowly; the control has no pause."""

    def quickest(pause: int) -> float:
        """Seconds between two higher gears, at the least, after the pause."""
        written = [20] * 40 + [0] * pause + [400] * 300
        added = [max(step) for step in steps(shown(written, written))]
        later = range(40 + pause, 100 + pause)
        rises = [tick for tick in later if 0 < added[tick - 1] < added[tick] - 2]
        return min(after - before for before, after in itertools.pairwise(rises)) * pacing.TICK

    assert quickest(60) == pytest.approx(pacing.PATIENT.hold)
    assert quickest(0) == pytest.approx(pacing.QUICK.hold)


def test_showing_takes_at_most_a_third_longer_than_writing() -> None:
    seconds = 60
    history = shown([3] * (seconds * 10), [4] * (seconds * 10 * 3 // 4))
    assert len(history) * pacing.TICK < seconds * 1.33 + pacing.PATIENT.reserve


@pytest.mark.parametrize("now", [0.0, 0.03, 0.0999, 0.1, 7.25])
def test_the_next_tick_is_on_the_grid(now: float) -> None:
    wait = pacing.Pace(0.0).wait(now)
    assert 0 < wait <= pacing.TICK + 1e-9
    assert (now + wait) / pacing.TICK == pytest.approx(round((now + wait) / pacing.TICK))
