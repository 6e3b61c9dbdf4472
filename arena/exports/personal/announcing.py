"""What kind of number the words beside it announce: the last one before it that says anything, else one after it.

"Tel. 2025550123" is a phone number and "order 2025550123" is none. In Turkish, Hindi, Japanese and Korean the word
comes after the number as often as before.
"""

import functools
import re

from arena.exports.personal import words
from arena.exports.personal.words import Said

__all__ = ["Said", "after", "before", "said"]

WORD = re.compile(r"[^\W\d_]+")
WINDOW = 45
"""Characters before a number in which a word announces a phone number."""
NEAR = 24
"""Characters before it in which a word announces another kind."""
BEHIND = 24
"""Characters after it in which a word announces any kind."""
STOP = re.compile(r"[\n.;!?,|\d]|\u3002|\uff0c|\u0964|\u060c")
"""Ends what is said of the number before."""
LONG = re.compile(r"\d{3}(?:[ .-]?\d){2,}+(?!\d)")
NUMBER_WORDS = frozenset({"number", "nummer", "numéro", "número", "numero", "num", "nr", "no"})
"""Say nothing alone; with a word of OWN before them, a phone number: nobody says "my number" of anything else."""
OWN = frozenset(
    [
        "my",
        "our",
        "his",
        "her",
        "their",
        "your",
        "new",
        "meine",
        "unsere",
        "seine",
        "ihre",
        "mon",
        "notre",
        "votre",
        "son",
        "mi",
        "su",
        "nuestro",
        "vuestro",
        "mio",
        "suo",
        "nostro",
        "vostro",
        "meu",
        "nosso",
        "seu",
        "minha",
        "mijn",
        "ons",
        "onze",
        "haar",
        "mera",
        "hamara",
    ]
)
BEGINNINGS = {word: said for said, many in words.BEGINNINGS.items() for word in many.split()}
WHOLE = {word: said for said, many in words.WHOLE.items() for word in many.split()}
ELSEWHERE = {word.replace("_", " "): said for said, many in words.ELSEWHERE.items() for word in many.split()}
FOREIGN = re.compile("|".join(sorted(map(re.escape, ELSEWHERE), key=len, reverse=True)))
SHORTEST = min(map(len, BEGINNINGS))
LONGEST = max(map(len, BEGINNINGS))


def said(text: str, start: int, end: int) -> Said | None:
    """What the words beside a number say of it."""
    return before(text, start) or after(text, end)


def before(text: str, start: int, since: int = 0) -> Said | None:
    """What the last word before a number, and after a place, that says anything says."""
    window = text[max(since, start - WINDOW) : start]
    found = [(match[0].lower(), match.start()) for match in WORD.finditer(window)]
    if not found:
        return None
    far = len(window) - NEAR
    for digits in LONG.finditer(window):  # another number: what was said of another kind was said of that one
        far = max(far, digits.end())
    last, result = -1, None
    if not window.isascii():
        for match in FOREIGN.finditer(window):
            kind = ELSEWHERE[match[0]]
            if kind is Said.PHONE or match.start() >= far:
                last, result = match.start(), kind
    for place in range(len(found) - 1, -1, -1):
        word, stands = found[place]
        if stands < last:
            break
        kind_of = _of(word)
        if kind_of is Said.PHONE or (kind_of is not None and stands >= far):
            return kind_of
        if word.startswith(words.OWN_NUMBER) and not since:
            return (_of(found[place - 1][0]) if place else None) or Said.PHONE
        if word in NUMBER_WORDS and not OWN.isdisjoint(earlier for earlier, _ in found[max(0, place - 2) : place]):
            return Said.PHONE
    return result


def after(text: str, end: int) -> Said | None:
    """What the first word after a number that says anything says, in the same clause."""
    stop = STOP.search(text, end, end + BEHIND)
    window = text[end : stop.start() if stop else end + BEHIND]
    if not window.isascii():
        match = FOREIGN.search(window)
        if match is not None:
            return ELSEWHERE[match[0]]
    for match in WORD.finditer(window):
        kind = _of(match[0].lower())
        if kind is not None:
            return kind
    return None


@functools.lru_cache(maxsize=4096)
def _of(word: str) -> Said | None:
    """What a word in Latin letters announces."""
    if word in WHOLE:
        return WHOLE[word]
    if word in words.NOTHING:
        return None
    for length in range(min(LONGEST, len(word)), SHORTEST - 1, -1):
        kind = BEGINNINGS.get(word[:length])
        if kind is not None:
            return kind
    return None
