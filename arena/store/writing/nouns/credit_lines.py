"""What a transaction decides of credits: the terms of the campaign `default`, and what a person holds back."""

import secrets
from typing import ClassVar

from arena import errors
from arena.domain import credit, ledger
from arena.domain.credit import HoldBack, TermsLine
from arena.domain.ledger import Line
from arena.store import credit_lines
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.lines import NewLines


class NewCreditTerms:
    """Terms on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.SetCreditTerms,)

    def __init__(self, looking: Connection, lines: NewLines) -> None:
        self._looking = looking
        self._lines = lines
        self._added: list[tuple[TermsLine, str, Line]] = []

    def decide(self, command: commands.SetCreditTerms) -> bool:
        entry = command.terms
        added = [one.terms for one, _, _ in self._added if one.campaign == entry.campaign]
        if entry.terms.same([*credit_lines.terms_of(self._looking, entry.campaign), *added][-1]):
            return False
        salt = secrets.token_hex(ledger.SALT_BYTES)
        self._added.append((entry, salt, self._lines.add(entry.terms_id, entry.commitment(salt))))
        return True

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        credit_lines.append_terms(connection, self._added)

    def remember(self) -> None:
        pass


class NewCreditDecisions:
    """Decisions on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.HoldBackCredits,)

    def __init__(self, looking: Connection, lines: NewLines) -> None:
        self._looking = looking
        self._lines = lines
        self._added: list[tuple[HoldBack, str, Line]] = []

    def decide(self, command: commands.HoldBackCredits) -> tuple[commands.HeldBack, ...]:
        for decision, most in command.parts:
            before = credit_lines.held_back(self._looking, decision.campaign)[decision.rater_sha256] + sum(
                one.amount
                for one, _, _ in self._added
                if (one.campaign, one.rater_sha256) == (decision.campaign, decision.rater_sha256)
            )
            of_whom = f"Of this rater's credits in campaign {decision.campaign},"
            if decision.amount > 0 and before + decision.amount > most:
                held = credit.told(max(0, most - before))
                raise errors.Conflict(f"{of_whom} {held} are held, and no more can be held back: the rest is settled.")
            if before + decision.amount < 0:
                back = credit.told(before)
                raise errors.Conflict(f"{of_whom} {back} are held back, and no more can be given back.")
        made = []
        for decision, _ in command.parts:
            salt = secrets.token_hex(ledger.SALT_BYTES)
            line = self._lines.add(decision.decision_id, decision.commitment(salt))
            self._added.append((decision, salt, line))
            made.append(commands.HeldBack(decision=decision, line=line))
        return tuple(made)

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        credit_lines.append_decisions(connection, self._added)

    def remember(self) -> None:
        pass
