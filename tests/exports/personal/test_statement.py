"""What a card says about personal data: never more than was done."""

import itertools

from arena.exports import personal
from arena.exports.personal import Masked, PersonalKind, measured, statement
from arena.exports.personal.measured import Figures, Measured


def said(*kinds: PersonalKind, found: int = 3, names: str | None = None) -> str:
    masked = Masked(kinds=kinds, found=dict.fromkeys(kinds, found), names=names)
    return " ".join(statement.sentences(masked))


def test_no_release_is_called_anonymous() -> None:
    several = [kinds for count in (1, 2, 8) for kinds in itertools.combinations(PersonalKind, count)]
    texts = [said(*kinds) for kinds in several] + statement.sentences(None)
    assert not [text for text in texts if "anonym" in text.lower() or "no personal data" in text.lower()]


def test_without_masking_the_card_says_that_nobody_searched() -> None:
    assert statement.sentences(None) == [statement.NOT_SEARCHED]
    assert "not searched for and not masked" in statement.NOT_SEARCHED


def percent(share: float | None) -> str:
    assert share is not None
    return f"{int(share * 1000) / 10:g} %"


def test_the_recall_is_the_measured_one_of_the_kinds_that_were_looked_for() -> None:
    phones = measured.OWN.total((PersonalKind.PHONE,))
    assert phones.right < phones.marked
    assert f"{percent(measured.recall(phones))} (recall)" in said(PersonalKind.PHONE)
    assert "100 % (recall)" in said(PersonalKind.CARD)
    assert "100 % (recall)" not in said(*personal.STRUCTURED)


def test_the_figures_of_the_fresh_cases_stand_beside_them() -> None:
    fresh = measured.FRESH.total(personal.STRUCTURED)
    assert f"In {measured.FRESH.cases:,} cases that somebody else wrote" in said(*personal.STRUCTURED)
    assert f"it had not seen, it finds {percent(measured.recall(fresh))}" in said(*personal.STRUCTURED)


def test_languages_that_were_never_measured_are_named() -> None:
    masked = Masked(kinds=(PersonalKind.MAIL,), found={PersonalKind.MAIL: 0}, names=None)
    text = " ".join(statement.sentences(masked, ("pt", "pl", "th")))
    assert "Japanese and Korean; other languages were never measured" in text
    assert "of the languages here, `pl` and `th` never were" in text
    assert "never were" not in " ".join(statement.sentences(masked, ("pt", "ja")))


def test_the_tables_have_every_language_and_kind() -> None:
    masked = Masked(
        kinds=(PersonalKind.MAIL, PersonalKind.PHONE), found={PersonalKind.MAIL: 0, PersonalKind.PHONE: 0}, names=None
    )
    rows = [line for line in statement.tables(masked) if line.startswith("| ")]
    assert len(rows) == 2 * (len(measured.LANGUAGES) + 3)
    assert rows[0] == "| | mail addresses | phone numbers | all |"
    portuguese = measured.OWN.total((PersonalKind.PHONE,), "pt")
    cells = next(row for row in rows if row.startswith("| Portuguese"))
    assert f"{percent(measured.recall(portuguese))} ({portuguese.marked})" in cells
    assert statement.tables(None) == []
    assert statement.tables(Masked(kinds=(PersonalKind.NAME,), found={}, names="package:find")) == []


def test_what_was_never_measured_is_a_dash() -> None:
    nothing = Figures(cases=1, by={("en", PersonalKind.MAIL): Measured(marked=1, found=1, right=1)})
    assert nothing.languages() == ["en"]
    assert measured.recall(nothing.total((PersonalKind.PHONE,))) is None
    assert measured.recall(nothing.total((PersonalKind.MAIL,), "de")) is None


def test_kinds_that_were_not_looked_for_are_named() -> None:
    text = said(PersonalKind.MAIL, PersonalKind.PHONE)
    assert "Not searched for: card numbers, IBANs, IP addresses, keys and tokens and national ids." in text
    assert "Not searched for" not in said(*personal.STRUCTURED)
    assert "names, street addresses" in said(*personal.STRUCTURED)


def test_counts_and_the_recogniser_are_named() -> None:
    text = said(PersonalKind.MAIL, PersonalKind.NAME, found=1, names="package:find")
    assert "2 places were masked (`[EMAIL]` 1, `[NAME]` 1)" in text
    assert "`package:find`" in text
    assert "1 place was masked" in said(PersonalKind.MAIL, found=1)
    assert "0 places were masked; the manifest" in said(PersonalKind.MAIL, found=0)
