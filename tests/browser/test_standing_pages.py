"""Standing in the browser: decided with a reason, read by the rater, reviewed by somebody else, undone by one click."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from arena.domain.ids import RaterId
from arena.domain.removal import hashed
from arena.domain.standing import VoteHold
from arena.store import findings, ledger_rows
from arena.store.writing import commands
from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.lengths import at_length
from tests.services import tasking
from tests.store import making

pytestmark = pytest.mark.browser

REASON = "30 of 31 votes came within 2 seconds; <b>others took 51</b>."


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    folder: Path = tmp_path_factory.mktemp("standing-pages")
    with arenas.running(tasking.settings(folder)) as running:
        tasking.fill(running.services.workspace, 12)
        yield running


def rating(own: arenas.Arena, page: BattlePage) -> httpx.Client:
    """The rater of a browser, as a program."""
    (value,) = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "arena_rater"]
    return own.client(value)


def vote(rater: httpx.Client) -> str:
    battle_id: str = rater.post("/api/v1/campaigns/default/tasks").raise_for_status().json()["battle_id"]
    arenas.vote(rater, battle_id).raise_for_status()
    return battle_id


def look(page: BattlePage, path: str) -> None:
    page.page.goto(page.url + path)
    page.page.wait_for_selector("[data-part] h1")
    page.styled()


def checked(page: BattlePage, name: str) -> None:
    assert page.axe() == []
    assert page.sideways() == 0
    page.screenshot(name)


@pytest.mark.parametrize(("width", "dark"), [(390, True), *at_length((1440, False))])
def test_a_decision_is_read_reviewed_and_undone(own: arenas.Arena, opened: Opened, width: int, dark: bool) -> None:
    mine, theirs = opened(own.url, width=width), opened(own.url, width=width)
    with own.admin() as admin, rating(own, mine) as rater:
        for page in (mine, theirs) if dark else ():
            page.dark()
        link = admin.post("/api/v1/invitations", json={"role": "reviewer"}).raise_for_status().json()["token"]
        theirs.joined(link, f"reviewer{width}@lab.example")
        _, battle_id = vote(rater), vote(rater)
        report = {"reason": "It names a person.", "kind": "personal"}
        rater.post(f"/api/v1/battles/{battle_id}/reports", json=report).raise_for_status()
        name = rater.get("/api/v1/me").json()["id"]
        address = f"/api/v1/raters/{name}/standing"
        admin.patch(address, json={"standing": "suspended", "reason": REASON}).raise_for_status()

    look(mine, "/me/standing")
    assert mine.text("h1") == "You are suspended here: your votes are kept and held."
    assert REASON in mine.text(".stand")
    assert "2 votes, of which 2 held" in mine.text(".stand")
    checked(mine, f"standing-suspended-{width}")
    mine.page.click("button:has-text('Ask for a review')")
    mine.page.keyboard.type("The page loaded late.")
    checked(mine, f"standing-asking-{width}")
    mine.page.click("button:has-text('Send')")
    mine.page.wait_for_selector("text=In review.")

    look(theirs, "/lab/raters")
    assert "asked for a review" in theirs.text("h1")
    theirs.page.click(f"button:has-text('on {name}')")
    assert theirs.page.evaluate("document.activeElement.id") == "decide-title"
    checked(theirs, f"lab-raters-{width}")
    theirs.page.keyboard.press("Escape")
    assert theirs.page.locator("[data-decide]").is_hidden()

    look(theirs, "/lab/review")
    assert theirs.text("h1") == "1 review to answer. 1 report waits for a person."
    waits = theirs.page.locator(".subnav a", has_text="Review")
    expect(waits).to_have_accessible_name("Review 1 review to answer, 1 report to decide on")
    expect(waits.locator(".ct [aria-hidden]")).to_have_text("2")
    expect(theirs.page.locator(".subnav a", has_text="Raters").locator(".ct")).to_be_hidden()
    theirs.page.click("article button:has-text('Answer')")
    theirs.page.check("input[value=qualified]")
    theirs.page.fill("textarea", "You are right: the log agrees.")
    checked(theirs, f"lab-review-{width}")
    theirs.page.click("text=Send the answer")
    theirs.page.wait_for_selector("h1:has-text('Nobody waits for a review.')")
    expect(waits).to_have_accessible_name("Review 1 report to decide on")
    theirs.page.click("article button:has-text('Decide')")
    assert "It names a person." in theirs.text("article")
    theirs.page.keyboard.type("A figure in a novel.")
    checked(theirs, f"lab-review-report-{width}")
    theirs.page.click("text=Let it go on")
    theirs.page.wait_for_selector("h1:has-text('No report waits.')")
    expect(waits).to_have_accessible_name("Review")
    assert "A figure in a novel." in theirs.text("[aria-label^='Decided reports']")
    look(mine, "/me/standing")
    assert mine.text("h1") == "You are qualified: your votes count."
    assert "You are right: the log agrees." in mine.text(".stand")
    checked(mine, f"standing-answered-{width}")

    look(theirs, "/lab/raters")
    theirs.page.click(f"button:has-text('on {name}')")
    theirs.page.check("input[value=probation]")
    theirs.page.fill("#decide-reason", "Since today, too fast to have read.")
    theirs.page.click("[data-decide] button[type=submit]")
    theirs.page.wait_for_selector("[data-decided]:not([hidden])")
    checked(theirs, f"lab-raters-decided-{width}")
    look(mine, "/me/standing")
    assert "Since today, too fast to have read." in mine.text(".stand")
    theirs.page.click("[data-decided] button")
    theirs.page.wait_for_selector("text=Undone")
    look(mine, "/me/standing")
    assert mine.text("h1") == "You are qualified: your votes count."


def found(own: arenas.Arena, name: str) -> str:
    """Let an audit hold the votes of a rater, whose standing stays; the sentence."""
    store = own.services.workspace
    with store.reading() as connection:
        (rater_id,) = own.services.standing._states.people.find(connection, name).raters
        known = findings.policy(connection)
    one = making.finding(1)
    spoken = replace(one.raters[0], rater_id=RaterId(rater_id), rater_sha256=hashed(rater_id))
    one = replace(one, raters=(spoken,))
    holding = making.decision(
        rater_id, None, reason=one.sentence, hold=VoteHold(), finding=one.finding_id, decided_by="policy 1"
    )
    with store.reading() as connection:
        lines = ledger_rows.count(connection)
    use = None if known else making.policy_use()
    store.submit(commands.RecordAudit(weighed_at=lines, use=use, findings=(one,), decisions=(holding,))).result()
    return one.sentence


def test_votes_that_an_audit_holds_are_told_and_reviewed(own: arenas.Arena, opened: Opened) -> None:
    mine, theirs = opened(own.url), opened(own.url)
    with own.admin() as admin, rating(own, mine) as rater:
        link = admin.post("/api/v1/invitations", json={"role": "reviewer"}).raise_for_status().json()["token"]
        theirs.joined(link, "reviewer-of-holds@lab.example")
        vote(rater)
        vote(rater)
        look(mine, "/me/standing")
        assert mine.text("h1") == "You are qualified: your votes count.", "the control"
        sentence = found(own, rater.get("/api/v1/me").json()["id"])
    look(mine, "/me/standing")
    assert mine.text("h1") == "You are qualified, and 2 votes of yours are held."
    assert f"Why: {sentence}" in mine.text(".stand")
    assert "2 votes, of which 2 held" in mine.text(".stand")
    mine.page.click("button:has-text('Ask for a review')")
    mine.page.keyboard.type("We are one class.")
    checked(mine, "standing-held")
    mine.page.click("button:has-text('Send')")
    mine.page.wait_for_selector("text=In review.")

    look(theirs, "/lab/review")
    asked = theirs.text("article.ap:has-text('We are one class.')")
    assert "Votes held, General" in asked
    assert "undefined" not in theirs.text("#main")
    checked(theirs, "review-of-a-hold")
    theirs.page.click("article.ap:has-text('We are one class.') button:has-text('Answer')")
    theirs.page.check("input[value=qualified]")
    theirs.page.fill("textarea", "You are.")
    theirs.page.click("text=Send the answer")
    expect(theirs.page.locator("article.ap:has-text('We are one class.')")).to_have_count(0)
    look(mine, "/me/standing")
    assert mine.text("h1") == "You are qualified: your votes count."
    assert "You are." in mine.text(".stand")
