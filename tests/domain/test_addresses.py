"""E-mail addresses: one spelling for each, and none that looks like another."""

import unicodedata

import pytest

from arena.domain import addresses
from arena.errors import InvalidValue

HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u02d7\ufe63\uff0d"
APOSTROPHES = "'\u2018\u2019\u201b\u02bc\u2032\uff07"


@pytest.mark.parametrize("hyphen", HYPHENS, ids=unicodedata.name)
def test_every_hyphen_is_the_plain_one(hyphen: str) -> None:
    assert addresses.spelled(f"ada{hyphen}b@my{hyphen}lab.example") == "ada-b@my-lab.example"


@pytest.mark.parametrize("apostrophe", APOSTROPHES, ids=unicodedata.name)
def test_every_apostrophe_is_the_plain_one(apostrophe: str) -> None:
    assert addresses.spelled(f"o{apostrophe}brien@lab.example") == "o'brien@lab.example"


@pytest.mark.parametrize(
    ("given", "spelled"),
    [
        (" Ada@Lab.Example ", "ada@lab.example"),
        ("\uff41da@lab.example", "ada@lab.example"),
        ("ada@lab\u3002example", "ada@lab.example"),
        ("ada@lab\uff0eexample", "ada@lab.example"),
        ("ada@xn--bcher-kva.example", "ada@b\u00fccher.example"),
        ("ada@B\u00dcCHER.example", "ada@b\u00fccher.example"),
        ("ada@XN--BCHER-KVA.example", "ada@b\u00fccher.example"),
        ("ada@xn--\u00fc.example", "ada@xn--\u00fc.example"),
        ("ada@xn--.example", "ada@xn--.example"),
    ],
)
def test_what_mail_systems_take_for_one_address_is_one(given: str, spelled: str) -> None:
    assert addresses.spelled(given) == spelled
    assert addresses.spelled(spelled) == spelled, "and stays that"


def test_what_they_tell_apart_is_told_apart() -> None:
    found = {addresses.spelled(one) for one in ("a.da@lab.example", "ada@lab.example", "ada+x@lab.example")}
    assert len(found) == 3


@pytest.mark.parametrize("given", ["", "ada", "@lab.example", "ada@", "a@b@c", "a\u00ad@b.c", "a b@c.d", "a@b\u200b.c"])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidValue, match="no e-mail address"):
        addresses.spelled(given)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("\u0430da@lab.example", "looks like 'ada'"),
        ("\u0430\u0441\u0435@lab.example", "looks like 'ace'"),
        ("ada@l\u0430b.example", "looks like 'lab'"),
        ("ada@xn--lb-7kc.example", "looks like 'lab'"),
        ("\u03bfne@lab.example", "looks like 'one'"),
        ("\u0251da@lab.example", "looks like 'ada'"),
        ("ad\u0430m\u0438n@lab.example", "Cyrillic and Latin"),
        ("\u05d0da@lab.example", "Hebrew and Latin"),
        ("ada\ufe0f@lab.example", "shows nothing"),
        ("ada\u034f@lab.example", "shows nothing"),
        ("ada\u3164@lab.example", "no e-mail address|shows nothing"),
    ],
)
def test_what_looks_like_another_address_is_refused(given: str, why: str) -> None:
    with pytest.raises(InvalidValue, match=why):
        addresses.refuse_look_alike(addresses.spelled(given))


@pytest.mark.parametrize(
    "given",
    [
        "ada@lab.example",
        "o'brien-smith_2+x@my-lab.example",
        "jos\u00e9@b\u00fccher.example",
        "\u0438\u0432\u0430\u043d@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444",
        "\u0438\u0432\u0430\u043d@lab.example",
        "\u03bd\u03af\u03ba\u03bf\u03c2@lab.example",
        "\u7530\u4e2d\u3055\u3093@lab.example",
        "\u7528\u6237abc@lab.example",
        "\u0645\u062b\u0627\u0644@lab.example",
        "\u0909\u0926\u093e\u0939\u0930\u0923@lab.example",
        "\u0131\u015f\u0131k@lab.example",
    ],
)
def test_addresses_of_every_script_are_let_in(given: str) -> None:
    addresses.refuse_look_alike(addresses.spelled(given))
