"""National ids that are nobody's, with the check digits that a state would give them."""

import random
from collections.abc import Callable, Mapping, Sequence

from stdnum import luhn, verhoeff


def _digits(count: int, chance: random.Random) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def _day(chance: random.Random) -> tuple[str, str, str]:
    return str(chance.randrange(1950, 2006)), f"{chance.randrange(1, 13):02}", f"{chance.randrange(1, 29):02}"


def _weighted(number: str, weights: Sequence[int]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, number, strict=True))


def cpf(chance: random.Random) -> str:
    """Brazil: two digits, mod 11."""
    number = _digits(9, chance)
    for weights in (range(10, 1, -1), range(11, 1, -1)):
        rest = -_weighted(number, weights) % 11
        number += str(rest if rest < 10 else 0)
    return number


def cnpj(chance: random.Random) -> str:
    """Brazil, of a business: two digits, mod 11."""
    number = _digits(8, chance) + "0001"
    for weights in ((5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)):
        rest = -_weighted(number, weights) % 11
        number += str(rest if rest < 10 else 0)
    return number


def bsn(chance: random.Random) -> str:
    """Netherlands: the weighted sum, with the last digit taken off, is divided by 11."""
    while True:
        number = chance.choice("123456789") + _digits(7, chance)
        rest = _weighted(number, range(9, 1, -1)) % 11
        if rest < 10:
            return number + str(rest)


def kimlik(chance: random.Random) -> str:
    """Turkey: two digits."""
    number = chance.choice("123456789") + _digits(8, chance)
    odd, even = sum(map(int, number[::2])), sum(map(int, number[1::2]))
    number += str((7 * odd - even) % 10)
    return number + str(sum(map(int, number)) % 10)


def nik(chance: random.Random) -> str:
    """Indonesia: place, birthday (of women with 40 added to the day), and a number."""
    year, month, day = _day(chance)
    place = chance.choice(("317101", "327301", "357801", "337401", "517101", "127101"))
    return place + f"{int(day) + chance.choice((0, 40)):02}" + month + year[2:] + f"{chance.randrange(1, 99):04}"


def npwp(chance: random.Random) -> str:
    """Indonesia, tax: as it is printed, without a check that everybody keeps."""
    return _digits(15, chance)


def aadhaar(chance: random.Random) -> str:
    """India: Verhoeff."""
    number = chance.choice("23456789") + _digits(10, chance)
    return number + verhoeff.calc_check_digit(number)


def pan(chance: random.Random) -> str:
    """India, tax: of a person."""
    letters = "".join(chance.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(5))
    return f"{letters[:3]}P{letters[3]}{chance.randrange(1, 9999):04}{letters[4]}"


def saudi(chance: random.Random) -> str:
    """Saudi Arabia: Luhn."""
    number = chance.choice("12") + _digits(8, chance)
    return number + luhn.calc_check_digit(number)


def egyptian(chance: random.Random) -> str:
    """Egypt: century, birthday, place, number."""
    year, month, day = _day(chance)
    century = "2" if year < "2000" else "3"
    return century + year[2:] + month + day + chance.choice(("01", "02", "21", "12")) + _digits(5, chance)


def emirati(chance: random.Random) -> str:
    """Emirates: Luhn."""
    number = "784" + _day(chance)[0] + _digits(7, chance)
    return number + luhn.calc_check_digit(number)


def ric(chance: random.Random) -> str:
    """China: place, birthday, number, and a check digit by ISO 7064, mod 11-2."""
    number = (
        chance.choice(("110101", "310104", "440305", "510104", "330106")) + "".join(_day(chance)) + _digits(3, chance)
    )
    rest = _weighted(number, [2**place % 11 for place in range(17, 0, -1)]) % 11
    return number + "10X98765432"[rest]


def my_number(chance: random.Random) -> str:
    """Japan: mod 11."""
    number = _digits(11, chance)
    rest = _weighted(number, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return number + str(0 if rest <= 1 else 11 - rest)


def rrn(chance: random.Random) -> str:
    """Korea: birthday, century and sex, and since 2020 nothing that checks."""
    year, month, day = _day(chance)
    return year[2:] + month + day + chance.choice("12" if year < "2000" else "34") + _digits(6, chance)


NUMBERS: Mapping[str, Callable[[random.Random], str]] = {
    "cpf": cpf,
    "cnpj": cnpj,
    "bsn": bsn,
    "kimlik": kimlik,
    "nik": nik,
    "npwp": npwp,
    "aadhaar": aadhaar,
    "pan": pan,
    "saudi": saudi,
    "egypt": egyptian,
    "uae": emirati,
    "ric": ric,
    "mynumber": my_number,
    "rrn": rrn,
}
"""By the word with which `values.toml` asks for them."""
