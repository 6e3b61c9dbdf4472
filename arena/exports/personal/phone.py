"""Phone numbers, international and as people in eight countries write their own, checked by Google's numbering plans.

`phonenumbers` carries the plans. Its own matcher must be told the country, and takes seconds for 100 kB of digits; so
the forms are patterns of ours, and a number must fit the plan of a country that writes it so. Digits without a form
(`2025550123`) count only after a word that announces a phone number, and none do after one that announces another.
"""

import re
from collections.abc import Iterator

from arena.exports.personal import announcing, numbering, phone_national
from arena.exports.personal.announcing import Said
from arena.exports.personal.plain import WORD

FREE = rf"(?<![{WORD}+#-])"
END = rf"[{WORD}]|[.,:/-]\d"
JOINT = r"(?:[ .\-/()]{0,3}|-?\n {0,4})"
ISLAND = re.compile(r"[+(\d][\d+() .\-/\n\u2014\u2500\u30fc]{5,}+\d?")
"""Where numbers may be at all: most texts have no more than a few such places."""
INTERNATIONAL = re.compile(
    rf"(?<![{WORD}+])(?:\(?\+{{1,2}}\(?|\(?00[ -]?|(?<=wa\.me/))[1-9](?:{JOINT}\d){{6,16}}+(?![{WORD}])"
)
TRUNK = re.compile(
    FREE + r"(?<!\d[.,:/ ])(?:\(?0\)?[1-9]\d{0,4}\)?|\(0 [1-9]\d(?: \d\d?)?\)|0 8\d\d)"
    r"(?:[ .\-/]{0,3}\d{1,8}){1,6}+(?!" + END + r"|[€$£%])"
)
"""A trunk zero, as in Germany, Austria, Switzerland, France, Britain; Italy writes a zero too."""
AMERICAN = re.compile(
    FREE + r"(?<!\d[.,:/-])(?:1[ .-]{1,3})?(?:\([2-9]\d{2}\)[ .-]{0,3}|[2-9]\d{2}[ .\-/]{1,3})"
    r"[2-9]\d{2}[ .-]{1,3}\d{4}(?!" + END + ")"
)
SOUTHERN = re.compile(
    FREE + r"(?<!\d[ .,:/-])\(?[36-9]\d{1,2}\)?(?:[ .\-/]{1,3}\d{2,7}){1,4}(?!" + END + r"|[ ]?[€$£%])"
)
"""Spain, and mobile numbers in Italy: no zero before them."""
BARE = re.compile(FREE + r"(?<!\d[.,:/-])(?:1?[2-9]\d{8,9}|0\d{8,11}|\d{3}-\d{4})(?!" + END + ")")
DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:19|20)?\d{2}(?!\d)(?!\1\d)")
ZIP = re.compile(r"\d{5}-\d{4}")
"""Of the United States."""
EXTENSION = re.compile(
    r" ?,? ?(?:ext\.?|x|extension|durchwahl|dw|poste|int\.|interno|extensión|ramal|anexo|dahili|toestel"
    r"|tst\.?|pes\.?|内線|內線|转|轉|分机|分機|내선|एक्सटेंशन|تحويلة)[ :]?\d{1,5}(?![ /-]?\d)",
    re.IGNORECASE,
)
OTHERS = re.compile(r"\D+")
MORE = re.compile(r" ?\d")
EARLIER = re.compile(r"\d ?$")
WRITTEN = {
    "FR": re.compile(
        r"\(?0\)?[1-9]\)?(?:[ .-]{0,2}\d{2}){4}|0\d{3}[ .]\d{3}[ .]\d{3}|0 8\d\d(?: \d{3} \d{3}|(?: \d\d){3})"
    ),
    "GB": re.compile(
        r"\(?0\d{2,4}\)?[ -]{0,2}(?:\d{6}|\d{3}[ -]?\d{3,4}|\d{4}[ -]\d{4}|\d{8})|07\d{2}[ -]\d{3}[ -]\d{4}"
        r"|\(?01\d{4}\)?[ -]\d{5}|07\d{3}[ -]\d{2}[ -]\d{2}[ -]\d{2}|0[38]\d{2}[ -]\d{3}[ -]\d{4}"
    ),
    "IT": re.compile(r"\(?0\d{1,3}\)?[ ./-]{0,2}(?:\d{5,8}|\d{2,4}[ .-]\d{2,4}(?:[ .-]\d{2,4})?)"),
    "CH": re.compile(r"\(?0\d{2}\)?[ ./-]{1,3}\d{3}[ .-]\d{2}[ .-]\d{2}"),
    "DE": re.compile(
        r"\(?0\d{2,4}\)?[ /-]{1,3}(?:\d{3,9}|\d{2,6}(?:[ -]\d{1,5}){1,4})|\(0 \d\d(?: \d\d?)?\)(?:[ -]\d{1,5}){2,5}"
        r"|0\d{2,4}\.\d{4,9}|01[567]\d{8,9}"
    ),
    "AT": re.compile(r"\(?0\d{1,4}\)?[ /-]{1,3}(?:\d{4,9}|\d{2,4}(?:[ -]\d{2,4}){1,3})"),
}
"""How numbers with a trunk zero are written, by country."""
LOOSE = {"FR", "GB"}
"""Where the form says enough, so that any number of the right length counts: plans leave out the ranges for films."""
SPANISH = re.compile(
    r"[6-9]\d{2}([ .-])\d{2}\1\d{2}\1\d{2}|(?:9\d|\(9\d\))([ .-])\d{3}\2\d{2}\2\d{2}|[6-9]\d{2}-\d{3}-\d{3}"
)
ITALIAN = re.compile(
    r"3\d{2}[ .\-/]{1,3}(?:\d{7}|\d{3}[ .-]\d{4}|\d{2}[ .-]\d{2}[ .-]\d{2,3}|\d{3}[ .-]\d{2}[ .-]?\d{2})"
)
THREES = re.compile(r"[36-9]\d{2}[ .]\d{3}[ .]\d{3}|[38]\d{2}[ .-]\d{6}")
"""How Spain writes numbers, and everybody else a large amount: counts where it is announced."""


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where phone numbers stand. Finds may overlap."""
    for island in ISLAND.finditer(text):
        first, last = island.start(), min(island.end() + 3, len(text))
        found = list(_within(text, first, last))
        found += phone_national.find(text, first, last, found)
        for start, end in found:
            yield start, _extended(text, end)


def _within(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Where phone numbers stand in a part of a text."""
    for match in INTERNATIONAL.finditer(text, first, last):
        start, found = _without_bracket(match)
        end = start + _international(found)
        if end > start:
            yield start, end
    for match in TRUNK.finditer(text, first, last):
        start, found = _without_bracket(match)
        end = start + (0 if DATE.match(found) else _trunk(found))
        if end > start and _is_alone(text, start, end):
            yield start, end
    for match in AMERICAN.finditer(text, first, last):
        start, end = match.span()
        if _fits("US", _digits(match[0])[-10:]) and _is_alone(text, start, end):
            yield start, end
    for match in SOUTHERN.finditer(text, first, last):
        start = match.start()
        end = start + _southern(text, match)
        if end > start and _is_alone(text, start, end):
            yield start, end
    for match in BARE.finditer(text, first, last):
        if _bare(match[0]) and announcing.said(text, *match.span()) is Said.PHONE:
            yield match.span()


def _international(found: str) -> int:
    """How much of a number after + or 00 is a phone number: groups at the end may belong to what follows."""
    certain = not found.lstrip("(").startswith("00")
    for end in _ends(found):
        regions, national = numbering.regions_of(_digits(found[:end].replace("(0)", ""))[0 if certain else 2 :])
        checks = numbering.is_possible if certain else _fits
        if any(checks(region, national) for region in regions):
            return end
        if regions and national.startswith(("0", "1")) and numbering.is_in_use(regions[0], national[1:]):
            return end
    return 0


def _trunk(found: str) -> int:
    """How much of a number with a trunk zero some country writes so."""
    for end in _ends(found):
        written = found[:end]
        digits = _digits(written)
        if not 9 <= len(digits) <= 13 or ZIP.fullmatch(written):
            continue
        for region, pattern in WRITTEN.items():
            national = digits if region == "IT" else digits[1:]
            if pattern.fullmatch(written) and _fits(region, national):
                return end if written != digits or _is_mobile(digits) else 0
    return 0


def _southern(text: str, match: re.Match[str]) -> int:
    for end in _ends(match[0]):
        written = match[0][:end]
        digits = _digits(written)
        if not 9 <= len(digits) <= 10:
            continue
        if SPANISH.fullmatch(written) and _fits("ES", digits):
            return end
        if ITALIAN.fullmatch(written) and _fits("IT", digits):
            return end
        if THREES.fullmatch(written) and _bare(digits) and announcing.before(text, match.start()) is Said.PHONE:
            return end
    return 0


def _bare(digits: str) -> bool:
    """Whether digits without a form are a number somewhere. An American one may lack the area code."""
    if "-" in digits:
        return digits[0] in "23456789"
    if digits.startswith("0"):
        return any(_fits(region, digits if region == "IT" else digits[1:]) for region in WRITTEN)
    if len(digits) == 11:
        return _fits("US", digits[1:])
    return any(_fits(region, digits) for region in ("US", "ES", "IT"))


def _is_mobile(digits: str) -> bool:
    """Whether digits that nothing parts are surely a mobile number: French, British or German."""
    return digits.startswith(("06", "07", "015", "016", "017"))


def _ends(found: str) -> Iterator[int]:
    """Where the number may end: at the end, or before one of the last groups."""
    end = len(found)
    for _ in range(4):
        if found[end - 1].isdigit():
            yield end
        end = len(found[:end].rstrip("0123456789").rstrip(" .-/()\n"))
        if end < 8:
            return


def _without_bracket(match: re.Match[str]) -> tuple[int, str]:
    """Where a number begins, and its text: not with a bracket that is closed after it, or never."""
    found = match[0]
    return (match.start() + 1, found[1:]) if found[0] == "(" and ")" not in found else (match.start(), found)


def _digits(written: str) -> str:
    return OTHERS.sub("", written)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Whether no word before a number calls it something else, and no more numbers stand beside it, parted by spaces as
    its own groups: then it is a row of figures."""
    if announcing.before(text, start) is Said.OTHER:
        return False
    if "(" in text[start:end] or " " not in text[start:end]:
        return True
    return MORE.match(text, end) is None and EARLIER.search(text, max(0, start - 2), start) is None


def _extended(text: str, end: int) -> int:
    """The end with an extension, where one follows."""
    extension = EXTENSION.match(text, end)
    return end if extension is None else extension.end()


def _fits(region: str, national: str) -> bool:
    """Whether a national number is one of a region, as sure as its form demands."""
    return (numbering.is_possible if region in LOOSE else numbering.is_in_use)(region, national)
