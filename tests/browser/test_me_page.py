"""A rater's own page: votes and receipts, a release that is checked, withdrawing and erasing with a typed word."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena.exports.proofs import receipts
from tests import arenas
from tests.api.test_exports import export
from tests.browser.conftest import Opened, models
from tests.browser.driver import BattlePage
from tests.inference import misbehaving

pytestmark = pytest.mark.browser

HOSTILE = 'Say hi. <img src=x: onerror="window.hacked = 1">'


@pytest.fixture(scope="module")
def own(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena of this module's own."""
    contestants = models(model_server.endpoint, ("echo", "say:No."))
    settings = arenas.settings_for(tmp_path_factory.mktemp("me"), model_server.endpoint, (), models=contestants)
    with arenas.running(settings) as running:
        yield running


def saved(page: BattlePage, button: str) -> Any:
    """What a button hands to the browser to save."""
    with page.page.expect_download() as fetched:
        page.page.click(button)
    return json.loads(Path(fetched.value.path()).read_text(encoding="utf-8"))


def test_a_rater_sees_proves_and_takes_back_what_they_gave(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="/me")
    assert page.text("h1") == "You have not voted yet."
    assert page.axe() == []
    page.visit("/")
    page.ready(HOSTILE)
    page.press("a", "2", "Enter")
    page.wait("revealed")
    page.visit("/me")
    assert page.text("h1") == "You gave 1 vote."
    assert page.page.is_visible("text=No release has used your votes yet.")
    with own.admin() as admin:
        export(admin, format="trl-dpo")
        key = admin.get("/api/v1/exports/key").json()["key"]
    page.visit("/me")
    assert page.text("h1") == "You gave 1 vote. It is in release 1, and you can prove it."
    assert HOSTILE in page.text("[data-list]")
    assert page.page.evaluate("window.hacked") is None
    with page.silent("/proofs/"):
        page.page.click("text=Check my votes")
        page.page.wait_for_selector("text=The arena did not reply. Try again.")
        assert page.page.is_hidden("[data-checked]")
    page.page.click("text=Check my votes")
    page.page.wait_for_selector("text=Your vote is in release 1.")
    proof, receipt = saved(page, "text='Proof'"), saved(page, "text='Receipt'")
    read = receipts.read(proof)
    checked = receipts.check(read, key, receipts.read_receipt(receipt))
    assert (checked.problems, checked.proven) == ((), True)
    assert read.opening is not None  # without it, the file would not show which vote it is of
    assert proof["contributor"] is None  # it would lead to every other row of the rater
    assert page.text("[data-saved] .cmd") == (
        f"arena release verify --proof proof-{read.vote_id}.json --receipt receipt-{read.vote_id}.json --key {key}"
    )
    assert saved(page, "[data-export]")["votes"][0]["prompt"] == HOSTILE
    assert page.axe() == []
    page.screenshot("1440-light-me")
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.dark()
    assert page.sideways() == 0
    for words in ("Receipt", "Proof"):
        box = page.page.locator(f"text='{words}'").first.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    page.screenshot("390-dark-me")  # waits until the colours have faded
    assert page.axe() == []

    page.page.fill("#withdraw", "withdraw")
    page.press("Enter")
    page.page.wait_for_selector("text=Nothing was done. Type WITHDRAW in capitals.")
    page.page.fill("#withdraw", "WITHDRAW")
    with page.silent("/me/withdrawal"):
        page.press("Enter")
        page.page.wait_for_selector(
            "text=The arena did not reply. It may be done all the same: reload the page to see."
        )
    page.press("Enter")
    page.page.wait_for_selector("text=Your consent is withdrawn. Nothing of yours counts or is released.")
    assert page.text("h1") == "You gave 1 vote and withdrew your consent. It does not count."
    assert "1 vote left" in page.text("[data-left]")
    with own.admin() as admin:
        assert admin.get("/api/v1/leaderboards/overall").json()["votes"] == 0
    assert page.axe() == []

    page.page.fill("#erase", "ERASE")
    page.press("Enter")
    page.page.wait_for_selector("h1:text-is('You are erased.')")
    assert "Say hi" not in page.page.content()
    assert page.page.evaluate("document.activeElement.hasAttribute('data-left')")
    assert "until the arena starts the next time" in page.text("[data-left]")
    assert page.axe() == []
    page.visit("/me")
    assert page.text("h1") == "You have not voted yet."


def test_a_rater_says_what_may_be_published_and_changes_their_mind(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="/me")
    page.page.wait_for_selector("[name=scope][value=public]:checked")
    page.page.check("[name=scope][value=private]")
    page.page.wait_for_selector("text=Recorded in ledger line")
    page.visit("/me")
    page.page.wait_for_selector("[name=scope][value=private]:checked")
    assert page.axe() == []
    page.screenshot("1440-light-me-agreed")
    page.page.focus("[name=scope][value=private]")
    page.press("ArrowLeft")
    page.page.wait_for_selector("text=Recorded in ledger line")
    with page.silent("/api/v1/me/consent"):
        page.page.click("[name=scope][value=private]")
        page.page.wait_for_selector("text=Nothing was changed. The arena did not reply.")
        assert page.page.is_checked("[name=scope][value=public]"), "the page shows what holds"
    page.page.check("[name=scope][value=private]")
    page.page.wait_for_selector("text=Recorded in ledger line")
    assert not page.page.is_visible("[data-not-chosen]")
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.dark()
    assert page.sideways() == 0
    page.page.locator("[data-agreed]").scroll_into_view_if_needed()
    page.screenshot("390-dark-me-agreed")
    assert page.axe() == []
