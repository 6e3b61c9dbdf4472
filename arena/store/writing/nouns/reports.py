"""Reports on battles that a transaction adds, and what a person decided of one."""

from typing import ClassVar

from arena import errors
from arena.domain.ids import ReportId
from arena.domain.report import Report, ReportAnswer
from arena.store import reports
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.writer_cache import WriterCache


class NewReports:
    """Reports on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.AddReport, commands.AnswerReport)

    def __init__(self, looking: Connection, known: WriterCache, leavers: Leavers) -> None:
        self._looking = looking
        self._known = known
        self._leavers = leavers
        self._added: dict[str, Report] = {}
        self._answered: list[ReportAnswer] = []

    def decide(self, command: commands.AddReport | commands.AnswerReport) -> ReportId | None:
        if isinstance(command, commands.AddReport):
            return self._add(command)
        report_id = command.answer.report_id
        if report_id not in self._added and reports.find(self._looking, report_id) is None:
            raise errors.NotFound(f"There is no report {report_id}; GET /api/v1/reports lists them.")
        self._answered.append(command.answer)
        return None

    @property
    def empty(self) -> bool:
        return not (self._added or self._answered)

    def write(self, connection: Connection) -> None:
        reports.append(connection, self._added.values())
        reports.append_answers(connection, self._answered)

    def remember(self) -> None:
        self._known.marks.change("reports")

    def _add(self, command: commands.AddReport) -> ReportId:
        report = command.report
        raters = (report.rater_id, *command.others)
        self._leavers.refuse(*raters)
        waiting = [one for one in self._added.values() if one.rater_id in raters and one.battle_id == report.battle_id]
        for first in waiting or reports.of_raters(self._looking, report.battle_id, raters):
            return first.report_id
        self._added[report.report_id] = report
        return report.report_id
