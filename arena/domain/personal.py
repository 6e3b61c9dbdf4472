"""The kinds of personal data that a release can be asked to mask, and what was masked in one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PersonalKind(StrEnum):
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
    """Names of people, found only by a recogniser that the admin plugs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """What was masked in a release."""

    kinds: tuple[PersonalKind, ...]
    """The kinds that were searched for."""
    found: Mapping[PersonalKind, int]
    """How many places were masked in the battles with rows, by kind. Every text of a battle counts once."""
    names: str | None
    """The function that found names, as `module:function`."""
