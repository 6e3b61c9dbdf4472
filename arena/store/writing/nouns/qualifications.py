"""Qualifications that a transaction adds, and tests that raters took."""

import secrets
from typing import ClassVar

from arena import errors
from arena.domain import ledger
from arena.domain.ids import AssignmentId
from arena.domain.qualification import Qualification, QualificationResult
from arena.domain.removal import hashed
from arena.store import qualification_results, qualifications
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.nouns.lines import NewLines


class NewQualifications:
    """Qualifications and results on top of those that are stored. Both are few, so the tables are asked."""

    takes: ClassVar[tuple[type, ...]] = (commands.AddQualification, commands.RecordResult)

    def __init__(self, looking: Connection, leavers: Leavers, lines: NewLines) -> None:
        self._looking = looking
        self._leavers = leavers
        self._lines = lines
        self._added: dict[str, Qualification] = {}
        self._results: dict[AssignmentId, tuple[QualificationResult, str, ledger.Line]] = {}

    def decide(self, command: commands.AddQualification | commands.RecordResult) -> QualificationResult | None:
        match command:
            case commands.AddQualification(qualification=added):
                if added.field in self._added or qualifications.find(self._looking, added.field) is not None:
                    raise errors.Conflict(
                        f"Field {added.field} has a qualification. It is not changed, so that what was passed keeps "
                        "its meaning; give the new one a field of its own."
                    )
                self._added[added.field] = added
                return None
            case commands.RecordResult(result=result):
                return self._record(result)

    @property
    def empty(self) -> bool:
        return not (self._added or self._results)

    def write(self, connection: Connection) -> None:
        qualifications.append(connection, self._added.values())
        qualification_results.append(connection, list(self._results.values()))

    def remember(self) -> None:
        pass

    def _record(self, result: QualificationResult) -> QualificationResult:
        """The result of a test: this one, or that which was recorded first."""
        self._leavers.refuse(result.rater_id)
        waiting = self._results.get(result.last_turn)
        first = waiting[0] if waiting else qualification_results.of_last_turn(self._looking, result.last_turn)
        if first is not None:
            return first
        salt = secrets.token_hex(ledger.SALT_BYTES)
        line = self._lines.add(result.result_id, result.commitment(salt, hashed(result.rater_id)))
        self._results[result.last_turn] = (result, salt, line)
        return result
