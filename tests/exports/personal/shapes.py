"""Values as people write them, by kind and language: functions from chance to one value, after `values.toml`."""

import base64
import json
import random
import string
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.exports.personal import made_up

Shape = Callable[[random.Random], str]
VALUES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "values.toml").read_text(encoding="utf-8"))
SPACES = (" ", " ", "\u00a0", "\u202f", "\u2009")
HYPHENS = ("-", "-", "\u2011", "\u2013", "\u2010")
LOCAL = {
    "hi": "".join(map(chr, range(0x966, 0x970))),
    "ar": "".join(map(chr, range(0x660, 0x66A))),
    "zh": "".join(map(chr, range(0xFF10, 0xFF1A))),
    "ja": "".join(map(chr, range(0xFF10, 0xFF1A))),
    "ko": "".join(map(chr, range(0xFF10, 0xFF1A))),
}
"""Digits of a language's own script, or those of full width; for a template with `@` before it."""
DRAWN = {"#": string.digits, "!": string.ascii_uppercase, "^": string.ascii_letters + string.digits}


def fill(template: str, chance: random.Random) -> str:
    """A shape filled in."""
    drawn = {**DRAWN, "~": SPACES, "_": HYPHENS}
    return "".join(chance.choice(drawn[one]) if one in drawn else one for one in template)


def fill_key(template: str, chance: random.Random) -> str:
    """A shape of a key filled in: its underscores are its own."""
    return "".join(chance.choice(DRAWN[one]) if one in DRAWN else one for one in template)


def shapes(kind: str, language: str) -> Iterator[Shape]:
    """Every shape of a kind in a language."""
    return SHAPES[kind](language)


def _filled(templates: Iterable[str]) -> Iterator[Shape]:
    for one in templates:
        yield lambda chance, template=one: fill(template, chance)  # type: ignore[misc]


def phones(language: str) -> Iterator[Shape]:
    for one in VALUES["phone"][language]:
        yield lambda chance, template=one: written(fill(template.lstrip("@"), chance), template, language)  # type: ignore[misc]


def written(value: str, template: str, language: str) -> str:
    """A value in the digits that its template asks for."""
    return (
        value.translate(dict(zip(map(ord, string.digits), LOCAL[language], strict=True))) if "@" in template else value
    )


def mails(language: str) -> Iterator[Shape]:
    known = VALUES["mail"]
    people, hidden = known["people"][language], known["hidden"][language]

    def plain(chance: random.Random) -> str:
        return f"{chance.choice(people)}@{chance.choice(known['sites']['any'])}"

    def disguised(form: str, dot: str) -> Shape:
        return lambda chance: form.format(chance.choice(people), f"example{dot}{chance.choice(('com', 'org', 'net'))}")

    yield from [plain] * 8
    yield lambda chance: plain(chance).upper()
    for sign in ("\uff20", "@\u200b", "%40"):
        yield lambda chance, sign=sign: plain(chance).replace("@", sign)  # type: ignore[misc]
    for form in hidden:
        yield disguised(form, ".")
    yield disguised(hidden[0], " [dot] ")
    yield disguised(hidden[1], "(dot)")
    yield lambda chance: known["spoken"][language].format(chance.choice(people))


def cards(_language: str) -> Iterator[Shape]:
    numbers = VALUES["card"]["any"]

    def grouped(chance: random.Random, separator: str) -> str:
        """As it stands on the card."""
        number = chance.choice(numbers)
        groups = {15: (4, 6, 5), 14: (4, 6, 4), 19: (4, 4, 4, 4, 3)}.get(len(number), (4, 4, 4, 4))
        starts = [sum(groups[:place]) for place in range(len(groups))]
        return separator.join(number[start : start + size] for start, size in zip(starts, groups, strict=True))

    yield from [lambda chance: chance.choice(numbers)] * 3
    for separator in (" ", " ", " ", "-", "-", "~", "~", "_", ".", "  ", " - ", "\n"):
        yield lambda chance, separator=separator: fill(grouped(chance, separator), chance)  # type: ignore[misc]


def ibans(language: str) -> Iterator[Shape]:
    known = VALUES["iban"]

    def number(chance: random.Random) -> str:
        return chance.choice(known["examples"][language]) if chance.random() < 0.5 else checked(chance)

    def checked(chance: random.Random) -> str:
        """A made-up account whose check digits fit."""
        made = fill(known["shapes"][language].replace("..", "00"), chance)
        rest = int("".join(str(int(one, 36)) for one in made[4:] + made[:4]))
        return f"{made[:2]}{98 - rest % 97:02d}{made[4:]}"

    def grouped(chance: random.Random, separator: str) -> str:
        whole = number(chance)
        return separator.join(whole[start : start + 4] for start in range(0, len(whole), 4))

    for separator in ("", "", "", "", " ", " ", " ", " ", "\u00a0", "\u202f", "-", "\u2011", "\n", "."):
        yield lambda chance, separator=separator: grouped(chance, separator)  # type: ignore[misc]
    for separator in ("", " "):
        yield lambda chance, separator=separator: grouped(chance, separator).lower()  # type: ignore[misc]


def ips(_language: str) -> Iterator[Shape]:
    """In the ranges for documents, and two of a house."""
    for net in ["192.0.2", "198.51.100", "203.0.113"] * 3 + ["192.168.178", "172.16.31", "::ffff:192.0.2"]:
        yield lambda chance, net=net: f"{net}.{chance.randrange(1, 255)}"  # type: ignore[misc]
    for form in (
        "2001:db8::h",
        "2001:db8::hhhh:h",
        "2001:db8:hhhh:hhhh::hh",
        "2001:0db8:85a3:0000:0000:8a2e:0370:7hhh",
        "2001:DB8:0:0:8:800:200C:h17A",
        "fe80::hhh:hhff:fehh:hhhh",
        "2001:db8:hhh:h:hhhh:hhhh:hhhh:hhhh",
    ):
        yield lambda chance, form=form: "".join(  # type: ignore[misc]
            chance.choice("123456789abcdef") if one == "h" else one for one in form
        )


def keys(_language: str) -> Iterator[Shape]:
    for one in VALUES["key"]["any"]:
        yield lambda chance, template=one: fill_key(template, chance)  # type: ignore[misc]
    yield from [signed] * 2
    for title, rows in (("RSA PRIVATE KEY", 4), ("OPENSSH PRIVATE KEY", 3), ("PRIVATE KEY", 2)):
        yield lambda chance, title=title, rows=rows: armoured(title, rows, chance)  # type: ignore[misc]


def signed(chance: random.Random) -> str:
    """A JSON Web Token."""
    head, body = (
        base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
        for content in ({"alg": "HS256", "typ": "JWT"}, {"sub": str(chance.randrange(10**9)), "iat": 1_700_000_000})
    )
    return f"{head}.{body}.{fill_key('^' * 43, chance)}"


def armoured(title: str, rows: int, chance: random.Random) -> str:
    """A private key as files hold it."""
    body = "\n".join(fill_key("^" * 64, chance) for _ in range(rows))
    return f"-----BEGIN {title}-----\n{body}\n{fill_key('^' * 20, chance)}==\n-----END {title}-----"


def national_ids(language: str) -> Iterator[Shape]:
    known = VALUES["national_id"]
    yield from _filled(known["shapes"].get(language, ()))
    for one in known["examples"][language]:
        yield lambda _chance, value=one: value  # type: ignore[misc]
    for form in known["dressed"].get(language, ()):
        yield lambda chance, form=form: written(  # type: ignore[misc]
            MADE_UP.get(language, person)(form, chance), form, language
        )


def dressed(characters: str, form: str, chance: random.Random) -> str:
    """Characters in the places of a form's `x`."""
    rest = iter(characters)
    return "".join(next(rest) if one == "x" else fill(one, chance) for one in form)


def german(form: str, chance: random.Random) -> str:
    """A tax id of those for tests, which begin with 0; the check is that of ISO 7064, mod 11, 10."""
    rest = chance.sample("123456789", 8)
    rest.insert(chance.randrange(8), rest[chance.randrange(8)])
    number = "0" + "".join(rest)
    check = 10
    for digit in number:
        check = ((int(digit) + check) % 10 or 10) * 2 % 11
    return dressed(number + str((11 - check) % 10), form, chance)


def french(form: str, chance: random.Random) -> str:
    """A social security number of somebody who was born abroad."""
    number = f"{chance.choice('12')}{chance.randrange(40, 99)}{chance.randrange(1, 13):02d}99"
    number += f"{chance.randrange(100, 400)}{chance.randrange(1, 999):03d}"
    return dressed(f"{number}{97 - int(number) % 97:02d}", form, chance)


def spanish(form: str, chance: random.Random) -> str:
    """A DNI; with a letter before it, a NIE."""
    number = "".join(chance.choice(string.digits) for _ in range(7 if form.startswith("X") else 8))
    return dressed(number + "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23], form, chance)


def italian(form: str, chance: random.Random) -> str:
    """A tax code of the family of Mario Rossi, who is in every example."""
    code = chance.choice(("RSSMRA", "RSSGLI", "BNCLGU", "VRDNNA"))
    code += f"{chance.randrange(40, 99)}{chance.choice('ABCDEHLMPRST')}"
    code += chance.choice(("01", "12", "27", "41", "55", "68"))
    code += chance.choice(("H501", "F205", "L219", "A944"))
    ranks = "BAKPLCQDREVOSFTGUHMINJWZYX"  # letters by their value in an odd place
    values = [int(one, 36) - (0 if one.isdigit() else 10) for one in code]
    total = sum(ranks.index(chr(65 + value)) if place % 2 == 0 else value for place, value in enumerate(values))
    code += chr(65 + total % 26)
    if form.endswith("spaced"):
        return f"{code[:3]} {code[3:6]} {code[6:11]} {code[11:]}"
    return code.lower() if form.endswith("lower") else code


def person(form: str, chance: random.Random) -> str:
    """The id of a form such as `cpf xxx.xxx.xxx-xx`, with the check digits that it has."""
    name, _, shape = form.partition(" ")
    number = made_up.NUMBERS[name](chance)
    return dressed(number, shape.lstrip("@"), chance) if len(shape) > 1 else number


MADE_UP = {"de": german, "fr": french, "es": spanish, "it": italian}
SHAPES: dict[str, Callable[[str], Iterator[Shape]]] = {
    "mail": mails,
    "phone": phones,
    "card": cards,
    "iban": ibans,
    "ip": ips,
    "key": keys,
    "national_id": national_ids,
}
"""Every kind's shapes in a language."""
