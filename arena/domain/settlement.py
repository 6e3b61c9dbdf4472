"""A settlement: an amount shared out over the contributors of a release. Each part is a line of the ledger.

    commitment = SHA-256(salt || canonical JSON of the entry: the release, its root, the amount, the contributor's part)

The first settlement of a release gives everybody their part. A later one, of another amount, gives the differences:
new lines, negative ones too, so that the lines of a release always sum to the amount settled last. What is written
stays, and settling the same amount again gives nothing.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from arena.domain import ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One contributor's part."""

    contributor: str
    """A pseudonym of the release."""
    weight: int
    amount: int
    """The amount in the smallest unit; may be negative in a correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """What one line of the ledger says about a part."""

    settlement_id: str
    release: str
    """SHA-256 of the release's manifest."""
    root: str | None
    """The root of the tree of the votes in the release; None where there is none."""
    total: int
    """The whole amount settled, of which all lines of the release up to here are the parts."""
    unit: str
    part: Part

    def commitment(self, salt: str) -> str:
        """What the line commits to. `salt` is hex."""
        return hashlib.sha256(bytes.fromhex(salt) + ledger.canonical(asdict(self))).hexdigest()


def shared_out(weights: Mapping[str, int], amount: int) -> dict[str, int]:
    """Everybody's part of an amount: whole numbers that sum to it exactly (the method of the largest remainder).

    Everybody gets the whole part of amount * weight / total, and the units left over go one by one to the largest
    remainders; equal remainders are served in the order of the names. One weight at least is above 0.
    """
    total = sum(weights.values())
    whole = {name: divmod(amount * weight, total) for name, weight in weights.items()}
    left = amount - sum(part for part, _ in whole.values())
    extra = set(sorted(whole, key=lambda name: (-whole[name][1], name))[:left])
    return {name: part + (name in extra) for name, (part, _) in whole.items()}


def corrections(before: Mapping[str, int], after: Sequence[Part]) -> tuple[Part, ...]:
    """New parts that correct the earlier ones, which stay as they are written.

    `before` is the sum of all earlier parts of the same release, by contributor.
    """
    wanted = {part.contributor: part for part in after}
    changed = []
    for name in [*wanted, *sorted(set(before) - set(wanted))]:
        part = wanted.get(name)
        difference = (part.amount if part else 0) - before.get(name, 0)
        if difference:
            changed.append(Part(contributor=name, weight=part.weight if part else 0, amount=difference))
    return tuple(changed)
