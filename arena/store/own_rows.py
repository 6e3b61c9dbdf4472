"""What somebody wrote here beside their votes: prompts, reports, and why they gave items back.

Which models a prompt met is not in it: that is for who has voted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from arena.domain.ids import RaterId
from arena.domain.trial import Trial
from arena.store import database, own_tables, rows, trials
from arena.store.connections import Connection
from arena.store.own_tables import Row

LISTED = "(SELECT unnest(CAST(? AS VARCHAR[])))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One text of theirs."""

    battle_id: str
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRows:
    """All of one person, oldest first."""

    prompts: list[Written]
    reports: list[Written]
    skips: list[Written]
    trials: list[Trial]
    stored: dict[str, list[Row]]
    """Every other row about them, by table."""


def read(connection: Connection, raters: Sequence[RaterId]) -> OwnRows:
    """What these raters wrote, all of them one person."""
    return OwnRows(
        prompts=_written(
            connection,
            f"SELECT battle_id, prompt, created_at FROM battles WHERE rater_id IN {LISTED} AND answers = 'live' "
            "ORDER BY ordinal",
            raters,
        ),
        reports=_written(
            connection,
            f"SELECT battle_id, reason, reported_at FROM reports WHERE rater_id IN {LISTED} ORDER BY report_id",
            raters,
        ),
        skips=_written(
            connection,
            "SELECT battle_id, reason, ended_at FROM assignment_ends WHERE reason IS NOT NULL AND assignment_id IN "
            f"(SELECT assignment_id FROM assignments WHERE rater_id IN {LISTED}) ORDER BY ended_at, battle_id",
            raters,
        ),
        trials=trials.of_raters(connection, raters),
        stored=own_tables.of_workspace(connection, raters),
    )


def _written(connection: Connection, query: str, raters: Sequence[RaterId]) -> list[Written]:
    found = rows.fetched(connection, query, [list(raters)])
    return [Written(battle_id=row[0], text=row[1], written_at=database.read_time(row[2])) for row in found]
