"""What single prompts say of a board."""

import dataclasses
import itertools

import numpy
import pytest

import leaderboards
from leaderboards.fitting import bradley_terry
from leaderboards.reading import outcomes
from leaderboards.showing import influence, prompts
from leaderboards.showing.prompts import Cells, Reading

MODELS = ("alpha", "beta", "delta", "gamma")
STEADY, TURNING, COIN, TASTE = range(4)


def voted() -> list[tuple[int, str, str, int, int]]:
    """Prompt, models, outcome, votes: of four prompts, of which three do what their name says."""
    cast = []
    for one, other in itertools.combinations(MODELS, 2):
        cast += [(STEADY, one, other, outcomes.WIN_A, 40), (STEADY, one, other, outcomes.WIN_B, 10)]
        cast += [(STEADY, other, one, outcomes.WIN_B, 30), (STEADY, one, other, outcomes.TIE, 5)]
        cast += [(COIN, one, other, outcomes.WIN_A, 6), (COIN, one, other, outcomes.WIN_B, 6)]
        cast += [(TASTE, one, other, outcomes.WIN_A, 11), (TASTE, one, other, outcomes.WIN_B, 7)]
    cast += [(TURNING, "alpha", "beta", outcomes.WIN_B, 12), (TURNING, "delta", "gamma", outcomes.WIN_A, 12)]
    return cast


def cells(cast: list[tuple[int, str, str, int, int]]) -> Cells:
    columns = [numpy.array(column) for column in zip(*cast, strict=True)]
    place = {name: number for number, name in enumerate(MODELS)}
    first, second = (numpy.array([place[name] for name in column]) for column in columns[1:3])
    return Cells(prompt=columns[0], first=first, second=second, outcome=columns[3], votes=columns[4], models=MODELS)


def board(cast: list[tuple[int, str, str, int, int]]) -> leaderboards.Board:
    spelt = {number: name for name, number in outcomes.SPELLINGS.items() if name in outcomes.ACCEPTED.split(", ")}
    running = leaderboards.Running()
    for _, one, other, outcome, votes in cast:
        running.add(one, other, spelt[outcome], votes)
    return running.fit()


def test_prompts_are_told_from_each_other_by_what_they_do() -> None:
    cast = voted()
    read = prompts.read(board(cast), cells(cast))
    assert [one.reading for one in read.prompts] == [Reading.STEADY, Reading.TURNS, Reading.NOBODY, Reading.TASTE]
    assert read.prompts[TURNING].turned == ("alpha", "beta")
    assert [one.votes for one in read.prompts] == [510, 24, 72, 108]
    steady = read.prompts[STEADY]
    assert steady.share == pytest.approx((70 + 2.5) / 85)
    assert (steady.best, steady.worst) == ("alpha", "gamma")
    assert (read.prompts[COIN].best, read.prompts[COIN].worst) == (None, None)
    wins, ties = 510 - 30 + 24 + 72 + 108, 30
    assert read.by_chance == pytest.approx((wins**2 / 2 + ties**2) / (wins + ties) ** 2)


def test_agreement_is_that_of_every_two_votes_on_the_same_two_models_whichever_side_they_were_on() -> None:
    cast = [(0, "alpha", "beta", outcomes.WIN_A, 2), (0, "beta", "alpha", outcomes.WIN_B, 1)]
    cast += [(0, "beta", "alpha", outcomes.WIN_A, 1), (0, "alpha", "gamma", outcomes.TIE, 1)]
    read = prompts.read(board(voted()), cells(cast)).prompts[0]
    assert read.agreement == pytest.approx(3 / 6)
    assert read.agreement_interval is not None
    assert read.agreement_interval[0] < 0.5 < read.agreement_interval[1]
    alone = prompts.read(board(voted()), cells(cast[3:])).prompts[0]
    assert (alone.agreement, alone.agreement_interval) == (None, None)


def test_who_is_higher_is_judged_without_the_prompt() -> None:
    """A prompt that alone puts a model on top must not speak for itself."""
    others = [(0, "alpha", "beta", outcomes.WIN_A, 11), (0, "alpha", "beta", outcomes.WIN_B, 10)]
    others += [(0, "beta", "gamma", outcomes.WIN_A, 9), (0, "beta", "gamma", outcomes.WIN_B, 5)]
    others += [(0, "alpha", "gamma", outcomes.WIN_A, 9), (0, "alpha", "gamma", outcomes.WIN_B, 5)]
    cast = [*others, (1, "beta", "alpha", outcomes.WIN_A, 6)]
    whole = board(cast)
    assert whole.rated[0].model == "beta", "with the prompt"
    read = prompts.read(whole, cells(cast))
    assert read.prompts[1].share == 0.0, "without it alpha is higher, and lost all of its votes"


def test_ratings_without_a_prompt_are_close_to_a_fit_without_it() -> None:
    cast = voted()
    whole = board(cast)
    assert whole.fit is not None
    told = cells(cast)
    gaps = prompts._gaps(whole, told, told.first, told.second)
    kept = [one for one in cast if one[0] != TASTE]
    left = board(kept)
    assert left.fit is not None
    exact: bradley_terry.Fit = left.fit
    for place, (prompt, one, other, _, _) in enumerate(cast):
        if prompt == TASTE:
            wanted = exact.strengths[MODELS.index(one)] - exact.strengths[MODELS.index(other)]
            before = whole.fit.strengths[MODELS.index(one)] - whole.fit.strengths[MODELS.index(other)]
            assert abs(gaps[place] - wanted) < abs(before - wanted) / 4


def test_a_board_without_a_fit_is_refused() -> None:
    without = dataclasses.replace(board(voted()), fit=None)
    with pytest.raises(leaderboards.InputError, match="without controls"):
        prompts.read(without, cells(voted()))
    assert influence.fewest(board(voted())), "the control"
