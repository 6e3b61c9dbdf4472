"""Two people, three tabs each, ten minutes of real models: nothing hangs or is crossed, skipping locks nobody out."""

import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import pytest
from playwright import sync_api

from tests.browser import conftest
from tests.browser.driver import BattlePage

pytestmark = [pytest.mark.soak, pytest.mark.browser, pytest.mark.model]

MINUTES = float(os.environ.get("ARENA_SOAK_MINUTES", "10"))
TABS = 3
PATIENCE_SECONDS = 150
"""Longest time in which a page may stand as it is: small models on a laptop's cores write six battles at once."""
PROGRESS = """() => [document.querySelector('.battle').dataset.state, location.search,
  ...[...document.querySelectorAll('.ans [data-text]')].map((text) => text.textContent.length)].join()"""
WORDS = ("rivers", "bread", "chess", "the moon", "bicycles", "tax", "whales", "paper", "salt", "clouds")


@dataclass
class Tab:
    """One tab, and what its person is about to do."""

    page: BattlePage
    chance: random.Random
    number: int
    asked: str = ""
    plan: str = ""
    since: float = field(default_factory=time.monotonic)
    seen: str = ""
    rounds: int = 0
    did: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """Look at the page and do the next thing a person would."""
        state = self.page.state
        seen = self.page.page.evaluate(PROGRESS)
        if seen != self.seen:
            self.seen, self.since = seen, time.monotonic()
        waited = time.monotonic() - self.since
        assert waited < PATIENCE_SECONDS, f"tab {self.number} hangs in {state} for {waited:.0f} s: {self._note()}"
        if state not in ("compose", "loading", "follow"):
            shown = self.page.page.text_content("[data-question]")
            assert shown == self.asked, f"tab {self.number} asked {self.asked!r} and shows {shown!r}"
        {"compose": self._ask, "waiting": self._let_go, "streaming": self._let_go, "ready": self._vote,
         "chosen": self._record, "revealed": self._go_on, "void": self._go_on}.get(state, lambda: None)()  # fmt: skip

    def _ask(self) -> None:
        assert self.page.page.is_hidden("[data-compose] [data-refused]"), f"tab {self.number}: {self._note()}"
        if self.page.page.is_disabled("[data-start]"):
            return
        self.rounds += 1
        topic = self.chance.choice(WORDS)
        self.asked = f"Say one short sentence about {topic}. (tab {self.number}, round {self.rounds})"
        self.plan = self.chance.choice(("vote", "vote", "skip", "skip", "stop", "reload", "back"))
        self.page.page.fill("#pr", self.asked)
        self.page.press("Enter")

    def _let_go(self) -> None:
        if self.plan == "skip":
            self.page.page.click("[data-act=compose] >> visible=true")
        elif self.plan == "stop":
            self.page.page.click("[data-act=stop]")
        elif self.plan == "reload":
            self.page.page.reload()
        elif self.plan == "back":
            self.page.page.go_back()
            self.page.page.go_forward()
        if self.plan != "vote":
            self.did[self.plan] += 1
            self.plan = "vote"

    def _vote(self) -> None:
        self.page.press(self.chance.choice("abtx"))

    def _record(self) -> None:
        self.page.press("Enter")

    def _go_on(self) -> None:
        self.did[self.page.state] += 1
        self.page.page.wait_for_timeout(750)
        self.page.press("n")

    def _note(self) -> str:
        return f"{self.page.page.inner_text('.battle')[:300]!r}, {self.page.console[-3:]}"


def test_six_tabs_of_two_people_go_on_for_ten_minutes(demo: str, browser: sync_api.Browser) -> None:
    second = browser.browser_type.launch(executable_path=conftest.chromium(), args=conftest.ARGUMENTS)
    tabs = []
    for person, window in enumerate((browser, second)):
        context = window.new_context()
        BattlePage(demo, context).visit("/")  # one first page makes the rater that all tabs are
        for place in range(TABS):
            page = BattlePage(demo, context)
            page.visit("/")
            number = person * TABS + place
            tabs.append(Tab(page=page, chance=random.Random(number), number=number))
    end = time.monotonic() + 60 * MINUTES
    while time.monotonic() < end:
        for tab in tabs:
            tab.page.page.bring_to_front()
            tab.step()
        tabs[0].page.page.wait_for_timeout(100)
    did = sum((tab.did for tab in tabs), Counter())
    print(f"\n{MINUTES:g} minutes, load {os.getloadavg()[0]:.1f}: {dict(did)}, rounds {[tab.rounds for tab in tabs]}")
    assert [failure for tab in tabs for failure in tab.page.failures] == []
    assert min(tab.rounds for tab in tabs) > 1, "a tab never came to a second prompt"
    assert did["revealed"] > len(tabs)
    assert did["skip"] > len(tabs)
    second.close()
