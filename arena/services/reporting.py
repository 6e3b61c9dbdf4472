"""Reports: what raters say is wrong with a battle, and what a person decides of it. An item with a report waits,
unless its reporter holds `arena.store.items.HELD_BY_ONE` others with reports that nobody has answered yet."""

import asyncio
from dataclasses import dataclass

from arena.domain import ids
from arena.domain.battle import BattleRecord
from arena.domain.ids import RaterId, ReportId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.report import Report, ReportAnswer, ReportKind
from arena.errors import InvalidValue
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.tasks import Tasks
from arena.store import battles, reports
from arena.store.writing.commands import AddReport, AnswerReport

REASON_LIMIT = 2_000
"""Characters in the reason of a report, or of what was decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedBattle:
    """A report with what it is about, and what was decided of it."""

    report: Report
    record: BattleRecord | None
    """None where the battle is gone."""
    answer: ReportAnswer | None
    answered_by: str | None
    """By the name that answers show, or the id of a token."""


class Reporting:
    """The reports of one workspace."""

    def __init__(self, here: OpenWorkspace, tasks: Tasks) -> None:
        self._here = here
        self._tasks = tasks

    async def report(self, principal: Principal, battle_id: str, reason: str, kind: str | None) -> ReportId:
        """Record a report on a battle of this rater. Their turn at it ends, unless they have voted.

        A second report of theirs on the battle changes nothing and has the id of the first.
        """
        turn = await self._tasks.turn(principal, battle_id)
        now = self._here.now()
        report = Report(
            report_id=ReportId(ids.mint(ids.PREFIXES[ReportId], now, self._here.chance)),
            battle_id=turn.record.battle.battle_id,
            rater_id=principal.rater_id,
            kind=ReportKind.OTHER if kind is None else _kind(kind),
            reason=_reason(reason),
            reported_at=now,
        )
        command = AddReport(report=report, others=principal.others)
        report_id = await asyncio.wrap_future(self._here.store.submit(command))
        await self._tasks.reported(turn)
        return report_id

    async def listed(self, principal: Principal, after: str, limit: int) -> list[ReportedBattle]:
        """Reports with their battles and with what was decided of each, oldest first."""
        demand(principal, Permission.REVIEW)

        def load() -> list[ReportedBattle]:
            with self._here.store.reading() as connection:
                found = reports.listed(connection, after=after, limit=limit)
                records = battles.records(connection, [report.battle_id for report, _ in found])
            return [
                ReportedBattle(
                    report=report,
                    record=records.get(report.battle_id),
                    answer=answer,
                    answered_by=None if answer is None else self._called(answer.answered_by),
                )
                for report, answer in found
            ]

        return await asyncio.to_thread(load)

    def _called(self, answered_by: str) -> str:
        """Raters by their names, tokens by their ids."""
        is_rater = answered_by.startswith(f"{ids.PREFIXES[RaterId]}_")
        return self._here.pseudonyms.name(RaterId(answered_by)) if is_rater else answered_by

    async def answer(self, principal: Principal, report_id: str, keep: bool, reason: str) -> None:
        """Decide of a report: whether its item is given to raters again."""
        demand(principal, Permission.REVIEW)
        answer = ReportAnswer(
            report_id=ReportId(report_id),
            keep=keep,
            reason=_reason(reason),
            answered_by=principal.id,
            answered_at=self._here.now(),
        )
        await asyncio.wrap_future(self._here.store.submit(AnswerReport(answer=answer)))


def _kind(kind: str) -> ReportKind:
    try:
        return ReportKind(kind)
    except ValueError:
        raise InvalidValue(f"kind is {kind!r}; accepted: {', '.join(ReportKind)}.") from None


def _reason(reason: str) -> str:
    said = reason.strip()
    if not said or len(said) > REASON_LIMIT or "\0" in said:
        raise InvalidValue(f"reason has to be 1 to {REASON_LIMIT:,} characters: it says what is wrong.")
    return said
