"""What raters reported of battles, and what a person decided of it."""

from collections.abc import Iterable, Sequence
from typing import Any

from arena.domain.ids import BattleId, RaterId, ReportId
from arena.domain.report import Report, ReportAnswer, ReportKind
from arena.store import database, rows
from arena.store.connections import Connection

REPORTS = {
    "report_id": "VARCHAR",
    "battle_id": "VARCHAR",
    "rater_id": "VARCHAR",
    "kind": "VARCHAR",
    "reason": "VARCHAR",
    "reported_at": "TIMESTAMP",
}
ANSWERS = {
    "report_id": "VARCHAR",
    "keep": "BOOLEAN",
    "reason": "VARCHAR",
    "answered_by": "VARCHAR",
    "answered_at": "TIMESTAMP",
}


def find(connection: Connection, report_id: ReportId) -> Report | None:
    """One report, or None."""
    return next(iter(_where(connection, "report_id = ?", [report_id])), None)


def of_raters(connection: Connection, battle_id: BattleId, rater_ids: Sequence[RaterId]) -> list[Report]:
    """What somebody with these ids reported of a battle, oldest first."""
    theirs, parameters = rows.among("rater_id", rater_ids)
    return _where(connection, f"battle_id = ? AND {theirs}", [battle_id, *parameters])


def listed(connection: Connection, *, after: str, limit: int) -> list[tuple[Report, ReportAnswer | None]]:
    """Reports after an id, oldest first, each with what was decided of it last."""
    found = _where(connection, "report_id > ?", [after])[:limit]
    if not found:
        return []
    condition, parameters = rows.among("report_id", [one.report_id for one in found])
    decided = {
        row[0]: _answer(row)
        for row in rows.fetched(
            connection,
            f"SELECT {', '.join(ANSWERS)} FROM report_answers WHERE {condition} ORDER BY answered_at",
            parameters,
        )
    }
    return [(one, decided.get(one.report_id)) for one in found]


def unanswered(connection: Connection) -> int:
    """How many of them nobody has decided of."""
    query = "SELECT count(*) FROM reports WHERE report_id NOT IN (SELECT report_id FROM report_answers)"
    return rows.number(connection, query)


def answers(connection: Connection) -> list[ReportAnswer]:
    """Everything that was decided of reports, oldest first."""
    found = rows.fetched(connection, f"SELECT {', '.join(ANSWERS)} FROM report_answers ORDER BY answered_at, report_id")
    return list(map(_answer, found))


def battles(connection: Connection) -> frozenset[BattleId]:
    """Every battle that somebody reported."""
    return frozenset(BattleId(row[0]) for row in rows.fetched(connection, "SELECT battle_id FROM reports"))


def append(connection: Connection, made: Iterable[Report]) -> None:
    """Add reports."""
    rows.append(
        connection,
        "reports",
        REPORTS,
        [
            (
                one.report_id,
                one.battle_id,
                one.rater_id,
                one.kind,
                one.reason,
                database.stored_time(one.reported_at),
            )
            for one in made
        ],
    )


def append_answers(connection: Connection, decided: Iterable[ReportAnswer]) -> None:
    """Add what was decided."""
    rows.append(
        connection,
        "report_answers",
        ANSWERS,
        [
            (one.report_id, one.keep, one.reason, one.answered_by, database.stored_time(one.answered_at))
            for one in decided
        ],
    )


def forget(connection: Connection, rater_id: RaterId) -> None:
    """Keep of a rater's reports that there were so many."""
    connection.execute("UPDATE reports SET rater_id = '', reason = '' WHERE rater_id = ?", [rater_id])


def _answer(row: tuple[Any, ...]) -> ReportAnswer:
    return ReportAnswer(
        report_id=row[0], keep=row[1], reason=row[2], answered_by=row[3], answered_at=database.read_time(row[4])
    )


def _where(connection: Connection, condition: str, parameters: Sequence[Any]) -> list[Report]:
    found = rows.fetched(
        connection, f"SELECT {', '.join(REPORTS)} FROM reports WHERE {condition} ORDER BY report_id", parameters
    )
    return [
        Report(
            report_id=ReportId(row[0]),
            battle_id=BattleId(row[1]),
            rater_id=RaterId(row[2]),
            kind=ReportKind(row[3]),
            reason=row[4],
            reported_at=database.read_time(row[5]),
        )
        for row in found
    ]
