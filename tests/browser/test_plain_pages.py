"""Every page in the browser, in Chinese and from the right: axe finds nothing, nothing is wider than the window, no
script fails, and all of it is reached by keyboard."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from arena.ui import language, plain_pages
from arena.ui.plain_pages import Needs
from tests import arenas
from tests.browser.conftest import Opened
from tests.browser.driver import EVERY_LOOK, BattlePage
from tests.browser.test_languages import left_in_english
from tests.services import tasking

pytestmark = pytest.mark.browser

MODELS = ("canary-heron-14b", "canary-whimbrel-8b")
PAGES = tuple(page for page in plain_pages.PAGES if page.needs is not Needs.NOTHING)
NAMES = {"campaign": "rivers", "name": "rivers", "field": "medicine"}
"""What stands in addresses."""
Look = tuple[int, bool, str]
"""Width, whether the theme is dark, and language."""
OFTEN: tuple[Look, ...] = ((1440, False, "zh"), (390, True, "ar"))
"""Those that every change is looked at in."""
LOOKS = pytest.mark.parametrize(
    ("width", "dark", "code"),
    [
        *OFTEN,
        *(
            pytest.param(*look, marks=pytest.mark.soak)
            for look in itertools.product((1440, 390), (False, True), language.NAMES)
            if look not in OFTEN
        ),
    ],
)
ZOOMED = 640
"""The width of a window of 1,280 pixels at 200 %."""
GRADIO = ("/leaderboard", "/leaderboard?by=category", "/data", "/me")
"""Pages that Gradio serves, but for the battle, which test_accessibility looks at in every state."""
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
    page = opened(lab.url, path="", **look)
    page.context.add_cookies([{"name": "arena_session", "value": token, "url": lab.url}])
    return page


def visited(page: BattlePage) -> Iterator[str]:
    """Every page, one after the other, by its name."""
    for one in (page for page in PAGES if "finding" not in page.address):  # test_finding_pages has one to look at
        path = one.address
        for name, value in NAMES.items():
            path = path.replace(f"{{{name}}}", value)
        page.page.goto(page.url + path)
        page.page.wait_for_function(GONE_ON)
        page.styled()
        yield one.name
    for path in GRADIO:
        page.visit(path)
        yield path.strip("/").replace("?", "-")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found on every page of a look, by the page's name."""

    direction: str
    axe: dict[str, list[str]]
    sideways: dict[str, int]
    english: dict[str, list[str]]


@pytest.fixture(scope="module")
def known() -> dict[Look, Seen]:
    """The looks that were gone through."""
    return {}


def seen(known: dict[Look, Seen], lab: arenas.Arena, opened: Opened, look: Look) -> Seen:
    """Every page in a look, gone through once. Where not every look is asked for, axe has each page in one of two."""
    if look not in known:
        width, dark, code = look
        page = signed_in(lab, opened, "admin", width=width, locale=code, color_scheme="dark" if dark else "light")
        found = Seen("rtl" if code == "ar" else "ltr", {}, {}, {})
        for number, name in enumerate(visited(page)):
            found.english[name], found.sideways[name] = left_in_english(page), page.sideways()
            if look not in OFTEN or page.looks == EVERY_LOOK or number % len(OFTEN) == OFTEN.index(look):
                found.axe[name] = page.axe()
            page.screenshot(f"{width}-{'dark' if dark else 'light'}-{code}-page-{name}")
            assert page.page.evaluate("document.documentElement.dir") == found.direction
        known[look] = found
    return known[look]


@LOOKS
def test_axe_finds_nothing_on_any_page(
    known: dict[Look, Seen], lab: arenas.Arena, opened: Opened, width: int, dark: bool, code: str
) -> None:
    found = seen(known, lab, opened, (width, dark, code))
    assert {name: problems for name, problems in found.axe.items() if problems} == {}
    assert {name: by for name, by in found.sideways.items() if by} == {}


@pytest.mark.parametrize("look", OFTEN, ids=["1440-zh", "390-ar"])
def test_no_english_is_left_on_any_page(known: dict[Look, Seen], lab: arenas.Arena, opened: Opened, look: Look) -> None:
    found = seen(known, lab, opened, look).english
    assert {name: texts for name, texts in found.items() if texts} == {}
    assert len(found) > len(GRADIO)


def test_every_page_is_used_by_keyboard_at_twice_the_size(lab: arenas.Arena, opened: Opened) -> None:
    page = signed_in(lab, opened, "admin", width=ZOOMED, height=450, device_scale_factor=2)
    found = {}
    for name in visited(page):
        assert page.sideways() == 0, name
        found[name] = page.by_keyboard()
    assert {name: problems for name, problems in found.items() if problems} == {}
    page.page.evaluate(
        "document.querySelector('h1').innerHTML = '<button style=\"all: unset\" tabindex=0>Bare</button>'"
    )
    assert any("shows no focus" in one and "Bare" in one for one in page.by_keyboard()), "the control"


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
