"""No text takes a finder long: strings that make patterns try again and again, and texts that are nothing but finds.

What is measured is growth: a text four times as long takes about four times as long, where a pattern that tries again
from every place takes sixteen times. Both lengths are timed in turn, and the best of several runs counts, so that a
busy machine changes nothing. `benchmarks/personal_data.py` prints the seconds.
"""

import re
import time
from collections.abc import Callable, Iterable

import pytest

from arena.exports import personal
from arena.exports.personal import PersonalKind, finding, plain

SIZE = 100_000
"""Characters of the long text."""
TIMES = 4
"""As long as the short one."""
GROWTH = 8.0
"""Between 4, which is in proportion, and 16, which is its square."""
RUNS = 10
"""At the most; the first that shows no more growth is enough."""
UNSEEN = 0.0002
"""Seconds; less is not told from nothing."""
PIECES = {
    PersonalKind.MAIL: (
        "a",
        "@",
        "a@",
        "a.",
        "a-",
        "a@a.",
        "@a.a",
        " at",
        "a at b dot ",
        "a [at] ",
        "[at",
        "a@a-",
        "a.b@",
        "%40",
        "a골뱅이",
        "a.b★",
    ),
    PersonalKind.PHONE: (
        "0",
        "1",
        "1 ",
        "12 ",
        "+",
        "+1",
        "+1 ",
        "(",
        "(0",
        "(0)",
        "1-",
        "1.",
        "1/",
        "01 ",
        "0 8",
        "\n",
        "1\n",
        "2 2",
        "090\u30fc",
        "电话1",
        "tel 12345678 ",
        "98765 43210 ",
        "01 02 03 04 ",
    ),
    PersonalKind.CARD: (
        "4",
        "4 ",
        "4111 ",
        "4111-",
        "3",
        "3782 822463 ",
        "1" * 19 + " ",
        "4.",
        "4\n",
        "-",
        "卡4",
        "card 6062 ",
    ),
    PersonalKind.IBAN: ("DE", "DE89", "DE89 ", "GB82 W", "D1", "IBAN", "AL47", "MT84 ", "DE89\n", "de89-"),
    PersonalKind.IP: ("1", "1.", "1.1.1.1.", ":", "a:", "::", "1:", "f.", "255.", "2001:db8:", "[:"),
    PersonalKind.KEY: (
        *(
            "-----BEGIN ",
            "-----BEGIN PRIVATE KEY-----",
            "-----END ",
            "eyJ",
            "eyJhbGciOiJI.",
            "sk-",
            "password=",
            "token:",
        ),
        *(
            "://",
            "://a:",
            "://a:b",
            "bearer ",
            "key",
            "api key ",
            "12345678:AA",
            "a1",
            "AKIA",
            "secret is ",
            "密码是",
            "key" * 9 + "1",
            "curl -u ",
        ),
    ),
    PersonalKind.NATIONAL_ID: (
        *(
            "1",
            "1 ",
            "12-",
            "A",
            "AA ",
            "AAA",
            "RSSMRA",
            "QQ",
            "X1",
            "1A",
            "756.",
            "1 85 05 ",
            "12.",
            "ssn ",
            "passport ",
        ),
        *("ssn nhs pps ", "\n", " ", "ausweis ", "cpf 1 ", "身份证1", "आधार 1", "11 222 333 "),
    ),
}
"""What each kind's strings are made of, over and over: beginnings without ends, and separators without numbers."""
CROWDS = {
    PersonalKind.MAIL: "a{0}@example.com ",
    PersonalKind.PHONE: "+1 202-555-{0:04} ",
    PersonalKind.CARD: "4111 1111 1111 {0:04}, ",
    PersonalKind.IBAN: "DE8937040044053201{0:04} ",
    PersonalKind.IP: "192.0.2.{0} ",
    PersonalKind.KEY: "token=a1B2c3D4e5F6{0:04} ",
    PersonalKind.NATIONAL_ID: "987-65-{0:04} ",
}


def growth(find: Callable[[str], Iterable[object]], long: str, times: int = TIMES) -> float:
    """How many times longer a text takes than the beginning of it that is `times` shorter."""
    short = long[: len(long) // times]
    of_short = of_long = float("inf")
    for _ in range(RUNS):
        of_short = min(of_short, seconds(find, short))
        of_long = min(of_long, seconds(find, long))
        if of_long < GROWTH * max(of_short, UNSEEN):
            break
    return of_long / max(of_short, UNSEEN)


def seconds(find: Callable[[str], Iterable[object]], text: str) -> float:
    """Processor time of this thread."""
    start = time.thread_time()
    list(find(text))
    return time.thread_time() - start


def strings(kind: PersonalKind) -> Iterable[str]:
    """Long strings of each piece: alone, after what a find begins with, and before what ends one."""
    for piece in PIECES[kind]:
        yield (piece * SIZE)[:SIZE]
        yield "x@+1 (DE89 4111 " + (piece * SIZE)[:SIZE] + "!"


@pytest.mark.slow
@pytest.mark.parametrize("kind", personal.STRUCTURED)
def test_no_string_makes_a_finder_slow(kind: PersonalKind) -> None:
    find = finding.FINDERS[kind]
    list(find("+49 30 23125123, 030 23125123, DE89370400440532013000"))  # compiles what is compiled on first use
    grown = {text[:40]: growth(find, text) for text in strings(kind)}
    assert max(grown.values()) < GROWTH, max(grown.items(), key=lambda item: item[1])


@pytest.mark.slow
@pytest.mark.parametrize("kind", personal.STRUCTURED)
def test_strings_for_one_kind_do_not_slow_the_others(kind: PersonalKind) -> None:
    pieces = [piece for others in PIECES.values() for piece in others]
    mixed = "".join((piece * 75)[:75] for piece in pieces)
    assert growth(finding.FINDERS[kind], (mixed * SIZE)[:SIZE]) < GROWTH


@pytest.mark.parametrize("kind", personal.STRUCTURED)
def test_thousands_of_finds_cost_what_each_costs(kind: PersonalKind) -> None:
    text = "".join(CROWDS[kind].format(number % 250) for number in range(SIZE // 10))[:SIZE]
    assert growth(finding.FINDERS[kind], text) < GROWTH


@pytest.mark.parametrize("piece", ["é1", "\u200b1", "\uff11", "\u00a0\u2011"])
def test_no_string_makes_reading_slow(piece: str) -> None:
    assert growth(lambda text: [plain.plain_text(text)], (piece * SIZE)[:SIZE]) < GROWTH


@pytest.mark.parametrize(
    ("pattern", "length", "times"),
    [
        (r"\w+\w+@", 400, TIMES),  # tries every two places
        (r"(?:[\w.]+)+@(?:[\w-]+\.)+com", 20, 2),  # tries every division: as many an address pattern on the web
    ],
)
def test_a_pattern_that_tries_everything_is_noticed(pattern: str, length: int, times: int) -> None:
    assert growth(re.compile(pattern).finditer, "a" * length, times) > GROWTH
