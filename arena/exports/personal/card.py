"""Numbers of payment cards: an issuer's range, its length, and the check digit of Luhn (ISO/IEC 7812-1).

After a word that announces a card, range and length are enough: a mistyped number still tells whose card it is. A
number
of a state or an order may have a card's range and by chance its check digit, so words that announce one of those
count.
"""

import re
from collections.abc import Iterator

from stdnum import luhn

from arena.exports.personal import announcing
from arena.exports.personal.announcing import Said
from arena.exports.personal.plain import WORD

SEPARATOR = r"(?: ?[ .-] ?|-?\n {0,4})"
CANDIDATE = re.compile(
    rf"(?<![{WORD}#+-])(?<!\d[.,:/])(?<![A-Za-z][A-Za-z]\d\d[ .-])(?:"
    rf"(?P<fours>\d{{4}}(?:{SEPARATOR}\d{{4}}){{3}}(?:{SEPARATOR}\d{{1,3}}(?!\d))?)"
    rf"|(?P<long>3\d{{3}}{SEPARATOR}\d{{6}}{SEPARATOR}\d{{4,5}}|(?:5[06]"
    rf"|6\d)\d\d{SEPARATOR}\d{{4,5}}{SEPARATOR}\d{{4,5}}"
    rf"(?:{SEPARATOR}\d{{4}})?|62\d{{4}}{SEPARATOR}\d{{10,13}})"
    r"|(?P<bare>\d{14,19}))"
    rf"(?![{WORD}]|[.,:-]\d)"
)
JOINTS = re.compile(r"\D+")
ISSUED = re.compile(
    r"4\d{15}(?:\d{3})?"  # Visa; those of 13 digits are history, and look like the number of an article
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}(?:\d\d)?"  # Diners Club; Hipercard 3841
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}(?:\d{3})?"  # Discover; Elo, Troy, RuPay, Verve 65
    r"|35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?"  # JCB; RuPay 353, 356
    r"|(?:62|81)\d{14,17}"  # UnionPay; RuPay 81
    r"|(?:50\d\d|5[6-8]\d\d|6304|6759|676[1-3])\d{12}(?:\d{2,3})?"  # Maestro; Elo 50, Verve 506
    r"|(?:6362|6363|627780)\d{10,12}"  # Elo
    r"|(?:6062|6370|6375|6376)\d{12}(?:\d{3})?"  # Hipercard, Cabal
    r"|220[0-5]\d{12,15}"  # Mir
    r"|60\d{14}|82\d{14}"  # RuPay
    r"|9792\d{12}"  # Troy
    r"|(?:8600|5614|9860)\d{12}"  # Uzcard, Humo
    r"|(?:604[0-3]|5895|9704|9111)\d{12}(?:\d{3})?"  # Cabal, Naranja, Napas, BelCart
    r"|63[6-9]\d{13}"  # InstaPayment, InterPayment, Mada
    r"|6706\d{12,15}|6771\d{12}|6709\d{12,15}"  # Laser
)
"""Leading digits and length of the numbers that issuers give."""
WIDE = re.compile(
    r"60(?!11|6282)|8|63(?!6297|6368|7095|7568|7599|76(?:09|12))|50(?!1[89]|20|38|4175|41|6|9)|9[18]|9704"
)
"""Ranges of which most numbers are none of a card: bare digits of these count after a word that announces a card."""


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand."""
    for match in CANDIDATE.finditer(text):
        end = match.end()
        digits = JOINTS.sub("", match[0])
        if match["fours"] and len(digits) > 16 and not _is_card(digits) and _is_card(digits[:16]):
            # The last group may be the security code or anything else that follows.
            end = match.start() + len(match[0].rstrip("0123456789").rstrip(" .-\n"))
            digits = digits[:16]
        issued = ISSUED.fullmatch(digits) is not None
        if not issued and not match["fours"]:
            continue
        said = announcing.said(text, match.start(), end)
        if issued and luhn.is_valid(digits):
            bare = match["bare"] is not None
            if said is Said.ID or (bare and (said is Said.OTHER or (said is None and WIDE.match(digits)))):
                continue
            yield match.start(), end
        elif announcing.before(text, match.start()) is Said.CARD and digits[0] in "23456789":
            yield match.start(), end


def _is_card(digits: str) -> bool:
    return ISSUED.fullmatch(digits) is not None and luhn.is_valid(digits)
