"""What is found, what stands in its place once it is masked, and how a sentence calls it."""

from dataclasses import dataclass

from arena.domain.personal import PersonalKind

STRUCTURED = tuple(kind for kind in PersonalKind if kind is not PersonalKind.NAME)
"""The kinds that have a form, so that they are found without knowing the language."""

PLACEHOLDERS = {
    PersonalKind.MAIL: "[EMAIL]",
    PersonalKind.PHONE: "[PHONE]",
    PersonalKind.CARD: "[CARD]",
    PersonalKind.IBAN: "[IBAN]",
    PersonalKind.IP: "[IP]",
    PersonalKind.KEY: "[KEY]",
    PersonalKind.NATIONAL_ID: "[ID]",
    PersonalKind.NAME: "[NAME]",
}
"""What is written instead."""

TITLES = {
    PersonalKind.MAIL: "mail addresses",
    PersonalKind.PHONE: "phone numbers",
    PersonalKind.CARD: "card numbers",
    PersonalKind.IBAN: "IBANs",
    PersonalKind.IP: "IP addresses",
    PersonalKind.KEY: "keys and tokens",
    PersonalKind.NATIONAL_ID: "national ids",
    PersonalKind.NAME: "names",
}
"""How a sentence calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Personal data at `text[start:end]`."""

    kind: PersonalKind
    start: int
    end: int
