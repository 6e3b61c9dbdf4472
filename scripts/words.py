"""Write the words of the pages, as they stand in the code, into each catalogue of arena/ui/languages.

python scripts/words.py           add new words without a translation, drop those that are said no more
python scripts/words.py --check   exit 1 where that would change a catalogue
python scripts/words.py --count   how many messages there are, and how many each language has

Words are found in three places: `say`, `plural` and `mark` in Python below arena/ui, `say`, `sayWith` and `plural` in
its scripts, and the markup that is the same for everybody; and in tables of the arena that a page says.
"""

import argparse
import ast
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import pofile
from babel.messages.catalog import Catalog

from arena.domain.principal import Role
from arena.exports.format import EXPLANATIONS
from arena.ui import bar, battle, catalogue_markup, catalogues, frame, language, plain_pages
from arena.ui.pages import data, leaderboard, me

ROOT = Path(__file__).resolve().parents[1]
UI = ROOT / "arena" / "ui"
TEXT = r'("(?:[^"\\]|\\.)*")'
CALL = r"(?<![\w#])(?<![\w)\]]\.)"  # a function of its own: no method, no end of another name
SAY = re.compile(rf"{CALL}(?:say|sayWith)\(\s*{TEXT}")
PLURAL = re.compile(rf"{CALL}plural\(\s*[^\"]*?,\s*{TEXT},\s*{TEXT}")
PAGES = "arena/ui/pages/"
"""Where a catalogue says that words of markup stand, with the name of the page."""

HEADER = """\
# {language} words of the pages of Preference Arena.
# Every translation here still needs a native reader: none has been read by one.
#"""


def template() -> Catalog:
    """Every message of the pages, with the files it stands in."""
    found = Catalog()
    for place, message in _messages():
        found.add(message, locations=[(place, None)])
    return found


def merged(code: str, messages: Catalog) -> Catalog:
    """A language's catalogue, with these messages and no other; what is said the same keeps its translation."""
    path = catalogues.FOLDER / f"{code}.po"
    known = Catalog()
    if path.exists():
        with path.open("rb") as file:
            known = pofile.read_po(file, locale=code, ignore_obsolete=True)
    made = Catalog(locale=code, charset="utf-8", header_comment=HEADER.format(language=language.NAMES[code]))
    made.mime_headers = [("Plural-Forms", _plural_forms(code))]
    for message in messages:
        if not message.id:
            continue
        kept = known.get(message.id if isinstance(message.id, str) else message.id[0])
        forms = len(catalogues.categories(code))
        empty: str | tuple[str, ...] = ("",) * forms if message.pluralizable else ""
        string = kept.string if kept is not None and kept.pluralizable == message.pluralizable else empty
        made.add(message.id, string or empty, locations=sorted(set(message.locations)), flags=())
    return made


def written(code: str, catalogue: Catalog) -> str:
    """A catalogue as its file has it: in the order of the English, without dates and lines that move."""
    lines = [
        catalogue.header_comment,
        'msgid ""',
        'msgstr ""',
        r'"Content-Type: text/plain; charset=utf-8\n"',
        rf'"Language: {code}\n"',
        rf'"Plural-Forms: {_plural_forms(code)}\n"',
        "",
        "",
    ]
    file = io.BytesIO()
    pofile.write_po(file, catalogue, width=0, omit_header=True, sort_output=True, include_lineno=False)
    return "\n".join(lines) + file.getvalue().decode().lstrip("\n").rstrip("\n") + "\n"


def _plural_forms(code: str) -> str:
    """For programs that edit catalogues; ours take CLDR's rules from Babel."""
    rules = {
        "fr": "n > 1",
        "pt": "n > 1",
        "ar": "n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5",
    }
    count = len(catalogues.categories(code))
    return f"nplurals={count}; plural=({rules.get(code, '0' if count == 1 else 'n != 1')});"


def _messages() -> Iterator[tuple[str, str | tuple[str, str]]]:
    for path in sorted(UI.rglob("*.py")):
        yield from ((_place(path), message) for message in _python(path))
    for path in sorted((UI / "static").rglob("*.js")):
        if "vendor" not in path.parts and path.name != "words.js":
            yield from ((_place(path), message) for message in _script(path))
    for place, markup in _markups():
        for message in catalogue_markup.messages(markup):
            yield PAGES + place, message
    for title in titles():
        yield f"{PAGES}bar", title
    for explanation in EXPLANATIONS.values():
        yield "arena/ui/static/data/waterfall.js", explanation


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _python(path: Path) -> Iterator[str | tuple[str, str]]:
    """What a module says."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        words = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
        if name in ("say", "mark") and words and isinstance(words[0], str):
            yield words[0]
        elif name == "plural" and len(words) > 2 and isinstance(words[1], str) and isinstance(words[2], str):
            yield words[1], words[2]


def _script(path: Path) -> Iterator[str | tuple[str, str]]:
    """What a script says. Babel reads scripts, too, but misses calls inside other calls and inside template strings."""
    text = path.read_text(encoding="utf-8")
    for found in SAY.finditer(text):
        yield json.loads(found[1])
    for found in PLURAL.finditer(text):
        yield json.loads(found[1]), json.loads(found[2])


def _markups() -> Iterator[tuple[str, str]]:
    """All the markup that is translated as it stands, by its page."""
    yield "battle", battle.markup()
    yield "data", data.markup()
    yield "leaderboard", leaderboard.WAITING
    yield "me", me.markup()
    for page in plain_pages.PAGES:
        yield page.name, page.markup
    for entry in ("My contributions", "Lab", "Leaderboard"):
        for role in (*Role, None):
            yield "bar", bar.markup(entry, role)
            yield "bar", bar.sub(entry, "/", Role.ANONYMOUS if role is None else role)


def titles() -> Iterator[str]:
    """Words that tables of pages hold, and that `say` translates where they are shown."""
    yield from (page.title for page in plain_pages.PAGES)
    yield from (name for name, _ in frame.PAGES)


def main() -> int:
    """Write the catalogues, compare them, or count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--count", action="store_true")
    arguments = parser.parse_args()
    messages = template()
    stale = []
    for code in language.NAMES:
        if code == language.ENGLISH:
            if arguments.count:
                print(f"en {len(messages)}")
            continue
        path = catalogues.FOLDER / f"{code}.po"
        catalogue = merged(code, messages)
        text = written(code, catalogue)
        if arguments.count:
            print(code, sum(_is_whole(message.string) for message in catalogue if message.id))
        elif not arguments.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
    if stale:
        print(f"{', '.join(stale)} are not as the code speaks; run `python scripts/words.py`.", file=sys.stderr)
    return 1 if stale else 0


def _is_whole(string: str | tuple[str, ...] | list[str]) -> bool:
    return bool(string) if isinstance(string, str) else all(string)


if __name__ == "__main__":
    sys.exit(main())
