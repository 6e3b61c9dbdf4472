"""Settlements as stored: a row a part, with the salt that opens its line of the ledger."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from arena.domain.settlement import Part, SettlementLine
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection
from arena.store.writing import commands

SETTLEMENTS = {
    "sequence": "BIGINT",
    "subject": "VARCHAR",
    "settlement_id": "VARCHAR",
    "release": "VARCHAR",
    "root": "VARCHAR",
    "total": "BIGINT",
    "unit": "VARCHAR",
    "contributor": "VARCHAR",
    "weight": "BIGINT",
    "amount": "BIGINT",
    "salt": "VARCHAR",
    "settled_at": "TIMESTAMP",
}


def settled_before(connection: Connection, release: str) -> Mapping[str, Counter[str]]:
    """What was settled for a release, by unit and contributor."""
    before: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, contributor, amount in rows.fetched(
        connection, "SELECT unit, contributor, amount FROM settlements WHERE release = ?", [release]
    ):
        before[unit][contributor] += amount
    return before


def append(connection: Connection, settled: Sequence[commands.Settled]) -> None:
    """Add settlements."""
    parts = [(part, one.settled_at) for one in settled for part in one.parts]
    rows.append(connection, "settlements", SETTLEMENTS, [_row(part, settled_at) for part, settled_at in parts])


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every part by the subject of its line."""
    return {
        row[1]: ledger_rows.ExpectedLine(
            sequence=row[0], commitment=_commitment(row), named=f"Part {row[1]} of a settlement"
        )
        for row in rows.fetched(connection, f"SELECT {', '.join(SETTLEMENTS)} FROM settlements ORDER BY sequence")
    }


def problems(connection: Connection) -> Iterator[str]:
    """Parts without a line of the ledger, and amounts that their parts do not sum to."""
    for subject in ledger_rows.unrecorded(connection, "settlements", "subject"):
        yield f"Part {subject} of a settlement has no line in the ledger: it was added past the writer."
    query = (
        "SELECT settlement_id, release, unit, min(total), max(total), sum(amount) FROM settlements "
        "GROUP BY settlement_id, release, unit ORDER BY min(sequence)"
    )
    sums: Counter[tuple[str, str]] = Counter()
    for settlement_id, release, unit, least, most, amount in rows.fetched(connection, query):
        sums[release, unit] += int(amount)
        if not least == most == sums[release, unit]:
            yield f"The parts of release {release} up to settlement {settlement_id} do not sum to the amount settled."


def _row(part: commands.SettledPart, settled_at: datetime) -> tuple[Any, ...]:
    entry = part.entry
    return (
        part.line.sequence,
        part.line.subject,
        entry.settlement_id,
        entry.release,
        entry.root,
        entry.total,
        entry.unit,
        entry.part.contributor,
        entry.part.weight,
        entry.part.amount,
        part.salt,
        database.stored_time(settled_at),
    )


def _commitment(row: tuple[Any, ...]) -> str:
    entry = SettlementLine(
        settlement_id=row[2],
        release=row[3],
        root=row[4],
        total=row[5],
        unit=row[6],
        part=Part(contributor=row[7], weight=row[8], amount=row[9]),
    )
    return ledger_rows.committed(lambda: entry.commitment(row[10]))
