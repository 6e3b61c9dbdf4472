"""What was done to campaigns, as stored: a row a change, with the salt that opens its line of the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from arena.domain import ledger
from arena.domain.campaign import CampaignState
from arena.domain.campaign_change import CampaignChange
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection

CAMPAIGNS = {
    "sequence": "BIGINT",
    "change_id": "VARCHAR",
    "name": "VARCHAR",
    "version": "INTEGER",
    "state": "VARCHAR",
    "keys": "VARCHAR",  # JSON
    "reason": "VARCHAR",
    "changed_by": "VARCHAR",
    "salt": "VARCHAR",
    "changed_at": "TIMESTAMP",
}
SELECTED = f"SELECT {', '.join(CAMPAIGNS)} FROM campaigns"


def changes(connection: Connection) -> list[CampaignChange]:
    """Every change of every campaign, in the order of the ledger."""
    return [_change(row) for row in rows.fetched(connection, f"{SELECTED} ORDER BY sequence")]


def last(connection: Connection, name: str) -> CampaignChange | None:
    """The last change of a campaign; None where there is none of this name."""
    found = rows.fetched(connection, f"{SELECTED} WHERE name = ? ORDER BY sequence DESC LIMIT 1", [name])
    return _change(found[0]) if found else None


def append(connection: Connection, made: Sequence[tuple[CampaignChange, str, ledger.Line]]) -> None:
    """Add changes, each with its salt and its line."""
    rows.append(
        connection,
        "campaigns",
        CAMPAIGNS,
        [
            (
                line.sequence,
                change.change_id,
                change.name,
                change.version,
                change.state,
                change.keys,
                change.reason,
                change.changed_by,
                salt,
                database.stored_time(change.changed_at),
            )
            for change, salt, line in made
        ],
    )


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every change by its id."""
    return {
        row[1]: ledger_rows.ExpectedLine(
            sequence=row[0], commitment=_commitment(row), named=f"Change {row[1]} of campaign {row[2]}"
        )
        for row in rows.fetched(connection, SELECTED)
    }


def problems(connection: Connection) -> Iterator[str]:
    """Changes without a line of the ledger."""
    for change_id in ledger_rows.unrecorded(connection, "campaigns", "change_id"):
        yield f"Change {change_id} of a campaign has no line in the ledger: it was added past the writer."


def _change(row: tuple[Any, ...]) -> CampaignChange:
    return CampaignChange(
        change_id=row[1],
        name=row[2],
        version=row[3],
        state=CampaignState(row[4]),
        keys=row[5],
        reason=row[6],
        changed_by=row[7],
        changed_at=database.read_time(row[9]),
    )


def _commitment(row: tuple[Any, ...]) -> str:
    return ledger_rows.committed(lambda: _change(row).commitment(row[8]))
