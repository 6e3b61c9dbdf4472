"""What was done to models, as stored: a row a change, with the salt that opens its line of the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arena.domain import ledger
from arena.domain.ids import ModelName
from arena.domain.model_state import ModelChange, ModelState
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection

MODEL_CHANGES = {
    "sequence": "BIGINT",
    "change_id": "VARCHAR",
    "model": "VARCHAR",
    "fingerprint": "VARCHAR",
    "added": "BOOLEAN",
    "state": "VARCHAR",
    "reason": "VARCHAR",
    "changed_by": "VARCHAR",
    "salt": "VARCHAR",
    "changed_at": "TIMESTAMP",
    "alias": "VARCHAR",
}
SELECTED = f"SELECT {', '.join(MODEL_CHANGES)} FROM model_changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedChange:
    """A change with the number of its line."""

    sequence: int
    change: ModelChange


def recorded(connection: Connection) -> list[RecordedChange]:
    """Every change, in order."""
    found = rows.fetched(connection, f"{SELECTED} ORDER BY sequence")
    return [RecordedChange(sequence=row[0], change=_change(row)) for row in found]


def state_of(connection: Connection, model: ModelName) -> ModelState | None:
    """What the last change of a model made it; None where there was none."""
    found = rows.fetched(
        connection, "SELECT state FROM model_changes WHERE model = ? ORDER BY sequence DESC LIMIT 1", [model]
    )
    return ModelState(found[0][0]) if found else None


def alias_of(connection: Connection, model: ModelName) -> str | None:
    """The alias that the last change of a model left it; None where it has none."""
    found = rows.fetched(
        connection, "SELECT alias FROM model_changes WHERE model = ? ORDER BY sequence DESC LIMIT 1", [model]
    )
    return found[0][0] if found else None


def append(connection: Connection, made: Sequence[tuple[ModelChange, str, ledger.Line]]) -> None:
    """Add changes, each with its salt and its line."""
    rows.append(
        connection,
        "model_changes",
        MODEL_CHANGES,
        [
            (
                line.sequence,
                change.change_id,
                change.model,
                change.fingerprint,
                change.added,
                change.state,
                change.reason,
                change.changed_by,
                salt,
                database.stored_time(change.changed_at),
                change.alias,
            )
            for change, salt, line in made
        ],
    )


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every change by its id."""
    return {
        row[1]: ledger_rows.ExpectedLine(
            sequence=row[0], commitment=_commitment(row), named=f"Change {row[1]} of model {row[2]}"
        )
        for row in rows.fetched(connection, SELECTED)
    }


def problems(connection: Connection) -> Iterator[str]:
    """Changes without a line of the ledger."""
    for change_id in ledger_rows.unrecorded(connection, "model_changes", "change_id"):
        yield f"Change {change_id} of a model has no line in the ledger: it was added past the writer."


def _change(row: tuple[Any, ...]) -> ModelChange:
    return ModelChange(
        change_id=row[1],
        model=ModelName(row[2]),
        fingerprint=row[3],
        added=row[4],
        state=ModelState(row[5]),
        reason=row[6],
        changed_by=row[7],
        changed_at=database.read_time(row[9]),
        alias=row[10],
    )


def _commitment(row: tuple[Any, ...]) -> str:
    return ledger_rows.committed(lambda: _change(row).commitment(row[8]))
