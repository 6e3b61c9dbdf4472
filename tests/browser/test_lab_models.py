"""A lab's journey with a model in the browser: a try-out that fails, mended, added, in focus, paused, retired; and what
everybody may read of it afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.browser.test_lab_campaigns import go_on, look, signed_in
from tests.inference import misbehaving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SERVED = "say:Rivers bend because water wears the outer bank."
NEW = "candidate-17"
MOST = 60
"""Battles in which a model in half of the draws is surely met."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    folder: Path = tmp_path_factory.mktemp("lab-models")
    served = ("echo", "say:No.", "say:Maybe.")
    with misbehaving.serve(listed=(*served, SERVED)) as server:
        settings = arenas.settings_for(folder, server.endpoint, served)
        with arenas.hurried(), arenas.running(settings) as running:
            yield running


def endpoint(own: arenas.Arena) -> str:
    return str(own.installation.settings.models[0].endpoint)


def checked(page: BattlePage, name: str) -> None:
    """What axe finds on a page, in both themes and widths; a picture of each."""
    for seen in page.in_each_look():
        page.screenshot(f"{name}-{seen}")
        assert page.axe() == [], (name, seen)
        assert page.sideways() == 0, (name, seen)


def drawn(own: arenas.Arena, campaign: str, battles: int) -> bool:
    """Whether the model is met in some battles of a campaign, each voted on; ends with the first."""
    with own.rater() as rater:
        for _ in range(battles):
            answer = arenas.vote(rater, arenas.battle(rater, campaign=campaign), "tie").raise_for_status().json()
            if NEW in (answer["model_a"], answer["model_b"]):
                return True
    return False


def become(page: BattlePage, word: str, choice: str, reason: str, said: str) -> None:
    """Change the model by the keyboard alone: its button, a choice, a reason, Enter."""
    page.page.locator(f"tr:has-text('{NEW}') button:has-text('{word}')").focus()
    page.press("Enter")
    page.page.wait_for_selector("dialog[open]")
    radio = page.page.locator(f"dialog input[value={choice}]")
    while not radio.is_checked():
        page.page.locator("dialog input:checked").focus()
        page.press("ArrowDown")
    checked(page, f"lab-models-{choice}")
    page.page.locator("#change-reason").focus()
    page.page.keyboard.type(reason)
    page.press("Enter")
    expect(page.page.locator("#main > [data-done]")).to_contain_text(said)


def test_a_model_fails_its_try_is_mended_added_focused_paused_and_retired(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="")
    signed_in(own, page)
    look(page, "/lab/models", "text=Add a model")
    assert page.text("h1") == "3 models answer well."
    page.page.click("text=Add a model")
    page.page.wait_for_selector("#new-name")

    # the server knows no such model: nothing can be added
    for field, text in (("name", NEW), ("served", "rivers-17b"), ("endpoint", endpoint(own))):
        page.page.fill(f"#new-{field}", text)
    assert page.page.is_disabled("[data-add]")
    page.page.focus("[data-try]")
    page.press("Enter")
    expect(page.page.locator("[data-tried] [role=alert]")).to_contain_text("rivers-17b")
    assert page.text("h1") == f"{NEW} does not answer yet."
    assert page.page.is_disabled("[data-add]")
    checked(page, "lab-model-new-failed")

    # mended: it answers, and then it can be added; another setting asks for another try
    page.page.fill("#new-served", SERVED)
    page.page.click("[data-try]")
    expect(page.page.locator("[data-tried] .try")).to_contain_text(SERVED.removeprefix("say:"))
    page.page.fill("#new-temperature", "0.7")
    assert page.page.is_disabled("[data-add]"), "these settings never answered"
    page.page.click("[data-try]")
    page.page.wait_for_selector(f"[data-add]:enabled:has-text('Add {NEW}')")
    checked(page, "lab-model-new-answers")
    page.page.check("input[name=state][value=active]")
    page.page.fill("#new-reason", "Step 17,000.")
    page.page.click("[data-add]")
    expect(page.page.locator("#main > [data-done]")).to_have_text(f"{NEW} was added.")
    assert page.text("h1") == "4 models answer well."

    focus(page)
    assert drawn(own, "rivers", MOST)

    look(page, "/lab/models", f"text={NEW}")
    checked(page, "lab-models")
    page.page.locator(f"tr:has-text('{NEW}') button:has-text('Pause')").click()
    told = page.text("dialog [data-before]")
    assert "Campaigns that draw from the other models without it: default, rivers." in told
    assert "It is the focus, in half of all draws, of: rivers." in told
    page.press("Escape")
    become(page, "Pause", "paused", "Its server moves.", f"{NEW} is paused.")
    assert not drawn(own, "rivers", 6)
    page.page.click("#main > [data-done] button")
    expect(page.page.locator("#main > [data-done]")).to_contain_text(f"{NEW} is active.")
    become(page, "Pause", "paused", "It moves after all.", f"{NEW} is paused.")
    become(page, "Resume", "retired", "Replaced by step 18,000.", f"{NEW} is retired.")
    assert page.page.locator("#main > [data-done] button").count() == 0, "nothing takes that back"
    assert page.page.locator(f"tr:has-text('{NEW}'):has-text('Retired') button").count() == 0
    checked(page, "lab-models-after")
    with own.rater() as anybody:
        log = anybody.get("/api/v1/changes").json()["changes"]
    assert [one["text"] for one in log if one["subject"] == NEW] == [
        f"{NEW} was added. Step 17,000.",
        f"{NEW} is paused: it is drawn for no new battle, and its votes stay. Its server moves.",
        f"{NEW} takes part. Undone at once.",
        f"{NEW} is paused: it is drawn for no new battle, and its votes stay. It moves after all.",
        f"{NEW} is retired: it is drawn no more, and its votes stay. Replaced by step 18,000.",
    ]
    assert own.services.workspace.verify().problems == ()
    german = opened(own.url, path="", locale="de")
    look(german, f"/leaderboard/model?model={NEW}", "h1")
    assert f"{NEW} nimmt teil. Undone at once." in german.text("#main")
    look(german, "/leaderboard/transparency", "h1")
    assert f"{NEW} wurde hinzugefügt. Step 17,000." in german.text("#main")
    arabic = opened(own.url, path="", locale="ar")
    look(arabic, f"/leaderboard/model?model={NEW}", "h1")
    assert f"\u2068{NEW}\u2069" in arabic.text("#main h1"), "its full stop stands behind it"


def focus(page: BattlePage) -> None:
    """A campaign of raters' own prompts with the new model in half of its draws."""
    look(page, "/lab/new-campaign", "h2:has-text('What is asked')")
    page.page.fill("#field-name", "rivers")
    go_on(page, "Models and pairing")
    page.page.fill("#field-focus", NEW)
    page.screenshot("lab-models-focus")
    for heading in ("Raters and quality", "Guidelines", "Consent, reward, limits", "Check and start"):
        go_on(page, heading)
    page.page.click("button:has-text('Start')")
    page.page.wait_for_selector("text=Pause collecting")
