"""Hostile answers in a real browser: no request leaves it and no script runs; with the defences off, both happen."""

import contextlib
import functools
import http.server
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from playwright import sync_api

from arena.ui import assets
from tests import arenas
from tests.browser import payloads
from tests.browser.bench import Bench, listening
from tests.browser.conftest import NAMES, Opened
from tests.inference import misbehaving

pytestmark = pytest.mark.browser

ALLOWED = "p br hr strong em s code pre blockquote ul ol li a h4 h5 h6 div table thead tbody tr th td"
ALLOWED += " span sup section button input"
ALLOWED += " math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose"
ALLOWED += " msub msup msubsup munder mover munderover mtable mtr mtd"
WORDS = re.compile(r"\s(aria-label|title)=\"[^\"]*\"")
"""Attributes that hold an answer's own words."""
FOREIGN_TAG = re.compile(rf"<(?!/?({ALLOWED.replace(' ', '|')})\b)")
FOREIGN_ATTRIBUTE = re.compile(r"<[^>]*\s(on\w+|src|srcset|style|ping|action|background)=")
FOREIGN_CONTROL = re.compile(
    r"<(?!button)[^>]*\stype=\"(?!checkbox)|<input (?![^>]*\bdisabled)|<button (?![^>]*type=\"button\")"
)
FOREIGN_NAME = re.compile(r"<[^>]*\s(id|data-[\w-]+|name|for)=")
FOREIGN_LINK = re.compile(r"href=\"(?!https?:|mailto:)")

DEFENDED = """import('/static/battle/markdown.js').then(async ({draw}) => {
  draw(box, text, true);
  await draw(box, text);
  draw(box, text);
  return box.innerHTML; })"""
SECONDS = 20
"""To draw 100,000 characters of the worst kind, on two cores that others use too; without limits it is minutes."""

BARE = """Promise.all([
  import('/static/vendor/markdown-it/markdown-it.esm.min.mjs'),
  import('/static/vendor/katex/katex.min.js'),
]).then(([{default: markdownit}]) => {
  const open = markdownit({html: true, linkify: true});
  open.validateLink = () => true;
  open.renderer.rules.fence = (tokens, at) =>
    `<pre><code class="language-${tokens[at].info}">${tokens[at].content}</code></pre>`;
  const formula = /\\$\\$?([^$]+)\\$\\$?|\\\\[[(]([^]+?)\\\\[)\\]]/g;
  const set = (all, one, other) => {
    try { return katex.renderToString(one || other, {trust: true, strict: 'ignore'}); } catch { return one || other; }
  };
  box.innerHTML = open.render(text.replace(formula, set));
  return box.innerHTML; })"""
"""As careless as can be: HTML, any address, LaTeX that is trusted, code that is not escaped."""


@dataclass
class Sink:
    """A server that counts every request that reaches it."""

    url: str = ""
    hits: list[str] = field(default_factory=list)


class Counting(http.server.BaseHTTPRequestHandler):
    """Answers everything with nothing, and counts it."""

    sink: Sink

    def do_GET(self) -> None:
        self.sink.hits.append(self.path)
        self.send_response(204)
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()

    do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815 - the base class looks for these names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """The sink, running."""
    counted = Sink()
    with listening(type("CountingHere", (Counting,), {"sink": counted})) as url:
        counted.url = url
        yield counted


@pytest.fixture(scope="module")
def empty() -> Iterator[str]:
    """Where empty pages are, and the files that draw answers."""
    with listening(functools.partial(Bench, directory=str(assets.STATIC))) as url:
        yield url


@dataclass
class Shown:
    """What became of the answers of a page."""

    payloads: tuple[str, ...]
    markup: str
    ran: list[str]
    """Scripts' dialogs."""
    asked: list[str]
    """Requests to elsewhere, as the browser tells of them."""


AT_ONCE = 4
"""Pages that are open at once."""
TOGETHER = 6
"""Answers in one page, which a defended page keeps apart; a bare one may leave with the first."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where answers are shown, and where they try to get to."""

    browser: sync_api.Browser
    sink: Sink
    empty: str


@pytest.fixture
def site(browser: sync_api.Browser, sink: Sink, empty: str) -> Site:
    return Site(browser, sink, empty)


def shown(site: Site, script: str, *, policy: bool, all_of: Sequence[str], together: int = 1) -> list[Shown]:
    """Put so many answers each into an empty page; several pages wait at the same time for what their answers do."""
    site.sink.hits.clear()
    found: list[Shown] = []
    on: dict[sync_api.Page, Shown] = {}
    put = "text => { const box = document.getElementById('box').appendChild(document.createElement('div'));"
    put += f"return {script}; }}"

    def opened(context: sync_api.BrowserContext) -> sync_api.Page:
        page = context.new_page()

        def on_dialog(dialog: sync_api.Dialog) -> None:
            on[page].ran.append(dialog.message)
            dialog.dismiss()

        def on_request(request: sync_api.Request) -> None:
            if not request.url.startswith((site.empty, "data:")):
                on[page].asked.append(request.url)

        page.on("dialog", on_dialog)
        page.on("request", on_request)
        return page

    with site.browser.new_context() as context:  # one, so that what draws answers is read and compiled once
        pages = [opened(context) for _ in range(AT_ONCE)]
        groups = [tuple(all_of[first : first + together]) for first in range(0, len(all_of), together)]
        for first in range(0, len(groups), AT_ONCE):
            for page, group in zip(pages, groups[first : first + AT_ONCE], strict=False):
                on[page] = Shown(payloads=group, markup="", ran=[], asked=[])
                found.append(on[page])
                page.goto(f"{site.empty}/{'with-policy' if policy else 'without'}")
                for payload in group:
                    text = f"Before.\n\n{payload.format(sink=site.sink.url)}\n\nAfter."
                    with contextlib.suppress(sync_api.Error):  # a payload may leave the page while it is being read
                        on[page].markup += page.evaluate(put, text)
            pages[0].wait_for_timeout(80)
        pages[0].wait_for_timeout(500)
    return found


def test_no_answer_reaches_anybody_with_the_defences_on(site: Site) -> None:
    for answer in shown(site, DEFENDED, policy=True, all_of=payloads.ALL, together=TOGETHER):
        assert (answer.ran, answer.asked) == ([], []), answer
        assert answer.markup.count("Before.") == len(answer.payloads), answer
        bare = WORDS.sub("", answer.markup)
        assert not FOREIGN_TAG.search(bare), answer
        assert not FOREIGN_ATTRIBUTE.search(bare), answer
        assert not FOREIGN_LINK.search(bare), answer
        assert not FOREIGN_CONTROL.search(bare), answer
        assert not FOREIGN_NAME.search(bare), answer
    assert site.sink.hits == []


def test_the_sanitizer_alone_lets_nothing_out(site: Site) -> None:
    shown(site, DEFENDED, policy=False, all_of=payloads.ALL, together=TOGETHER)
    assert site.sink.hits == []


def test_the_policy_alone_lets_nothing_out_that_it_speaks_of(site: Site) -> None:
    spoken_of = [payload for payload in payloads.ALL if "refresh" not in payload]  # a page that goes elsewhere
    shown(site, BARE, policy=True, all_of=spoken_of)
    assert site.sink.hits == []


def test_with_both_defences_off_the_same_answers_reach_the_sink(site: Site) -> None:
    shown(site, BARE, policy=False, all_of=payloads.ALL)
    assert len(set(site.sink.hits)) >= 50, sorted(set(site.sink.hits))


@pytest.mark.parametrize("kind", ["FORMULAS", "CODE", "PARTS"])
def test_with_both_defences_off_each_kind_reaches_the_sink(site: Site, kind: str) -> None:
    shown(site, BARE, policy=False, all_of=getattr(payloads, kind))
    assert len(set(site.sink.hits)) >= 3, sorted(set(site.sink.hits))


BOMBS = (
    "$" + "{" * 1_900 + "x" + "}" * 1_900 + "$",
    r"$\def\x{\x\x}\x$",
    r"$\def\a#1{#1#1#1#1}\a{\a{\a{\a{\a{\a{\a{x}}}}}}}$",
    r"\[ \rule{99999em}{99999em} \]",
    "$x^2$ " * 20_000,
    r"\( " * 30_000,
    r"\[" * 40_000,
    "$a " * 30_000,
    "$$\n" * 20_000,
    "\\begin{align}\n" * 10_000,
    "[^1]: " * 20_000,
    "[^a]" * 20_000 + "\n\n[^a]: x",
    "> " * 40_000 + "x",
    "- " * 40_000 + "x",
    "```python\n" + "((((" * 12_000,
    "| a " * 3_000 + "|\n" + "|---" * 3_000 + "|\n" + "| b " * 3_000 + "|",
    "[a]: b\n" * 10_000,
    "![x](data:image/png;base64," + "A" * 90_000 + ")",
    "שלום abc " * 11_000,
    "$" + " " * 120_000 + "x",
    "a\n-" + " " * 150_000 + "x",
    "| a | b |\n|---|---|\n| x" + " " * 120_000 + "y | z |",
    "\\begin{align} and " * 10_000,
    "\uff0c**a" * 20_000,
)


@pytest.fixture(scope="module")
def drawing(browser: sync_api.Browser) -> Iterator[sync_api.BrowserContext]:
    """A context in which what draws answers is read and compiled once."""
    with browser.new_context() as context:
        yield context


@pytest.mark.parametrize("bomb", BOMBS, ids=[bomb[:12] for bomb in BOMBS])
def test_no_answer_of_any_size_holds_the_page_up(drawing: sync_api.BrowserContext, empty: str, bomb: str) -> None:
    timed = """(text) => import('/static/battle/markdown.js').then(async ({draw}) => {
      await draw(document.getElementById('box'), '$x$');
      const begun = performance.now();
      await draw(document.getElementById('box'), text, true);
      await draw(document.getElementById('box'), text);
      return performance.now() - begun; })"""
    page = drawing.new_page()
    page.goto(f"{empty}/with-policy")
    assert page.evaluate(timed, bomb) < SECONDS * 1_000
    drawn = page.evaluate("[box.childElementCount, box.querySelector('.maths')?.scrollWidth ?? 0]")
    page.close()
    assert drawn[0] > 0
    assert drawn[1] < 10_000  # no formula is wider than its limits allow


def test_a_hostile_answer_on_the_page_itself_stays_text(
    opened: Opened, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sink.hits.clear()
    hostile = "\n\n".join(payload.format(sink=sink.url) for payload in payloads.ALL[:: len(payloads.ALL) // 12])
    hostile += f"\n\n[a link]({sink.url}/link) ![an image]({sink.url}/image.png)"
    with misbehaving.serve() as server:
        contestants = [{"name": name, "endpoint": server.endpoint, "served_name": "echo"} for name in NAMES]
        settings = arenas.settings_for(tmp_path_factory.mktemp("hostile"), server.endpoint, (), models=contestants)
        with arenas.running(settings) as arena:
            page = opened(arena.url)  # which fails if a request leaves, or a script does
            page.ready(hostile)
            assert "[image: an image]" in page.answer("a")
            assert page.page.locator("[data-text] :is(img, iframe, script, style, svg, video, form)").count() == 0
            link = page.page.locator("#ans-a >> text='a link'")
            assert link.get_attribute("rel") == "noopener noreferrer"
            assert link.get_attribute("target") == "_blank"
            page.press("a", "e")
            page.press("Control+Enter")
            page.wait("revealed")
            page.press("f")
            page.wait("follow")
            assert page.page.locator("[data-turns] :is(img, iframe, script, style, svg, video, form)").count() == 0
    assert sink.hits == []
