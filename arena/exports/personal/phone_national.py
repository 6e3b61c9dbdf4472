"""Phone numbers without a country code, told by the language of the text and the words beside them.

A number counts where its digits and their grouping are those of a form (`phone_forms`) of a country of the text's
languages, or are so much one country's own that the language does not matter. After a word that announces a phone
number the forms of all countries count, and any grouping that a numbering plan allows.
"""

import bisect
import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from arena.exports.personal import announcing, numbering, phone_forms, tongues
from arena.exports.personal.announcing import Said
from arena.exports.personal.plain import WORD

DASHES = "\u2014\u2500\u30fc"
"""Written for a hyphen in Chinese and Japanese."""
RUN = re.compile(rf"\d[\d() .\-/{DASHES}]{{5,}}+")
GROUP = re.compile(r"\d+")
PART = re.compile(rf"[()]? ?[.\-/{DASHES}(]?[ (]?")
"""Between groups."""
GROUPS = 24
"""In one line without other characters: where there are more, it is a row of figures."""
FEWEST = 7
"""Digits of a number."""
LONGEST = 7
"""Groups of one number."""
BEFORE = re.compile(rf"(?:[{WORD}#]|\d[.,:]|[.,:=]|(?:[€$£¥₹₺₩]|\bRp\.?|\bRs\.?|\bTL|\bUSD|\bEUR|\bINR|\bIDR) ?|-)\Z")
"""Nothing of this stands before a number of somebody."""
JOINED = re.compile(r"\d[.,:]\Z")
AFTER = re.compile(
    rf"[{WORD}]|[.,:/-]\d|-[A-Za-z]| ?[€$£%¥₹₺₩°]| ?(?:元|円|원|万|kg|km|cm|mm|ml|TL|EUR|USD|INR|IDR|rupiah"
    rf"|lira|reais|euros?"
    r"|people|habitantes|personas?|pessoas|kişi|orang|Einwohner|inwoners|रुपये|ريال|درهم|جنيه)(?![a-z])"
)
"""Nor this after it."""
LISTED_BEFORE = re.compile(r"(?:^|[,;:(|\n\u3001])[ ]?\Z")
LISTED_AFTER = re.compile(r"[ ]?(?:[,;)|\n\u3001]|\.(?!\d)|\Z)")
"""Around a number in a list of somebody's particulars."""
DATE = re.compile(
    r"(?:19|20)\d\d-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])(?:-.*)?|(?:0?[1-9]|[12]\d|3[01])-(?:0?[1-9]"
    r"|[12]\d|3[01])"
    r"-(?:19|20)?\d\d(?:-\d{1,2}){0,2}|(?:1\d|20)\d\d-(?:1\d|20)\d\d|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d"
    r"|3[01])(?:-?\d{4,6})?"
)
"""Of groups with a hyphen between."""
HOTLINE = re.compile(r"1[568](\d)\1(?!1[5-9]|20)\d{4}")
"""Of a firm in Korea, and no two years."""
AMOUNT = re.compile(r"[1-9]\d{0,2}(?:-\d{3})+(?:-\d\d)?")


def find(text: str, first: int, last: int, known: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where numbers of some country stand in a part of a text, but for those that are known."""
    taken = sorted(known)
    for run in RUN.finditer(text, first, last):
        groups = [match.span() for match in GROUP.finditer(text, *run.span())]
        if len(groups) <= GROUPS and sum(end - start for start, end in groups) >= FEWEST:
            own = {
                country
                for language in tongues.languages_of(text)
                for country in phone_forms.COUNTRIES.get(language, ())
            }
            at = 0
            while at < len(groups):
                start = groups[at][0]
                before = bisect.bisect_right(taken, (start, len(text))) - 1
                found = 0
                if (before < 0 or taken[before][1] <= start) and _begins(text, groups, at):
                    found = _number(text, groups, at, own)
                if found:
                    yield _bracketed(text, start, groups[at + found - 1][1])
                at += found or 1


def _begins(text: str, groups: Sequence[tuple[int, int]], at: int) -> bool:
    """Whether a number may begin with a group."""
    start = groups[at][0]
    if at and not {" ", "/"} & set(text[groups[at - 1][1] : start]):
        return False
    opening = start - 1 if text[start - 1 : start] == "(" else start
    around = text[max(0, opening - 5) : opening]
    if around.endswith(("+", "-", "#", "=")) or (
        around and BEFORE.search(around) and not around.endswith((":", ".", ","))
    ):
        return False
    return JOINED.search(around) is None


def _number(text: str, groups: Sequence[tuple[int, int]], at: int, own: Collection[str]) -> int:
    """How many groups from one on are a phone number; 0 for none."""
    reach = 1
    while at + reach < len(groups) and reach < LONGEST:
        part = text[groups[at + reach - 1][1] : groups[at + reach][0]]
        if len(part) > 3 or not PART.fullmatch(part):
            break
        reach += 1
    start = groups[at][0]
    for count in range(reach, 0, -1):
        end = groups[at + count - 1][1]
        lengths = tuple(stop - begin for begin, stop in groups[at : at + count])
        if not 6 < sum(lengths) < 15 or not _ends(text, groups, at + count, end):
            continue
        digits = "".join(text[begin:stop] for begin, stop in groups[at : at + count])
        if _counts(text, start, end, digits, lengths, own, _alone(text, groups, at, count)):
            return count
    return 0


def _ends(text: str, groups: Sequence[tuple[int, int]], following: int, end: int) -> bool:
    """Whether a number may end here."""
    if following < len(groups):
        part = text[end : groups[following][0]]
        return bool({" ", "/", "("} & set(part))
    return AFTER.match(text, end + 1 if text[end : end + 1] == ")" else end) is None


def _alone(text: str, groups: Sequence[tuple[int, int]], at: int, count: int) -> bool:
    """Whether no more figures stand beside groups, parted from them as they are from each other."""
    parts = {text[groups[one][1] : groups[one + 1][0]] for one in range(at, at + count - 1)} or {" "}
    beside = set()
    if at:
        beside.add(text[groups[at - 1][1] : groups[at][0]])
    if at + count < len(groups):
        beside.add(text[groups[at + count - 1][1] : groups[at + count][0]])
    return parts.isdisjoint(beside)


def _counts(
    text: str, start: int, end: int, digits: str, lengths: tuple[int, ...], own: Collection[str], alone: bool
) -> bool:
    """Whether digits in groups are a phone number where they stand."""
    forms = _forms().get(lengths, ())
    fitting = [(country, sure) for pattern, country, sure in forms if pattern.fullmatch(digits)]
    short = (
        len(digits) < 9
        and digits[0] != "0"
        and lengths != (3, 1, 3)
        and not ("KR" in own and HOTLINE.fullmatch(digits))
    )
    if fitting and not short:
        says = announcing.before(text, start)
        if any(sure for _, sure in fitting) and says is not Said.OTHER and alone:
            return True
        if any(country in own for country, _ in fitting) and says in (None, Said.PHONE) and (alone or says):
            solid = len(lengths) == 1
            if says or not solid or _solid(text, start, digits, [country for country, _ in fitting if country in own]):
                return announcing.after(text, end) is not Said.OTHER
    if announcing.said(text, start, end) is not Said.PHONE:
        return False
    if fitting:
        return not DATE.fullmatch(_joined(digits, lengths))
    return _planned(digits, lengths, own)


def _solid(text: str, start: int, digits: str, countries: Sequence[str]) -> bool:
    """Whether digits that nothing parts and no word announces are a mobile number in use in one of the countries."""
    if digits.startswith("628"):  # as messengers in Indonesia show them
        return "ID" in countries and numbering.is_in_use("ID", digits[2:])
    if digits.startswith(("0", "1")) and any(
        numbering.is_in_use(country, digits.removeprefix("0")) for country in countries if country != "BR"
    ):
        return True
    end = start + len(digits)
    if not LISTED_BEFORE.search(text, max(0, start - 3), start) or not LISTED_AFTER.match(text, end):
        return False
    return any(
        language in tongues.languages_of(text) and country in countries and numbering.is_in_use(country, digits)
        for language, country in phone_forms.SOLID
    )


def _planned(digits: str, lengths: tuple[int, ...], own: Collection[str]) -> bool:
    """Whether a plan of one of the countries has such a number, however it is grouped."""
    joined = _joined(digits, lengths)
    if not 8 <= len(digits) <= 13 or len(lengths) > 6 or DATE.fullmatch(joined) or AMOUNT.fullmatch(joined):
        return False
    national = digits[1:] if digits.startswith("0") else digits
    if any(numbering.is_in_use(country, national) for country in own):
        return True
    regions, rest = numbering.regions_of(digits)  # with the code of a country and no plus before it
    return len(digits) > 10 and any(region in own and numbering.is_in_use(region, rest) for region in regions)


def _joined(digits: str, lengths: tuple[int, ...]) -> str:
    """The groups with hyphens between."""
    parts, reached = [], 0
    for length in lengths:
        parts.append(digits[reached : reached + length])
        reached += length
    return "-".join(parts)


def _bracketed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the bracket around its first group."""
    inside = text[start:end]
    return (start - 1, end) if text[start - 1 : start] == "(" and ")" in inside else (start, end)


@functools.cache
def _forms() -> Mapping[tuple[int, ...], tuple[tuple[re.Pattern[str], str, bool], ...]]:
    """Of all countries, by the lengths of the groups."""
    found: dict[tuple[int, ...], list[tuple[re.Pattern[str], str, bool]]] = {}
    for country, many in phone_forms.FORMS.items():
        for digits, groupings in many:
            pattern = re.compile(digits.replace("#", r"\d"))
            for grouping in groupings.split():
                lengths = tuple(map(int, grouping.lstrip("!").split("-")))
                found.setdefault(lengths, []).append((pattern, country, grouping.startswith("!")))
    return {lengths: tuple(many) for lengths, many in found.items()}
