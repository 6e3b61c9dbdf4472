"""Answers of the shapes models really write, drawn in a real browser, and what is true of them there.

They are in `answers/*.txt`: a line `=== NAME`, the answer, a line `--- facts`, its facts. A fact:

    3 * SELECTOR                        so many elements match
    SELECTOR :: @start = 2              the attribute of the first match
    SELECTOR :: text = one\\ntwo        what a reader reads there (`~` for a part of it)
    SELECTOR :: css direction = rtl     a computed style (`~` for a part of it, `>` for pixels)
    SELECTOR :: differs color           a computed style other than its parent's
    SELECTOR :: lines = 2               lines of text
    SELECTOR :: width > 30              pixels; also height, and left from the answer's edge
    SELECTOR :: scrolls = true          wider inside than outside
    box :: wider = 0                    pixels by which the page is wider than its window

`box` is the answer itself.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright import sync_api

from arena.ui import assets
from tests.browser.bench import Bench, listening

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "answers"

DRAW = """(text) => import('/static/battle/markdown.js').then(async ({draw}) => {
  const box = document.getElementById('box');
  box.replaceChildren();
  await draw(box, text);
  draw(box, text); })"""

FACT = """([selector, what, sign, wanted]) => {
  const box = document.getElementById('box');
  const found = selector === 'box' ? [box] : [...box.querySelectorAll(selector)];
  if (what === 'count') return found.length === Number(wanted) || found.length;
  const [one] = found;
  if (!one) return 'nothing matches';
  const words = what.split(' ');
  const style = (element, name) => getComputedStyle(element).getPropertyValue(name);
  const read = (element) => element.innerText ?? element.textContent; // MathML has no innerText
  const told = what.startsWith('@') ? one.getAttribute(what.slice(1))
    : what === 'text' ? read(one).trim()
    : what === 'lines' ? String(one.textContent.trimEnd().split('\\n').length)
    : ['width', 'height'].includes(what) ? String(one.getBoundingClientRect()[what])
    : what === 'left' ? String(one.getBoundingClientRect().left - box.getBoundingClientRect().left)
    : what === 'scrolls' ? String(one.scrollWidth > one.clientWidth)
    : what === 'wider' ? String(document.documentElement.scrollWidth - document.documentElement.clientWidth)
    : words[0] === 'css' ? style(one, words[1])
    : words[0] === 'differs' ? String(style(one, words[1]) !== style(one.parentElement, words[1]))
    : `unknown: ${what}`;
  const right = {
    '~': () => told?.includes(wanted),
    '>': () => parseFloat(told) > Number(wanted),
    '=': () => told === wanted,
  }[sign]();
  return right || String(told);
}"""

GROWN = """(text) => import('/static/battle/markdown.js').then(async ({draw}) => {
  const box = document.getElementById('box');
  box.replaceChildren();
  const step = Math.max(1, Math.floor(text.length / 25));
  for (let end = 1; end < text.length; end += step) draw(box, text.slice(0, end), true);
  await draw(box, text);
  draw(box, text);
  const grown = box.cloneNode(true);
  box.replaceChildren();
  draw(box, text);
  return grown.isEqualNode(box) || [grown.innerHTML, box.innerHTML]; })"""


def answers() -> Iterator[tuple[str, str, list[str]]]:
    """Name, text and facts of each answer."""
    for path in sorted(FOLDER.glob("*.txt")):
        for piece in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            name, rest = piece.split("\n", 1)
            text, facts = rest.split("\n--- facts\n")
            yield f"{path.stem}: {name}", text, facts.strip("\n").split("\n")


ALL = list(answers())


def parsed(fact: str) -> tuple[str, str, str, str]:
    """Selector, what is asked, sign and wanted value of a fact."""
    if count := re.fullmatch(r"(\d+) \* (.+)", fact):
        return count[2], "count", "=", count[1]
    if differing := re.fullmatch(r"(.+?) :: (differs \S+)", fact):
        return differing[1], differing[2], "=", "true"
    told = re.fullmatch(r"(.+?) :: (css \S+|\S+) ([=~>]) (.*)", fact)
    assert told, f"no fact: {fact}"
    return told[1], told[2], told[3], told[4].replace("\\n", "\n")


@pytest.fixture(scope="module")
def page(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    """The page they are drawn into, at the width of one answer."""
    with listening(functools.partial(Bench, directory=str(assets.STATIC))) as url:
        made = browser.new_page(viewport={"width": 640, "height": 900})
        made.goto(f"{url}/styled")
        made.wait_for_load_state("load")
        made.evaluate(DRAW, "$x$\n\n```python\nx\n```")
        yield made
        made.close()


def test_there_are_answers_and_facts_enough() -> None:
    assert len(ALL) >= 80
    assert sum(len(facts) for _, _, facts in ALL) >= 300
    assert len({name for name, _, _ in ALL}) == len(ALL)


@pytest.mark.parametrize(("text", "facts"), [answer[1:] for answer in ALL], ids=[answer[0] for answer in ALL])
def test_an_answer_is_shown_as_it_was_meant(page: sync_api.Page, text: str, facts: list[str]) -> None:
    page.evaluate(DRAW, text)
    wrong = {fact: told for fact in facts if (told := page.evaluate(FACT, list(parsed(fact)))) is not True}
    assert wrong == {}, page.evaluate("document.getElementById('box').innerHTML")


def test_a_fact_that_does_not_hold_is_found(page: sync_api.Page) -> None:
    page.evaluate(DRAW, "1. one\n2. **two**")
    false = ("3 * li", "ol :: @start = 2", "strong :: text = one", "li :: css direction = rtl", "em :: text = one")
    assert all(page.evaluate(FACT, list(parsed(fact))) is not True for fact in false)


def test_an_answer_that_grew_is_the_answer(page: sync_api.Page) -> None:
    for name, text, _ in ALL:
        assert page.evaluate(GROWN, text) is True, name


def test_what_is_there_stays_while_more_is_written(page: sync_api.Page) -> None:
    text = "# Title\n\nA word.\n\n```python\nx = 1\n```\n\n| a |\n|---|\n| 1 |\n\nThe end"
    kept = page.evaluate(
        """async (text) => {
          const {draw} = await import('/static/battle/markdown.js');
          const box = document.getElementById('box');
          box.replaceChildren();
          await draw(box, text, true);
          draw(box, text, true);
          const before = [...box.children];
          box.querySelector('pre').focus();
          draw(box, text + ' is not yet', true);
          draw(box, text + ' is not yet here.\\n\\nNow.', true);
          return [before.every((node, at) => node === box.children[at]), document.activeElement.tagName,
            box.lastElementChild.textContent];
        }""",
        text,
    )
    assert kept == [True, "PRE", "Now."]


@pytest.mark.parametrize(
    "part", ["\\[ \\frac{a}{b", "\\[\n\\begin{aligned} a &= b \\\\", "$$\\sum_{i=1}", "so \\( x_1 + \\{"]
)
def test_a_formula_that_is_being_written_shows_its_source(page: sync_api.Page, part: str) -> None:
    page.evaluate(
        "(text) => import('/static/battle/markdown.js').then(({draw}) => draw(box, text, true))",
        f"Here:\n\n{part}",
    )
    assert page.locator("#box math").count() == 0
    assert part.rsplit("\n", maxsplit=1)[-1].strip() in page.inner_text("#box")


def test_code_is_copied_as_it_was_written(page: sync_api.Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(DRAW, "```html\n<p>\n  a & b\n```")
    page.evaluate(
        """() => import('/static/battle/markdown.js').then(({pressed}) =>
          document.getElementById('box').addEventListener('click', pressed, {once: true}))"""
    )
    page.click(".copy")
    page.wait_for_selector(".copy >> text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "<p>\n  a & b\n"
    page.wait_for_function("document.querySelector('.copy').firstChild.data === 'Copy'")
