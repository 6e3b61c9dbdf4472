"""The data page: votes that boards leave out are not selected, and a box takes them in."""

from collections.abc import Iterator

import pytest

from tests import arenas
from tests.browser import trainer
from tests.browser.conftest import Opened
from tests.browser.trainer import counted, offer, waterfall
from tests.inference import misbehaving

pytestmark = pytest.mark.browser
VOTES: tuple[trainer.Given, ...] = (
    ("I am Claude, an AI assistant made by Anthropic.", {"winner": "model_a"}),
    ("How long should I boil a fresh egg?", {"winner": "model_b"}),
)
"""One model repeats the prompt, and so says of itself who it is."""
HELD = "Boards leave it out, because an answer said which model wrote it, or its rater's votes are held"


@pytest.fixture(scope="module")
def voted(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    with trainer.voted(model_server, tmp_path_factory.mktemp("held"), VOTES) as running:
        yield running


def test_held_votes_are_left_out_and_taken_in_by_a_box(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="/data")
    offer(page, voted.admin_token)
    counted(page)
    table = waterfall(page)
    assert (table["Votes recorded"], table[HELD], table["Counted on the leaderboard"]) == (2, -1, 1)
    assert page.text("h1") == "1 preference pair for TRL DPO."
    assert not page.page.is_checked("[data-also=votes]")
    page.page.check("[data-also=votes]")
    page.page.wait_for_selector("text=2 preference pairs for TRL DPO.")
    counted(page)
    assert "votes=all" in page.page.evaluate("location.search")
    table = waterfall(page)
    assert HELD not in table
    assert table["Counted or held by the leaderboard"] == 2
    assert page.axe() == []
