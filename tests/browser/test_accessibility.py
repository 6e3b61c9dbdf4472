"""axe-core on every page and state, in both themes and widths; what is read out; forced colours; reduced motion."""

from collections.abc import Iterator

import pytest

from tests import arenas
from tests.browser.conftest import Opened, models
from tests.browser.driver import EVERY_LOOK, LOOKS, BattlePage
from tests.inference import misbehaving
from tests.lengths import at_length

pytestmark = pytest.mark.browser

WRITTEN = 12
"""Tokens of both answers after which they are held: some of them are shown, and neither is whole."""


def looked_at(*often: tuple[int, bool]) -> pytest.MarkDecorator:
    """Width of the window, and whether the theme is dark: in these looks, and in `make soak` in the others, too."""
    others = [look for look in EVERY_LOOK if look not in often]
    return pytest.mark.parametrize(("width", "dark"), [*often, *at_length(*others)])


DESK, PHONE = map(looked_at, LOOKS)

PICTURED = (
    "edit",
    "offline",
    "error",
    "void",
    "chosen",
    "empty leaderboard",
    "Keyboard",
    "Guidelines",
    "wide",
    "as written",
    "sign in",
    "refused",
    "invitation",
    "set up",
    "account",
)
"""States that the journey does not photograph."""


def checked(page: BattlePage, where: str, found: dict[str, list[str]]) -> None:
    """Keep what axe finds here."""
    found[where] = page.axe()
    if where in PICTURED:
        width = page.page.viewport_size["width"] if page.page.viewport_size else 0
        theme = page.page.evaluate("document.querySelector('.dark') ? 'dark' : 'light'")
        page.screenshot(f"{width}-{theme}-{where.replace(' ', '-')}")


@looked_at(*LOOKS)
def test_axe_finds_nothing_in_any_state(
    arena: arenas.Arena, opened: Opened, model_server: misbehaving.Server, width: int, dark: bool
) -> None:
    page = opened(arena.url, width=width)
    if dark:
        page.dark()
    found: dict[str, list[str]] = {}
    checked(page, "compose", found)
    for name in ("Guidelines", "Keyboard"):
        page.page.click(f"text={name}")
        checked(page, name, found)
        page.press("Escape")
    with model_server.holding(0):
        page.ask()
        page.wait("waiting")
        checked(page, "waiting", found)
    with model_server.holding(WRITTEN):
        page.wait("streaming")
        checked(page, "streaming", found)
        assert page.state == "streaming"
    page.wait("ready")
    if width == 390:
        checked(page, "locked", found)
        page.page.click("button[data-show=both]")
    checked(page, "ready", found)
    page.press("a", "2")
    checked(page, "chosen", found)
    page.press("e")
    checked(page, "edit", found)
    page.context.set_offline(True)
    page.page.wait_for_selector("text=You are offline.")
    checked(page, "offline", found)
    page.context.set_offline(False)
    page.press("Control+Enter")
    page.wait("revealed")
    checked(page, "revealed", found)
    page.page.click("text=Ask a follow-up")
    checked(page, "follow", found)
    page.visit("/leaderboard")
    checked(page, "leaderboard", found)
    assert {where: problems for where, problems in found.items() if problems} == {}


@pytest.fixture(scope="module")
def brief(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena without a vote, whose models answer at once: one briefly, one as it was asked."""
    contestants = models(model_server.endpoint, ("say:Yes, in one sentence.", "echo"))
    settings = arenas.settings_for(tmp_path_factory.mktemp("brief"), model_server.endpoint, (), models=contestants)
    with arenas.running(settings) as running:
        yield running


@PHONE
def test_axe_finds_nothing_when_something_failed(opened: Opened, brief: arenas.Arena, width: int, dark: bool) -> None:
    found: dict[str, list[str]] = {}
    page = opened(brief.url, width=width)
    if dark:
        page.dark()
    page.visit("/leaderboard")
    assert page.text("#main h1") == "No votes yet. The board appears after the first 50."
    checked(page, "empty leaderboard", found)
    page.page.route("**/votes", lambda route: route.fulfill(status=422, json={"detail": "No."}))
    page.visit()  # after the route: one set on a loaded page may miss the first request
    page.ready("Say yes.")
    page.press("a", "Enter")
    page.wait("error")
    assert page.text("[data-error-heading]") == "Your vote was not saved. No."
    checked(page, "error", found)
    page.page.click("text=Back to the answers")
    page.wait("chosen")
    page.visit("/")
    page.page.route("**/stream", lambda route: route.fulfill(content_type="text/event-stream", body=VOID))
    page.page.route("**/api/v1/battles/b_*", lambda route: route.fulfill(json=OPEN_BATTLE))
    page.page.reload()
    page.wait("void")
    checked(page, "void", found)
    assert {where: problems for where, problems in found.items() if problems} == {}


@DESK
def test_axe_finds_nothing_on_the_pages_of_accounts(
    arena: arenas.Arena, opened: Opened, width: int, dark: bool
) -> None:
    found: dict[str, list[str]] = {}
    page = opened(arena.url, width=width, path="", color_scheme="dark" if dark else "light")

    def look(path: str, where: str, there: str) -> None:
        page.page.goto(arena.url + path)
        page.page.wait_for_selector(there)
        page.styled()
        assert page.page.evaluate("Boolean(document.querySelector('.dark'))") == dark
        assert page.sideways() == 0, where
        checked(page, where, found)

    look("/setup", "set up", "[data-form=setup] form")
    look("/signin", "sign in", "[data-form=signin] form")
    page.page.fill("#signin-email", f"nobody-{width}-{dark}@lab.example")
    page.page.fill("#signin-password", "not a password")
    page.page.click("[data-form=signin] button")
    page.page.wait_for_selector("[data-note]:not([hidden])")
    checked(page, "refused", found)
    look("/signin?link=link_x", "link", "[data-form=link]:not([hidden]) form")
    with arena.admin() as admin:
        url = admin.post("/api/v1/invitations", json={"role": "rater"}).raise_for_status().json()["url"]
    look(url.removeprefix(arena.url), "invitation", "text=You are invited to default, as rater")
    page.page.fill("#invite-email", f"ada-{width}-{dark}@lab.example")
    page.page.fill("#invite-password", "four quiet herons wade")
    page.page.press("#invite-password", "Enter")
    page.page.wait_for_selector(".battle:not([data-state=loading])")
    look("/account", "account", "[data-sessions] li")
    assert page.text("[data-places]") == "default, as rater"
    assert {where: problems for where, problems in found.items() if problems} == {}


WIDE = """# Rich

1. First `code` and $x^2$[^1]

```python
def long(name: str) -> str:  # NUMBERED
    return "a very long line, longer than half of any window that a rater has, with numbers: 1234567890" + name * 100
```

2. [a link](https://example.com) and ![an image](https://example.com/a.png)

| Left | Centre | Right |
|:--|:-:|--:|
| WORDSWORDSWORDSWORDSWORDSWORDS | WORDSWORDSWORDSWORDSWORDSWORDS | WORDSWORDSWORDSWORDSWORDSWORDS |

- [x] done
- [ ] to do

> A quote

```diff
-old
+new
```

\\[ a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 + a_8 + a_9 + a_{10} + a_{11} + a_{12} + a_{13} + a_{14} \\]

مرحبا بالعالم

[^1]: A note."""


@pytest.fixture(scope="module")
def echoing(model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    """An arena whose models say what they were asked."""
    contestants = models(model_server.endpoint, ("echo", "echo"))
    settings = arenas.settings_for(tmp_path_factory.mktemp("wide"), model_server.endpoint, (), models=contestants)
    with arenas.running(settings) as running:
        yield running


@PHONE
def test_axe_finds_nothing_with_wide_code_tables_and_formulas(
    opened: Opened, echoing: arenas.Arena, width: int, dark: bool
) -> None:
    found: dict[str, list[str]] = {}
    page = opened(echoing.url, width=width)
    if dark:
        page.dark()
    page.ready(WIDE)
    if width == 390:
        page.page.click(".pa-tabs [data-show=b]")  # which answer a phone opens first is drawn
    page.page.wait_for_selector("#ans-b .display math")
    page.page.wait_for_selector("#ans-b .hljs-keyword")
    assert page.sideways() == 0
    checked(page, "wide", found)
    page.page.click("#ans-b [data-written]")
    assert page.page.text_content("#ans-b .written") == WIDE
    assert page.page.get_attribute("#ans-b [data-written]", "aria-pressed") == "true"
    assert page.page.locator("#ans-a .written").count() == 0
    checked(page, "as written", found)
    page.page.click("#ans-b [data-written]")
    page.page.wait_for_selector("#ans-b .display math")
    page.press("b")
    page.wait("chosen")
    checked(page, "wide chosen", found)
    page.press("Enter")
    page.wait("revealed")
    checked(page, "wide revealed", found)
    page.press("f")
    page.wait("follow")
    page.page.wait_for_selector("[data-turns] .display math")
    checked(page, "wide follow", found)
    assert {where: problems for where, problems in found.items() if problems} == {}


VOID = 'event: start\ndata: {}\n\nevent: void\ndata: {"reason": "one could not answer"}\n\n'
OPEN_BATTLE = {
    "battle_id": "b_1",
    "turn": 1,
    "state": "open",
    "prompt": "Say yes.",
    "history": [],
    "text_a": "",
    "text_b": "",
}


def test_axe_finds_a_fault_that_was_put_there(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.page.evaluate(
        "document.querySelector('.top').insertAdjacentHTML('beforeend', '<img src=\"data:,\"><button></button>')"
    )
    assert any(problem.startswith("button-name") for problem in page.axe())


def test_a_screen_reader_hears_each_answer_by_name_and_not_piece_by_piece(
    arena: arenas.Arena, opened: Opened, model_server: misbehaving.Server
) -> None:
    page = opened(arena.url)
    with model_server.holding(WRITTEN):
        page.ask()
        page.wait("streaming")
        assert [page.page.get_attribute(f"#ans-{side}", "aria-busy") for side in "ab"] == ["true", "true"]
        assert page.page.text_content("[data-live]") == "Both answers are being written."
    page.wait("ready")
    assert [page.page.get_attribute(f"#ans-{side}", "aria-busy") for side in "ab"] == ["false", "false"]
    assert page.page.text_content("[data-live]") == "Both answers have finished. You can vote."
    snapshot = page.page.locator("body").aria_snapshot()
    places = [
        snapshot.index(words)
        for words in ('link "Skip to content"', 'navigation "Pages"', 'region "This session"', 'region "Prompt"',
                      'article "Answer A"', 'article "Answer B"', 'group "Which answer is better?"')
    ]  # fmt: skip
    assert places == sorted(places)
    levels = page.page.evaluate(
        "[...document.querySelectorAll('[data-text] :is(h1, h2, h3, h4, h5, h6)')].map(h => h.tagName)"
    )
    assert levels == ["H5"]


def test_the_skip_link_leads_to_the_page(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    page.page.evaluate("document.activeElement.blur()")
    page.page.keyboard.press("Tab")
    while page.page.evaluate("document.activeElement.className").find("skip") < 0:
        page.page.keyboard.press("Shift+Tab")
    page.press("Enter")
    assert page.page.evaluate("document.activeElement.id") == "main"


def test_forced_colours_keep_the_glyph_and_reduced_motion_stops_the_caret(
    arena: arenas.Arena, opened: Opened, model_server: misbehaving.Server
) -> None:
    page = opened(arena.url, reduced_motion="reduce", forced_colors="active")
    with model_server.holding(WRITTEN):
        page.ask()
        page.wait("streaming")
        page.page.wait_for_selector(".caret")
        moving = "getComputedStyle(document.querySelector('.caret'), '::after').animationName"
        assert page.page.evaluate(moving) == "none"
    page.wait("ready")
    painted = "getComputedStyle(document.querySelector('[data-vote=model_a] .g'), '::before')"
    assert page.page.evaluate(f"{painted}.forcedColorAdjust") == "none"
    assert page.page.evaluate(f"{painted}.backgroundColor") not in ("rgba(0, 0, 0, 0)", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_one_is_chosen(arena: arenas.Arena, opened: Opened, scheme: str) -> None:
    page = opened(arena.url, color_scheme=scheme)
    is_dark = "document.body.classList.contains('dark')"
    assert page.page.evaluate(is_dark) == (scheme == "dark")
    page.page.click("[data-theme]")
    assert page.page.evaluate(is_dark) == (scheme != "dark")
    page.visit("/leaderboard")
    assert page.page.evaluate(is_dark) == (scheme != "dark")
