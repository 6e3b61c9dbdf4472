"""The decisions about one server, over time that is made up."""

from dataclasses import replace

import pytest

from arena.serving import lifecycle
from arena.serving.lifecycle import Action, Life, LifeLimits, Seen, ServerState

LIMITS = LifeLimits()
LIVES = Seen(group=True)
ANSWERS = Seen(group=True, answers=True)
SILENT = Seen(group=True, answers=False)
DIED = Seen(ended="ended with status 1", group=True)
GONE = Seen(ended="ended with status 1")


def step(life: Life, seen: Seen, now: float) -> tuple[Life, Action | None]:
    return lifecycle.step(life, seen, now, LIMITS)


def healthy(now: float = 0.0) -> Life:
    return step(step(Life(since=now), Seen(), now)[0], ANSWERS, now)[0]


def crash(life: Life, now: float) -> Life:
    """One crash, and all its processes gone."""
    life, action = step(life, DIED, now)
    assert (life.state, action) == (ServerState.STOPPING, Action.KILL), "what the first process left holds the GPUs"
    return step(life, GONE, now)[0]


def test_the_first_start_is_at_once() -> None:
    life, action = step(Life(since=0), Seen(), 0)
    assert (life.state, action) == (ServerState.STARTING, Action.START)


def test_loading_may_take_long_and_not_for_ever() -> None:
    loading = Life(since=0, state=ServerState.STARTING)
    assert step(loading, SILENT, LIMITS.load - 1) == (loading, None)
    life, action = step(loading, SILENT, LIMITS.load)
    assert (life.state, action) == (ServerState.STOPPING, Action.TERMINATE)
    assert life.trouble == "did not answer within 3600 s"


def test_a_check_that_fails_once_ends_nothing() -> None:
    life, action = step(healthy(), SILENT, 10)
    assert (life.state, action) == (ServerState.UNHEALTHY, None)
    assert step(life, ANSWERS, 11)[0].state is ServerState.HEALTHY
    assert step(life, SILENT, 10 + LIMITS.silence - 1)[1] is None
    assert step(life, SILENT, 10 + LIMITS.silence)[1] is Action.TERMINATE


def test_a_healthy_server_that_was_not_asked_stays_healthy() -> None:
    assert step(healthy(), LIVES, 1e6) == (healthy(), None)


def test_pauses_double_up_to_a_minute() -> None:
    life, pauses, now = healthy(), [], 0.0
    for _ in range(LIMITS.crashes - 1):
        life = crash(life, now)
        pauses.append(life.start_at - now)
        assert step(life, Seen(), life.start_at - 0.1)[1] is None
        now = life.start_at
        life, action = step(life, Seen(), now)
        assert action is Action.START
        life = step(life, ANSWERS, now)[0]
    assert pauses == [1, 2, 4, 8]
    patient = replace(LIMITS, crashes=20)
    after_many = replace(life, state=ServerState.STOPPING, crashes=(now,) * 15)
    assert lifecycle.step(after_many, GONE, now, patient)[0].start_at - now == 60


def test_the_fifth_crash_within_ten_minutes_is_the_last() -> None:
    life = healthy()
    for number in range(5):
        life = crash(replace(life, state=ServerState.HEALTHY), number * 149)
    assert life.state is ServerState.GAVE_UP
    assert step(life, Seen(), 1e6) == (life, None)


def test_crashes_further_apart_are_not_held_against_it() -> None:
    life = healthy()
    for number in range(50):
        life = crash(replace(life, state=ServerState.HEALTHY), number * 151)
    assert life.state is ServerState.RESTARTING


def test_a_model_that_fails_each_slow_load_is_given_up_too() -> None:
    life = Life(since=0, state=ServerState.STARTING)
    for number in range(5):
        life = crash(replace(life, state=ServerState.STARTING), number * 900)
    assert life.state is ServerState.GAVE_UP


def test_one_answer_ends_a_row_of_failed_loads() -> None:
    life = Life(since=0, state=ServerState.STARTING, failed_loads=4)
    assert step(life, ANSWERS, 1)[0].failed_loads == 0


@pytest.mark.parametrize("state", [ServerState.STARTING, ServerState.HEALTHY, ServerState.UNHEALTHY])
def test_stopping_asks_waits_half_a_minute_and_kills(state: ServerState) -> None:
    life = lifecycle.asked_to_stop(Life(since=0, state=state))
    life, action = step(life, LIVES, 100)
    assert (life.state, action) == (ServerState.STOPPING, Action.TERMINATE)
    assert step(life, LIVES, 129.9)[1] is None
    life, action = step(life, LIVES, 130)
    assert action is Action.KILL
    assert step(life, LIVES, 131)[1] is Action.KILL, "processes that were forked meanwhile"
    assert step(life, GONE, 132)[0].state is ServerState.STOPPED


def test_children_may_end_by_themselves_after_term() -> None:
    life = lifecycle.asked_to_stop(healthy())
    life, _ = step(life, LIVES, 100)
    assert step(life, DIED, 101)[1] is None


def test_a_pause_ends_when_it_is_asked_to_stop() -> None:
    paused = crash(healthy(), 0)
    life, action = step(lifecycle.asked_to_stop(paused), Seen(), 0.1)
    assert (life.state, action) == (ServerState.STOPPED, None)


def test_a_crash_while_stopping_is_asked_for_starts_nothing_again() -> None:
    life = lifecycle.asked_to_stop(step(healthy(), DIED, 1)[0])
    assert step(life, GONE, 2)[0].state is ServerState.STOPPED
