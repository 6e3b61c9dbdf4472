"""The language of a page: which one, and its words in place of the English ones.

English stands in the code and is the key of its translations: `say("Record vote")`,
`plural(3, "{n} vote", "{n} votes")`. Markup that is the same for everybody is translated as it stands, by
`catalogue_markup.py`. The catalogues are `languages/*.po`. The language is that of a request: a context variable holds
it while a page is drawn; without one it is English.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime

from babel.dates import format_date
from babel.lists import format_list
from starlette.datastructures import Headers

from arena.ui import catalogues

NAMES = {
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "pt": "Português",
    "id": "Bahasa Indonesia",
    "zh": "中文",
    "ar": "العربية",
}
"""What each language calls itself, in the order of the chooser."""
ENGLISH = "en"
RIGHT_TO_LEFT = frozenset({"ar"})
LATIN = re.compile("[A-Za-z]")
COOKIE = "arena_language"
"""What a rater chose; pages read and write it, and it says nothing about anybody."""

_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


def current() -> str:
    """The code of the language in which a page is being drawn."""
    return _current.get()


@contextlib.contextmanager
def speaking(code: str) -> Iterator[None]:
    """Draw what is drawn inside in this language."""
    token = _current.set(code)
    try:
        yield
    finally:
        _current.reset(token)


def asked(headers: Headers) -> str:
    """The language of a request: what was chosen before, else what the browser likes best, else English."""
    for part in headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE and value in NAMES:
            return value
    return preferred(headers.get("accept-language", ""))


def preferred(accepted: str) -> str:
    """The language that an `Accept-Language` header likes best of those there are; of equals the first."""
    best, best_weight = ENGLISH, 0.0
    for part in accepted[:500].split(","):
        tag, _, weight = part.partition(";")
        code = tag.strip().lower().split("-")[0]
        try:
            weighs = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if code in NAMES and best_weight < weighs <= 1:
            best, best_weight = code, weighs
    return best


def attributes() -> str:
    """What the `html` element says of the language: `lang="ar" dir="rtl"`.

    Once more as `data-language`: Gradio writes the browser's own language over the first.
    """
    tag = "zh-Hans" if current() == "zh" else current()
    return f'lang="{tag}" dir="{"rtl" if current() in RIGHT_TO_LEFT else "ltr"}" data-language="{tag}"'


def say(message: str, **values: object) -> str:
    """English words in the language of the page; `{name}` stands for a value."""
    (said, *_) = catalogues.words(current()).get(message) or (message,)
    return said.format(**_isolated(values)) if values else said


def plural(n: int, one: str, other: str, **values: object) -> str:
    """The words for a number of things, by the rules of the language; `{n}` stands for the number."""
    code = current()
    forms = catalogues.words(code).get(one)
    english = one if n == 1 else other
    said = forms[catalogues.form(code, n)] if forms else english
    return said.format(**{"n": f"{n:,}" if code == ENGLISH else catalogues.figure(code, n), **_isolated(values)})


def _isolated(values: Mapping[str, object]) -> Mapping[str, object]:
    """Values for a sentence: names in Latin letters stand apart in one from the right, as `words.js` has them; else a
    number or a full stop beside a name would stand on its other side."""
    if current() not in RIGHT_TO_LEFT:
        return values
    return {name: f"\u2068{one}\u2069" if LATIN.search(str(one)) else one for name, one in values.items()}


def figure(number: float, places: int = 0) -> str:
    """A number as the language groups and points its digits."""
    return f"{number:,.{places}f}".translate(catalogues.signs(current()))


def percent(share: float, places: int = 0) -> str:
    """A share as percent, as the language writes it."""
    text = f"{share:.{places}%}".removesuffix("%").translate(catalogues.signs(current()))
    return catalogues.of_hundred(current()).replace("#", text)


def moment(at: datetime) -> str:
    """A day and its hour and minute, without the zone."""
    if current() == ENGLISH:
        return f"{at:%-d %b %Y, %H:%M}"
    return f"{format_date(at, 'medium', locale=current())} {at:%H:%M}"


def listed(names: Sequence[str]) -> str:
    """Names side by side, the last two with "and" between them."""
    return str(format_list(names, locale="en_GB" if current() == ENGLISH else current()))


def mark(message: str) -> str:
    """Name words for the catalogues where they are defined; `say` translates them where they are shown."""
    return message
