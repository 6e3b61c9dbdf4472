"""What is found, what stands in its place once it is masked, and how a sentence calls it."""

from dataclasses import dataclass

from arena.domain.personal import Kind

STRUCTURED = tuple(kind for kind in Kind if kind is not Kind.NAME)
"""The kinds that have a form, so that they are found without knowing the language."""

PLACEHOLDERS = {
    Kind.MAIL: "[EMAIL]",
    Kind.PHONE: "[PHONE]",
    Kind.CARD: "[CARD]",
    Kind.IBAN: "[IBAN]",
    Kind.IP: "[IP]",
    Kind.KEY: "[KEY]",
    Kind.NATIONAL_ID: "[ID]",
    Kind.NAME: "[NAME]",
}
"""What is written instead."""

TITLES = {
    Kind.MAIL: "mail addresses",
    Kind.PHONE: "phone numbers",
    Kind.CARD: "card numbers",
    Kind.IBAN: "IBANs",
    Kind.IP: "IP addresses",
    Kind.KEY: "keys and tokens",
    Kind.NATIONAL_ID: "national ids",
    Kind.NAME: "names",
}
"""How a sentence calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Personal data at `text[start:end]`."""

    kind: Kind
    start: int
    end: int
