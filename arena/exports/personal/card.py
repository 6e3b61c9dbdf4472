"""Numbers of payment cards: an issuer's range, its length, and the check digit of Luhn (ISO/IEC 7812-1)."""

import re
from collections.abc import Iterator

from stdnum import luhn

SEPARATOR = r"(?: ?[ .-] ?|-?\n {0,4})"
CANDIDATE = re.compile(
    r"(?<![\w#+-])(?<!\d[.,:/])(?:"
    rf"(?P<fours>\d{{4}}(?:{SEPARATOR}\d{{4}}){{3}}(?:{SEPARATOR}\d{{1,3}}(?!\d))?)"
    rf"|(?P<long>3\d{{3}}{SEPARATOR}\d{{6}}{SEPARATOR}\d{{4,5}})"
    rf"|(?P<bare>\d{{14,19}}))"
    r"(?!\w|[.,:-]\d)"
)
JOINTS = re.compile(r"\D+")
ISSUED = re.compile(
    r"4\d{15}(?:\d{3})?"  # Visa; those of 13 digits are history, and look like the number of an article
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}(?:\d\d)?"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}(?:\d{3})?"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?"  # JCB
    r"|62\d{14,17}"  # UnionPay
    r"|(?:50\d\d|5[6-8]\d\d|6304|6759|676[1-3])\d{12}(?:\d{2,3})?"  # Maestro
)
"""Leading digits and length of the numbers that issuers give."""


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand."""
    for match in CANDIDATE.finditer(text):
        end = match.end()
        digits = JOINTS.sub("", match[0])
        if match["fours"] and len(digits) > 16 and not _is_card(digits):
            # The last group may be the security code or anything else that follows.
            end = match.start() + len(match[0].rstrip("0123456789").rstrip(" .-\n"))
            digits = digits[:16]
        if _is_card(digits):
            yield match.start(), end


def _is_card(digits: str) -> bool:
    return ISSUED.fullmatch(digits) is not None and luhn.is_valid(digits)
