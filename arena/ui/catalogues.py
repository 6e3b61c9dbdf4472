"""The catalogues of the pages' words, as gettext keeps them: `languages/CODE.po`, read by Babel.

A catalogue is read when somebody first asks for its language, and kept. Scripts get theirs as one file under a name
that holds its hash, as every file of the pages; the pages of labs and of trainers have one more each, which no rater
fetches.
"""

import functools
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from babel import Locale, numbers
from babel.messages import pofile

from arena.ui import assets

FOLDER = Path(__file__).parent / "languages"
ADDRESS = re.compile(r"/static/words/([a-z]{2})(?:-(lab|data))?\.[0-9a-f]{10}\.js")
SCRIPTS = "arena/ui/static/"
"""Where the words of scripts are found, as a catalogue names places."""
PARTS = ("lab", "data")
"""Beginnings of the names of scripts whose words stand apart: those of labs, and of trainers."""

Words = Mapping[str, tuple[str, ...]]
"""Translations by their English; more than one where it counts things, in the order of `CATEGORIES`."""

CATEGORIES = ("zero", "one", "two", "few", "many", "other")
"""Of CLDR's plural rules. A language has some of them, and its plural forms stand in this order."""


@functools.cache
def words(code: str) -> Words:
    """Everything that is translated into a language; nothing for English."""
    return MappingProxyType({message: forms for message, forms, _ in _entries(code)})


@functools.cache
def categories(code: str) -> tuple[str, ...]:
    """The plural categories that whole numbers have in a language; millions go with other numbers."""
    rule = Locale.parse(code).plural_form
    found = {rule(number) for number in range(200)}
    return tuple(category for category in CATEGORIES if category in found)


def form(code: str, n: int) -> int:
    """Which of a language's plural forms a number takes."""
    category = Locale.parse(code).plural_form(n)
    known = categories(code)
    return known.index(category if category in known else "other")


def figure(code: str, n: float) -> str:
    """A number as the language groups its digits."""
    return str(numbers.format_decimal(n, locale=code))


@functools.cache
def signs(code: str) -> Mapping[int, str]:
    """What stands between digits in a language, by what stands there in English."""
    usual = {",": numbers.get_group_symbol(code), ".": numbers.get_decimal_symbol(code)}
    return str.maketrans({**usual, "-": numbers.get_minus_sign_symbol(code)})


@functools.cache
def of_hundred(code: str) -> str:
    """A percentage in a language, `#` in place of its number."""
    return str(numbers.format_percent(0, locale=code)).replace("0", "#")


@functools.cache
def script(code: str, part: str = "") -> assets.Asset:
    """The words that scripts of a part say, or those of every page, as a script that is run before them."""
    chosen = {message: forms for message, forms, places in _entries(code) if part in _parts(places)}
    told = {"forms": categories(code), "words": chosen}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    content = f"(globalThis.arenaWords ??= []).push({text});\n".encode()
    digest = hashlib.sha256(content).hexdigest()[:10]
    name = f"words/{code}{part and f'-{part}'}"
    return assets.Asset(
        name=f"{name}.js",
        address=f"{assets.PREFIX}{name}.{digest}.js",
        digest=digest,
        content=content,
        media_type="text/javascript",
        imports=(),
    )


def script_at(path: str) -> assets.Asset | None:
    """The script at an address, where that is the address of one."""
    found = ADDRESS.fullmatch(path)
    if found is None or not (FOLDER / f"{found[1]}.po").exists():
        return None
    asset = script(found[1], found[2] or "")
    return asset if asset.address == path else None


def _parts(places: frozenset[str]) -> frozenset[str]:
    """The part to which what is said there belongs: every page's, where several say it; none, where no script does."""
    names = [place.removeprefix(SCRIPTS) for place in places if place.startswith(SCRIPTS)]
    found = frozenset(part_of(name) for name in names)
    return frozenset({""}) if len(found) > 1 else found


def part_of(name: str) -> str:
    """The part that a script or a page of this name belongs to; nothing where it is every page's."""
    return next((begin for begin in PARTS if name.startswith(begin)), "")


@functools.cache
def _entries(code: str) -> tuple[tuple[str, tuple[str, ...], frozenset[str]], ...]:
    """English, translations and places of what is translated."""
    path = FOLDER / f"{code}.po"
    if not path.exists():
        return ()
    with path.open("rb") as file:
        catalogue = pofile.read_po(file, locale=code)
    found = []
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        whole = tuple(form for form in forms if form)
        if message.id and len(whole) == len(forms):
            english = message.id if isinstance(message.id, str) else message.id[0]
            found.append((english, whole, frozenset(place for place, _ in message.locations)))
    return tuple(found)
