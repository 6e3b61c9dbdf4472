"""What personal data is looked for, and what stands in its place once it is masked."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """One kind of personal data."""

    MAIL = "mail"
    PHONE = "phone"
    CARD = "card"
    """Numbers of payment cards."""
    IBAN = "iban"
    IP = "ip"
    """IPv4 and IPv6 addresses that may point at somebody."""
    KEY = "key"
    """Keys, tokens and passwords that open something."""
    NATIONAL_ID = "national_id"
    """Numbers by which a state knows a person: social security, tax, identity card."""
    NAME = "name"
    """Found by a recogniser of the arena's admin, or not at all."""


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
