"""What raters choose, in a transaction, that their prompts and votes may be used for."""

from typing import ClassVar

from arena.domain import ledger
from arena.domain.consent import Choice
from arena.store import consent_choices, removals
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.lines import NewLines
from arena.store.writing.nouns.removals import NewRemovals


class NewChoices:
    """Choices on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.Choose,)

    def __init__(self, looking: Connection, leaving: NewRemovals, lines: NewLines) -> None:
        self._looking = looking
        self._leaving = leaving
        self._lines = lines
        self._added: list[tuple[Choice, ledger.Line]] = []

    def decide(self, command: commands.Choose) -> commands.Chosen:
        choice = command.choice
        removals.refuse_gone(self._looking, choice.rater_id)
        self._leaving.refuse_leaving(choice.rater_id)
        now = [one.scope for one, _ in self._added if one.rater_id == choice.rater_id]
        if choice.scope is (now[-1] if now else consent_choices.scope_of(self._looking, choice.rater_id)):
            return commands.Chosen(scope=choice.scope, line=None)
        line = self._lines.add(choice.choice_id, choice.commitment())
        self._added.append((choice, line))
        return commands.Chosen(scope=choice.scope, line=line)

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        consent_choices.append(connection, self._added)

    def remember(self) -> None:
        pass
