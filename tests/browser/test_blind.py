"""Before the vote no model's name is anywhere a browser keeps things; after a void battle neither."""

from collections.abc import Callable

import pytest
from playwright import sync_api

from tests import arenas
from tests.browser.conftest import NAMES, SERVED, Opened, models
from tests.browser.driver import BattlePage
from tests.inference import misbehaving

pytestmark = pytest.mark.browser

MEASURED = ("completion_tokens", "prompt_tokens", "total_seconds", "first_token")


def listening(page: BattlePage) -> Callable[[], str]:
    """Collects what the page gets from now on; the result is everything it holds and was told."""
    bodies: list[str] = []

    def keep(response: sync_api.Response) -> None:
        if "/static/" not in response.url and "/assets/" not in response.url:
            bodies.append(f"{response.url} {response.headers}")
            if "text/event-stream" not in response.headers.get("content-type", ""):
                bodies.append(response.text())

    page.page.on("response", keep)
    # what EventSource hands to the page, seen where it is read
    page.page.add_init_script(
        """window.__stream = [];
        const listen = EventSource.prototype.addEventListener;
        EventSource.prototype.addEventListener = function (name, heard) {
          return listen.call(this, name, (event) => { window.__stream.push(name + (event.data || "")); heard(event); });
        };"""
    )
    page.page.reload()
    page.wait("compose")

    def everything() -> str:
        held = page.page.evaluate(
            "[document.documentElement.outerHTML, document.cookie, JSON.stringify({...localStorage}), "
            "JSON.stringify({...sessionStorage}), JSON.stringify(window.gradio_config), window.__stream.join('\\n'), "
            "performance.getEntries().map(entry => entry.name).join('\\n')].join('\\n')"
        )
        return "\n".join([held, *bodies, *page.console])

    return everything


def test_no_name_is_in_dom_network_storage_or_console_before_the_vote(arena: arenas.Arena, opened: Opened) -> None:
    page = opened(arena.url)
    everything = listening(page)
    page.ready()
    page.press("a", "1")
    before = everything()
    assert "delta" in before  # the stream was heard
    assert [word for word in (*NAMES, *SERVED, *MEASURED) if word in before] == []
    page.press("Enter")
    page.wait("revealed")
    assert [name for name in NAMES if name not in everything()] == []  # the same scan finds them once they are there


def test_a_void_battle_shows_no_name_and_counts_for_nobody(
    opened: Opened, model_server: misbehaving.Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    contestants = models(model_server.endpoint, ("say:One whole answer that is fine.-30ms", "die-after-3"))
    settings = arenas.settings_for(tmp_path_factory.mktemp("void"), model_server.endpoint, (), models=contestants)
    with arenas.running(settings) as arena:
        page = opened(arena.url)
        everything = listening(page)
        page.ask("Who are you?")
        page.wait("void")
        assert page.text("[data-void-heading]") == "One of the two could not answer. Nothing was recorded."
        assert [word for word in (*NAMES, "die-after", *MEASURED) if word in everything()] == []
        assert [page.page.text_content(f"#ans-{side} [data-text]") for side in "ab"] == ["", ""]
        assert "Your count stays at 0." in page.text("[data-void]")
        page.press("n")
        page.wait("compose")
        assert page.text("[data-votes]") == "0 votes"
