"""Names of the answer's own side that are spelled so as to be overlooked.

Nobody writes "Q.w.e.n" or "m1str4l" of a wind, so a name of the own side that is hidden is a leak without a word around
it. One expression a name finds its letters with signs between them, in letters that look alike and in digits for
letters. The rest are alphabets and orders of letters: NATO words, Morse, numbers of letters, acrostics, names backwards
and with every letter shifted. A riddle that writes no name is not found.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from arena.domain import wording
from arena.exports.leaks import folding
from arena.exports.leaks.names import OwnKind

SHORTEST = 4
"""Letters of a name that is looked for in Latin letters; in other scripts half of it."""
_CLEAR = 5
"""Letters of a name that is looked for backwards, shifted and in acrostics: shorter ones come by chance."""
_ALIKE = {
    line[0]: line.replace(" ", "")
    for line in Path(__file__).with_name("lookalikes.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("# ")
}
"""A letter, and the letters and signs that look like it."""
_ONE: dict[int, str] = {}
"""All that look alike, by way of others as well, as one letter."""
for _letter, _signs in _ALIKE.items():
    _same = {_ONE[ord(sign)] for sign in _signs if ord(sign) in _ONE}
    _ONE |= {ord(sign): _letter for sign in _signs + _signs.casefold()}
    _ONE |= {code: _letter for code, letter in _ONE.items() if letter in _same}
_LATIN = {code: _ONE.get(code) or (chr(code) if chr(code).isalnum() else None) for code in range(128)}
_LATIN_ALONE = {code: sign if chr(code).isalnum() else None for code, sign in _LATIN.items()}
_ACCENTS = re.compile("[\u0300-\u036f]+")
_NO_LETTERS = re.compile(r"[\W_]+")
_BETWEEN = r"[\W_]{0,8}?"
_SPOKEN = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey xray yankee zulu"
)
_ALSO_SPOKEN = {"alpha": "a", "juliet": "j", "whisky": "w"}
_MORSE_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MIRRORED = str.maketrans(_LETTERS, _LETTERS[::-1])
"""Atbash: the first letter for the last."""
_NATO = _ALSO_SPOKEN | dict(zip(_SPOKEN.split(), _LETTERS, strict=True))
_MORSE = dict(zip(_MORSE_SIGNS.split(), _LETTERS, strict=True))
_DASHES = str.maketrans("\u2022\u00b7\u2013\u2014\u2212_", "..----")
_NUMBERS = re.compile(r"\b(?:[1-9]|1\d|2[0-6])(?:[\s,.\-|/]{1,3}(?:[1-9]|1\d|2[0-6])){3,20}(?!\d)")
_SIGNALS = re.compile(r"[.\-]{1,4}(?:[\s/|]{1,3}[.\-]{1,4}){3,60}")
_APART = re.compile(r"(?<!\w)\w(?:[\W_]{1,3}\w(?!\w)){3,40}")
_SPELLED_BY = re.compile(r"\b([a-z])[,:]? (?:is |are )?(?:as in|as|for|like|wie|comme|como|come|di) ([a-z])[a-z]+")
"""A letter and a word that begins with it: "Q as in Queen"."""
_GAPPED = re.compile(r"(?<![\w*])[^\W\d_][^\W\d_]*(?:\*+[^\W\d_]+)+(?![\w*])")
"""A word with a star in the place of a letter."""
_WORD = re.compile(r"[^\W\d_]+")
_LETTER = re.compile(r"[^\W\d_]")
MOST_LINES = 60
"""Lines whose first letters are read."""


class Hidden:
    """The names of a side, as they may be hidden."""

    def __init__(self, own: Mapping[str, OwnKind]) -> None:
        listed = sorted({name for name in own if _long_enough(name)}, key=len, reverse=True)
        joined = {name for name in listed if not re.search(r"[\W_]", name)}
        self._spelled = [(_expression(name), name, _joints(name, own), _skeleton(name)) for name in sorted(joined)]
        self._words = {name for name in joined if name.isascii() and name.isalpha() and len(name) >= _CLEAR}
        shifts = [str.maketrans(_LETTERS, _LETTERS[by:] + _LETTERS[:by]) for by in range(1, 26)]
        self._turned = {name.translate(shift) for name in self._words for shift in shifts}
        self._turned |= {name[::-1] for name in self._words}
        self._turned |= {name[::-1] for name in joined if own[name] is OwnKind.MODEL and len(name) >= SHORTEST}
        plain = {name for name in joined if name.isascii() and name.isalpha()}
        self._turned |= {name.translate(alphabet) for name in plain for alphabet in (folding.ROT13, _MIRRORED)}
        self._backwards = {name[::-1] for name in own if " " in name and name.isascii() and len(name) > _CLEAR}
        self._initials = {name for name in joined if name.isascii() and name.isalpha()}

    def within(self, text: str) -> bool:
        """Whether a name is hidden in a text, or at the ends of a long one."""
        ends = folding.ends(text)
        open_text = _plain(ends)
        read = wording.normalized("NFKC", _unseen(folding.decoded(ends.replace("\u03f9", "c"))))
        bare = _without_marks(read)
        squeezed = *_squeezed(bare), _NO_LETTERS.sub("", bare.casefold())
        for expression, name, joints, skeleton in self._spelled:
            if not any(skeleton in letters for letters in squeezed):
                continue
            for found in expression.finditer(bare):
                if _hides(found[0], name, joints, open_text):
                    return True
        words = {*_WORD.findall(open_text), *(re.sub(r"\W", "", run[0]) for run in _APART.finditer(open_text))}
        if not self._turned.isdisjoint(words) or any(name in open_text for name in self._backwards):
            return True
        if any(name in letters for letters in _other_alphabets(ends) for name in self._initials):
            return True
        if "*" in ends and any(_fills(word, name) for word in _GAPPED.findall(_plain(ends)) for name in self._initials):
            return True
        return any(letters.startswith(name) for letters in _line_initials(ends) for name in self._initials)


def _long_enough(name: str) -> bool:
    return len(name) >= (SHORTEST if name.isascii() else SHORTEST // 2)


def _joints(name: str, own: Iterable[str]) -> frozenset[int]:
    """After how many letters a name may be parted: "deep seek" after four."""
    found: set[int] = set()
    for spelling in own:
        if len(spelling) > len(name) and re.sub(r"[\W_]", "", spelling) == name:
            found.update(gap.start() - number for number, gap in enumerate(re.finditer(r"[\W_]", spelling)))
    return frozenset(found)


def _expression(name: str) -> re.Pattern[str]:
    """The letters of a name, each as it may look, with signs between them."""
    letters = [f"[{re.escape(_ALIKE.get(letter, letter))}]" for letter in name]
    edge = r"[^\W_]" if name[0] < "\u3040" else r"(?!)"
    return re.compile(rf"(?<!{edge}){_BETWEEN.join(letters)}(?!{edge})", re.IGNORECASE)


def _hides(written: str, name: str, joints: Collection[int], open_text: str) -> bool:
    """Whether what was found is no plain spelling: signs part its letters or break it, or letters are foreign."""
    plain = _plain(written)
    letters = re.sub(r"[\W_]", "", plain)
    if plain == name:
        return name not in open_text
    if letters == plain:
        return True
    gaps, reached = [], 0
    for piece in re.finditer(r"[^\W_]+|[\W_]+", plain):
        if re.match(r"[^\W_]", piece[0]):
            reached += len(piece[0])
        elif 0 < reached < len(letters) and (reached not in joints or len(letters) != len(name)):
            gaps.append(piece[0])
    if letters != name:
        return len(gaps) in (0, len(letters) - 1)
    return len(gaps) > 1 or any(re.search(r"[*~|/\\+]", gap) for gap in gaps)


def _skeleton(name: str) -> str:
    """A name in Latin letters with all that look alike as one."""
    return name.translate(_ONE) if name.isascii() else name


def _squeezed(text: str) -> tuple[str, str]:
    """A text with all that look alike as one: a name in Latin letters that is hidden in it is in one of these two.

    In the second, signs that look like letters stand between them.
    """
    text = text.casefold()
    if not text.isascii():
        for sign in set(text):
            if ord(sign) in _ONE and sign > "\x7f":
                text = text.replace(sign, _ONE[ord(sign)])
        text = text.encode("ascii", "ignore").decode()
    return text.translate(_LATIN), text.translate(_LATIN_ALONE)


def _plain(text: str) -> str:
    return _without_marks(text).casefold()


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    return wording.normalized("NFC", _ACCENTS.sub("", wording.normalized("NFD", text)))


def _unseen(text: str) -> str:
    if text.isascii():
        return text
    signs = set(text)
    if folding.UNSEEN.search("".join(signs)):
        text = folding.UNSEEN.sub("", text)
    return text if folding.ENCLOSED.keys().isdisjoint(map(ord, signs)) else text.translate(folding.ENCLOSED)


def _other_alphabets(text: str) -> Iterator[str]:
    """What a text says in NATO words, in Morse and in numbers of letters."""
    words = re.findall("[a-z]+", text.casefold().replace("x-ray", "xray"))
    if not _NATO.keys().isdisjoint(words):
        yield from _runs(map(_NATO.get, words))
    yield "".join(letter for letter, begins in _SPELLED_BY.findall(text.casefold()) if letter == begins)
    for run in _SIGNALS.findall(text.replace("_", "-") if text.isascii() else text.translate(_DASHES)):
        yield "".join(_MORSE.get(sign, "?") for sign in re.findall(r"[.\-]+", run))
    for run in _NUMBERS.findall(text):
        yield "".join(_LETTERS[int(number) - 1] for number in re.findall(r"\d+", run))


def _fills(word: str, name: str) -> bool:
    """Whether a word is a name, with stars for fewer letters than it shows."""
    stars = word.count("*")
    same = len(word) == len(name) and all(sign in (letter, "*") for sign, letter in zip(word, name, strict=True))
    return same and len(name) >= SHORTEST and 2 * stars < len(name)


def _line_initials(text: str) -> Iterator[str]:
    """The first letters of the lines of a text, and without the first of them."""
    lines = text.split("\n", MOST_LINES)[:MOST_LINES]
    firsts = [found[0] for line in lines if (found := _LETTER.search(line))]
    initials = _plain("".join(firsts))
    yield initials
    yield initials[1:]


def _runs(letters: Iterable[str | None]) -> Iterator[str]:
    run = ""
    for letter in letters:
        if letter is None:
            if len(run) >= SHORTEST:
                yield run
            run = ""
        else:
            run += letter
    if len(run) >= SHORTEST:
        yield run
