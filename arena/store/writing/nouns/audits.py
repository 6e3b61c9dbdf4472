"""What a transaction takes over from an audit: its findings, those that are no more, and the decisions that follow."""

import secrets
from typing import ClassVar

from arena import errors
from arena.domain import ledger
from arena.domain.finding import FindingEnd, PolicyUse, RecordedFinding
from arena.store import findings, rows
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.nouns.lines import NewLines
from arena.store.writing.nouns.standing import NewStanding


class NewFindings:
    """Findings on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.RecordAudit,)

    def __init__(self, looking: Connection, leavers: Leavers, standing: NewStanding, lines: NewLines) -> None:
        self._looking = looking
        self._leavers = leavers
        self._standing = standing
        self._lines = lines
        self._added: list[tuple[RecordedFinding, str, ledger.Line]] = []
        self._ended: list[tuple[FindingEnd, ledger.Line]] = []
        self._used: list[tuple[PolicyUse, ledger.Line]] = []

    def decide(self, command: commands.RecordAudit) -> commands.StandingDecided:
        self._leavers.refuse(
            *(spoken.rater_id for one in command.findings for spoken in one.raters),
            *(one.rater_id for one in command.decisions),
        )
        self._refuse_overtaken(command)
        if command.use is not None:
            self._used.append((command.use, self._lines.add(command.use.use_id, command.use.commitment())))
        for one in command.findings:
            salt = secrets.token_hex(ledger.SALT_BYTES)
            self._added.append((one, salt, self._lines.add(one.finding_id, one.commitment(salt))))
        for end in command.ends:
            self._ended.append((end, self._lines.add(end.end_id, end.commitment())))
        return commands.StandingDecided(lines=tuple(self._standing.record(one) for one in command.decisions))

    @property
    def empty(self) -> bool:
        return not (self._added or self._ended or self._used)

    def write(self, connection: Connection) -> None:
        findings.append_policies(connection, self._used)
        findings.append(connection, self._added)
        findings.append_ends(connection, self._ended)

    def remember(self) -> None:
        pass

    def _refuse_overtaken(self, command: commands.RecordAudit) -> None:
        """Raise `Conflict` where a person decided, or another audit was taken over, since this one was weighed."""
        changing = "SELECT sequence FROM standing_decisions UNION ALL SELECT sequence FROM findings"
        changing += " UNION ALL SELECT sequence FROM finding_ends UNION ALL SELECT sequence FROM policies"
        query = f"SELECT count(*) FROM ({changing}) AS changed WHERE sequence > ?"
        if not (self.empty and self._standing.empty) or rows.number(self._looking, query, [command.weighed_at]):
            raise errors.Conflict("Somebody decided on a rater's standing while the audit was weighed. Try again.")
