"""What raters chose that their prompts and votes may be used for, as stored: a row a choice, the last one holds."""

from collections.abc import Iterator, Mapping, Sequence

from arena.domain import consent, ledger
from arena.domain.consent import Choice, Scope
from arena.domain.ids import RaterId
from arena.domain.removal import hashed
from arena.store import database, ledger_rows, rows
from arena.store.connections import Connection

PRIVATE = (
    "SELECT rater_id FROM scopes WHERE rater_id <> '' GROUP BY rater_id HAVING arg_max(scope, sequence) = 'private'"
)
"""Raters who do not agree to publication."""
SCOPES = {
    "sequence": "BIGINT",
    "choice_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "rater_sha256": "VARCHAR",
    "scope": "VARCHAR",
    "chosen_at": "TIMESTAMP",
}


def scope_of(connection: Connection, rater_id: RaterId) -> Scope:
    """What a rater chose last."""
    found = rows.fetched(
        connection, "SELECT scope FROM scopes WHERE rater_id = ? ORDER BY sequence DESC LIMIT 1", [rater_id]
    )
    return Scope(found[0][0]) if found else Scope.PUBLIC


def private(connection: Connection) -> frozenset[RaterId]:
    """Raters who do not agree to publication."""
    return frozenset(RaterId(row[0]) for row in rows.fetched(connection, PRIVATE))


def append(connection: Connection, made: Sequence[tuple[Choice, ledger.Line]]) -> None:
    """Add choices, each beside its line."""
    rows.append(
        connection,
        "scopes",
        SCOPES,
        [
            (
                line.sequence,
                choice.choice_id,
                choice.rater_id,
                hashed(choice.rater_id),
                choice.scope,
                database.stored_time(choice.chosen_at),
            )
            for choice, line in made
        ],
    )


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of an erased rater's choices what their lines commit to."""
    connection.execute("UPDATE scopes SET rater_id = '' WHERE rater_id = ?", [rater_id])


def expected_lines(connection: Connection) -> Mapping[str, ledger_rows.ExpectedLine]:
    """Every choice by its id."""
    found = rows.fetched(connection, "SELECT sequence, choice_id, scope, rater_id, rater_sha256 FROM scopes")
    return {
        choice_id: ledger_rows.ExpectedLine(
            sequence=sequence,
            commitment=consent.commitment(choice_id, scope, hashed(rater_id) if rater_id else digest),
            named=f"Choice {choice_id} of what may be published",
        )
        for sequence, choice_id, scope, rater_id, digest in found
    }


def problems(connection: Connection) -> Iterator[str]:
    """Choices without a line of the ledger."""
    for choice_id in ledger_rows.unrecorded(connection, "scopes", "choice_id"):
        yield f"Choice {choice_id} of what may be published has no line in the ledger: it was added past the writer."
