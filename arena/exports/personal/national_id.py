"""Numbers by which a state knows a person, in the countries of five languages and their neighbours.

Check digits and ranges come from `stdnum` where it has them. A number whose form is common and whose check is weak
counts only after a word that announces it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum import ean, luhn
from stdnum.at import vnr
from stdnum.be import nn
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.ie import pps
from stdnum.iso7064 import mod_11_10
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.nl import bsn

JOINTS = re.compile(r"[ ./-]+")
J = r"[ -]?"
"""Between groups."""
FREE = r"(?=[0-9A-Z])(?<![\w+#])(?<!\d[.,:/-])"
"""Before a number: nothing that it is a part of. The look at its first character is there to be quick."""
ENDED = r"(?!\w|[.,:/-]\d)"
"""After it."""
WINDOW = 40
"""Characters after a word in which the number it announces begins and ends."""
DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One kind of number."""

    form: str
    """How it is written: a pattern, in which small letters are as good as capitals."""
    checks: Callable[[str], bool]
    """Given the number without separators, in capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """One kind of number that needs a word before it."""

    words: str
    """A pattern."""
    hints: tuple[str, ...]
    """Parts of the words, small: without any of them in a text there is none of the words."""
    form: str
    checks: Callable[[str], bool]


def _any(_number: str) -> bool:
    return True


def _is_social(number: str) -> bool:
    """United States: not the areas, groups and serials that are never given. Those of advertisements are kept."""
    return number[:3] not in ("000", "666") and number[3:5] != "00" and number[5:] != "0000"


def _is_insurance(number: str) -> bool:
    """United Kingdom: letters that are given, and QQ of the forms' examples."""
    prefix = number[:2]
    return prefix == "QQ" or not (
        prefix[0] in "DFIQUV" or prefix[1] in "DFIOQUV" or prefix in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
    )


def _is_tax(number: str) -> bool:
    """Germany: of the first ten digits one stands twice or three times, all others once. With a 0 first, for tests."""
    counts = sorted(map(number[:10].count, set(number[:10])))
    return counts[-2] == 1 and counts[-1] in (2, 3) and mod_11_10.is_valid(number)


def _is_french(number: str) -> bool:
    return nir.calc_check_digits(number) == number[13:]


def _is_swiss(number: str) -> bool:
    return ean.calc_check_digit(number[:-1]) == number[-1]


def _is_spanish(number: str) -> bool:
    return dni.calc_check_digit(number[:-1]) == number[-1]


def _is_foreign(number: str) -> bool:
    """Spain, of a foreigner."""
    return nie.calc_check_digit(number[:-1]) == number[-1]


def _is_italian(number: str) -> bool:
    return codicefiscale.calc_check_digit(number[:-1]) == number[-1]


NUMBERS = {
    "ssn": Number(form=r"\d{3}-\d{2}-\d{4}", checks=_is_social),  # United States, ITIN too
    "nino": Number(form=rf"[A-Z]{{2}}{J}\d{{2}}{J}\d{{2}}{J}\d{{2}}{J}[A-D]", checks=_is_insurance),  # United Kingdom
    "nir": Number(  # France
        form=rf"[12378]{J}\d{{2}}{J}(?:0[1-9]|1[0-2]|[2-9]\d){J}\d[0-9AB]{J}\d{{3}}{J}\d{{3}}[ /-]{{0,3}}\d{{2}}"
        r"|[12378]\.\d{2}\.\d{2}\.\d[0-9AB]\.\d{3}\.\d{3}\.\d{2}",
        checks=_is_french,
    ),
    "ahv": Number(form=r"756[ .]?\d{4}[ .]?\d{4}[ .]?\d{2}", checks=_is_swiss),  # Switzerland
    "nn": Number(form=r"\d{2}\.\d{2}\.\d{2}-\d{3}[.-]\d{2}", checks=nn.is_valid),  # Belgium
    "dni": Number(form=r"\d{8}[ -]{0,2}[A-Z]|\d{2}[. ]\d{3}[. ]\d{3}[ -]{0,2}[A-Z]", checks=_is_spanish),  # Spain
    "nie": Number(
        form=r"[XYZ][ .-]?\d{7}[ .-]?[A-Z]|[XYZ]-?\d[. ]\d{3}[. ]\d{3}[ -]?[A-Z]", checks=_is_foreign
    ),  # Spain
    "idnr": Number(form=r"\d{2}[ ./-]?\d{3}[ ./-]?\d{3}[ ./-]?\d{3}", checks=_is_tax),  # Germany
    "cf": Number(  # Italy
        form=rf"[A-Z]{{3}}{J}[A-Z]{{3}}{J}[\dLMNP-V]{{2}}[ABCDEHLMPRST][\dLMNP-V]{{2}}{J}[A-Z][\dLMNP-V]{{3}}{J}[A-Z]",
        checks=_is_italian,
    ),
    "curp": Number(form=r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d", checks=curp.is_valid),  # Mexico
}
"""Numbers that their form and check give away. No text is two of them."""
FORMS = re.compile(
    FREE + "(?:" + "|".join(f"(?P<{name}>{number.form})" for name, number in NUMBERS.items()) + ")" + ENDED,
    re.IGNORECASE | re.ASCII,
)
ANNOUNCED = (
    Announced(  # United States, written without hyphens
        words=r"\bssn\b|social security|\bitin\b",
        hints=("ssn", "social security", "itin"),
        form=r"\d{3}[ .]?\d{2}[ .]?\d{4}",
        checks=_is_social,
    ),
    Announced(words=r"\bnhs\b", hints=("nhs",), form=rf"\d{{3}}{J}\d{{3}}{J}\d{{4}}", checks=nhs.is_valid),
    Announced(words=r"\bpps", hints=("pps",), form=rf"\d{{7}}{J}[A-Z]{{1,2}}", checks=pps.is_valid),  # Ireland
    Announced(  # Canada
        words=r"(?-i:\bSIN\b|\bNAS\b)|social insurance|assurance sociale",
        hints=("sin", "nas", "social insurance", "assurance sociale"),
        form=rf"\d{{3}}{J}\d{{3}}{J}\d{{3}}",
        checks=luhn.is_valid,
    ),
    Announced(  # Austria
        words=r"sozialversicherung|\bsvnr|\bsv-n",
        hints=("sozialversicherung", "svnr", "sv-n"),
        form=rf"\d{{4}}{J}\d{{6}}",
        checks=vnr.is_valid,
    ),
    Announced(  # Germany: pension insurance
        words=r"rentenversicherung|sozialversicherung|\brvnr|\bsv-n",
        hints=("versicherung", "rvnr", "sv-n"),
        form=r"\d{2} ?\d{6} ?[A-Z] ?\d{3}",
        checks=_any,
    ),
    Announced(  # Germany: identity card
        words=r"ausweis", hints=("ausweis",), form=r"[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d?", checks=_any
    ),
    Announced(  # Belgium, without dots
        words=r"registre national|rijksregister|\bniss\b",
        hints=("registre national", "rijksregister", "niss"),
        form=rf"\d{{6}}{J}\d{{3}}{J}\d{{2}}",
        checks=nn.is_valid,
    ),
    Announced(  # Netherlands
        words=r"\bbsn\b|burgerservice",
        hints=("bsn", "burgerservice"),
        form=r"\d{9}|\d{4}\.\d{2}\.\d{3}",
        checks=bsn.is_valid,
    ),
    Announced(  # France, without its key
        words=r"sécurité sociale|\bsécu\b|(?-i:\bNIR\b)",
        hints=("sécu", "nir"),
        form=r"[12][ .]?\d{2}[ .]?(?:0[1-9]|1[0-2])[ .]?\d[0-9AB][ .]?\d{3}[ .]?\d{3}",
        checks=_any,
    ),
    Announced(
        words=r"passport|reisepass|passeport|pasaporte|passaporto",
        hints=("passport", "reisepass", "passeport", "pasaporte", "passaporto"),
        form=r"[A-Z]{0,3}\d[A-Z0-9]{4,8}",
        checks=lambda number: len(number) in (8, 9) and sum(map(str.isdigit, number)) > 4,
    ),
)
WORDS = tuple(re.compile(announced.words, re.IGNORECASE) for announced in ANNOUNCED)
FOLLOWING = tuple(re.compile(f"{FREE}(?:{one.form}){ENDED}", re.IGNORECASE | re.ASCII) for one in ANNOUNCED)


def find(text: str) -> Iterator[tuple[int, int]]:
    """Where national ids stand. Finds may overlap."""
    for match in FORMS.finditer(text):
        name = match.lastgroup
        if name is not None and NUMBERS[name].checks(_compact(match[0])):
            yield match.span()
    small = text.lower()
    for announced, words, following in zip(ANNOUNCED, WORDS, FOLLOWING, strict=True):
        if not any(hint in small for hint in announced.hints):
            continue
        for word in words.finditer(text):
            if DIGIT.search(text, word.end(), word.end() + WINDOW) is None:
                continue
            found = following.search(text, word.end(), word.end() + WINDOW)
            if found is not None and announced.checks(_compact(found[0])):
                yield found.span()


def _compact(written: str) -> str:
    return JOINTS.sub("", written).upper()
