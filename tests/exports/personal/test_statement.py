"""What a card says about personal data: never more than was done."""

import itertools

from arena.exports import personal
from arena.exports.personal import Kind, Masked, measured, statement


def said(*kinds: Kind, found: int = 3, names: str | None = None) -> str:
    masked = Masked(kinds=kinds, found=dict.fromkeys(kinds, found), names=names)
    return " ".join(statement.sentences(masked))


def test_no_release_is_called_anonymous() -> None:
    several = [kinds for count in (1, 2, 8) for kinds in itertools.combinations(Kind, count)]
    texts = [said(*kinds) for kinds in several] + statement.sentences(None)
    assert not [text for text in texts if "anonym" in text.lower() or "no personal data" in text.lower()]


def test_without_masking_the_card_says_that_nobody_searched() -> None:
    assert statement.sentences(None) == [statement.NOT_SEARCHED]
    assert "not searched for and not masked" in statement.NOT_SEARCHED


def test_the_recall_is_the_measured_one_of_the_kinds_that_were_looked_for() -> None:
    mails = measured.BY_KIND[Kind.MAIL]
    assert mails.right < mails.marked
    assert f"{int(mails.right / mails.marked * 1000) / 10:g} % (recall)" in said(Kind.MAIL)
    assert "100 % (recall)" in said(Kind.CARD)
    assert "100 % (recall)" not in said(*personal.STRUCTURED)


def test_kinds_that_were_not_looked_for_are_named() -> None:
    text = said(Kind.MAIL, Kind.PHONE)
    assert "Not searched for: card numbers, IBANs, IP addresses, keys and tokens and national ids." in text
    assert "Not searched for" not in said(*personal.STRUCTURED)
    assert "names, street addresses" in said(*personal.STRUCTURED)


def test_counts_and_the_recogniser_are_named() -> None:
    text = said(Kind.MAIL, Kind.NAME, found=1, names="package:find")
    assert "2 places were masked (`[EMAIL]` 1, `[NAME]` 1)" in text
    assert "`package:find`" in text
    assert "1 place was masked" in said(Kind.MAIL, found=1)
    assert "0 places were masked; the manifest" in said(Kind.MAIL, found=0)
