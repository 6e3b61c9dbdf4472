"""What a person does on the pages, in the words of the pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from playwright import sync_api

from tests import arenas

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
PATIENCE = 30_000
"""Milliseconds to wait for a state; two cores are shared."""
THERE = "[...document.querySelectorAll('.ans [data-text]')].every((text) => text.childElementCount)"
DRAWN = {
    "streaming": "document.querySelectorAll('.caret').length === 2 || document.querySelector('[data-state=ready]')",
    "ready": THERE,
    "chosen": THERE,
    "revealed": THERE,
}
"""What tells that answers are drawn in a state: the program that draws them comes with the first."""
PROMPT = "My spreadsheet shows #DIV/0! when a month has no sales yet. Why, and what should I type instead?"
LOOKS = ((1440, False), (390, True))
"""Width of the window, and whether the theme is dark."""
EVERY_LOOK = ((1440, False), (1440, True), (390, False), (390, True))
TURN = """dark => {
  localStorage.setItem("arena.theme", dark ? "dark" : "light");
  for (const one of [document.documentElement, document.body]) one.classList.toggle("dark", dark);
}"""
"""Choose a theme, as the button does."""
SETTLED = """async () => {
  const drawn = () => new Promise(done => { requestAnimationFrame(done); setTimeout(done, 50); });
  const moving = () => document.getAnimations().filter(
    one => one.playState === "running" && Number.isFinite(one.effect.getComputedTiming().endTime));
  await drawn();
  await drawn();
  while (moving().length) {
    for (const one of moving()) one.finish();
    await drawn();
  }
}"""

ATTRIBUTES = (
    """() => [...document.querySelectorAll("[data-state], [data-screen]")].map((one) => one.cloneNode().outerHTML)"""
)
FILLED = """() => [...document.querySelectorAll("input:not([type=password]), textarea, select")]
  .filter((one) => (one.type === "checkbox" || one.type === "radio" ? one.checked : one.value))
  .map((one) => `${one.id || JSON.stringify(one.dataset)}=${one.value}`)"""

EXPECTED_ERRORS = (
    "Failed to load resource",  # the browser's own note of a refused or lost request
)
LEFT_EARLY = re.compile(r"AbortError: signal is aborted without reason\n.*\.close \(\S+/assets/index-", re.DOTALL)
"""Gradio's own client says so of the stream it closes, when its page is left while that still opens."""


LISTENED = """() => {
  window.reached = new Set();
  window.bare = new Set();
  document.addEventListener("focusin", ({ target }) => {
    if (target === document.body) return;
    window.reached.add(target);
    const style = getComputedStyle(target);
    if (style.outlineStyle === "none" && style.boxShadow === "none") window.bare.add(target.outerHTML.slice(0, 160));
  });
}"""
TOP = """() => {
  document.body.tabIndex = -1; // Tab goes on from what had the focus last
  document.body.focus();
  document.body.removeAttribute("tabindex");
}"""
FOCUSABLE = """() => {
  const found = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const groups = new Set();
  return found.filter((one) => {
    const away = one.disabled || one.tabIndex < 0 || one.closest("[inert]");
    if (away || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.type !== "radio") return true;
    if (groups.has(one.name)) return false; // Tab comes to one of a group, and arrows to the others
    groups.add(one.name);
    return !found.some((other) => other.name === one.name && window.reached.has(other));
  });
}"""
LEFT = f"() => ({FOCUSABLE})().filter((one) => !window.reached.has(one)).map((one) => one.outerHTML.slice(0, 160))"
ROUNDS = 3
"""From the top to the end: a page that has just come may take the focus to what it is about."""
SPARE_TABS = 8
"""Tabs beyond those that a page needs: the browser's own parts take some, and what opens on focus."""


class BattlePage:
    """One browser window of one rater."""

    looks: ClassVar[tuple[tuple[int, bool], ...]] = LOOKS
    pictures: ClassVar[bool] = False
    """Whether tests leave pictures in `screenshots/`: `pytest --pictures`."""

    def __init__(self, url: str, context: sync_api.BrowserContext) -> None:
        self.url = url
        self.context = context
        self.outside: list[str] = []
        """Requests that left the arena's host."""
        self.failures: list[str] = []
        """Errors of scripts."""
        self.bodies: list[str] = []
        """Everything the arena answered, as far as it has ended."""
        self.console: list[str] = []
        self.votes: list[str] = []
        """Idempotency keys of the votes sent."""
        self.unanswered: list[str] = []
        """Requests that have not ended."""
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self._on_request)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", self._on_failure)
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, self._on_end)

    def visit(self, path: str = "/") -> None:
        self.page.goto(self.url + path)
        if path.startswith("/leaderboard"):
            self.page.wait_for_selector("#main h1")
        elif path.startswith("/data"):
            self.page.wait_for_selector(".data-page:not([data-screen=loading])")
        elif path.startswith("/me/"):
            self.page.wait_for_selector(".lead h1")
        elif path.startswith("/me"):
            self.page.wait_for_selector(".me-page:not([data-screen=loading])")
        elif path.startswith("/qualify"):
            self.page.wait_for_selector(".lead h1")
        elif path.startswith(("/setup", "/invite")):
            self.page.wait_for_selector("#main h2")
        else:
            self.page.wait_for_selector(".battle:not([data-state=loading])")
        self.styled()

    def known(self) -> None:
        """Be a rater without an account, as by a first page, and open none: Gradio's take half a second of CPU."""
        assert self.context.request.get(f"{self.url}/").ok

    def joined(self, link: str, email: str) -> None:
        """Accept an invitation, as its page does."""
        body = {"email": email, "password": "four quiet herons wade"}
        path = f"{self.url}/api/v1/invitations/{link}/accept"
        assert self.context.request.post(path, data=body, headers={"Origin": self.url}).status == 201

    def styled(self) -> None:
        """Wait for fonts and stylesheets."""
        border = "getComputedStyle(document.querySelector('.top')).borderBottomWidth"
        self.page.wait_for_function(f"document.fonts.status === 'loaded' && {border} === '1px'")

    def settled(self) -> None:
        """End what fades or moves on its way to what it will be."""
        self.page.evaluate(SETTLED)

    def ask(self, prompt: str = PROMPT) -> None:
        """Write a prompt and start the battle from the keyboard."""
        self.page.fill("#pr", prompt)
        self.page.press("#pr", "Enter")

    def wait(self, state: str) -> None:
        """Wait for a state of the battle page."""
        self.page.wait_for_selector(f".battle[data-state={state}]")
        if state in DRAWN:
            self.page.wait_for_function(DRAWN[state])

    def ready(self, prompt: str = PROMPT) -> None:
        """A battle with both answers there and voting unlocked; an arena in this process does not pace them."""
        with arenas.hurried():
            self.ask(prompt)
            self.wait("ready")
        self.open_unread()
        self.page.wait_for_selector("[data-vote=model_a]:enabled")

    def open_unread(self) -> None:
        """On a phone, open the answer that has not been read yet; which one that is was drawn."""
        for unread in self.page.locator(".pa-tabs button:has([data-unseen]:not([hidden]))").all():
            if unread.is_visible():
                unread.focus()
                self.page.keyboard.press("Enter")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    @contextmanager
    def silent(self, part: str) -> Iterator[None]:
        """Requests whose address has this in it get no answer. The page itself is told so: what a browser intercepts it
        may let through just after it was asked to."""
        self.page.evaluate(
            """(part) => {
                const real = window.fetch;
                const lost = () => Promise.reject(new TypeError("Failed to fetch"));
                window.fetch = (address, ...more) => (String(address).includes(part) ? lost() : real(address, ...more));
                window.heard = () => (window.fetch = real);
            }""",
            part,
        )
        yield
        self.page.evaluate("() => void window.heard()")

    def doing(self) -> str:
        """What the page does, for people who ask why a test failed."""
        said = {
            "focus": self.page.evaluate("document.activeElement?.outerHTML.slice(0, 200)"),
            "attributes": self.page.evaluate(ATTRIBUTES),
            "fields": self.page.evaluate(FILLED),
            "unanswered": self.unanswered,
            "votes": self.votes,
            "console": self.console,
            "failures": self.failures,
            "text": self.page.inner_text("body"),
        }
        return "\n".join([self.page.url, *(f"{name}: {what}" for name, what in said.items())])

    @property
    def state(self) -> str:
        return self.page.get_attribute(".battle", "data-state") or ""

    @property
    def battle_id(self) -> str:
        return urlsplit(self.page.url).query.removeprefix("battle=")

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)

    def answer(self, side: str) -> str:
        return self.page.inner_text(f"#ans-{side} [data-text]")

    def dark(self) -> None:
        """Choose the dark theme, as the button does."""
        self.page.evaluate("localStorage.setItem('arena.theme', 'dark')")
        self.page.evaluate("for (const e of [document.documentElement, document.body]) e.classList.add('dark')")

    def in_each_look(self) -> Iterator[str]:
        """Be as wide and as dark as pages are looked at, one after the other: by name, as in `390-dark`."""
        for width, dark in self.looks:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.evaluate(TURN, dark)
            yield f"{width}-{'dark' if dark else 'light'}"
        self.page.set_viewport_size({"width": 1440, "height": 900})
        self.page.evaluate(TURN, False)

    def screenshot(self, name: str) -> None:
        """A picture for people, where they want some."""
        if self.pictures:
            SCREENSHOTS.mkdir(exist_ok=True)
            self.settled()
            self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def axe(self) -> list[str]:
        """What axe-core finds against WCAG 2.0, 2.1 and 2.2, levels A and AA."""
        self.settled()
        if not self.page.evaluate("Boolean(window.axe)"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        found = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", tags
        )
        return [
            f"{violation['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def sideways(self) -> int:
        """Pixels by which the page is wider than its window."""
        width: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return width

    def by_keyboard(self) -> list[str]:
        """What Tab does not reach from the top of the page to its end, and what shows no sign of having the focus."""
        self.page.evaluate(LISTENED)
        left: list[str] = []
        for _ in range(ROUNDS):
            self.page.evaluate(TOP)
            for _ in range(self.page.evaluate(f"() => ({FOCUSABLE})().length") + SPARE_TABS):
                self.page.keyboard.press("Tab")
            left = self.page.evaluate(LEFT)
            if not left:
                break
        bare: list[str] = self.page.evaluate("() => [...window.bare]")
        return [f"not reached: {one}" for one in left] + [f"shows no focus: {one}" for one in bare]

    def _on_request(self, request: sync_api.Request) -> None:
        self.unanswered.append(request.url)
        if not request.url.startswith((self.url + "/", "data:", "blob:")):
            self.outside.append(request.url)
        if request.method == "POST" and request.url.endswith("/votes"):
            self.votes.append(request.headers.get("idempotency-key", ""))

    def _on_end(self, request: sync_api.Request) -> None:
        if request.url in self.unanswered:  # else it was sent by a page that is gone
            self.unanswered.remove(request.url)

    def _on_failure(self, error: sync_api.Error) -> None:
        if not LEFT_EARLY.match(str(error)):
            self.failures.append(str(error))

    def _on_console(self, message: sync_api.ConsoleMessage) -> None:
        self.console.append(message.text)
        if message.type == "error" and not any(known in message.text for known in EXPECTED_ERRORS):
            self.failures.append(message.text)
