"""National ids that their form and check digits give away, by country; checks are those of `stdnum` where it has any.

`FORMS` count in any text. `GROUPED` and `BARE` look like other numbers, so they count in a text of a language of the
country, where no word beside them announces another kind.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stdnum import ean, verhoeff
from stdnum.ar import cuit
from stdnum.be import nn
from stdnum.br import cnpj, cpf
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.ec import ci
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.id import nik
from stdnum.in_ import pan
from stdnum.iso7064 import mod_11_10
from stdnum.it import codicefiscale
from stdnum.jp import in_ as my_number
from stdnum.mx import curp
from stdnum.my import nric
from stdnum.pt import cc
from stdnum.tr import tckimlik

J = r"[ -]?"
"""Between groups."""
Check = Callable[[str], bool]
"""Given a number without separators, in capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One kind of number."""

    form: str
    """How it is written: a pattern, in which small letters are as good as capitals."""
    checks: Check
    languages: frozenset[str] = frozenset()
    """In a text of one of these; in any where there is none."""


def any_number(_number: str) -> bool:
    return True


def is_social(number: str) -> bool:
    """United States: not the areas, groups and serials that are never given. Those of advertisements are kept."""
    return number[:3] not in ("000", "666") and number[3:5] != "00" and number[5:] != "0000"


def _is_insurance(number: str) -> bool:
    """United Kingdom: letters that are given, and QQ of the forms' examples."""
    prefix = number[:2]
    return prefix == "QQ" or not (
        prefix[0] in "DFIQUV" or prefix[1] in "DFIOQUV" or prefix in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
    )


def _is_tax(number: str) -> bool:
    """Germany: of the first ten digits one stands twice or three times, all others once. With a 0 first, for
    tests."""
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


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        datetime.date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _is_korean(number: str) -> bool:
    """Since October 2020 new numbers have no check digit, so a birthday must do."""
    century = {"9": "18", "0": "18", "1": "19", "2": "19", "5": "19", "6": "19"}.get(number[6], "20")
    return _is_day(century + number[:2], number[2:4], number[4:6])


def _is_chinese(number: str) -> bool:
    """China: a birthday and a check digit (ISO 7064, mod 11-2). Its list of places leaves out some that people are
    from."""
    return (
        number[6:8] in ("19", "20")
        and number[0] in "123456789"
        and _is_day(number[6:10], number[10:12], number[12:14])
        and ric.calc_check_digit(number) == number[-1]
    )


def _is_egyptian(number: str) -> bool:
    return _is_day({"2": "19", "3": "20"}[number[0]] + number[1:3], number[3:5], number[5:7]) and number[7:9] <= "35"


def _is_indian(number: str) -> bool:
    return verhoeff.is_valid(number)


def _is_hong_kong(number: str) -> bool:
    letters = number[:-7].rjust(2)
    values = [36 if one == " " else ord(one) - 55 for one in letters] + [int(one) for one in number[-7:-1]]
    rest = -sum(weight * value for weight, value in zip(range(9, 1, -1), values, strict=True)) % 11
    return "0123456789A"[rest] == number[-1]


def _is_taiwanese(number: str) -> bool:
    place = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0]) + 10
    digits = [place // 10, place % 10, *map(int, number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 10 == 0


def _is_singaporean(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip((2, 7, 6, 5, 4, 3, 2), number[1:8], strict=True))
    letters = {"S": "JZIHGFEDCBA", "T": "GFEDCBAJZIH", "F": "XWUTRQPNMLK", "G": "RQPNMLKXWUT", "M": "KLJNPQRTUWX"}
    if number[0] == "M":
        return True
    return letters[number[0]][total % 11] == number[8]


def _is_uruguayan(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip((2, 9, 8, 7, 6, 3, 4), number[:7], strict=True))
    return str(-total % 10) == number[7]


def _is_emirati(number: str) -> bool:
    return "1900" <= number[3:7] <= "2099"


def _is_mexican_tax(number: str) -> bool:
    return _is_day("20" + number[4:6], number[6:8], number[8:10])


def _is_turkish(number: str) -> bool:
    return tckimlik.is_valid(number)


FORMS = {
    "ssn": Number(form=r"\d{3}-\d{2}-\d{4}", checks=is_social),  # United States, ITIN too
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
    "idnr": Number(form=r"\d{2}[ ./-]\d{3}[ ./-]\d{3}[ ./-]\d{3}", checks=_is_tax),  # Germany
    "cf": Number(  # Italy
        form=rf"[A-Z]{{3}}{J}[A-Z]{{3}}{J}[\dLMNP-V]{{2}}[ABCDEHLMPRST][\dLMNP-V]{{2}}{J}[A-Z][\dLMNP-V]{{3}}{J}[A-Z]",
        checks=_is_italian,
    ),
    "curp": Number(form=r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d", checks=curp.is_valid),  # Mexico
    "cpf": Number(form=r"\d{3}\.\d{3}\.\d{3}[-/]\d{2}", checks=cpf.is_valid),  # Brazil
    "cnpj": Number(form=r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", checks=cnpj.is_valid),  # Brazil, of a business
    "pis": Number(form=r"\d{3}\.\d{5}\.\d{2}-\d", checks=any_number),  # Brazil
    "cuit": Number(form=r"(?:2[034567]|3[034])-\d{8}-\d", checks=cuit.is_valid),  # Argentina
    "rut": Number(form=r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", checks=rut.is_valid),  # Chile
    "uy": Number(form=r"\d\.\d{3}\.\d{3}-\d", checks=_is_uruguayan),
    "npwp": Number(form=r"\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}", checks=any_number),  # Indonesia, tax
    "rrn": Number(form=r"\d{6} ?- ?[1-8]\d{6}", checks=_is_korean),  # Korea
    "nric": Number(form=r"\d{6}-\d{2}-\d{4}", checks=nric.is_valid),  # Malaysia
    "eid": Number(form=r"784[ -]?\d{4}[ -]?\d{7}[ -]?\d", checks=_is_emirati),  # Emirates
    "cc": Number(form=r"\d{8} ?\d ?[A-Z]{2}\d", checks=cc.is_valid),  # Portugal
    "ric": Number(form=r"\d{6} ?\d{8} ?\d{3}[\dX]", checks=_is_chinese),  # China
    "hkid": Number(form=r"[A-Z]{1,2}\d{6} ?\([\dA]\)", checks=_is_hong_kong),
    "sg": Number(form=r"[STFGM]\d{7}[A-Z]", checks=_is_singaporean),
}
"""By name. No text is two of them."""
CAPITALS = {
    "pan": Number(form=r"[A-Z]{3}[ABCFGHLJPTK][A-Z]\d{4}[A-Z]", checks=pan.is_valid),  # India, tax
    "rfc": Number(form=r"[A-ZÑ]{4}\d{6}[A-Z\d]{3}", checks=_is_mexican_tax, languages=frozenset({"es"})),
    "tw": Number(form=r"[A-Z][1289]\d{8}", checks=_is_taiwanese, languages=frozenset({"zh"})),
    "zairyu": Number(form=r"[A-Z]{2}\d{8}[A-Z]{2}", checks=any_number, languages=frozenset({"ja"})),
}
"""In capitals only: in small letters these are names of code."""
GROUPED = {
    "hi": (r"[2-9]\d{3}([ -])\d{4}\1\d{4}", _is_indian),
    "ja": (r"\d{4}([ -])\d{4}\1\d{4}", my_number.is_valid),
    "id": (
        r"\d{4}([ .-])\d{4}\1\d{4}\1\d{4}|\d{6}[ .-]\d{6}[ .-]\d{4}|\d{2}\.\d{2}\.\d{2}\.\d{6}\.\d{4}",
        nik.is_valid,
    ),
    "tr": (r"[1-9]\d{2}([ -])\d{3}\1\d{3}\1\d{2}|[1-9]\d{2} \d{2} \d{3} \d{3}", _is_turkish),
}
"""By language: a pattern, and the check."""
BARE: Mapping[int, tuple[tuple[str, Check], ...]] = {
    10: (("es", ci.is_valid),),
    11: (("pt", cpf.is_valid), ("tr", _is_turkish), ("de", _is_tax), ("", _is_tax)),
    12: (("hi", lambda number: number[0] not in "01" and _is_indian(number)), ("ja", my_number.is_valid)),
    13: (("ko", lambda number: number[6] in "12345678" and _is_korean(number)),),
    14: (("pt", cnpj.is_valid), ("ar", lambda number: number[0] in "23" and _is_egyptian(number))),
    16: (("id", nik.is_valid),),
}
"""By length: the language of a text, none where it shows no language, and the check of digits that nothing parts."""
