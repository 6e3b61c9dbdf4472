"""The data page: a token, a selection whose figures add up, a release that is built, fetched and verified."""

import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena.exports.proofs import verification
from arena.services import exporting
from tests import arenas
from tests.browser import trainer
from tests.browser.conftest import Opened
from tests.browser.test_languages import left_in_english
from tests.browser.trainer import HARMLESS, MINUS, PAYLOAD, build, counted, offer, waterfall
from tests.inference import misbehaving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def voted(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena with six votes, some on hostile texts."""
    with trainer.voted(model_server, tmp_path_factory.mktemp("data"), trainer.VOTES) as running:
        yield running


def test_a_trainer_selects_looks_builds_fetches_and_verifies(
    voted: arenas.Arena, opened: Opened, tmp_path: Path
) -> None:
    page = opened(voted.url, path="/data")
    assert "blue" not in page.page.content()
    assert page.axe() == []
    offer(page, "arena_nonsense")
    page.page.wait_for_selector("text=The arena refused this token. This token is not valid here.")
    with voted.client() as anyone:
        offer(page, anyone.post("/api/v1/raters").json()["token"])
    page.page.wait_for_selector("text=This needs the role trainer or lab or admin; you are a rater.")
    assert page.page.evaluate("document.activeElement.id") == "token"
    assert page.axe() == []
    assert page.page.evaluate("sessionStorage.length") == 0

    offer(page, voted.admin_token)
    counted(page)
    assert page.text("h1") == "4 preference pairs for TRL DPO."
    assert page.page.locator(".pair").count() == 4
    table = waterfall(page)
    with voted.admin() as admin:
        assert table["Counted on the leaderboard"] == admin.get("/api/v1/leaderboards/overall").json()["votes"] == 6
    assert table["Rows of the release"] == 4
    assert page.axe() == []
    page.screenshot("1440-light-data")

    shown = "".join(page.page.locator(".pair").all_inner_texts())
    assert PAYLOAD in shown  # as text, in prompt, answer and reason
    page.page.locator("details.row summary").first.click()
    assert page.page.evaluate("window.hacked") is None

    page.page.focus("[data-keep=ties]")
    page.press("Space")
    page.page.wait_for_selector(f"[data-took=ties]:text-is('{MINUS}1')")
    counted(page)
    assert page.page.url.endswith("?ties=drop")
    assert waterfall(page)["Votes selected"] == 5
    page.page.check("[name=format][value=trl-kto]")
    page.page.wait_for_function("document.querySelector('h1').textContent === '10 judged answers for TRL KTO.'")
    counted(page)
    assert waterfall(page)["Rows of the release"] == 10

    number = build(page)
    with page.page.expect_download() as fetched:
        page.page.click("[data-archive]")
    assert fetched.value.suggested_filename == f"release-{number}.zip"
    fetched.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        archive.extractall(tmp_path)
    command = re.fullmatch(r"arena release verify (\S+) --key ([0-9a-f]{64})", page.text(".release .cmd >> nth=1"))
    assert command is not None
    checked = verification.release(tmp_path / command[1], command[2])
    assert (checked.problems, checked.proven) == ((), True)
    page.page.click("text=File by file")
    with page.page.expect_download() as fetched:
        page.page.click("[data-file='data/train.jsonl']")
    assert fetched.value.path().read_bytes() == (tmp_path / command[1] / "data/train.jsonl").read_bytes()
    assert page.axe() == []
    page.screenshot("1440-light-data-built")


def test_whoever_is_signed_in_and_may_export_needs_no_token(voted: arenas.Arena, opened: Opened) -> None:
    pages = {role: opened(voted.url, path="") for role in ("trainer", "rater")}
    with voted.admin() as admin:
        for role, page in pages.items():
            link = admin.post("/api/v1/invitations", json={"role": role}).raise_for_status().json()["token"]
            page.joined(link, f"{role}-of-data@lab.example")
            page.page.goto(f"{voted.url}/w/default/data")
    counted(pages["trainer"])
    assert pages["trainer"].page.locator("[data-session]:visible, [data-token-form]:visible").count() == 0
    assert pages["trainer"].page.evaluate("sessionStorage.length") == 0
    build(pages["trainer"])
    with pages["trainer"].page.expect_download() as fetched:
        pages["trainer"].page.click("[data-archive]")
    assert zipfile.is_zipfile(fetched.value.path())
    pages["rater"].page.wait_for_selector("[data-token-form]:visible")  # the control: a rater has no release to build


def test_whoever_is_signed_in_is_never_asked_for_a_token(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="")
    with voted.admin() as admin:
        link = admin.post("/api/v1/invitations", json={"role": "trainer"}).raise_for_status().json()["token"]
    page.joined(link, "signed-in@lab.example")
    page.page.goto(f"{voted.url}/data")
    page.page.wait_for_selector(".pair")
    page.page.evaluate("sessionStorage.setItem('arena.token', 'arena_of_yesterday')")
    page.page.reload()
    page.page.wait_for_selector(".pair")  # a token that ended makes way for the session
    assert page.page.evaluate("sessionStorage.length") == 0
    assert page.page.locator("[data-session]:visible, [data-trouble]:visible").count() == 0
    page.context.clear_cookies(name="arena_session")
    page.page.click("[data-others-button]")
    page.page.wait_for_selector("[data-trouble] a[href$='/signin']:visible")
    assert page.page.locator("[data-token-form]:visible, [data-workbench]:visible").count() == 0
    assert page.text("[data-trouble]").endswith(" Sign in")
    assert "blue" not in page.page.content()
    assert page.axe() == []


def test_a_link_on_a_phone_and_a_token_that_is_forgotten(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, width=390, height=844, path="/data?languages=zu&first_turn=1&models=canary-heron")
    page.dark()
    offer(page, "")
    assert page.text("[data-token-refused]") == "Nothing was entered. Paste a token first."
    offer(page, voted.admin_token)
    page.page.wait_for_selector("text=did you mean canary-heron-14b")
    assert page.text("h1") == "Nothing is counted."
    page.page.click("text=Remove every filter")
    page.page.wait_for_selector(".pair")
    page.visit('/data?languages=zu&first_turn=1&models=["canary-heron-14b","canary-whimbrel-8b"]')
    counted(page)
    assert (page.text("h1"), page.text("[data-no-pairs]")) == ("No pairs match.", "No pairs match. Remove a filter.")
    assert page.page.is_disabled("[data-build]")
    assert page.axe() == []
    page.page.click("text=Remove every filter")
    page.page.wait_for_selector(".pair")
    counted(page)
    assert page.page.url == f"{voted.url}/data"
    for details in ("text=Time, turns and raters", "text=Mask personal data"):
        page.page.click(details)
    assert page.axe() == []
    assert page.sideways() == 0
    page.screenshot("390-dark-data")
    page.page.click("text=Go to 3 Build")
    assert page.page.evaluate("document.activeElement.getBoundingClientRect().top < innerHeight")
    assert page.page.evaluate("document.activeElement.id") == "build-heading"
    page.page.fill("[data-percent=held_out_share]", "60")
    page.press("Tab")
    page.page.wait_for_selector("text=“Held out of all releases, %” is 60; it is from 0 to 50.")
    assert page.page.is_disabled("[data-build]")
    page.page.fill("[data-percent=held_out_share]", "")
    page.press("Tab")
    counted(page)

    page.page.reload()
    page.page.wait_for_selector(".pair")  # the tab still has the token
    page.page.click("text=Forget token")
    assert page.page.evaluate("document.activeElement.id") == "token"
    assert page.page.evaluate("[sessionStorage.length, document.body.innerText.includes('blue')]") == [0, False]
    assert "blue" not in page.page.content()
    assert "Release 1" not in page.page.content()
    page.page.reload()
    page.page.wait_for_selector("#token")


def test_no_english_is_left_while_a_trainer_works(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="/data", locale="zh-CN")
    offer(page, voted.admin_token)
    page.page.wait_for_selector(".pair")
    counted(page)
    page.page.focus("[data-keep=ties]")
    page.press("Space")
    counted(page)
    page.page.focus("[data-build]")
    page.press("Enter")
    page.page.wait_for_selector("[data-archive]:visible")
    page.page.evaluate("document.querySelectorAll('.pair dd, .pair pre').forEach(one => one.remove())")  # their texts
    assert left_in_english(page) == []
    page.page.evaluate("document.querySelector('h1').append('Words outside the catalogues')")
    assert len(left_in_english(page)) == 1


@pytest.mark.parametrize(
    ("address", "said", "fields"),
    [
        ("minimum_agreement=1.5", "“Agreeing, at least, %” is 150; it is from 0 to 100.", 1),
        ("test_share=1", "“Test share, %” is 100; it is from 0 to less than 100.", 1),
        ("minimum_votes=0", "“Votes, at least” is 0; it is a whole number from 1 to 1,000,000,000.", 1),
        (
            "since=2030-01-01&until=2020-01-01",
            "“Votes since” is 2030-01-01 and “Votes before” is 2020-01-01, which selects nothing; widen them.",
            2,
        ),
        ("models=[]", "Nothing is ticked under “Models”, which selects nothing; tick some, or press All.", 0),
    ],
)
def test_what_cannot_be_selected_is_told_in_the_words_of_the_page(
    voted: arenas.Arena, opened: Opened, address: str, said: str, fields: int
) -> None:
    page = opened(voted.url, path=f"/data?{address}")
    offer(page, voted.admin_token)
    page.page.wait_for_selector("[data-refused]:visible")
    assert page.text("[data-refused]") == said
    assert page.page.locator("[aria-invalid=true]").count() == fields
    assert page.axe() == []


def test_by_key_the_build_is_one_step_away(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="/data")
    assert page.page.evaluate("document.activeElement.id") == "token"
    offer(page, voted.admin_token)
    counted(page)
    page.press("Tab", "Tab")
    assert page.page.evaluate("document.activeElement.innerText") == "Go to 3 Build"
    assert page.page.evaluate("getComputedStyle(document.activeElement.parentElement).opacity") == "1"
    page.press("Enter", "Tab")
    assert page.page.evaluate("document.activeElement.value") == "trl-dpo"
    assert page.page.evaluate("getComputedStyle(document.querySelector('.to-build')).opacity") == "0"
    page.page.wait_for_selector("[data-values=languages] label")  # else the arena would stop in the middle of counting


def test_a_build_that_is_stopped_says_so_and_leaves_nothing(voted: arenas.Arena, opened: Opened) -> None:
    def slow(*arguments: Any) -> dict[str, Any]:
        progress: Callable[[int], None] = next(one for one in arguments if callable(one))
        for _ in range(3000):
            progress(3)
            time.sleep(0.01)
        raise AssertionError("nobody stopped it")

    page = opened(voted.url, path="/data")
    offer(page, voted.admin_token)
    counted(page)
    releases = page.page.locator(".release").count()
    with mock.patch.object(exporting, "build", slow):
        page.page.focus("[data-build]")
        page.press("Enter")
        page.page.wait_for_selector("text=3 of 6 battles read.")
        assert page.page.get_attribute("[data-progress]", "aria-valuenow") == "50"
        assert page.axe() == []
        page.press("Enter")  # the focus is on "Stop building"
        page.page.wait_for_selector("text=It was stopped. No release was made.")
    assert page.page.evaluate("document.activeElement.innerText") == f"Build release {releases + 1}"
    assert page.page.locator(".release").count() == releases


def test_a_payload_read_as_markup_would_have_been_noticed(voted: arenas.Arena, opened: Opened) -> None:
    page = opened(voted.url, path="/data")
    page.page.evaluate("payload => document.querySelector('h1').insertAdjacentHTML('beforeend', payload)", HARMLESS)
    page.page.wait_for_function("window.hacked === 1")
