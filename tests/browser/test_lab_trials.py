"""Trials, releases with settlements, and the page of the API, in the browser."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.test_lab_campaigns import look, signed_in
from tests.browser.test_lab_models import checked
from tests.inference import misbehaving

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SERVED = ("echo", "say:<b>Rivers</b> bend.", "unauthorized")
DEADLINE = 120


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """Two votes of a campaign that is closed, and a release of them."""
    folder: Path = tmp_path_factory.mktemp("lab-trials")
    with misbehaving.serve(listed=SERVED) as server:
        settings = arenas.settings_for(folder, server.endpoint, SERVED)
        models = [model.name for model in settings.models[:2]]
        with arenas.hurried(), arenas.running(settings) as running, running.admin() as admin:
            admin.post("/api/v1/campaigns", json={"name": "rivers", "models": models}).raise_for_status()
            admin.patch("/api/v1/campaigns/rivers", json={"state": "running"}).raise_for_status()
            for winner in ("model_a", "model_b"):
                with running.rater() as rater:
                    arenas.vote(rater, arenas.battle(rater, campaign="rivers"), winner).raise_for_status()
            for state in ("paused", "closed"):
                admin.patch("/api/v1/campaigns/rivers", json={"state": state}).raise_for_status()
            made = admin.post("/api/v1/exports", json={"format": "battles"}).raise_for_status().json()
            deadline = time.monotonic() + DEADLINE
            while made["state"] == "building" and time.monotonic() < deadline:
                time.sleep(0.1)
                made = admin.get(f"/api/v1/exports/{made['release_id']}").json()
            assert made["state"] == "done", made
            yield running


def lines(own: arenas.Arena) -> int:
    """How long the ledger is."""
    with own.rater() as rater:
        return len(rater.get("/api/v1/ledger").raise_for_status().text.splitlines())


def test_models_are_asked_side_by_side_and_go_on(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="")
    signed_in(own, page)
    names = [model.name for model in own.installation.settings.models]
    look(page, f"/lab/trials?model={names[0]}", f"input[value='{names[1]}']")
    assert page.page.is_checked(f"input[value='{names[0]}']")
    for name in names[1:]:  # by the keyboard alone
        page.page.focus(f"input[value='{name}']")
        page.press(" ")
    page.page.fill("#trial-prompt", "Why do <i>rivers</i> bend?")
    page.page.focus("[data-ask] [type=submit]")
    page.press("Enter")
    expect(page.page.locator(".turn h2")).to_have_text("Why do <i>rivers</i> bend?")
    assert page.page.locator(".turn h3").all_inner_texts() == names
    assert page.page.locator(".turn .written").all_inner_texts() == [
        "Why do <i>rivers</i> bend?",
        "<b>Rivers</b> bend.",
    ]
    assert "Incorrect API key" in page.text(".turn .note")
    checked(page, "lab-trials")

    look(page, "/lab/trials", f"input[value='{names[1]}']")
    page.page.click("[data-ask] [type=submit]")
    page.page.fill("#trial-prompt", "First?")
    page.page.click("[data-ask] [type=submit]")
    expect(page.page.locator("#main > [data-note]")).to_have_text("Choose one to four models.")
    page.page.check(f"input[value='{names[1]}']")
    page.page.click("[data-ask] [type=submit]")
    expect(page.page.locator(".turn")).to_have_count(1)
    page.page.fill("#trial-prompt", "And then?")
    page.page.click("[data-ask] [type=submit]")
    expect(page.page.locator(".turn")).to_have_count(2)
    assert "?trial=tr_" in page.page.url
    page.page.reload()
    expect(page.page.locator(".turn")).to_have_count(2)
    expect(page.page.locator("[aria-label^='Earlier trials'] tbody tr")).to_have_count(3)
    checked(page, "lab-trials-chat")


def test_a_settlement_says_what_it_comes_to_before_it_is_made(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="")
    signed_in(own, page)
    look(page, "/lab/releases", "h1")
    expect(page.page.locator("h1")).to_have_text("1 release was made.")
    assert page.page.locator("[aria-label^='Releases'] tbody tr").count() == 1
    page.page.select_option("#settle-campaign", "rivers")
    page.page.fill("#settle-amount", "101")
    page.page.click("[data-settle] [type=submit]")
    expect(page.page.locator("[data-comes]")).to_contain_text("2 parts, 101 EUR-cent together.")
    before = lines(own)
    checked(page, "lab-releases")
    page.page.click("button:has-text('Settle rivers at 101 EUR-cent')")
    expect(page.page.locator("[data-settle] [data-done]")).to_have_text("rivers is settled: 2 lines of the ledger.")
    assert lines(own) == before + 2
    with page.page.expect_download() as fetched:
        page.page.click("text=Download for payment, CSV")
    rows = Path(fetched.value.path()).read_text(encoding="utf-8").splitlines()
    assert rows[0] == "contributor,credits,amount,unit,line"
    assert sum(int(row.split(",")[2]) for row in rows[1:]) == 101
    page.page.click("[data-settle] [type=submit]")
    expect(page.page.locator("[data-comes]")).to_contain_text("Nothing is to be paid")
    assert page.page.locator("button:has-text('Settle rivers')").count() == 0


def test_the_page_of_the_api_shows_every_address_and_asks_nobody_else(own: arenas.Arena, opened: Opened) -> None:
    page = opened(own.url, path="")  # which says afterwards that no request left the arena
    look(page, "/reference", ".op")
    with own.rater() as anybody:
        document = anybody.get("/api/openapi.json").json()
    methods = ("get", "post", "put", "patch", "delete")
    wanted = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item if method in methods
    }
    told = page.page.locator(".op > summary").evaluate_all(
        "all => all.map(one => [...one.querySelectorAll('code')].map(code => code.textContent).join(' '))"
    )
    assert set(told) == wanted
    assert len(told) == len(wanted)
    page.page.fill("#find", "trials post")
    expect(page.page.locator(".op:visible")).to_have_count(1)
    page.page.focus(".op:visible summary")
    page.press("Enter")
    expect(page.page.locator(".op[open]")).to_contain_text("Names, each once.")
    page.page.click(".op[open] details summary")
    checked(page, "reference")
    assert "gradio_client" in page.text("#main")


def test_whoever_calls_the_pages_as_gradio_is_told_where_the_api_is(own: arenas.Arena) -> None:
    with own.rater() as program:
        answer = program.get("/gradio_api/info")
    assert answer.status_code == 404
    assert "/reference" in answer.json()["detail"]
