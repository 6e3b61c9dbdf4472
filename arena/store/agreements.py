"""What raters agreed to before their first item of a campaign: the text by its hash, as it stood then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from arena.domain.ids import RaterId
from arena.store import database, rows
from arena.store.connections import Connection

COLUMNS = {"rater_id": "VARCHAR", "campaign": "VARCHAR", "text_sha256": "VARCHAR", "agreed_at": "TIMESTAMP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A rater agreed to what a campaign asks."""

    rater_id: RaterId
    campaign: str
    text_sha256: str
    agreed_at: datetime
    """UTC."""


def agreed(connection: Connection, rater_ids: Sequence[RaterId], campaign: str, text_sha256: str) -> bool:
    """Whether somebody with one of these ids agreed to this text."""
    theirs, parameters = rows.among("rater_id", rater_ids)
    query = f"SELECT count(*) FROM agreements WHERE {theirs} AND campaign = ? AND text_sha256 = ?"
    return rows.number(connection, query, [*parameters, campaign, text_sha256]) > 0


def append(connection: Connection, made: Sequence[Agreement]) -> None:
    """Add agreements."""
    rows.append(
        connection,
        "agreements",
        COLUMNS,
        [(one.rater_id, one.campaign, one.text_sha256, database.stored_time(one.agreed_at)) for one in made],
    )


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of an erased rater's agreements that there were so many."""
    connection.execute("UPDATE agreements SET rater_id = '' WHERE rater_id = ?", [rater_id])
