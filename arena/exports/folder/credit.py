"""Whose work a release is, and how an amount is shared out by it.

Rule: every vote in the release counts 1 for the rater who cast it. All votes of a battle count, also those that were
outvoted: they too decide how sure the outcome is. Shares are whole numbers over their sum, so nothing is lost to
rounding before there is an amount.

An amount is settled in its smallest unit (cents, say) by the method of the largest remainder (`settlement.shared_out`),
so the parts sum to the amount exactly, and the same release and amount always give the same parts.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from arena.domain import settlement
from arena.domain.settlement import Part
from arena.errors import DoesNotFit, InvalidValue
from arena.exports.folder import manifest_schema

RULE = "one for each vote in the data"
UNIT = re.compile(r"[A-Za-z][A-Za-z0-9 -]{0,30}")
"""Names of units, such as `EUR-cent` or `points`; none can start a formula."""
LARGEST = 2**53
"""Amounts up to here are whole numbers in every reader of JSON and in every spreadsheet."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")
"""Characters with which a formula begins in a spreadsheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One contributor's share."""

    contributor: str
    """A pseudonym of this release."""
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The shares of a release."""

    rule: str
    total: int
    """The sum of all weights."""
    shares: tuple[Share, ...]
    """The largest first, equal ones by name."""


def credit_of(weights: Mapping[str, int]) -> Credit:
    """The shares that follow from the number of votes of each contributor."""
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return Credit(
        rule=RULE,
        total=sum(weights.values()),
        shares=tuple(Share(contributor=name, weight=weight) for name, weight in ordered),
    )


def read(manifest: Mapping[str, Any]) -> Credit:
    """The shares in a manifest. Raises `InvalidValue` when there are none."""
    try:
        shares = [(str(share["contributor"]), share["weight"]) for share in manifest["credit"]["shares"]]
    except (KeyError, TypeError) as error:
        raise InvalidValue("The manifest does not say who contributed; name the folder of a release.") from error
    for name, weight in shares:
        if not manifest_schema.whole(weight):
            raise InvalidValue(f"The weight of {name[:80]!r} is {weight!r}; it is a whole number of votes, from 0.")
    if len(dict(shares)) < len(shares):
        raise InvalidValue("The manifest names a contributor twice; get the release again from its maker.")
    return credit_of(dict(shares))


def settle(credit: Credit, amount: int) -> tuple[Part, ...]:
    """Share an amount out, in its smallest unit; the parts sum to it exactly."""
    if not 0 <= amount <= LARGEST:
        raise InvalidValue(f"The amount is {amount}; it is a whole number of the smallest unit, from 0 to {LARGEST}.")
    if not credit.total:
        raise DoesNotFit("Nobody has a share in this release, so nothing can be settled; name one with votes in it.")
    parts = settlement.shared_out({share.contributor: share.weight for share in credit.shares}, amount)
    return tuple(
        Part(
            contributor=share.contributor,
            weight=share.weight,
            amount=parts[share.contributor],
        )
        for share in credit.shares
    )


def named(unit: str) -> str:
    """The name of a unit. Raises `InvalidValue` for one that could be more than a name."""
    if not UNIT.fullmatch(unit):
        raise InvalidValue(f"The unit is {unit!r}; name it in letters, digits, spaces and dashes, such as EUR-cent.")
    return unit


def to_csv(parts: Iterable[tuple[Part, int | None]], unit: str) -> str:
    """One row a part with its line of the ledger, if it has one, under a header. No cell can be a formula."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["contributor", "weight", "amount", "unit", "line"])
    rows.writerows([cell(part.contributor), part.weight, part.amount, named(unit), line] for part, line in parts)
    return text.getvalue()


def payments_to_csv(paid: Iterable[tuple[str, int | float, int, int | None]], unit: str) -> str:
    """One row a payment of a campaign: contributor, credits, amount, and line of the ledger, if it has one. A
    contributor may have several."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["contributor", "credits", "amount", "unit", "line"])
    rows.writerows([cell(name), earned, amount, named(unit), line] for name, earned, amount, line in paid)
    return text.getvalue()


def cell(name: str) -> str:
    """A text of others as a cell: a spreadsheet runs it as no formula, and it stays one cell."""
    plain = name.replace("\r", " ")  # `csv` does not quote it, and readers take it for the end of the row
    return "'" + plain if name.startswith(FORMULA_STARTS) else plain
