"""What the document says of values is what the arena takes."""

import re
import sys
import unicodedata

from arena.api import said, select_schema
from arena.domain import model, wording
from arena.domain.selection import READERS
from arena.exports.folder import credit


def test_a_text_that_shows_something_is_told_from_one_that_does_not() -> None:
    shows = re.compile(said.VISIBLE)
    for sign in map(chr, range(sys.maxunicode + 1)):
        if unicodedata.category(sign) in wording.INVISIBLE:
            assert not shows.search(sign), hex(ord(sign))
    for text in ("a", " a", "你好", "\u200bx\n", "é"):
        assert shows.search(text), text
        assert wording.visible(text)
    assert not shows.search("a\0b")


def test_a_line_is_what_the_arena_calls_one() -> None:
    line = re.compile(said.LINE.replace("$", r"\Z"))
    for sign in map(chr, range(0x3000)):
        assert bool(line.search(sign)) is wording.in_one_line(sign), hex(ord(sign))


def test_names_and_units_are_spelt_the_same_in_both() -> None:
    assert said.SLUG.strip("^$") == model.SLUG.pattern
    assert said.UNIT.strip("^$") == credit.UNIT.pattern


def test_every_key_of_a_selection_is_in_the_document() -> None:
    assert select_schema.KEYS.keys() == READERS.keys()
