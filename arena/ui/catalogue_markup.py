"""Markup that is the same for everybody, translated as it stands.

Nothing in it is marked: every text of an element, and each attribute that is read out or shown, is a message. Elements
inside a sentence (a link, a keycap, bold words) stay in the message as bare tags, `counts on the <a>leaderboard</a>`,
so that a language can put its words in another order; what they carry stays with the code. An element with
`translate="no"` is left as it is, as HTML means it.
"""

import functools
import html
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from arena.ui import catalogues, language

INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "kbd", "small", "span", "strong", "sub", "sup"})
"""Elements that stand inside a sentence."""
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
VERBATIM = frozenset({"script", "style", "textarea", "code", "kbd"})
SAID = re.compile(r'(?<=\s)(title|placeholder|aria-label|alt|data-example|data-purpose)="([^"]*)"')
"""Attributes with words in them; an example's prompt is words, too, and what a command does."""
WORD = re.compile(r"[^\W\d_]{2}|^[AB]$")
"""What makes a text a message: two letters side by side, or the name of an answer."""
MIRRORED = str.maketrans("←→", "→←")
"""Arrows point at what stands there; where a page runs from right to left they are the other way round."""
TAG = re.compile(r"</?[a-z]+\d*>")
HOLE = re.compile(r"\$\{\w+\}")
"""Where Gradio puts the value of a part into its markup: no words."""

Translate = Callable[[str], str]


@dataclass(slots=True)
class Node:
    """An element, or a text where it has no tag."""

    tag: str = ""
    start: str = ""
    """As written: the start tag, or the text."""
    end: str = ""
    children: list["Node"] = field(default_factory=list)

    @property
    def is_fixed(self) -> bool:
        return self.tag in VERBATIM or 'translate="no"' in self.start

    @property
    def is_inline(self) -> bool:
        """Whether it may stand inside a sentence."""
        return not self.tag or (self.tag in INLINE and all(child.is_inline for child in self.children))

    @property
    def has_words(self) -> bool:
        """Whether there is something to translate in it."""
        if not self.tag:
            return WORD.search(html.unescape(HOLE.sub("", self.start))) is not None
        return not self.is_fixed and any(child.has_words for child in self.children)

    @property
    def written(self) -> str:
        return self.start + "".join(child.written for child in self.children) + self.end


def translated(markup: str) -> str:
    """The markup in the language of the page."""
    code = language.current()
    return markup if code == language.ENGLISH else _translated(markup, code)


def messages(markup: str) -> Iterator[str]:
    """Every message of it, in its order."""
    found: list[str] = []

    def keep(message: str) -> str:
        found.append(message)
        return message

    rewritten(markup, keep)
    yield from found


def rewritten(markup: str, translate: Translate) -> str:
    """The markup with every message replaced."""
    tree = _Tree()
    tree.feed(markup)
    tree.close()
    return "".join(_written(tree.root.children, translate))


def tags(message: str) -> Counter[str]:
    """The bare tags of a message, which a translation has to keep."""
    return Counter(TAG.findall(message))


@functools.lru_cache(256)
def _translated(markup: str, code: str) -> str:
    known = catalogues.words(code)
    made = rewritten(markup, lambda message: (known.get(message) or (message,))[0])
    return made.translate(MIRRORED) if code in language.RIGHT_TO_LEFT else made


class _Tree(HTMLParser):
    """Reads markup of ours, whose elements are all closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.root = Node()
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        node = Node(tag, self.get_starttag_text() or "")
        self._open[-1].children.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self._open[-1].children.append(Node(tag, self.get_starttag_text() or ""))

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1].tag != tag:
            raise ValueError(f"</{tag}> closes <{self._open[-1].tag}> in markup of a page. Close what is open first.")
        self._open.pop().end = f"</{tag}>"

    def handle_data(self, data: str) -> None:
        siblings = self._open[-1].children
        if siblings and not siblings[-1].tag:
            siblings[-1].start += data
        else:
            siblings.append(Node(start=data))

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def _written(nodes: list[Node], translate: Translate) -> Iterator[str]:
    """Siblings, sentence by sentence."""
    sentence: list[Node] = []
    for node in [*nodes, None]:
        if node is not None and node.is_inline:
            sentence.append(node)
            continue
        yield from _sentence(sentence, translate)
        sentence = []
        if node is not None:
            yield from _element(node, translate)


def _element(node: Node, translate: Translate) -> Iterator[str]:
    if not node.tag:
        yield node.start
        return
    yield SAID.sub(lambda said: f'{said[1]}="{_attribute(said[2], translate)}"', node.start)
    if node.is_fixed:
        yield "".join(child.written for child in node.children)
    else:
        yield from _written(node.children, translate)
    yield node.end


def _attribute(value: str, translate: Translate) -> str:
    words = html.unescape(value)
    return _escaped(translate(words), quote=True) if WORD.search(words) else value


def _sentence(nodes: list[Node], translate: Translate) -> Iterator[str]:
    """Texts and inline elements side by side: one message, unless no word stands between the elements."""
    if not any(not node.tag and node.has_words for node in nodes):
        for node in nodes:
            yield from _element(node, translate)
        return
    first = next(at for at, node in enumerate(nodes) if node.written.strip() and _has_text(node))
    last = max(at for at, node in enumerate(nodes) if node.has_words or (not node.tag and node.written.strip()))
    for node in nodes[:first]:
        yield from _element(node, translate)
    yield _message(nodes[first : last + 1], translate)
    for node in nodes[last + 1 :]:
        yield from _element(node, translate)


def _has_text(node: Node) -> bool:
    return bool(node.start.strip()) if not node.tag else any(_has_text(child) for child in node.children)


def _message(nodes: list[Node], translate: Translate) -> str:
    """One message in its translation, with the elements of ours in their places again."""
    elements = list(_elements(nodes))
    often = Counter(node.tag for node in elements)
    seen: Counter[str] = Counter()
    starts, names = {}, {}
    for node in elements:
        seen[node.tag] += 1
        name = f"{node.tag}{seen[node.tag]}" if often[node.tag] > 1 else node.tag
        names[id(node)] = name
        starts[f"<{name}>"] = SAID.sub(lambda said: f'{said[1]}="{_attribute(said[2], translate)}"', node.start)
        starts[f"</{name}>"] = node.end
    raw = "".join(_bare(node, names) for node in nodes)
    words = " ".join(raw.split())
    said = translate(words)
    pieces = re.split(f"({TAG.pattern})", said)
    body = "".join(starts.get(piece) or _escaped(piece) for piece in pieces)
    before, after = raw[: len(raw) - len(raw.lstrip())], raw[len(raw.rstrip()) :]
    return f"{before}{body}{after}"


def _elements(nodes: list[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.tag:
            yield node
            yield from _elements(node.children)


def _bare(node: Node, names: dict[int, str]) -> str:
    if not node.tag:
        return html.unescape(node.start)
    name = names[id(node)]
    return f"<{name}>{''.join(_bare(child, names) for child in node.children)}</{name}>"


def _escaped(words: str, *, quote: bool = False) -> str:
    """Words as markup; Gradio reads a part's markup as a JavaScript template, which a backtick would end."""
    return html.escape(words, quote=quote).replace("`", "&#96;").replace("${", "&#36;{")
