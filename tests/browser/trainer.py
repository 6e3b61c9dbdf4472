"""The data page as a trainer works it, on an arena with votes of one rater."""

from collections.abc import Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import arenas
from tests.browser.conftest import models
from tests.browser.driver import BattlePage
from tests.inference import misbehaving

Given = tuple[str, dict[str, Any]]
PAYLOAD = "<img src=x: onerror=\"window.hacked = new Image().src = 'http://sink.example'\">"
HARMLESS = '<img src="data:," onerror="window.hacked = 1">'
VOTES: tuple[Given, ...] = (
    ("Why is the sky so blue in the morning?", {"winner": "model_a", "strength": "clearly", "tags": ["clear"]}),
    (f"Say what this does: {PAYLOAD}", {"winner": "model_b", "strength": "slightly", "reason": PAYLOAD}),
    ("Warum ist der Himmel am Morgen so blau?", {"winner": "model_a"}),
    ("How long should I boil a fresh egg?", {"winner": "model_b"}),
    ("What should I call my new black cat?", {"winner": "tie"}),
    ("Who was the first person on the moon?", {"winner": "both_bad"}),
)
MINUS = "\N{MINUS SIGN}"


@contextmanager
def voted(server: misbehaving.Server, folder: Path, votes: Sequence[Given]) -> Iterator[arenas.Arena]:
    """An arena with these votes of one rater."""
    contestants = models(server.endpoint, ("echo", "say:No."))
    settings = arenas.settings_for(folder, server.endpoint, (), models=contestants)
    with arenas.hurried(), arenas.running(settings) as running, running.rater() as rater:

        def cast(given: Given) -> None:
            prompt, ballot = given
            arenas.vote(rater, arenas.battle(rater, prompt), **ballot).raise_for_status()

        with futures.ThreadPoolExecutor(3) as pool:
            list(pool.map(cast, votes))
        yield running


def offer(page: BattlePage, token: str) -> None:
    page.page.fill("#token", token)
    page.press("Enter")


def counted(page: BattlePage) -> None:
    """Wait until the page has counted and shows pairs, or that there are none."""
    page.page.wait_for_function(
        "!document.querySelector('[data-screen]').hasAttribute('data-counting') && "
        "document.querySelector('[data-pairs]').getAttribute('aria-busy') === 'false' && "
        "document.querySelector('[data-waterfall] tr')"
    )


def waterfall(page: BattlePage) -> dict[str, int]:
    """The table of what was left out, after adding it up."""
    lines: list[tuple[str, str, str]] = page.page.eval_on_selector_all(
        "[data-waterfall] tr",
        "rows => rows.map(row => [row.className, row.cells[0].innerText, row.cells[2].innerText])",
    )
    table = {words: int(figure.replace(MINUS, "-").replace("+", "").replace(",", "")) for _, words, figure in lines}
    standing = 0
    for kind, words, _ in lines:
        if kind:
            assert table[words] == standing or not standing, (words, table)
            standing = table[words]
        else:
            standing += table[words]
    return table


def build(page: BattlePage) -> int:
    """Build with the keyboard; returns the number of the release."""
    page.page.focus("[data-build]")
    number = int(page.text("[data-build]").split()[-1])
    page.press("Enter")
    page.page.wait_for_selector("[data-archive]:visible")
    assert page.page.text_content("[data-live]") == f"Release {number} is ready."
    assert page.page.evaluate("document.activeElement.innerText").startswith(f"Release {number}")
    return number
