"""Trials in a transaction: new ones, and the end of old ones."""

from datetime import datetime
from typing import ClassVar

from arena.domain.trial import Trial
from arena.store import trials
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.leavers import Leavers


class NewTrials:
    """Trials on top of those that are stored. What is too old goes first."""

    takes: ClassVar[tuple[type, ...]] = (commands.KeepTrial, commands.ForgetTrials)

    def __init__(self, leavers: Leavers) -> None:
        self._leavers = leavers
        self._added: list[Trial] = []
        self._before: list[datetime] = []

    def decide(self, command: commands.KeepTrial | commands.ForgetTrials) -> None:
        if isinstance(command, commands.ForgetTrials):
            self._before.append(command.before)
            return
        self._leavers.refuse(command.trial.rater_id)
        self._added.append(command.trial)

    @property
    def empty(self) -> bool:
        return not (self._added or self._before)

    def write(self, connection: Connection) -> None:
        if self._before:
            trials.forget_before(connection, max(self._before))
        trials.append(connection, self._added)

    def remember(self) -> None:
        pass
