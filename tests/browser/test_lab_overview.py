"""The lab's overview in the browser: what is wrong and what to do next, each with a link; figures that add up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.test_lab_campaigns import look, signed_in
from tests.browser.test_lab_models import checked
from tests.inference import misbehaving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SERVED = ("echo", "say:No.", "nobody-serves-this")
VOTES = 5


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """Votes of a campaign that goes on, a draft, a model that does not answer, and one that is announced."""
    folder: Path = tmp_path_factory.mktemp("lab-overview")
    with misbehaving.serve(listed=SERVED[:2]) as server:
        settings = arenas.settings_for(folder, server.endpoint, SERVED)
        silent = settings.models[2].name
        with arenas.hurried(), arenas.running(settings) as running, running.admin() as admin:
            models = [model.name for model in settings.models if model.name != silent]
            made = {"name": "rivers", "models": models, "target_votes": 40}
            admin.post("/api/v1/campaigns", json=made).raise_for_status()
            admin.patch("/api/v1/campaigns/rivers", json={"state": "running"}).raise_for_status()
            admin.post("/api/v1/campaigns", json={"name": "later"}).raise_for_status()
            table = {"name": "candidate-1", "served_name": "echo", "endpoint": server.endpoint, "state": "announced"}
            admin.post("/api/v1/models", json=table).raise_for_status()
            with running.rater() as rater:
                for _ in range(VOTES):
                    battle_id = arenas.battle(rater, campaign="rivers")
                    arenas.vote(rater, battle_id, "model_a").raise_for_status()
                reported = {"kind": "personal", "reason": "It names somebody."}
                rater.post(f"/api/v1/battles/{battle_id}/reports", json=reported).raise_for_status()
            yield running


def test_the_overview_says_what_is_wrong_and_what_to_do_next(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="")
    signed_in(own, page)
    look(page, "/lab", "h2:has-text('What to do next')")
    assert page.text("h1") == "About 49 days more until rivers has its votes. 4 things wait for you."
    things = page.page.locator(".todo li")
    told = things.all_inner_texts()
    expected = ("canary-2", "candidate-1", "1 report waits for a person.", "later is a draft")
    assert [words in line for words, line in zip(expected, told, strict=True)] == [True] * 4, told
    assert page.text("[data-waits~=reports]").startswith("1"), "what the navigation counts is on the list"
    assert [one.get_attribute("href") for one in things.locator("a").all()] == [
        "/lab/models",
        "/lab/models",
        "/lab/review",
        "/lab/new-campaign?name=later",
    ]
    facts = page.page.locator(".facts b").all_inner_texts()
    assert facts == [str(VOTES), "1", "\N{EN DASH}", "0.0%"]
    said = page.page.text_content("#votes-a-day-desc") or ""
    assert sum(int(day.rpartition(": ")[2].rstrip(".")) for day in said.split(";")) == VOTES
    left = page.page.locator("[aria-label^='What is left'] tr:has-text('rivers') td").all_inner_texts()
    assert (left[1], left[3]) == (f"{VOTES} of 40", "49.0")
    assert float(left[4]) >= 0, "GPU hours are measured here"
    page.page.click("summary:has-text('What the estimates rest on')")
    assert "rivers. GPU hours: two answers a vote" in page.text("details[open]")
    checked(page, "lab")


def test_one_line_of_pages_holds_the_lab_together(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="")
    signed_in(own, page)
    look(page, "/lab", "h2:has-text('What to do next')")
    links = page.page.locator("nav[aria-label='Lab pages'] a")
    words_alone = "link => link.firstChild.textContent.trim()"  # numbers of what waits come later
    pages = {one.evaluate(words_alone): str(one.get_attribute("href")) for one in links.all()}
    assert list(pages)[:5] == ["Overview", "Models", "Campaigns", "Raters", "Review"]
    for words, address in pages.items():
        page.page.goto(page.url + address)
        page.page.wait_for_selector("#main h1")
        assert page.text("nav[aria-label='Lab pages'] [aria-current=page]").startswith(words)
        assert page.text(".nav [aria-current=page]") == "Lab"
        assert page.page.locator("nav[aria-label='Lab pages'] a").count() == len(pages)


def test_whoever_is_no_lab_finds_none_of_it(own: arenas.Arena) -> None:
    with own.rater() as rater:
        for path in ("/lab", "/lab/models", "/lab/new-model"):
            assert rater.get(path, headers={"Accept": "text/html"}).status_code == 404
