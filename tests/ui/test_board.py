"""The leaderboard page: its sentence, its order and its open ends come from the data."""

import dataclasses
import itertools
import re
from datetime import UTC, datetime

import pytest

import leaderboards
from arena.services import board_fitting, board_settings
from arena.services.ranking import Ranking
from arena.ui import board, language
from leaderboards.showing import tiers

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)

Row = tuple[str, str, str, int]


def page(*rows: Row) -> str:
    return board.page(ranked(*rows), "harbour-lab", NOW)


def ranked(*rows: Row) -> Ranking:
    running = leaderboards.Running()
    for row in rows:
        running.add(*row)
    return board_fitting.fitted(running, {}, None)


def sentence(markup: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", markup)
    assert found
    return found[1]


def wins(winner: str, loser: str, won: int, lost: int) -> list[Row]:
    return [(winner, loser, "model_a", won), (winner, loser, "model_b", lost)]


def test_no_votes_is_said_so() -> None:
    assert sentence(page()) == "No votes yet. The board appears after the first 50."


def test_a_leader_told_apart_from_all_is_called_so() -> None:
    markup = page(*wins("alpha", "beta", 90, 10), *wins("beta", "gamma", 90, 10), *wins("alpha", "gamma", 98, 2))
    assert sentence(markup) == "alpha leads, told apart from every other model."
    assert "300 votes on 3 models. Of the 2 pairs of neighbours in rank, 2 are told apart at 95%" in markup
    assert re.findall(r"Band </span>(\d)", markup) == ["1", "2", "3"]
    assert "told apart</span>" in markup


def test_a_leader_that_may_not_be_first_is_not_called_so() -> None:
    markup = page(*wins("alpha", "beta", 52, 48), *wins("beta", "gamma", 90, 10), *wins("alpha", "gamma", 90, 10))
    assert sentence(markup) == "alpha leads, but is not yet told apart from beta."
    assert [body.count("data-model") for body in markup.split("<tbody>")[1:3]] == [2, 1]
    assert "about " in markup or "over 10,000" in markup


def test_equal_ratings_share_a_place() -> None:
    assert sentence(page(*wins("alpha", "beta", 5, 5))) == "alpha and beta share the first place."


def test_a_model_that_never_lost_has_an_open_end_instead_of_a_rating() -> None:
    markup = page(*wins("beta", "gamma", 6, 4), ("alpha", "beta", "model_a", 3), ("delta", "gamma", "model_b", 2))
    assert sentence(markup) == "alpha has not lost yet, so there is no leader to name."
    assert "The two with a rating are not yet told apart at 95%." in markup
    assert "Simultaneous over 1 pair, " in markup
    assert "has not lost yet</td>" in markup
    assert "has not won yet</td>" in markup
    assert markup.index(">alpha</a></th>") < markup.index(">beta</a></th>") < markup.index(">delta</a></th>")
    assert 'aria-label="at least ' in markup
    assert 'aria-label="at most ' in markup


def test_one_vote_is_a_board_too() -> None:
    markup = page(("alpha", "beta", "model_a", 1))
    assert "1 vote on 2 models" in markup
    assert "It is early" in markup


def test_models_that_never_met_get_a_board_each() -> None:
    markup = page(*wins("alpha", "beta", 6, 4), *wins("gamma", "delta", 7, 3))
    assert sentence(markup) == "These models have no votes connecting them, so there is no common board."
    assert markup.count('<table class="board" data-board>') == 2
    assert markup.count("Head to head</h2>") == 2
    assert "Group 2: gamma leads" in markup or "Group 1: gamma leads" in markup


def test_a_cell_with_one_vote_says_one_vote() -> None:
    markup = page(*wins("alpha", "beta", 30, 19), *wins("beta", "gamma", 30, 20), ("alpha", "gamma", "model_a", 1))
    assert 'title="alpha against gamma: 100% of 1 vote">1</td>' in markup


def test_a_cell_with_few_votes_shows_their_number() -> None:
    markup = page(*wins("alpha", "beta", 30, 19), *wins("beta", "gamma", 30, 20), *wins("alpha", "gamma", 40, 12))
    assert 'class="few" title="alpha against beta: 61% of 49 votes">49</td>' in markup
    assert 'title="beta against gamma: 60% of 50 votes">60</td>' in markup


def test_names_and_workspaces_are_text() -> None:
    markup = board.page(ranked(*wins("<b>alpha", "beta", 6, 4)), "<i>lab", NOW)
    assert "<b>alpha" not in markup
    assert "<i>lab" not in markup
    assert "&lt;b&gt;alpha" in markup


def test_a_tier_ends_only_where_every_pair_across_the_line_is_told_apart() -> None:
    rows = [*wins("a", "b", 55, 45), *wins("b", "c", 55, 45), *wins("a", "c", 70, 30), *wins("c", "d", 95, 5)]
    reading = tiers.read(ranked(*rows, *wins("a", "d", 98, 2), *wins("b", "d", 97, 3)).board)
    assert reading.tiers == (("a", "b", "c"), ("d",))


@pytest.mark.parametrize(("split", "more"), [((60, 40), False), ((55, 45), True)])
def test_votes_that_would_separate_two_models_do_separate_them(split: tuple[int, int], more: bool) -> None:
    won, lost = split
    gap = tiers.read(ranked(*wins("a", "b", won, lost)).board).neighbours[0]
    assert bool(gap.votes_needed) == more or gap.told_apart
    if gap.votes_needed:
        factor = 1 + 1.15 * gap.votes_needed / (won + lost)
        grown = ranked(*wins("a", "b", round(won * factor), round(lost * factor)))
        assert tiers.read(grown.board).neighbours[0].told_apart
        factor = 1 + 0.85 * gap.votes_needed / (won + lost)
        short = ranked(*wins("a", "b", round(won * factor), round(lost * factor)))
        assert not tiers.read(short.board).neighbours[0].told_apart


def test_the_counts_of_ties_are_those_of_votes_not_of_models() -> None:
    markup = page(*wins("a", "b", 5, 5), ("a", "b", "tie", 3), ("a", "b", "both_bad", 2))
    assert "3 Tie and 2 Both bad, each as half a win" in markup


def test_many_models_that_overlap_each_other_make_one_tier_and_several_bands() -> None:
    names = [f"m{number:02}" for number in range(30)]
    rows = [
        row
        for place, name in enumerate(names)
        for step in (1, 2, 3)
        if place + step < len(names)
        for row in wins(name, names[place + step], 50 + 4 * step, 50 - 4 * step)
    ]
    standing = ranked(*rows)
    reading = tiers.read(standing.board)
    assert len(reading.tiers) == 1
    assert 3 <= len(reading.bands) < 30
    assert [name for band in reading.bands for name in band] == [entry.model for entry in standing.board.rated]
    order = {entry.model: place for place, entry in enumerate(standing.board.rated)}
    for above, below in itertools.pairwise(reading.bands):
        head = order[above[0]]
        assert reading.told_apart[head, order[below[0]]]
        assert not any(reading.told_apart[head, order[model]] for model in above[1:])
    markup = board.page(standing, "harbour-lab", NOW)
    assert markup.count("data-fold") == sum(1 for band in markup.split("<tbody>") if "data-fold" in band) > 0
    assert markup.count("<tr data-model") == 30
    heat_rows = markup.split('class="heat"')[1].split("</table>")[0].count("<tr>") - 1
    assert 2 <= heat_rows <= 14
    assert "Bands 1 to " in markup or "Band 1, " in markup


def test_each_row_carries_its_figures_with_all_their_digits() -> None:
    standing = ranked(*wins("alpha", "beta", 60, 40))
    markup = board.page(standing, "harbour-lab", NOW)
    for entry in standing.board.entries:
        assert f'data-model="{entry.model}" data-rating="{entry.rating!r}" data-se="{entry.se!r}"' in markup


def test_a_cut_is_named_and_its_switches_stand_as_it_was_asked() -> None:
    asked = board_settings.read({"category": "code", "ties": "drop", "anchor": "beta=900"})
    standing = dataclasses.replace(ranked(*wins("alpha", "beta", 60, 40)), asked=asked, workspace="lab", head="ab" * 32)
    markup = board.page(standing, "lab", NOW, {"category": ("code", "<i>maths"), "language": ("en",)})
    assert "Of all votes: category code." in markup
    assert '<option value="code" selected>code</option>' in markup
    assert '<option value="drop" selected>' in markup
    assert "<i>maths" not in markup
    assert 'name="language"' not in markup
    assert '<input type="hidden" name="anchor" value="beta=900.0">' in markup
    assert "overall?category=code&amp;ties=drop&amp;anchor=beta%3D900.0&amp;format=csv" in markup
    assert f"--head={'ab' * 32} \\\n  --category=code" in markup


def test_a_board_speaks_the_language_of_its_reader_and_its_command_does_not() -> None:
    rows = [*wins("alpha", "beta", 900, 600), *wins("beta", "gamma", 90, 10), *wins("alpha", "gamma", 98, 2)]
    found = dataclasses.replace(ranked(*rows), workspace="lab", head="ab" * 32)
    english = board.page(found, "harbour-lab", NOW)
    with language.speaking("de"):
        german = board.page(found, "harbour-lab", NOW)
    assert sentence(german) == "alpha führt und ist von jedem anderen Modell zu unterscheiden."
    assert "1.700 Stimmen zu 3 Modellen." in german
    assert "alle Stimmen bis 22.11.2026 14:00 UTC" in german
    figures = re.compile(r'data-(?:model|rating|lower|upper|votes|rate)="[^"]*"')
    assert figures.findall(german) == figures.findall(english) != []
    line = re.compile(r'<code class="cmd" dir="ltr".*?</code>', re.DOTALL)
    assert line.findall(german) == line.findall(english) != []


def test_figures_stand_as_a_language_writes_them() -> None:
    told = {}
    for code in ("en", "fr", "de", "ar"):
        with language.speaking(code):
            told[code] = (language.figure(-1234.56, 1), language.percent(0.954, 1), language.listed(["a", "b", "c"]))
    assert told["en"] == ("-1,234.6", "95.4%", "a, b and c")
    assert told["fr"] == ("-1\u202f234,6", "95,4\xa0%", "a, b et c")
    assert told["de"] == ("-1.234,6", "95,4\xa0%", "a, b und c")
    assert "1,234.6" in told["ar"][0]
