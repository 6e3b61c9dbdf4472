"""My work and the battle page of a campaign: what is open, guidelines first, consent, criteria, and the way back."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from arena.domain.principal import Principal, Role
from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.lengths import at_length
from tests.services import tasking

pytestmark = pytest.mark.browser

MODELS = ("canary-heron-14b", "canary-whimbrel-8b")
LAB = Principal(id="t_lab", role=Role.ADMIN, workspace="default")
GUIDELINES = """Answers to health questions, for people who *work in care*.

## When you are not sure

Look once more. Skipping costs nothing, and a guess costs a patient."""
CRITERIA = [{"name": "correct", "question": "Which one states fewer wrong facts?"}, "safe"]
CONSENT = "Items may upset. You may stop at any time."


def campaign(arena: arenas.Arena, name: str, **keys: Any) -> None:
    """A campaign that runs."""
    table = tasking.campaign(name=name, anonymous=True, **keys)
    with ThreadPoolExecutor(1) as apart:  # the browser keeps a loop of its own in this thread
        apart.submit(lambda: asyncio.run(arena.services.campaigns.create(LAB, table, start=True))).result()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[arenas.Arena]:
    """An arena with items, before it has a campaign."""
    settings = arenas.settings_for(tmp_path / "data", "http://127.0.0.1:9/v1", ())
    with arenas.running(settings) as running:
        tasking.fill(running.services.workspace, 4, MODELS)
        yield running


@pytest.fixture
def medicine(lab: arenas.Arena) -> arenas.Arena:
    """An arena with campaigns: one open, one with a small limit, one for wide windows, one for people who know law."""
    campaign(
        lab, "medicine-answers", guidelines=GUIDELINES, criteria=CRITERIA, consent=CONSENT, reward=2, audit_window=14
    )
    campaign(lab, "everyday-help", daily_limit=1)
    campaign(lab, "short-films", min_width=5_000)
    campaign(lab, "contract-clauses", qualifications=["law"])
    return lab


def at(page: BattlePage, state: str) -> None:
    page.page.wait_for_selector(f".battle[data-state={state}]")


def tab_to(page: BattlePage, words: str, most: int = 60) -> None:
    """Press Tab until what has the focus says this."""
    told = "document.activeElement.getAttribute('aria-label') || document.activeElement.closest('label')?.innerText"
    told += " || document.activeElement.innerText"
    for _ in range(most):
        page.press("Tab")
        if words in (page.page.evaluate(told) or ""):
            return
    raise AssertionError(f"no Tab leads to {words!r}")


def opened_work(opened: Opened, arena: arenas.Arena, width: int = 1440, *, dark: bool = False) -> BattlePage:
    page = opened(arena.url, width=width, path="", color_scheme="dark" if dark else "light")
    page.page.goto(arena.url + "/work")
    page.page.wait_for_selector(".task")
    page.styled()
    return page


LAST_WORK_WAITS = """() => {
  const real = window.fetch;
  let asked = 0;
  const last = new Promise((done) => { window.release = done; });
  window.fetch = async (address, ...more) => {
    if (String(address).includes("/me/work") && (asked += 1) === 3) await last;
    return real(address, ...more);
  };
  window.asked = () => asked;
}"""


def test_what_the_page_learns_late_takes_the_focus_from_nobody(medicine: arenas.Arena, opened: Opened) -> None:
    page = opened(medicine.url, path="")
    page.page.add_init_script(f"({LAST_WORK_WAITS})()")
    page.page.goto(f"{medicine.url}/campaigns/medicine-answers")
    at(page, "compose")
    page.page.wait_for_function("document.activeElement.matches('[data-begin]')")
    page.press("Enter")
    page.page.wait_for_function("document.activeElement.matches('[data-agree]') && window.asked() === 3")
    with page.page.expect_response("**/me/work*"):
        page.page.evaluate("window.release()")
    page.settled()
    assert page.page.evaluate("document.activeElement.matches('[data-agree]')")


def test_from_my_work_tab_and_enter_alone_lead_to_a_recorded_vote(medicine: arenas.Arena, opened: Opened) -> None:
    page = opened_work(opened, medicine)
    assert page.text("#main h1") == "5 items are open to you today."
    tab_to(page, "Start: Medicine answers")
    page.press("Enter")
    at(page, "compose")
    assert "When you are not sure" in page.text("[data-guide]")
    assert page.text("[data-guide] em") == "work in care"
    page.page.wait_for_function("document.activeElement.matches('[data-begin]')")
    page.press("Enter")
    page.page.wait_for_selector("text=Read what you agree to and tick the box; then start.")
    assert page.page.evaluate("document.activeElement.matches('[data-agree]')")
    page.press("Space")
    tab_to(page, "Start")
    page.press("Enter")
    at(page, "ready")
    assert page.text("[data-votes]") == "Item 1 of 4"
    tab_to(page, "A is better")
    page.press("Enter")
    at(page, "chosen")
    page.page.locator("[name=criterion-0]").first.focus()
    page.press("Space", "Tab", "ArrowRight")
    tab_to(page, "Record vote")
    page.press("Enter")
    at(page, "revealed")
    assert page.text("[data-answered]").startswith("Correct: A. Safe: ")
    assert page.text("[data-counted]").startswith(
        "2 credits for this vote. You have cast 1 vote. It is held until 14 days"
    )
    (vote,) = page.page.evaluate("fetch('/api/v1/me/contributions').then((told) => told.json())")["votes"]
    assert vote[vote["winner"]] == page.text("#ans-a [data-name]")
    page.page.click("[data-to-work]")
    page.page.wait_for_selector("text=1 of 4 items today")
    assert page.text(".task .pri") == "Continue"


def test_guidelines_are_one_key_away_and_a_break_is_gone_on_with(medicine: arenas.Arena, opened: Opened) -> None:
    page = opened_work(opened, medicine)
    page.page.goto(medicine.url + "/campaigns/everyday-help")
    at(page, "compose")
    page.press("Enter")
    at(page, "ready")
    page.press("g")
    assert page.page.is_visible("#guidelines")
    assert page.text("#guidelines h2") == "Everyday help: guidelines"
    page.press("g")
    assert not page.page.is_visible("#guidelines")
    asked = page.text("[data-question]")
    page.page.click("[data-pause]")
    page.page.wait_for_selector("text=0 of 1 item today")
    page.page.click("text=Continue")
    at(page, "ready")
    assert page.text("[data-question]") == asked
    page.press("s")
    page.page.get_by_role("button", name="Skip, next item").click()
    page.page.wait_for_function(f"document.querySelector('[data-question]').textContent !== {asked!r}")
    at(page, "ready")
    page.press("t", "Enter")
    at(page, "revealed")
    page.page.wait_for_timeout(750)
    page.press("Enter")
    page.page.wait_for_selector("text=You have done all 1 items for today.")
    page.page.goto(medicine.url + "/work")
    page.page.wait_for_selector("text=You have done the 1 item of Everyday help for today.")


def test_what_is_locked_says_why(medicine: arenas.Arena, opened: Opened) -> None:
    page = opened_work(opened, medicine)
    law, own, films = page.page.locator(".task.l .why").all_inner_texts()
    assert own == "Needs two models that answer, and this arena has none now."
    assert law == "Needs Law. Its lab grants it to people it knows; ask there."
    assert films == "Needs a screen at least 5,000 px wide. Open this page on a computer or tablet."
    page.page.goto(medicine.url + "/campaigns/short-films")
    page.page.wait_for_selector("text=Needs a screen at least 5,000 px wide.")
    assert page.page.is_disabled("[data-begin]")
    page.page.set_viewport_size({"width": 5_100, "height": 900})
    page.page.wait_for_selector("[data-begin]:enabled")


def test_what_is_no_campaign_for_this_rater_says_so(medicine: arenas.Arena, opened: Opened) -> None:
    page = opened_work(opened, medicine)
    page.page.goto(medicine.url + "/campaigns/never-made")
    page.page.wait_for_selector("text=This campaign is not open to you.")
    assert page.axe() == []


@pytest.mark.parametrize(("width", "dark"), [(390, True), *at_length((1440, False), (1440, True), (390, False))])
def test_axe_finds_nothing_in_a_campaign(medicine: arenas.Arena, opened: Opened, width: int, dark: bool) -> None:
    page = opened_work(opened, medicine, width, dark=dark)
    found: dict[str, list[str]] = {}
    theme = "dark" if dark else "light"

    def look(where: str) -> None:
        found[where] = page.axe()
        assert page.sideways() == 0, where
        page.screenshot(f"{width}-{theme}-campaign-{where}")

    look("work")
    page.page.goto(medicine.url + "/campaigns/medicine-answers")
    at(page, "compose")
    page.styled()
    look("start")
    page.page.check("[data-agree]")
    page.page.click("[data-begin]")
    at(page, "ready")
    page.open_unread()
    look("ready")
    page.press("g")
    look("guidelines")
    page.press("Escape", "s")
    look("skip")
    page.press("Escape", "b")
    at(page, "chosen")
    if width == 390:
        page.page.click("text=Questions, reason, edit")
    look("chosen")
    page.press("Enter")
    at(page, "revealed")
    look("revealed")
    assert {where: problems for where, problems in found.items() if problems} == {}


def test_where_nothing_can_be_asked_the_first_page_leads_to_the_items_that_wait(
    lab: arenas.Arena, opened: Opened
) -> None:
    page = opened(lab.url)
    page.page.wait_for_selector("text=There is nothing to compare yet")
    campaign(lab, "medicine-answers")
    page.page.goto(lab.url)
    page.page.wait_for_url("**/work")
    page.page.wait_for_selector("text=Medicine answers")
