"""Items of a prompt set in the browser: from the start to the last one, by keyboard alone, and blind until the vote."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.services import tasking

pytestmark = pytest.mark.browser

MODELS = ("canary-heron-14b", "canary-whimbrel-8b")


@pytest.fixture
def tasks(tmp_path: Path) -> Iterator[arenas.Arena]:
    asked = ["tone", {"name": "truth", "question": "Which is more accurate?"}]
    settings = tasking.settings(tmp_path / "data", criteria=asked)
    with arenas.running(settings) as running:
        tasking.fill(running.services.workspace, 3, MODELS)
        yield running


def at(page: BattlePage, state: str) -> None:
    page.page.wait_for_selector(f".battle[data-state={state}]")


def test_items_are_voted_on_one_after_the_other_by_keyboard(tasks: arenas.Arena, opened: Opened) -> None:
    page = opened(tasks.url)
    page.page.wait_for_selector("text=3 items wait for you.")
    page.screenshot("1440-tasks-start")
    assert page.axe() == []
    page.page.keyboard.press("Enter")
    at(page, "ready")
    assert page.page.inner_text("[data-votes]") == "Item 1 of 3"
    assert page.page.is_hidden("[data-tags]")
    page.page.keyboard.press("a")
    at(page, "chosen")
    page.page.locator("[data-criterion=truth] label", has_text="Same").click()
    page.screenshot("1440-tasks-chosen")
    assert page.axe() == []
    assert not any(name in "".join([*page.bodies, page.page.content()]) for name in MODELS)
    page.page.keyboard.press("Enter")
    at(page, "revealed")
    assert page.page.is_hidden("[data-act=follow]")
    page.screenshot("1440-tasks-revealed")
    page.page.wait_for_timeout(750)
    page.page.keyboard.press("n")
    page.page.wait_for_selector("text=Item 2 of 3")
    at(page, "ready")
    page.page.keyboard.press("s")
    page.page.locator("#skip").wait_for()
    page.page.get_by_label("Not my field").check()
    page.page.get_by_role("button", name="Skip, next item").click()
    page.page.wait_for_selector("#skip", state="hidden")
    page.page.wait_for_selector("text=Item 2 of 2")
    at(page, "ready")
    page.page.get_by_role("button", name="Report").click()
    page.page.get_by_label("Personal details of a real person").check()
    page.page.get_by_role("button", name="Send report").click()
    page.page.wait_for_selector("text=No item waits for you now.")
    page.screenshot("1440-tasks-none")
    with tasks.admin() as admin:
        (report,) = admin.get("/api/v1/reports").json()["reports"]
        assert report["kind"] == "personal"
        assert admin.get("/api/v1/leaderboards/overall").json()["votes"] == 1


def test_an_item_on_a_phone(tasks: arenas.Arena, opened: Opened) -> None:
    page = opened(tasks.url, width=390, height=844)
    page.page.wait_for_selector("text=3 items wait for you.")
    page.screenshot("390-tasks-start")
    page.page.click("[data-begin]")
    at(page, "ready")
    page.page.click(".pa-tabs [data-show=b]")
    page.page.click(".pa-tabs [data-show=a]")
    page.page.click("[data-vote=tie]")
    at(page, "chosen")
    page.page.click("text=Questions, reason, edit")
    page.page.locator("[data-criterion=tone] label", has_text="B").click()
    page.screenshot("390-tasks-chosen")
    assert page.axe() == []
    page.page.click("[data-rec]")
    at(page, "revealed")
    page.page.reload()
    at(page, "revealed")
