"""The data page after releases that bind: what they promised is filled in, and whose texts are gone is said."""

import re
import threading
from collections.abc import Iterator
from unittest import mock

import pytest

from arena.domain.ids import RaterId
from arena.exports.filters import languages
from tests import arenas
from tests.browser import trainer
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.browser.trainer import MINUS, build, counted, offer
from tests.inference import misbehaving

pytestmark = pytest.mark.browser

SHARE = "[data-percent=held_out_share]"
PROMISE = "Filled in: release 1 promised to keep 1% of the prompts, nearly equal prompts together, out of every later "


@pytest.fixture(scope="module")
def promised(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena of this module's own, because what a release promises binds all later ones."""
    with trainer.voted(model_server, tmp_path_factory.mktemp("kept"), trainer.VOTES[2:]) as running:
        yield running


def change(page: BattlePage, selector: str, value: str) -> None:
    page.page.fill(selector, value)
    page.press("Tab")


def test_figures_and_pairs_come_before_the_languages_are_found(promised: arenas.Arena, opened: Opened) -> None:
    found = threading.Event()

    def slowly(_record: object) -> str:
        found.wait(60)
        return "en"

    with mock.patch.object(languages, "language_of", slowly):
        page = opened(promised.url, path="/data")
        offer(page, promised.admin_token)
        counted(page)
        assert page.page.locator(".pair").count() == 2
        assert page.text("[data-values=languages] p") == "Counting: every prompt is read once."
        assert page.page.is_enabled("[data-build]")
        assert page.axe() == []
        found.set()
        page.page.wait_for_selector("[data-values=languages] >> text=English")


def test_what_a_release_promised_is_filled_in_and_a_selection_that_breaks_it_says_what_to_do(
    promised: arenas.Arena, opened: Opened
) -> None:
    page = opened(promised.url, path="/data")
    offer(page, promised.admin_token)
    counted(page)
    assert page.page.is_hidden("[data-promised]"), "positive control: nothing is promised yet"
    change(page, SHARE, "1")
    page.page.check("[data-switch=split_by_cluster]")
    page.page.wait_for_selector("[data-took=held_out_share]:text-is('0')")
    counted(page)
    build(page)
    assert page.text("[data-promised]") == f"{PROMISE}release."

    fresh = opened(promised.url, path="/data?ties=drop")
    offer(fresh, promised.admin_token)
    counted(fresh)
    assert fresh.text("h1") == "2 preference pairs for TRL DPO."
    assert (fresh.page.input_value(SHARE), fresh.page.is_checked("[data-switch=split_by_cluster]")) == ("1", True)
    assert fresh.text("[data-promised]") == f"{PROMISE}release."
    assert fresh.axe() == []
    fresh.page.click("text=Remove every filter")
    fresh.page.wait_for_selector("[data-keep=ties]:checked")
    counted(fresh)
    assert (fresh.page.input_value(SHARE), fresh.page.is_visible("text=Remove every filter")) == ("1", False)

    change(fresh, SHARE, "")
    fresh.page.wait_for_selector("[data-refused]:visible")
    assert re.fullmatch(
        r"Release 1 \(rel_\w+\) promised that prompts it held out are in no later release, and this selection would "
        r"release some of them\. Select “Held out of all releases, %” 1 and “Nearly equal prompts stay together”, or "
        r"hold out more\.",
        fresh.text("[data-refused]"),
    )
    assert fresh.text("[data-advice]") == fresh.text("[data-refused]")
    assert fresh.page.locator(".pair").count() == 0
    assert fresh.page.is_disabled("[data-build]")
    assert fresh.axe() == []
    change(fresh, SHARE, "2")
    counted(fresh)
    assert fresh.page.is_hidden("[data-refused]")
    assert fresh.page.is_enabled("[data-build]")


def test_models_are_chosen_and_a_release_whose_texts_are_gone_says_so(promised: arenas.Arena, opened: Opened) -> None:
    page = opened(promised.url, path="/data")
    offer(page, promised.admin_token)
    counted(page)
    models_shown = page.page.locator("[data-values=models] .ck")
    assert [words.split("\n") for words in models_shown.all_inner_texts()] == [
        ["canary-heron-14b", "4"],
        ["canary-whimbrel-8b", "4"],
    ]
    page.page.uncheck("[data-values=models] >> text=canary-heron-14b")
    page.page.wait_for_selector(f"[data-took=models]:text-is('{MINUS}4')")
    counted(page)
    assert page.text("[data-no-pairs]") == "No pairs match. Remove a filter."
    page.page.check("[data-values=models] >> text=canary-heron-14b")
    page.page.wait_for_selector(".pair")
    counted(page)
    number = build(page)
    release = f".release:has-text('Release {number}')"
    assert page.page.is_visible(f"{release} >> text=Check it"), "positive control: it is whole"

    with promised.services.workspace.reading() as connection:
        ((rater_id,),) = connection.execute("SELECT DISTINCT rater_id FROM votes").fetchall()
    with promised.admin() as admin:
        admin.delete(f"/api/v1/raters/{RaterId(rater_id)}").raise_for_status()
    page.page.reload()
    page.page.wait_for_selector(release)
    page.page.click(f"{release} >> summary >> nth=0")
    page.page.wait_for_selector(f"{release} >> text=Its texts are no longer here")
    assert page.page.is_hidden(f"{release} >> text=Check it")
    assert page.page.is_hidden(f"{release} >> text=Download all")
    names = page.page.locator(f"{release} [data-file]").all_inner_texts()
    assert "signature.json" in names
    assert not [name for name in names if name.startswith("data/")]
    with page.page.expect_download() as fetched:
        page.page.click(f"{release} [data-file='signature.json']")
    assert fetched.value.path().stat().st_size > 0
    assert page.text("h1") == "No votes yet."
    assert page.axe() == []
    page.screenshot("1440-light-data-gone")
