"""Whether two texts ask the same thing. Pure.

Capitals, accents, punctuation, courtesy and fillers (`light_words`) are ignored. The other words must be the same in
the same order, except for typing errors, one clause that stands elsewhere, and in a long text one or two extra words. A
different number, name, opposite or option makes a different prompt, however long the text around it is. Chinese and
Japanese are compared sign by sign, Korean syllable by syllable.
"""

import difflib
import functools
import re
from collections.abc import Sequence
from typing import Final

from arena.domain import wording
from arena.exports.filters import light_words

SIGN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
"""Kana, Han, Hangul: each is a word here."""
JOINT: Final = re.compile(r",? (?:and|or|und|oder|et|ou|y|o|e|en|of|и|или) |, ")
LISTED: Final = re.compile(r"\b[^\W\d_]+(?:, [^\W\d_]+)*,? (?:and|or|und|oder|et|ou|y|и|или) [^\W\d_]+\b")
"""Words in a list: `eggs, rice and spinach`."""
SIGNED: Final = re.compile(f"[{SIGN}]")
TOKEN: Final = re.compile(
    rf"\d+(?:[.,:]\d+)*|[{SIGN}]|[a-z](?:\+\+|#)|(?:(?![{SIGN}])[^\W\d_])(?:(?![{SIGN}])[^\W\d_]|\u0301|[\u0900-\u0963\u0966-\u0dff])*"
    r"|[+=<>^%$\u20ac\u00a3\u00a5]|(?<=\d)\s*[*/-](?=\s*\d)|(?<![\w])-(?=\d)"
)
MARKS: Final = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u200b-\u200f\u2060\ufeff\u00ad]")
"""Accents, the vowel signs of Arabic, and invisible signs."""
ARABIC: Final = str.maketrans("\u0623\u0625\u0622\u0649\u0629", "\u0627\u0627\u0627\u064a\u0647")
"""Letters that people type in place of each other."""
LETTERS: Final = str.maketrans(
    {"\u00df": "ss", "\u0131": "i", "\u00f8": "o", "\u0142": "l", "\u00e6": "ae", "\u0153": "oe"}
)
APOSTROPHES: Final = str.maketrans("\u2019\u02bc`\u00b4", "''''")
SHORT_FORMS: Final = (
    ("can't", "can not"),
    ("won't", "will not"),
    ("n't", " not"),
    ("what's", "what is"),
    ("whats ", "what is "),
    ("how to ", "how "),
    ("what can i do to ", "how "),
    ("what is the best way to ", "how "),
)
DIGRAPHS: Final = re.compile("(?<=[aou])e")
"""How umlauts are typed on a keyboard without them. Applied to every language, since only likeness matters."""

PREFIXED: Final = re.compile(r"(?<=\b[^\W\d_])-(?=[^\W\d_])")
"""The hyphen of e-mail."""

TYPED, SWAPPED = 5, 4
"""Least length of the longer of two words for which a difference counts as a typing error (first), or two swapped
neighbours do (second): shorter words are too easily other words."""
STEM: Final = 4
ENDINGS: Final = frozenset(
    ["", *"s es e d ed ing n en em t te st r ar ir ndo ez m a as o os i те и ть а у ы ю е л ла ешь".split()]
)
"""Endings that may follow a stem that two words share."""
ROMAN: Final = re.compile("[ivxlcdm]+")
"""Roman numbers, as kings and chapters have them."""
DOUBLED: Final = re.compile(r"(.)\1+")
TYPED_SHARE: Final = 6
"""One word in this many may be mistyped, and at least one."""
MOVED_AMONG: Final = 3
"""Least number of words in a text in which a verb may move to the end."""
MOVED: Final = 2
"""Least number of words in a clause that may stand elsewhere; twice as many signs. One word alone is more often
replaced than moved."""
GIVEN: Final = 2
"""Number of words besides the first from which on it does not matter how somebody asks."""
FILLED: Final = 4
"""Least number of words in a text in which one word may be extra; with signs, twice as many, and two extra signs."""
LONG: Final = 40
"""Least number of words in a text in which two words may be extra or missing; in a longer text every fiftieth."""
LONG_SHARE: Final = 50
CLAUSES: Final = 2
COMPARED: Final = 400
"""Greatest number of words between the first and the last difference of two texts."""


TURNING: Final = frozenset(
    "not no never without with except only less more most least all none first last before after "
    "nicht kein keine keinen ohne mit nur mehr weniger pas sans avec plus moins sin con sem com senza nao non "
    "niet geen zonder met degil olmadan tidak tanpa bukan dengan не без нет только لا بدون ليس नहीं बिना "
    "不 没 無 无 非 未 别 勿 否 反 안 못".split()
)
"""Words that change the meaning of a long text."""


@functools.lru_cache(maxsize=4)  # a prompt is looked up, then put where it belongs
def words(text: str) -> tuple[str, ...]:
    """The words of a text that count. Never empty, and always the same for the same text."""
    folded = fold(text)
    plain = light_words.SIGNS.sub(" ", folded) if SIGNED.search(folded) else LISTED.sub(_in_order, folded)
    said = [
        light_words.ONE_OF.get(word, word) for word in light_words.without([t.strip() for t in TOKEN.findall(plain)])
    ]
    found = tuple(said[1:] if len(said) > GIVEN and said[0] in light_words.GIVING else said)
    return found or tuple(token.strip() for token in TOKEN.findall(folded)) or (" ".join(text.split()),)


def _in_order(found: re.Match[str]) -> str:
    """A list of single words in alphabetical order."""
    return " and ".join(sorted(JOINT.split(found[0])))


def fold(text: str) -> str:
    """A text in lower case, without accents, with one spelling for each sign."""
    plain = wording.normalized("NFKD", text.casefold().translate(LETTERS)).translate(ARABIC)
    plain = wording.normalized("NFC", MARKS.sub("", plain)).translate(APOSTROPHES)
    for short, long in SHORT_FORMS:
        plain = plain.replace(short, long)
    return DIGRAPHS.sub("", PREFIXED.sub("", plain))


def same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two texts, given by their `words`, ask the same."""
    if one == other:
        return True
    total = min(len(one), len(other))
    if MOVED_AMONG <= total <= LONG and _verb_moved(tuple(one), tuple(other)):
        return True
    one, other = _middle(one, other)
    if max(len(one), len(other)) > COMPARED:
        return False
    mistyped, gone, come = _differences(one, other)
    _take_joined(gone, come)
    moved = [segment for segment in gone if segment in come and _is_clause(segment)]
    for segment in moved:
        gone.remove(segment)
        come.remove(segment)
    if len(moved) > CLAUSES or mistyped > max(1, total // TYPED_SHARE):
        return False
    left = [word for segment in (*gone, *come) for word in segment]
    if not left:
        return True
    return not (gone and come) and len(left) <= _more(left, total) and not any(map(_turns, left))


def _more(left: Sequence[str], total: int) -> int:
    """How many extra words a text of this length may have and still ask the same."""
    if all(map(_is_sign, left)):
        return 2 if total >= 2 * FILLED else 0
    return max(total >= FILLED, 2 * (total >= LONG), total // LONG_SHARE)


def _turns(word: str) -> bool:
    """Whether this word, added to a prompt, makes it another prompt."""
    return not word.isalpha() or word in TURNING


def _middle(one: Sequence[str], other: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Both texts without their common beginning and end."""
    shortest = min(len(one), len(other))
    start = next((place for place in range(shortest) if one[place] != other[place]), shortest)
    rest = shortest - start
    end = next((place for place in range(rest) if one[-1 - place] != other[-1 - place]), rest)
    return tuple(one[start : len(one) - end]), tuple(other[start : len(other) - end])


Segments = list[tuple[str, ...]]


def _differences(one: Sequence[str], other: Sequence[str]) -> tuple[int, Segments, Segments]:
    """How many words are mistyped, and the parts that only one of the two texts has."""
    mistyped = 0
    gone: Segments = []
    come: Segments = []
    for kind, start, end, begin, finish in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        here, there = tuple(one[start:end]), tuple(other[begin:finish])
        if len(here) == len(there) and all(map(_mistyped, here, there)):
            mistyped += len(here)
            continue
        if here:
            gone.append(here)
        if there:
            come.append(there)
    return mistyped, gone, come


def _take_joined(gone: Segments, come: Segments) -> None:
    """Remove words that one text writes as one word and the other as two."""
    for segment in [*gone]:
        match = next((found for found in come if "".join(found) == "".join(segment)), None)
        if match is not None and len(match) != len(segment):
            gone.remove(segment)
            come.remove(match)


def _is_clause(segment: tuple[str, ...]) -> bool:
    return len(segment) >= (2 * MOVED if _is_sign(segment[0]) else MOVED)


def _is_sign(word: str) -> bool:
    return SIGNED.match(word) is not None


def _mistyped(one: str, other: str) -> bool:
    """Whether one word is the other with a typing error: a letter extra, missing, wrong or swapped with its neighbour,
    other letters doubled, or another ending.

    The first letter must be the same: with another one it is mostly another word (moral, amoral; house, mouse).
    """
    short, long = sorted((one, other), key=len)
    if ROMAN.fullmatch(one) and ROMAN.fullmatch(other):
        return False
    if not (one.isalpha() and other.isalpha()) or _is_sign(one) or _is_sign(other) or one[0] != other[0]:
        return False
    common = _common(short, long)
    if len(short) == len(long) and short[common + 2 :] == long[common + 2 :] and len(long) >= SWAPPED:
        swapped = short[common : common + 2] == long[common : common + 2][::-1]
        if swapped:
            return True
    if len(long) < TYPED:
        return False
    if len(long) - len(short) <= 1 and short[common + (len(short) == len(long)) :] == long[common + 1 :]:
        return True
    return DOUBLED.sub(r"\1", short) == DOUBLED.sub(r"\1", long) or _inflected(short, long, common, STEM)


def _common(one: str, other: str) -> int:
    """How many letters at their beginning two words share."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _inflected(one: str, other: str, common: int, stem: int) -> bool:
    return common >= stem and ROMAN.fullmatch(one) is None and one[common:] in ENDINGS and other[common:] in ENDINGS


def _verb_moved(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one text has a word at its end that the other has elsewhere, perhaps in another form, as German verbs."""
    if len(one) != len(other):
        return False
    for first, second in ((one, other), (other, one)):
        for place, word in enumerate(first[:-1]):
            common = _common(word, second[-1])
            others = (*first[:place], *first[place + 1 :])
            if _inflected(word, second[-1], common, STEM - 1) and others == second[:-1]:
                return True
    return False
