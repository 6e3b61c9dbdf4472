"""Two pictures, two sounds, two films, a picture in a prompt: compared and voted on by keyboard and by touch."""

import base64
from collections.abc import Sequence

import pytest
from playwright import sync_api

from arena.domain.parts import Media
from arena.imports import media_files
from tests import arenas
from tests.browser import stored
from tests.browser.conftest import NAMES, Opened
from tests.browser.driver import BattlePage
from tests.imports import media_samples as samples

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
RECORD = """async (colours) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(24), { mimeType: "video/webm;codecs=vp8" });
  const pieces = [];
  recorder.ondataavailable = (event) => pieces.push(event.data);
  const over = new Promise((end) => (recorder.onstop = end));
  recorder.start();
  for (let frame = 0; frame < 20; frame += 1) {
    pen.fillStyle = colours[frame % 2];
    pen.fillRect(0, 0, 160, 90);
    await new Promise((next) => setTimeout(next, 50));
  }
  recorder.stop();
  await over;
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""
"""Records a film of a second in the browser; gives its bytes in Base64."""


def kept(arena: arenas.Arena, *files: bytes) -> list[Media]:
    found = [media_files.read(data, "file", 10_000_000) for data in files]
    for one in found:
        arena.services.media.keep(one)
    return [one.media for one in found]


def films(page: BattlePage) -> list[bytes]:
    return [base64.b64decode(page.page.evaluate(RECORD, colours)) for colours in (["teal", "gold"], ["plum", "navy"])]


def shown(arena: arenas.Arena, page: BattlePage, files: Sequence[Media], asked: Sequence[Media] = ()) -> None:
    """Show a battle over two files."""
    rater = stored.rater(arena, page.page)
    battle_id = stored.written(arena, rater, "A paper boat.", "", asked=tuple(asked), files=files)
    page.page.goto(f"{page.url}/?battle={battle_id}")
    page.page.wait_for_selector(".battle[data-state=ready]")
    page.page.wait_for_selector("#ans-a [data-media] > *", state="attached")


def loaded(page: BattlePage, selector: str) -> None:
    page.page.wait_for_function(
        f"[...document.querySelectorAll('{selector}')].every((one) => one.complete && one.naturalWidth > 0)"
    )


def place(page: BattlePage, kind: str) -> list[float]:
    """Where both are, in seconds."""
    found: list[float] = page.page.evaluate(
        f"[...document.querySelectorAll('.ans {kind}')].map((one) => one.currentTime)"
    )
    return found


def measured(page: BattlePage, kind: str) -> None:
    """Wait until the browser knows how long both are, and stands at their beginning."""
    page.page.wait_for_function(
        f"[...document.querySelectorAll('.ans {kind}')].every((one) => one.readyState >= 1 && one.duration < 60 "
        "&& one.currentTime < 0.1)"
    )


def revealed(page: BattlePage) -> None:
    """The vote is recorded, and names are shown."""
    page.page.wait_for_selector(".battle[data-state=revealed]")
    assert NAMES[0] in page.text("[data-names]")


def test_two_pictures_are_compared_from_the_keyboard(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="")
    pictures = kept(arena, samples.image("PNG", size=(800, 600)), samples.image("JPEG", colour="red", size=(800, 600)))
    asked = kept(arena, samples.image("WEBP", colour="gold", size=(300, 200)))
    shown(arena, page, pictures, asked)
    loaded(page, ".media img")
    assert page.page.locator("[data-asked] img").count() == 1
    assert page.page.get_attribute("#ans-a img", "alt") == "Answer A"
    assert page.page.is_hidden("[data-transport]")
    assert page.axe() == []
    page.screenshot("media-image-1440")
    page.press("ArrowLeft", "Enter")
    revealed(page)


def test_two_films_play_together_from_the_keyboard(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    shown(arena, page, kept(arena, *films(page)))
    measured(page, "video")
    assert page.page.evaluate("[...document.querySelectorAll('.ans video')].every((one) => one.muted)")
    page.press("Space")
    page.page.wait_for_function("[...document.querySelectorAll('.ans video')].every((one) => one.currentTime > 0.2)")
    page.press("Space")
    assert page.page.evaluate("[...document.querySelectorAll('.ans video')].every((one) => one.paused)")
    for at in (0.1, 0.7, 0.4):
        page.page.fill("[data-place]", str(at))
        left, right = place(page, "video")
        assert abs(left - right) <= 1 / 24
        assert abs(left - at) <= 1 / 24
    page.press("Period")
    assert abs(place(page, "video")[0] - 0.4 - 1 / 24) < 0.01
    page.screenshot("media-video-1440")
    page.press("t", "Enter")
    revealed(page)


def test_two_sounds_are_heard_before_the_vote(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="")
    shown(arena, page, kept(arena, samples.wav(0.4), samples.wav(0.4, rate=11_025)))
    measured(page, "audio")
    assert page.text("[data-hint]") == "Listen to A and B to unlock voting."
    assert page.page.is_disabled("[data-vote=model_a]")
    page.press("[")
    page.page.wait_for_function("document.querySelector('[data-hint]').textContent.startsWith('Listen to B to')")
    page.press("]")
    page.page.wait_for_selector("[data-vote=model_a]:enabled")
    page.screenshot("media-audio-1440")
    page.press("b", "Enter")
    revealed(page)


@pytest.mark.parametrize("kind", ["image", "audio", "video"])
def test_a_phone_compares_by_touch(arena: arenas.Arena, opened: Opened, kind: str) -> None:
    page = opened(arena.url, **PHONE)
    make = {
        "image": lambda: [samples.image("PNG"), samples.image("GIF", colour="red")],
        "audio": lambda: [samples.wav(0.3), samples.wav(0.3, rate=11_025)],
        "video": lambda: films(page),
    }
    shown(arena, page, kept(arena, *make[kind]()))
    for letter in ("a", "b"):
        page.page.tap(f".pa-tabs [data-show={letter}]")
    if kind == "video":
        measured(page, "video")
        page.page.tap("[data-play]")
        page.page.wait_for_function("[...document.querySelectorAll('.ans video')].every((one) => one.currentTime > 0)")
    if kind == "audio":
        measured(page, "audio")
        for letter in ("a", "b"):
            page.page.tap(f"[data-hear={letter}]")
            page.page.wait_for_function(f"document.querySelectorAll('.ans audio')[{int(letter == 'b')}].ended")
    assert page.sideways() == 0
    page.screenshot(f"media-{kind}-390")
    page.page.tap("[data-vote=model_b]")
    page.page.tap("[data-act=record]")
    revealed(page)


def test_no_file_names_a_model_before_the_vote(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url, path="")
    shown(arena, page, kept(arena, samples.image("PNG"), samples.image("PNG", colour="red")))
    loaded(page, ".media img")
    markup = page.page.content()
    assert not any(name in markup for name in NAMES)


def test_a_page_that_is_opened_as_a_file_runs_nothing(arena: arenas.Arena, opened: Opened) -> None:
    """The control: the same bytes under another policy run their script."""
    page = opened(arena.url, path="").context.new_page()  # the browser reports what it blocks as errors of the page
    [picture] = kept(arena, samples.image("PNG"))
    hostile = b"<!doctype html><title>still</title><script>document.title = 'ran'</script>"
    arena.services.media.path(picture).write_bytes(hostile)
    address = f"{arena.url}/api/v1/media/{picture.sha256}"
    answer = page.goto(address)
    assert answer is not None
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert page.title() not in ("ran", "still")  # it is a broken picture and no page

    def as_page(route: sync_api.Route) -> None:
        route.fulfill(body=hostile, content_type="text/html")

    page.route(address, as_page)
    page.goto(address)
    assert page.title() == "ran"
