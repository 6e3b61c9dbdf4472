"""Whose work a release is, and how an amount is shared out by it.

Rule: every vote that is in the release counts 1 for whoever cast it. A battle with several votes is in it with all of
them, also those that were outvoted: they too decided how sure the outcome is. Shares are whole numbers over their sum,
so nothing is lost to rounding before there is an amount.

An amount is settled in its smallest unit (cents, say) by the method of the largest remainder: everybody gets the whole
part of amount * weight / total, and what is left goes by one unit to the largest remainders, equal ones in the order of
the names. So the parts sum to the amount exactly, and the same release and amount always give the same parts.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena.errors import InvalidValue

RULE = "one for each vote in the data"
UNIT = re.compile(r"[A-Za-z][A-Za-z0-9 -]{0,30}")
"""Names of units, such as `EUR-cent` or `points`; none can start a formula."""
LARGEST = 2**53
"""Amounts up to here are whole numbers in every reader of JSON and in every spreadsheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one contributor put in."""

    contributor: str
    """A pseudonym of this release."""
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The shares of a release."""

    rule: str
    total: int
    """Sum of all weights."""
    shares: tuple[Share, ...]
    """The largest first, equal ones by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one contributor earned."""

    contributor: str
    weight: int
    amount: int
    """In the smallest unit; may be negative in a correction."""


def of(weights: Mapping[str, int]) -> Credit:
    """Shares by contributor."""
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return Credit(
        rule=RULE,
        total=sum(weights.values()),
        shares=tuple(Share(contributor=name, weight=weight) for name, weight in ordered),
    )


def settle(credit: Credit, amount: int) -> tuple[Part, ...]:
    """Share an amount out, in its smallest unit; the parts sum to it exactly."""
    if not 0 <= amount <= LARGEST:
        raise InvalidValue(f"The amount is {amount}; it is a whole number of the smallest unit, from 0 to {LARGEST}.")
    if not credit.total:
        raise InvalidValue("Nobody has a share in this release, so nothing can be settled; name one with votes in it.")
    whole = {share.contributor: divmod(amount * share.weight, credit.total) for share in credit.shares}
    left = amount - sum(part for part, _ in whole.values())
    first = sorted(whole, key=lambda name: (-whole[name][1], name))[:left]
    extra = set(first)
    return tuple(
        Part(
            contributor=share.contributor,
            weight=share.weight,
            amount=whole[share.contributor][0] + (share.contributor in extra),
        )
        for share in credit.shares
    )


def corrections(before: Mapping[str, int], after: Sequence[Part]) -> tuple[Part, ...]:
    """New lines that turn what was settled into what is right; lines already written stay as they are.

    `before` is the sum of all earlier lines of the same settlement, by contributor.
    """
    wanted = {part.contributor: part for part in after}
    changed = []
    for name in [*wanted, *sorted(set(before) - set(wanted))]:
        part = wanted.get(name)
        difference = (part.amount if part else 0) - before.get(name, 0)
        if difference:
            changed.append(Part(contributor=name, weight=part.weight if part else 0, amount=difference))
    return tuple(changed)


def to_csv(parts: Sequence[Part], unit: str) -> str:
    """One line a part, under a header; every cell is a number, a pseudonym or the name of the unit."""
    if not UNIT.fullmatch(unit):
        raise InvalidValue(f"The unit is {unit!r}; name it in letters, digits, spaces and dashes, such as EUR-cent.")
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["contributor", "weight", "amount", "unit"])
    rows.writerows([part.contributor, part.weight, part.amount, unit] for part in parts)
    return text.getvalue()
