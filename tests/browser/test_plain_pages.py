"""Every plain page in the browser: axe finds nothing, nothing is wider than the window, no script fails, and the bar
leads there by keyboard."""

from collections.abc import Iterator

import pytest

from arena.ui import plain_pages
from arena.ui.plain_pages import Needs, Page
from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import BattlePage
from tests.services import tasking

pytestmark = pytest.mark.browser

MODELS = ("canary-heron-14b", "canary-whimbrel-8b")
PAGES = tuple(page for page in plain_pages.PAGES if page.needs is not Needs.NOTHING)
NAMES = {"campaign": "rivers", "name": "rivers", "field": "medicine"}
"""What stands in addresses."""
LOOKS = pytest.mark.parametrize(
    ("width", "dark"),
    [
        (1440, False),
        (390, True),
        pytest.param(1440, True, marks=pytest.mark.soak),
        pytest.param(390, False, marks=pytest.mark.soak),
    ],
)
GONE_ON = """document.querySelector('#main :is(h1, .statement)')?.checkVisibility()
    && !document.querySelector('[aria-busy=true]')"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena with a campaign, items, and a few votes."""
    folder = tmp_path_factory.mktemp("plain")
    with arenas.running(arenas.settings_for(folder / "data", "http://127.0.0.1:9/v1", ())) as running:
        tasking.fill(running.services.workspace, 4, MODELS)
        keys = tasking.campaign(
            name="rivers", anonymous=True, guidelines="Read *both*.", criteria=["correct"], reward=2
        )
        with running.admin() as admin, running.rater() as rater:
            admin.post("/api/v1/campaigns", json=keys).raise_for_status()
            admin.patch("/api/v1/campaigns/rivers", json={"state": "running"}).raise_for_status()
            for winner in ("model_a", "tie"):
                task = rater.post("/api/v1/campaigns/rivers/tasks").raise_for_status().json()["battle_id"]
                arenas.vote(rater, task, winner).raise_for_status()
        yield running


def signed_in(lab: arenas.Arena, opened: Opened, role: str, **look: object) -> BattlePage:
    """A browser of somebody with an account."""
    with lab.admin() as admin, lab.client() as nobody:
        link = admin.post("/api/v1/invitations", json={"role": role}).raise_for_status().json()["token"]
        body = {"email": f"{role}-{link[-8:].lower()}@lab.example", "password": "four quiet herons wade"}
        token = nobody.post(f"/api/v1/invitations/{link}/accept", json=body).raise_for_status().json()["token"]
    page = opened(lab.url, path="/leaderboard", **look)
    page.context.add_cookies([{"name": "arena_session", "value": token, "url": lab.url}])
    return page


def visit(page: BattlePage, one: Page) -> None:
    path = one.address
    for name, value in NAMES.items():
        path = path.replace(f"{{{name}}}", value)
    page.page.goto(page.url + path)
    page.page.wait_for_function(GONE_ON)
    page.styled()


@LOOKS
def test_axe_finds_nothing_on_any_plain_page(lab: arenas.Arena, opened: Opened, width: int, dark: bool) -> None:
    page = signed_in(lab, opened, "admin", width=width, color_scheme="dark" if dark else "light")
    found: dict[str, list[str]] = {}
    wide: dict[str, int] = {}
    theme = "dark" if dark else "light"
    for one in (page for page in PAGES if "finding" not in page.address):  # test_finding_pages has one to look at
        visit(page, one)
        found[one.name], wide[one.name] = page.axe(), page.sideways()
        page.screenshot(f"{width}-{theme}-page-{one.name}")
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert {name: by for name, by in wide.items() if by} == {}


def test_the_bar_and_the_account_menu_are_used_by_keyboard(lab: arenas.Arena, opened: Opened) -> None:
    page = signed_in(lab, opened, "rater")
    page.page.goto(lab.url + "/work")
    page.page.wait_for_selector(".acct summary >> text=/^rater/")
    assert page.page.locator(".nav > li:visible").all_inner_texts() == [
        "My work",
        "Battle",
        "Leaderboard",
        "My contributions",
    ]
    page.press("Tab")
    assert page.page.evaluate("document.activeElement.className").startswith("skip")
    page.press("Enter")
    assert page.page.evaluate("document.activeElement.id") == "main"
    page.page.focus(".acct summary")
    page.press("Enter")
    assert page.page.is_visible(".acct >> text=Account and sessions")
    assert page.axe() == []
    page.press("Escape")
    assert page.page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.press("Enter")
    page.page.focus("[data-sign-out]")
    page.press("Enter")
    page.page.wait_for_selector("[data-form=signin]")
