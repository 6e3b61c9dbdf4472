"""The letters of a clause: each word stands for what it does there, each name for what it is.

`PLAIN` reads `words.txt`, for the forms of `claims` and the cues of `evidence`. `FINER` tells more apart (`finer.txt`)
for `weighing`: "you", what a speaker can and does, what only a program has, what is told of companies.
"""

import re
from collections.abc import Mapping, Sequence

from arena.exports.leaks import words

BASE = 0xE000
"""Names stand in a text as one character: this and the number of their kind."""
MARK = re.compile("[\ue001-\ue009]")
_WORD = re.compile(
    r"[\ue001-\ue009]|[\u0900-\u0dff]+|[\u0e00-\u0e7f]+|[^\W\d_\ue001-\ue009]+|\d[\d.]*|"
    r"[$€£,:?\"()\u2014\u2015\u3001\uff0c]|(?<!\w)-|-(?!\w)"
)
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_GENITIVES = frozenset(("s", "\u0131n", "n\u0131n", "nin", "nun"))
"""After a name: "Google's", and in Turkish."""
_JOINED_PREFIXES = "\u0648\u0641\u0628\u0644\u05d5\u05d4\u05d1\u05dc\u05de\u05e9"
"""Words that Arabic and Hebrew join to the next: and, so, by, to."""
_MARKS = {
    ",": ",",
    "?": "?",
    "\uff1f": "?",
    "\u061f": "?",
    "\u3001": ",",
    "\uff0c": ",",
    ":": ":",
    '"': '"',
    "(": "(",
    ")": ")",
    "-": "-",
    "\u2014": "-",
    "\u2015": "-",
}
_MONEY = dict.fromkeys("$€£", "$")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d\.?")


class Letters:
    """Which letter stands for which word and phrase."""

    def __init__(self, single: Mapping[str, str], phrases: Mapping[str, str], *, finer: bool) -> None:
        self._single, self._finer = single, finer
        self._marks = _MARKS | _MONEY if finer else _MARKS
        self._phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, code in sorted(phrases.items(), key=lambda item: -len(item[0].split())):
            self._phrases.setdefault(phrase.split()[0], []).append((tuple(phrase.split()), code))
        self._lengths: dict[str, list[int]] = {}
        for word in sorted(single, key=len, reverse=True):
            if len(word) not in self._lengths.setdefault(word[0], []):
                self._lengths[word[0]].append(len(word))

    def coded(self, clause: str) -> str:
        """The letters of a clause, one a word."""
        found = [word for token in _WORD.findall(clause) for word in self._parted(token)]
        letters: list[str] = []
        place = 0
        while place < len(found):
            word = found[place]
            for phrase, code in self._phrases.get(word, ()):
                if tuple(found[place : place + len(phrase)]) == phrase:
                    letters.append(code)
                    place += len(phrase)
                    break
            else:
                letters.append(self._letter(word, letters))
                place += 1
        return "".join(letters)

    def _letter(self, word: str, before: Sequence[str]) -> str:
        if MARK.fullmatch(word):
            return str(ord(word) - BASE)
        if word in _GENITIVES and before and before[-1] in "123456789":
            return "k"
        if word == "im":
            return "j"
        if word in _MONEY and not self._finer:
            return ""
        if word[0] in _JOINED_PREFIXES and word not in self._single:
            word = word[1:] if word[1:] in self._single else word
        known = self._single.get(word) or self._marks.get(word)
        return known or (_kind(word, finer=self._finer))

    def _parted(self, token: str) -> list[str]:
        """The words of a run that sets no space between them: always the longest that is known."""
        if not _UNSPACED.search(token):
            return [token]
        parts: list[str] = []
        place, unknown = 0, 0
        while place < len(token):
            for length in self._lengths.get(token[place], ()):
                if token[place : place + length] in self._single:
                    parts.append(token[place : place + length])
                    place, unknown = place + length, 0
                    break
            else:
                if unknown % 2 == 0:
                    parts.append("??")
                place, unknown = place + 1, unknown + 1
        return parts


def _kind(word: str, *, finer: bool) -> str:
    """The letter of a word that stands in no list."""
    if word[0].isdigit():
        return "%" if finer and _YEAR.fullmatch(word) else "D"
    if finer and len(word) > 3 and word.isascii() and word.endswith("s") and not word.endswith("ss"):
        return "~"
    return "N" if len(word) == 1 else "U"


PLAIN = Letters(words.WORDS, words.PHRASES, finer=False)
FINER = Letters(words.WORDS | words.FINER_WORDS, words.PHRASES | words.FINER_PHRASES, finer=True)
