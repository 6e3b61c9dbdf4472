"""What a board is made of, kept up: what came after the last reading is read, and all of it only when votes left.

Votes that count, by models, outcome and whether they are held, and how often each model was drawn and failed. What
counts is the business of `tally` and of the view it reads; here it is asked about fewer rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena.domain.ids import ModelName
from arena.domain.standing import HeldFor
from arena.store import ledger_rows, rows, tally
from arena.store.connections import Analytical

MANY = 5000
"""Votes after which counting all of them costs no more than naming the new ones."""

Votes = Mapping[tuple[str, str, str], int]
"""How many, by `model_a, model_b, winner`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCounts:
    """Counts at one moment."""

    sequence: int
    """Of the ledger's last line."""
    hash: str | None
    """Of that line; None before the first."""
    voids: int
    counted: Votes
    held: Votes
    """Votes that are kept and held."""
    why: Mapping[HeldFor, int]
    """How many of them, by reason."""
    rates: Mapping[ModelName, tally.VoidRate]
    added: tuple[tuple[str, str, str, HeldFor | None, int], ...] | None
    """What came since the reading before: models, outcome, what held for, how many. None when all was counted."""


def read(connection: Analytical, before: BoardCounts | None) -> BoardCounts:
    """The counts now, from those of an earlier moment where there are any."""
    last = ledger_rows.last(connection)
    sequence, head = (last.sequence, last.hash) if last else (0, None)
    voids = rows.number(connection, "SELECT count(*) FROM voids")
    if before is None or sequence - before.sequence > MANY or tally.left(connection, before.sequence):
        added = None
        found = tally.by_holding(connection)
        counted, held, why = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]](), Counter[HeldFor]()
        rates = {rate.model: rate for rate in tally.void_rates(connection)}
    else:
        new = rows.fetched(
            connection,
            "SELECT vote_id, battle_id FROM votes WHERE sequence > ? AND purpose IS NULL",
            [before.sequence],
        )
        found = tally.by_holding(connection, new) if new else []
        added = tuple(found)
        counted, held, why = Counter(before.counted), Counter(before.held), Counter(before.why)
        rates = dict(before.rates)
        fresh = tally.first_votes(connection, before.sequence, new) if new else []
        for rate in (*fresh, *tally.void_since(connection, before.voids)):
            had = rates.get(rate.model)
            rates[rate.model] = rate if had is None else had + rate
    _add(found, counted, held, why)
    return BoardCounts(
        sequence=sequence, hash=head, voids=voids, counted=counted, held=held, why=why, rates=rates, added=added
    )


def _add(
    found: Iterable[tuple[str, str, str, HeldFor | None, int]],
    counted: Counter[tuple[str, str, str]],
    held: Counter[tuple[str, str, str]],
    why: Counter[HeldFor],
) -> None:
    for model_a, model_b, winner, held_for, count in found:
        (counted if held_for is None else held)[model_a, model_b, winner] += count
        if held_for is not None:
            why[held_for] += count
