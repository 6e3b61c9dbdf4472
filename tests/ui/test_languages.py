"""The language of a page: chosen or asked for; catalogues current and true to the English; plural rules of CLDR."""

import html
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Message
from starlette.datastructures import Headers

from arena.domain.principal import Role
from arena.ui import assets, catalogue_markup, catalogues, document, language, plain, plain_pages
from scripts import words

OTHERS = [code for code in language.NAMES if code != language.ENGLISH]
CODES = pytest.mark.parametrize("code", OTHERS)
PLACEHOLDER = re.compile(r"\{\w+\}")


@pytest.fixture(scope="module")
def template() -> words.Catalog:
    return words.template()


@CODES
def test_a_catalogue_is_as_the_code_speaks(code: str, template: words.Catalog) -> None:
    kept = (catalogues.FOLDER / f"{code}.po").read_text(encoding="utf-8")
    assert kept == words.written(code, words.merged(code, template)), "run `python scripts/words.py`"


@CODES
def test_everything_is_translated(code: str, template: words.Catalog) -> None:
    assert [message.id for message in _untranslated(code, template)] == []


def _untranslated(code: str, template: words.Catalog) -> list[Message]:
    known = catalogues.words(code)
    said = [message for message in template if message.id]
    return [one for one in said if (one.id if isinstance(one.id, str) else one.id[0]) not in known]


@CODES
def test_a_word_without_a_translation_is_found(code: str) -> None:
    new = words.Catalog()
    new.add("Record vote", locations=[("arena/ui/static/work.js", None)])
    new.add("A word that nobody has translated", locations=[("arena/ui/static/lab-work.js", None)])
    assert [message.id for message in _untranslated(code, new)] == ["A word that nobody has translated"]


@CODES
def test_a_translation_keeps_the_places_and_the_tags_of_its_english(code: str) -> None:
    with (catalogues.FOLDER / f"{code}.po").open("rb") as file:
        catalogue = pofile.read_po(file, locale=code)
    assert _unlike(catalogue) == []


def _unlike(catalogue: words.Catalog) -> list[str]:
    """Messages whose translation has other places for values, or other tags."""
    found = []
    for message in catalogue:
        if not message.id:
            continue
        one, *other = [message.id] if isinstance(message.id, str) else message.id
        forms = [message.string] if isinstance(message.string, str) else list(message.string)
        wanted = PLACEHOLDER.findall(other[0] if other else one)
        for form in filter(None, forms):
            places = PLACEHOLDER.findall(form)
            missing = set(wanted) - set(places) - ({"{n}"} if other else set())  # "one vote" needs no figure
            if missing or set(places) - set(wanted) or catalogue_markup.tags(form) != catalogue_markup.tags(one):
                found.append(f"{one} -> {form}")
    return found


def test_a_lost_place_and_a_lost_tag_are_found() -> None:
    catalogue = words.Catalog(locale="fr")
    catalogue.add("{n} of {all}", "{n} sur tout")
    catalogue.add("see the <a>board</a>", "voir le classement")
    catalogue.add(("{n} vote", "{n} votes"), ("un vote", "{n} votes"))
    assert len(_unlike(catalogue)) == 2


@CODES
def test_every_number_has_a_form(code: str) -> None:
    forms = {catalogues.form(code, number) for number in range(2_000)}
    assert forms == set(range(len(catalogues.categories(code))))
    assert catalogues.form(code, 1_000_000) < len(catalogues.categories(code))


def test_arabic_has_six_forms_and_french_counts_nothing_as_one() -> None:
    assert catalogues.categories("ar") == catalogues.CATEGORIES
    assert [catalogues.form("ar", number) for number in (0, 1, 2, 3, 11, 100)] == [0, 1, 2, 3, 4, 5]
    assert [catalogues.form("fr", number) for number in (0, 1, 2)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("cookie", "accepted", "code"),
    [
        ("", "", "en"),
        ("", "fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("", "nl,de;q=0.5,ar;q=0.7", "ar"),
        ("", "nl", "en"),
        ("", "de;q=nothing, es;q=2, pt;q=0", "en"),
        ("a=b; arena_language=zh", "fr", "zh"),
        ("arena_language=../../etc", "id", "id"),
    ],
)
def test_a_choice_goes_before_what_the_browser_likes(cookie: str, accepted: str, code: str) -> None:
    assert language.asked(Headers({"cookie": cookie, "accept-language": accepted})) == code


def test_the_language_ends_with_the_page_that_is_drawn_in_it() -> None:
    with language.speaking("ar"):
        assert language.attributes() == 'lang="ar" dir="rtl" data-language="ar"'
    assert language.attributes() == 'lang="en" dir="ltr" data-language="en"'


MARKUP = (
    '<p class="x">Votes <b>count</b> on the <a href="/l">board</a>, at once.</p>'
    '<button title="Go on">Next<kbd>N</kbd></button><span class="g"></span> <i translate="no">Arena names</i>'
)


def test_a_sentence_is_one_message_with_its_elements_as_bare_tags() -> None:
    assert list(catalogue_markup.messages(MARKUP)) == [
        "Votes <b>count</b> on the <a>board</a>, at once.",
        "Go on",
        "Next",
    ]


def test_where_gradio_puts_a_value_is_no_message_and_stays() -> None:
    with language.speaking("de"):
        assert catalogue_markup.translated("${value}") == "${value}"
        assert "${" not in catalogue_markup.translated("<p>Words with ${value} in them</p>"), "the control"
    assert list(catalogue_markup.messages("<p>${value}</p>")) == []


def test_a_translation_moves_the_elements_and_brings_no_markup_of_its_own() -> None:
    said = {"Votes <b>count</b> on the <a>board</a>, at once.": "Im <a>Brett</a> & <b>sofort</b> `${x}<script>"}
    made = catalogue_markup.rewritten(MARKUP, lambda message: said.get(message, message))
    assert made.startswith('<p class="x">Im <a href="/l">Brett</a> &amp; <b>sofort</b> &#96;&#36;{x}&lt;script&gt;</p>')
    assert made.endswith(MARKUP.split("</p>")[1])


@pytest.mark.parametrize("page", plain_pages.PAGES, ids=lambda page: page.name)
def test_markup_with_nothing_translated_is_as_it_was(page: plain_pages.Page) -> None:
    body = "<body" + plain.page(page, Role.ADMIN).partition("<body")[2].removesuffix("</html>")
    made = catalogue_markup.rewritten(body, lambda message: message)
    assert html.unescape(made).split() == html.unescape(body).split()


def test_a_script_gets_its_words_at_one_address_for_as_long_as_they_are_the_same() -> None:
    asset = catalogues.script("fr")
    assert catalogues.script_at(asset.address) == asset
    assert catalogues.script_at(asset.address.replace(asset.digest, "0123456789")) is None
    assert catalogues.script_at("/static/words/xx.0123456789.js") is None


IMPORTED = re.compile(r'from "/static/([\w/-]+\.js)"')


def test_no_page_runs_a_script_whose_words_it_does_not_fetch() -> None:
    part = catalogues.part_of
    alien = {
        (path.relative_to(assets.STATIC).as_posix(), name)
        for path in assets.STATIC.rglob("*.js")
        for name in IMPORTED.findall(path.read_text(encoding="utf-8"))
        if part(name) not in ("", part(path.relative_to(assets.STATIC).as_posix()))
    }
    assert alien == set()
    assert (part("lab/models.js"), part("data.js"), part("board.js")) == ("lab", "data", "")


def test_english_pages_fetch_no_words() -> None:
    assert document.words("") == ""
    with language.speaking("de"):
        assert document.words("") == f'<script src="{catalogues.script("de").address}"></script>'


def test_the_chooser_names_each_language_in_itself() -> None:
    page = plain.page(plain_pages.PAGES[0], Role.ANONYMOUS)
    chosen = Counter(re.findall(r'<option value="(\w\w)" lang="\1">', page))
    assert list(chosen) == list(language.NAMES)


def test_each_catalogue_says_that_a_native_reader_is_needed() -> None:
    for path in Path(catalogues.FOLDER).glob("*.po"):
        assert "still needs a native reader" in path.read_text(encoding="utf-8")[:300]


def test_a_name_stands_apart_in_a_sentence_from_the_right() -> None:
    message = "{model} leads, but is not yet told apart from any other model."
    for code in ("en", "de", "zh"):
        with language.speaking(code):
            assert "\u2068" not in language.say(message, model="heron-14b")
    with language.speaking("ar"):
        assert "\u2068heron-14b\u2069" in language.say(message, model="heron-14b")
        assert "\u2068" not in language.say(message, model="النموذج 14")
        assert "\u2068" not in language.plural(3, "{n} vote", "{n} votes")
