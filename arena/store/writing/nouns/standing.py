"""What a transaction decides of raters' standing, and what raters ask to be looked at again."""

import secrets
from typing import ClassVar

from arena import errors
from arena.domain import ledger, standing
from arena.domain.appeal import Appeal
from arena.domain.removal import hashed
from arena.domain.standing import StandingDecision
from arena.store import appeals, standing_decisions
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.nouns.lines import NewLines


class NewStanding:
    """Decisions and appeals on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.DecideStanding, commands.AddAppeal)

    def __init__(self, looking: Connection, leavers: Leavers, lines: NewLines) -> None:
        self._looking = looking
        self._leavers = leavers
        self._lines = lines
        self._added: list[tuple[StandingDecision, str, ledger.Line]] = []
        self._asked: list[tuple[Appeal, str, ledger.Line]] = []

    def decide(self, command: commands.DecideStanding | commands.AddAppeal) -> commands.StandingDecided | ledger.Line:
        match command:
            case commands.DecideStanding(decisions=decisions):
                self._leavers.refuse(*(one.rater_id for one in decisions))
                self._refuse_untimely(decisions[0])
                return commands.StandingDecided(lines=tuple(self.record(one) for one in decisions))
            case commands.AddAppeal(appeal=appeal):
                self._leavers.refuse(appeal.rater_id)
                self._refuse_second(appeal)
                return self._ask(appeal)

    @property
    def empty(self) -> bool:
        return not (self._added or self._asked)

    def write(self, connection: Connection) -> None:
        standing_decisions.append(connection, self._added)
        appeals.append(connection, self._asked)

    def remember(self) -> None:
        pass

    def _refuse_untimely(self, decision: StandingDecision) -> None:
        """Raise `Conflict` where what is undone or answered does not wait for that any more."""
        if decision.undoes is None and decision.answers is None:
            return
        decided = standing.in_force(self._of(decision))
        if decision.undoes is not None and (not decided or decided[-1].root != decision.undoes):
            raise errors.Conflict("Somebody decided anew meanwhile, or undid it. Load the rater again.")
        if decision.answers is None:
            return
        if any(one.answers == decision.answers for one in decided):
            raise errors.Conflict("This appeal is answered already; GET /api/v1/appeals says how.")
        appeal = appeals.find(self._looking, decision.answers)
        if appeal is not None and standing.ended_by(appeal.decision_id, self._of(decision)) is not None:
            raise errors.Conflict("Somebody decided anew meanwhile, or undid the decision. Load the appeals again.")

    def _refuse_second(self, appeal: Appeal) -> None:
        waiting = any(one.decision_id == appeal.decision_id for one, _, _ in self._asked)
        if waiting or appeals.on_decision(self._looking, appeal.decision_id) is not None:
            raise errors.Conflict("You asked for a review of this decision already. Each can be reviewed once.")

    def _ask(self, appeal: Appeal) -> ledger.Line:
        salt = secrets.token_hex(ledger.SALT_BYTES)
        line = self._lines.add(appeal.appeal_id, appeal.commitment(salt, hashed(appeal.rater_id)))
        self._asked.append((appeal, salt, line))
        return line

    def _of(self, decision: StandingDecision) -> list[StandingDecision]:
        """Every decision on a rater in a field, those of this transaction too."""
        stored = standing_decisions.of_raters(self._looking, [decision.rater_id])
        roots = {one.root for one in stored}
        both = [
            *stored,
            *(one for one, _, _ in self._added if one.rater_id == decision.rater_id or one.undoes in roots),
        ]
        return [one for one in both if one.field == decision.field]

    def record(self, decision: StandingDecision) -> ledger.Line:
        """Add a decision as it is, and its line."""
        salt = secrets.token_hex(ledger.SALT_BYTES)
        line = self._lines.add(decision.decision_id, decision.commitment(salt, hashed(decision.rater_id)))
        self._added.append((decision, salt, line))
        return line
