"""What a first visit costs, that it is silent, and what stands there without JavaScript or at a wrong address."""

import page_weight
import pytest
from playwright import sync_api

from arena.ui import document
from tests import arenas
from tests.browser.conftest import Opened
from tests.lengths import at_length

pytestmark = pytest.mark.browser

REQUESTS = 50
TOTAL = 400_000
OURS = 110_000


def test_a_first_visit_is_light_and_the_second_fetches_no_file_of_ours(
    arena: arenas.Arena, browser: sync_api.Browser
) -> None:
    context = browser.new_context()
    first = page_weight.visit(context, arena.url, "/")
    again = page_weight.visit(context, arena.url, "/")
    context.close()
    assert first.requests <= REQUESTS, sorted(first.sizes)
    assert first.total <= TOTAL, first.sizes
    assert first.ours <= OURS, first.sizes
    assert first.ours > OURS / 4  # the counting works: fonts alone are 53 kB
    fetched = [path for path, size in again.sizes.items() if size and path.startswith("/static/")]
    assert [path for path in fetched if "iframeResizer" not in path] == []


def test_a_first_visit_leaves_the_console_empty(arena: arenas.Arena, browser: sync_api.Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(arena.url)
    page.wait_for_selector(".battle[data-state=compose]")
    page.wait_for_timeout(1_000)
    assert told == []
    page.evaluate("fetch('/api/v1/nothing')")
    page.wait_for_timeout(500)
    assert told != []  # an error would have been heard
    context.close()


def test_without_scripts_a_sentence_says_so(arena: arenas.Arena, browser: sync_api.Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(arena.url)
    assert document.WITHOUT_SCRIPTS in page.inner_text("body")
    context.close()


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 1440), ("dark", 320), *at_length(("light", 320), ("dark", 1440))]
)
def test_a_wrong_address_leads_back(arena: arenas.Arena, opened: Opened, width: int, scheme: str) -> None:
    page = opened(arena.url, width=width, color_scheme=scheme)
    page.page.goto(arena.url + "/leaderbord")
    assert page.text("h1") == "There is no such page."
    page.page.wait_for_function("document.fonts.status === 'loaded'")
    assert page.axe() == []
    assert page.sideways() == 0
    page.screenshot(f"{width}-{scheme}-wrong-address")
    page.page.click("nav >> text=Leaderboard")
    page.page.wait_for_selector("#main h1")


COUNTED = """{
  const frame = window.requestAnimationFrame;
  window.frames_asked = 0;
  window.requestAnimationFrame = (work) => { window.frames_asked += 1; return frame.call(window, work); };
}"""
STILL = """async () => {
  for (let tries = 0; tries < 60; tries += 1) {
    const before = window.frames_asked;
    await new Promise((done) => setTimeout(done, 500));
    if (before && window.frames_asked === before) return true;
  }
  return false;
}"""


@pytest.mark.parametrize("path", ["/", "/leaderboard"])
def test_a_page_that_is_only_open_draws_nothing(arena: arenas.Arena, opened: Opened, path: str) -> None:
    page = opened(arena.url, path="")
    page.page.add_init_script(COUNTED)
    page.visit(path)
    assert page.page.evaluate(STILL), "frames are asked for again and again"
    before = page.page.evaluate("window.frames_asked")
    page.page.evaluate("requestAnimationFrame(() => 0)")
    assert page.page.evaluate("window.frames_asked") == before + 1, "the control: another frame would have been seen"


RUNS = """() => new Promise((end) => {
  const svelte = { tasks: new Set([(put_off) => end(put_off)]) };
  const later = window.setTimeout;
  let frames = 3, put_off = 0;
  const run = () => {
    if (!frames) return svelte.tasks.forEach((task) => task(put_off));
    frames -= 1;
    window.setTimeout = (...given) => { put_off += 1; return later(...given); };
    requestAnimationFrame(run);
    window.setTimeout = later;
  };
  run();
})"""
"""Runs three frames as Svelte runs what it moves; how many were put off."""


def test_what_gradio_moves_goes_on_and_at_every_frame_while_it_shows_a_message(
    arena: arenas.Arena, opened: Opened
) -> None:
    page = opened(arena.url, path="/leaderboard")
    assert page.page.evaluate(RUNS) == 3
    page.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<div class=\"toast-wrap\"><p>Connection lost</p></div>')"
    )
    assert page.page.evaluate(RUNS) == 0
