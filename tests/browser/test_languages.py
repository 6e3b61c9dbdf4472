"""Pages in the language of whoever reads: guessed, chosen, kept; Arabic from the right; the vote the same in all."""

import json
import re
from dataclasses import dataclass

import pytest
from playwright import sync_api

from arena.ui import language
from tests import arenas
from tests.browser.conftest import NAMES, Opened
from tests.browser.driver import BattlePage

pytestmark = pytest.mark.browser

OTHERS = [code for code in language.NAMES if code != language.ENGLISH]
RATERS = ("/", "/leaderboard", "/work", "/me", "/me/credits", "/me/board", "/me/history", "/me/standing", "/signin")
"""Pages that a rater without an account sees, the board, and the door."""
ENGLISH = re.compile(r"[A-Za-z]{3,}(?:[ ,.:;]+[a-z]{2,}){2,}")
"""Three English words in a row: no Chinese page has them, but for what people and models wrote."""
DRAWN = "!document.querySelector('[data-state=loading], [data-screen=loading], #main [aria-busy=true]')"
"""A page draws its words after the last request: on a busy machine a while after."""
PLANTED = "Words outside the catalogues"
SHOWN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("script, style, noscript, template, [translate=no], [data-example], .pa-prose")) continue;
    if (parent.closest("[lang=en], .mono, code, pre")) continue;  // the API's own words, names and commands
    found.push(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll("[title], [aria-label], [placeholder], [alt]"))
    for (const name of ["title", "aria-label", "placeholder", "alt"]) found.push(element.getAttribute(name) ?? "");
  return found;
}"""


def speak(page: BattlePage, code: str) -> None:
    """Choose a language as a person does, in whichever chooser is in sight."""
    with page.page.expect_navigation():
        page.page.select_option("select[data-language]", code)
    page.page.wait_for_function(f"document.documentElement.lang.startsWith('{code}')")
    page.page.wait_for_function(
        "document.querySelector('.langs').value === document.documentElement.lang.split('-')[0]"
    )


def left_in_english(page: BattlePage) -> list[str]:
    """Texts of the page that look English."""
    return [text.strip() for text in page.page.evaluate(SHOWN) if ENGLISH.search(text)]


def test_the_browser_s_language_is_the_first_guess_and_a_choice_is_kept(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, locale="de-AT")
    page.page.wait_for_function("document.documentElement.lang === 'de'")
    assert page.text("[data-statement]").startswith("Fragen Sie, was Sie wollen.")
    speak(page, "fr")
    page.page.wait_for_function("document.querySelector('[data-statement]').textContent.startsWith('Demandez')")
    page.page.goto(arena.url + "/signin")
    assert page.page.title() == "Se connecter · Preference Arena"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found on a page."""

    english: list[str]
    control: list[str]
    """The same where English was put there."""
    axe: list[str]
    sideways: int


@pytest.fixture(scope="module")
def known() -> dict[str, dict[str, Seen]]:
    """The pages that were gone through, by language and path."""
    return {}


def seen(known: dict[str, dict[str, Seen]], arena: arenas.Arena, opened: Opened, code: str) -> dict[str, Seen]:
    """Every page of a rater in a language, gone through once: wide in Chinese, narrow in the others."""
    if code not in known:
        page = opened(arena.url, width=1440 if code == "zh" else 390, path="", locale=code)
        found = {}
        for path in RATERS:
            page.page.goto(arena.url + path)
            page.page.wait_for_load_state("networkidle")
            page.page.wait_for_function(DRAWN)
            axe = [] if code == "zh" else page.axe()  # test_plain_pages asks axe about the Chinese ones
            english, sideways = left_in_english(page), page.sideways()
            page.screenshot(f"{code}{path.replace('/', '-')}")
            page.page.evaluate("words => document.querySelector('h1').append(words)", PLANTED)
            found[path] = Seen(english, left_in_english(page), axe, sideways)
        known[code] = found
    return known[code]


@pytest.mark.parametrize("path", RATERS)
def test_no_english_is_left_on_a_rater_s_page(
    known: dict[str, dict[str, Seen]], arena: arenas.Arena, opened: Opened, path: str
) -> None:
    found = seen(known, arena, opened, "zh")[path]
    assert found.english == []
    assert found.control == [PLANTED], "they would have been found"


def test_arabic_runs_from_the_right_and_votes_as_every_language_does(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, locale="ar")
    assert page.page.evaluate("document.documentElement.dir") == "rtl"
    posted: list[sync_api.Request] = []
    page.page.on("request", lambda asked: posted.append(asked) if asked.url.endswith("/votes") else None)
    page.ready()
    boxes = {side: page.page.locator(f"#ans-{side}").bounding_box() for side in "ab"}
    assert boxes["a"] is not None
    assert boxes["b"] is not None
    assert boxes["a"]["x"] > boxes["b"]["x"]
    assert page.axe() == []
    assert page.sideways() == 0
    page.screenshot("1440-arabic-ready")
    page.page.focus("[data-prompt]")
    page.press("ArrowRight", "2")
    assert page.text("[data-vote=model_a]").startswith("أ أفضل")
    page.screenshot("1440-arabic-chosen")
    page.press("Enter")
    page.wait("revealed")
    assert json.loads(posted[0].post_data or "")["winner"] == "model_a"
    assert json.loads(posted[0].post_data or "")["strength"] == "clearly"
    assert "أ أفضل بوضوح" in page.text("[data-said]")
    assert set(page.page.locator(".ans [data-name]").all_inner_texts()) == set(NAMES)
    page.screenshot("1440-arabic-revealed")


@pytest.mark.parametrize("path", RATERS)
def test_axe_finds_nothing_in_english(
    known: dict[str, dict[str, Seen]], arena: arenas.Arena, opened: Opened, path: str
) -> None:
    found = seen(known, arena, opened, "en")[path]
    assert found.axe == []
    assert found.sideways == 0


@pytest.mark.soak
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("code", OTHERS)
def test_every_language_fits_its_pages(arena: arenas.Arena, opened: Opened, code: str, dark: bool) -> None:
    for width in (1440, 390):
        page = opened(arena.url, width=width, locale=code)
        if dark:
            page.dark()
        for path in RATERS:
            page.page.goto(arena.url + path)
            page.page.wait_for_load_state("networkidle")
            page.page.wait_for_function(DRAWN)
            assert page.axe() == [], (path, width)
            assert page.sideways() == 0, (path, width)
