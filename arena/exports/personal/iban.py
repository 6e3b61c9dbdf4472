"""IBANs: the country's own structure, from the registry that `stdnum` carries, and check digits (ISO 7064, mod 97)."""

import functools
import re
import string
from collections.abc import Iterator

from stdnum import numdb

HEAD = re.compile(r"(?:(?<![A-Za-z0-9])|(?<=IBAN))[A-Za-z]{2}[ -]?\d{2}(?=[ .\-\n]{0,2}[A-Za-z0-9])")
BETWEEN = r"(?:[ .-]{0,2}|-?\n {0,4})"
"""What may stand between two characters: nothing, a space or two, a hyphen, or the end of a line."""
PARTS = re.compile(r"(\d+)!([nac])")
CLASSES = {"n": "[0-9]", "a": "[A-Za-z]", "c": "[A-Za-z0-9]"}
VALUES = {ord(letter): str(value) for value, letter in enumerate(string.ascii_uppercase, start=10)}
JOINTS = re.compile(r"[ .\-\n]+")


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where IBANs stand."""
    reached = 0
    for head in HEAD.finditer(text):
        pattern = _pattern(head[0][:2].upper())
        if pattern is None or head.start() < reached:
            continue
        found = pattern.match(text, head.end())
        if found is not None and _checks(JOINTS.sub("", text[head.start() : found.end()])):
            reached = found.end()
            yield head.start(), reached


@functools.cache
def _pattern(country: str) -> re.Pattern[str] | None:
    """What follows the check digits in a country; None for a country without IBANs."""
    known = numdb.get("iban").info(country)[0][1]
    if "bban" not in known:
        return None
    classes = [CLASSES[kind] for count, kind in PARTS.findall(known["bban"]) for _ in range(int(count))]
    return re.compile("".join(f"{BETWEEN}{one}" for one in classes) + "(?![A-Za-z0-9])")


def _checks(number: str) -> bool:
    """Whether the check digits fit: letters count from 10, the first four characters go last."""
    return int((number[4:] + number[:4]).upper().translate(VALUES)) % 97 == 1
