"""What a test finds in a browser context that another had: compiled files, and nothing that was left there."""

import pytest

from tests import arenas
from tests.browser.contexts import Contexts

pytestmark = pytest.mark.browser

ROUNDS = 5
LEAVE = """async () => {
  localStorage.setItem("left", "here");
  sessionStorage.setItem("left", "here");
  document.cookie = "left=here";
  await caches.open("left");
  await new Promise((done) => (indexedDB.open("left").onsuccess = done));
}"""
LEFT = """async () => [
  localStorage.getItem("left"), sessionStorage.getItem("left"), document.cookie.includes("left"),
  (await caches.keys()).length, (await indexedDB.databases()).length,
]"""


def test_nothing_that_a_test_left_is_found_by_the_next(arena: arenas.Arena, contexts: Contexts) -> None:
    for _ in range(ROUNDS):
        context = contexts.take()
        page = context.new_page()
        page.goto(f"{arena.url}/healthz")
        assert page.evaluate(LEFT) == [None, None, False, 0, 0]
        page.evaluate(LEAVE)
        assert page.evaluate(LEFT) == ["here", "here", True, 1, 1], "the control"
        contexts.give_back(context, arena.url)
    assert contexts.take() is context
    contexts.give_back(context, arena.url)
    assert len(context.pages) == 1, "the one that stays"
