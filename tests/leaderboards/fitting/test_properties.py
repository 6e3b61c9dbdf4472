"""What must not change a board does not: names, sides, order of rows, how votes are grouped."""

import itertools
from typing import Any

import numpy
import pyarrow
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import leaderboards

MODELS = "abcdef"
OUTCOMES = ("model_a", "model_b", "tie", "both_bad")
SWAPPED = {"model_a": "model_b", "model_b": "model_a"}


@st.composite
def logs(draw: st.DrawFn) -> list[dict[str, str]]:
    """Votes that join all of two to six models; not all need to have a finite rating."""
    models = MODELS[: draw(st.integers(2, 6))]
    pairs = [(a, b) for a in models for b in models if a != b]
    chain = list(itertools.pairwise(models))
    votes = st.tuples(st.sampled_from(pairs), st.sampled_from(OUTCOMES))
    drawn = draw(st.lists(votes, min_size=1, max_size=60))
    joined = [(pair, draw(st.sampled_from(OUTCOMES))) for pair in chain]
    return [{"model_a": a, "model_b": b, "winner": winner} for (a, b), winner in [*joined, *drawn]]


def _figures(board: leaderboards.Board) -> dict[str, tuple[Any, ...]]:
    return {
        entry.model: (entry.rating, entry.se, entry.lower, entry.upper, entry.votes, entry.wins, entry.ties)
        for entry in board.entries
    }


def _same(one: dict[str, tuple[Any, ...]], other: dict[str, tuple[Any, ...]]) -> None:
    assert set(one) == set(other)
    for model, figures in one.items():
        for ours, theirs in zip(figures, other[model], strict=True):
            assert (ours is None) == (theirs is None)
            if ours is not None:
                assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-5)


RULES = settings(max_examples=min(60, settings.default.max_examples), suppress_health_check=[HealthCheck.too_slow])


@RULES
@given(votes=logs(), data=st.data())
def test_the_order_of_rows_changes_nothing(votes: list[dict[str, str]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(votes))
    assert leaderboards.fit(votes).to_json() == leaderboards.fit(shuffled).to_json()


@RULES
@given(votes=logs(), ties=st.sampled_from(["half", "drop"]))
def test_swapping_sides_changes_nothing(votes: list[dict[str, str]], ties: str) -> None:
    swapped = [
        {"model_a": v["model_b"], "model_b": v["model_a"], "winner": SWAPPED.get(v["winner"], v["winner"])}
        if number % 2
        else v
        for number, v in enumerate(votes)
    ]
    groups = leaderboards.islands(votes, ties=ties)
    assert leaderboards.islands(swapped, ties=ties) == groups
    for group in groups:
        ours, theirs = (leaderboards.fit(leaderboards.read(log).only(group), ties=ties) for log in (votes, swapped))
        _same(_figures(theirs), _figures(ours))


@RULES
@given(votes=logs())
def test_other_names_in_another_order_give_the_same_figures(votes: list[dict[str, str]]) -> None:
    named = {model: f"{5 - place}-{model}" for place, model in enumerate(MODELS)}
    renamed = [{**v, "model_a": named[v["model_a"]], "model_b": named[v["model_b"]]} for v in votes]
    board = leaderboards.fit(votes)
    assume(2 * len(board.rated) > len(board.entries))  # of two equal halves the names decide which is rated
    figures = _figures(board)
    _same(_figures(leaderboards.fit(renamed)), {named[model]: value for model, value in figures.items()})


@RULES
@given(votes=logs())
def test_counts_say_the_same_as_votes(votes: list[dict[str, str]]) -> None:
    grouped: dict[tuple[str, str, str], int] = {}
    for vote in votes:
        key = (vote["model_a"], vote["model_b"], vote["winner"])
        grouped[key] = grouped.get(key, 0) + 1
    counted = [{"model_a": a, "model_b": b, "winner": w, "count": n} for (a, b, w), n in grouped.items()]
    assert leaderboards.fit(counted).to_json() == leaderboards.fit(votes).to_json()


@RULES
@given(votes=logs(), times=st.integers(2, 9))
def test_more_of_the_same_votes_keeps_ratings_and_narrows_errors(votes: list[dict[str, str]], times: int) -> None:
    once, often = leaderboards.fit(votes), leaderboards.fit([{**v, "count": times} for v in votes])
    for entry in once.rated:
        assert often[entry.model].rating == pytest.approx(entry.rating, abs=1e-5)
        assert often[entry.model].se == pytest.approx(entry.se / numpy.sqrt(times), rel=1e-5, abs=1e-6)


@RULES
@given(votes=logs(), model=st.sampled_from("ab"))
def test_an_anchor_shifts_every_rating_alike(votes: list[dict[str, str]], model: str) -> None:
    plain = leaderboards.fit(votes)
    if plain[model].rating is None:
        with pytest.raises(leaderboards.InputError, match="has no finite rating"):
            leaderboards.fit(votes, anchor=(model, 1500.0))
        return
    anchored = leaderboards.fit(votes, anchor=(model, 1500.0))
    shift = 1500 - plain[model].rating
    for entry in plain.rated:
        assert anchored[entry.model].rating == pytest.approx(entry.rating + shift, abs=1e-6)
        assert anchored[entry.model].rank_best == entry.rank_best


@RULES
@given(votes=logs())
def test_every_vote_is_counted_and_every_model_listed(votes: list[dict[str, str]]) -> None:
    board = leaderboards.fit(votes)
    assert board.votes == len(votes)
    assert sum(entry.votes for entry in board.entries) == 2 * len(votes)
    assert sum(entry.wins for entry in board.entries) == sum(entry.losses for entry in board.entries)
    assert {entry.model for entry in board.entries} == {v[side] for v in votes for side in ("model_a", "model_b")}
    for entry in board.rated:
        assert entry.rank_best <= entry.rank <= entry.rank_worst


@RULES
@given(votes=logs(), k=st.integers(1, 3))
def test_splitting_a_log_in_files_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, votes: list[dict[str, str]], k: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    paths = []
    for part in range(k):
        rows = votes[part::k]
        if rows:
            paths.append(folder / f"{part}.csv")
            text = "".join(f"{r['model_a']},{r['model_b']},{r['winner']}\n" for r in rows)
            paths[-1].write_text("model_a,model_b,winner\n" + text)
    whole = leaderboards.read(pyarrow.Table.from_pylist(votes))
    assert leaderboards.read(paths).counts.sha256() == whole.counts.sha256()
