"""A lab's campaigns in the browser: one made in six steps, started, watched and paused; nobody else finds the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.lengths import at_length
from tests.services import tasking

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    folder: Path = tmp_path_factory.mktemp("lab-campaigns")
    with arenas.running(tasking.settings(folder)) as running:
        tasking.fill(running.services.workspace, 20, models=tasking.MODELS)
        yield running


def signed_in(own: arenas.Arena, page: BattlePage) -> None:
    """Make whoever looks at a page a member of the lab."""
    with own.admin() as admin:
        token = admin.post("/api/v1/invitations", json={"role": "lab"}).raise_for_status().json()["token"]
    page.joined(token, "lab@lab.example")


def vote(own: arenas.Arena, campaign: str, votes: int) -> None:
    with own.rater() as rater:
        for _ in range(votes):
            battle_id = rater.post(f"/api/v1/campaigns/{campaign}/tasks").raise_for_status().json()["battle_id"]
            headers = {"Idempotency-Key": battle_id}
            path = f"/api/v1/battles/{battle_id}/votes"
            rater.post(path, json={"winner": "model_a"}, headers=headers).raise_for_status()


def look(page: BattlePage, path: str, there: str) -> None:
    page.page.goto(page.url + path)
    page.page.wait_for_selector(there)
    page.styled()


def go_on(page: BattlePage, heading: str) -> None:
    page.page.click("text=Go on")
    page.page.wait_for_selector(f"h2:has-text('{heading}')")


def test_a_campaign_is_made_in_six_steps_and_watched(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="")
    signed_in(own, page)
    look(page, "/lab/campaigns", "text=New campaign")
    assert page.text("h1") == "One campaign is collecting."
    page.page.click("text=New campaign")
    page.page.wait_for_selector("h2:has-text('What is asked')")
    page.page.fill("#field-name", "Not a slug")
    page.page.click("text=Go on")
    page.page.wait_for_selector("[data-note]:not([hidden])")
    assert "no name of a campaign" in page.text("[data-note]")
    page.page.fill("#field-name", "writing")
    page.page.select_option("#field-kind", "tasks")
    page.page.select_option("#field-prompt_set", tasking.SET)
    page.page.fill("#field-criteria", "tone, truth")
    go_on(page, "Models and pairing")
    page.page.select_option("#field-pairing", "coverage")
    go_on(page, "Raters and quality")
    assert page.axe() == []
    page.screenshot("lab-campaign-new-3-1440")
    page.page.fill("#field-overlap", "2")
    page.page.select_option("#field-anonymous", "true")
    go_on(page, "Guidelines")
    page.page.fill("#field-guidelines", "# Worked example\n\nB, because it answers.")
    go_on(page, "Consent, reward, limits")
    page.page.fill("#field-reward", "3")
    go_on(page, "Check and start")
    assert page.text("h1") == "writing: 40 votes, 120 credits."
    assert page.axe() == []
    page.page.click("button:has-text('Start')")
    page.page.wait_for_selector("text=Pause collecting")
    vote(own, "writing", 3)
    look(page, "/lab/campaigns/writing", "text=Pause collecting")
    assert page.text("h1").startswith("writing needs 37 more votes.")
    assert page.axe() == []
    assert page.page.is_visible('svg[aria-label*="Votes so far 3 of 40"]')
    page.screenshot("lab-campaign-1440")
    page.page.click("text=Pause collecting")
    page.page.wait_for_selector("text=Close for good")
    assert page.text("h1") == "writing is paused, with 3 votes."
    look(page, "/lab/campaigns", "text=New campaign")
    assert page.axe() == []
    page.screenshot("lab-campaigns-1440")
    page.dark()
    page.screenshot("lab-campaigns-1440-dark")
    assert page.axe() == []


@pytest.mark.parametrize(("width", "dark"), [(390, True), *at_length((1440, False))])
def test_disputed_items_are_told_with_how_far_they_are(
    own: arenas.Arena, opened: Opened, width: int, dark: bool
) -> None:
    """Two raters who take each side once dispute an item; one of them has the further vote it needs."""
    name = f"disputes-{width}"
    keys = {"name": name, **tasking.campaign(), "anonymous": True, "overlap": 2, "further_votes": 1}
    with own.admin() as admin:
        admin.post("/api/v1/campaigns", json=keys).raise_for_status()
        admin.patch(f"/api/v1/campaigns/{name}", json={"state": "running"}).raise_for_status()
    for texts in ("first", "second", "first"):
        with own.rater() as rater:
            task = rater.post(f"/api/v1/campaigns/{name}/tasks").raise_for_status().json()["battle_id"]
            shown = rater.get(f"/api/v1/battles/{task}").json()
            by_text = sorted(("a", "b"), key=lambda side: shown[f"text_{side}"])
            winner = f"model_{by_text[0 if texts == 'first' else 1]}"
            headers = {"Idempotency-Key": task}
            rater.post(f"/api/v1/battles/{task}/votes", json={"winner": winner}, headers=headers).raise_for_status()
    page = opened(own.url, width=width, height=900)
    if dark:
        page.dark()
    signed_in(own, page)
    look(page, f"/lab/campaigns/{name}", "h2:has-text('Disputed items')")
    section = page.page.locator("section:has(> h2:has-text('Disputed items'))").inner_text()
    assert "3 of 3" in section
    assert "Each goes to 1 more rater who has not had it." in section
    assert "All their votes are in: 1 of 1." in section
    assert "3, beyond the overlap" in page.text("[data-part]")
    alpha = page.page.locator('tr:has-text("Krippendorff\'s alpha")').inner_text()
    assert "0.00; 1 item; 2 raters" in alpha
    assert page.sideways() == 0
    assert page.axe() == []
    page.page.locator("h2:has-text('Disputed items')").scroll_into_view_if_needed()
    page.screenshot(f"lab-campaign-disputed-{width}")


def test_the_pages_fit_a_phone(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, width=390, height=844, path="")
    signed_in(own, page)
    for path, wait in (
        ("/lab/campaigns", "text=New campaign"),
        ("/lab/campaigns/default", "text=Quality so far"),
        ("/lab/new-campaign", "h2:has-text('What is asked')"),
    ):
        look(page, path, wait)
        assert page.sideways() == 0, path
        assert page.axe() == [], path
        page.screenshot(f"{path.strip('/').replace('/', '-')}-390")


def test_a_rater_finds_none_of_the_pages(own: arenas.Arena) -> None:
    with own.rater() as rater:
        for path in ("/lab/campaigns", "/lab/campaigns/default", "/lab/new-campaign"):
            assert rater.get(path).status_code == 404, path
