"""Numbers by which a state knows a person: by their form and check digits, or after a word that announces them."""

import bisect
import re
from collections.abc import Iterator, Mapping

from arena.exports.personal import announcing, id_forms, id_words, tongues
from arena.exports.personal.announcing import Said
from arena.exports.personal.id_forms import Number
from arena.exports.personal.id_words import Announced, Word
from arena.exports.personal.plain import WORD

JOINTS = re.compile(r"[ ./()-]+")
FREE = r"(?=[0-9A-Z])(?<![\w+#])(?<!\d[.,:/-])"
"""Before a number: nothing that it is a part of. The look at its first character is there to be quick."""
ENDED = r"(?!\w|[.,:/-]\d)"
"""After it."""
WINDOW = 48
"""Characters after a word in which the number it announces begins and ends."""
DIGIT = re.compile(r"\d")
DATE = re.compile(
    r"(?:19|20)\d\d[ ./-]?(?:0?[1-9]|1[0-2])[ ./-]?(?:0?[1-9]|[12]\d|3[01])|\d{1,2}[ ./-]\d{1,2}[ ./-](?:19|20)?\d\d"
    r"|(?:19|20)\d\d[/-](?:19|20)?\d\d"
)
LETTER = re.compile(f"[{WORD}]")
SMALL = {point: chr(point).lower() for point in range(0x250) if len(chr(point).lower()) == 1} | {ord("İ"): "i"}
"""Latin letters in small ones, one for one, so that positions stay."""
BARE = re.compile(FREE + r"\d{10,16}" + ENDED, re.ASCII)


def _pattern(numbers: Mapping[str, Number], flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(
        FREE + "(?:" + "|".join(f"(?P<{name}>{number.form})" for name, number in numbers.items()) + ")" + ENDED,
        flags | re.ASCII,
    )


FORMS = _pattern(id_forms.FORMS, re.IGNORECASE)
CAPITALS = _pattern(id_forms.CAPITALS, re.NOFLAG)
NUMBERS = {**id_forms.FORMS, **id_forms.CAPITALS}
GROUPED = {
    language: (re.compile(FREE + f"(?:{form})" + ENDED, re.ASCII), check)
    for language, (form, check) in id_forms.GROUPED.items()
}


def _following(announced: Announced) -> tuple[Announced, re.Pattern[str]]:
    """What is announced, and the number after a word."""
    return announced, re.compile(f"{FREE}(?:{announced.form}){ENDED}", re.IGNORECASE | re.ASCII)


ANNOUNCED = tuple(map(_following, id_words.ANNOUNCED))
GENERAL = _following(id_words.GENERAL)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where national ids stand. Finds may overlap."""
    if DIGIT.search(text) is None:
        return
    small = text.translate(SMALL)
    found = [*_by_form(text), *(span for one in ANNOUNCED for span in _announced(text, small, *one))]
    yield from found
    ends = sorted(found)
    for start, end in _announced(text, small, *GENERAL):
        place = bisect.bisect_left(ends, (end,))
        if not any(start < other for _, other in ends[max(0, place - 3) : place]):
            yield start, end


def _by_form(text: str) -> Iterator[tuple[int, int]]:
    """Numbers that their form and check digits give away, some of them by the language of the text as well."""
    for pattern in (FORMS, CAPITALS):
        for match in pattern.finditer(text):
            number = NUMBERS[match.lastgroup or ""]
            if number.languages and number.languages.isdisjoint(tongues.languages_of(text)):
                continue
            if number.checks(_compact(match[0])):
                yield match.span()
    for language in tongues.languages_of(text) & GROUPED.keys():
        pattern, checks = GROUPED[language]
        for match in pattern.finditer(text):
            if checks(_compact(match[0])) and _is_possible(text, *match.span()):
                yield match.span()
    for match in BARE.finditer(text):
        for language, check in id_forms.BARE.get(len(match[0]), ()):
            spoken = tongues.languages_of(text)
            if (
                (language in spoken if language else not spoken)
                and check(match[0])
                and _is_possible(text, *match.span())
            ):
                yield match.span()
                break


def _is_possible(text: str, start: int, end: int) -> bool:
    """Whether no word beside a number calls it something else."""
    return announcing.said(text, start, end) in (None, Said.ID)


def _announced(text: str, small: str, announced: Announced, following: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Numbers after words that announce them."""
    for word in announced.words:
        reached = 0
        for end in _ends(text, small, word):
            number = following.search(text, end, end + WINDOW) if end >= reached else None
            while number is not None and DATE.fullmatch(number[0]):
                number = following.search(text, number.end(), end + WINDOW)
            if number is not None and announcing.before(text, number.start(), end) in (None, Said.ID):
                reached = number.end()
                yield number.span()


def _ends(text: str, small: str, word: Word) -> Iterator[int]:
    """Where a word ends that a digit follows, in order."""
    start = small.find(word.small)
    while start >= 0:
        end = start + len(word.small)
        digit = DIGIT.search(text, end)
        if digit is None:
            return
        if digit.start() < end + WINDOW:
            parted = not (LETTER.match(small, end) or (start and LETTER.match(small, start - 1)))
            if (parted or not word.whole) and (not word.capitals or text[start:end].isupper()):
                yield end
            start = small.find(word.small, end)
        else:
            start = small.find(word.small, max(end, digit.start() - WINDOW - len(word.small)))


def _compact(written: str) -> str:
    return JOINTS.sub("", written).upper()
