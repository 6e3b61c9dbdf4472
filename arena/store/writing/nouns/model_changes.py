"""What a transaction does to models while the arena runs: added, active, paused, retired."""

import secrets
from typing import ClassVar

from arena import errors
from arena.domain import ledger
from arena.domain.ids import ModelName
from arena.domain.model_state import FOLLOWING, ModelChange, ModelState
from arena.store import model_changes
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.lines import NewLines
from arena.store.writing.nouns.models import NewModels


class NewModelChanges:
    """Changes on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.AddModel, commands.ChangeModel)

    def __init__(self, looking: Connection, models: NewModels, lines: NewLines) -> None:
        self._looking = looking
        self._models = models
        self._lines = lines
        self._added: list[tuple[ModelChange, str, ledger.Line]] = []

    def decide(self, command: commands.AddModel | commands.ChangeModel) -> commands.ModelChanged:
        match command:
            case commands.AddModel(model=model, change=change):
                self._models.take_on(model, change.changed_at)
                return self._record(change)
            case commands.ChangeModel(change=change):
                now = self._state(change.model)
                if change.state is now and change.alias != self._alias(change.model):
                    return self._record(change)
                if change.state is now:
                    return commands.ModelChanged(change=change, line=None)
                if change.state not in FOLLOWING[now]:
                    raise errors.Conflict(
                        f"Model {change.model} is {now} and cannot become {change.state}. {_why(now)}"
                    )
                return self._record(change)

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        model_changes.append(connection, self._added)

    def remember(self) -> None:
        pass

    def _state(self, name: ModelName) -> ModelState:
        changed = [change.state for change, _, _ in self._added if change.model == name]
        if changed:
            return changed[-1]
        known = self._models.newest(name)
        if known is None:
            raise errors.NotFound(f"There is no model {name} here; GET /api/v1/models lists those there are.")
        if known.imported:
            return ModelState.STORED
        return model_changes.state_of(self._looking, name) or ModelState.ACTIVE

    def _alias(self, name: ModelName) -> str | None:
        changed = [change.alias for change, _, _ in self._added if change.model == name]
        return changed[-1] if changed else model_changes.alias_of(self._looking, name)

    def _record(self, change: ModelChange) -> commands.ModelChanged:
        salt = secrets.token_hex(ledger.SALT_BYTES)
        line = self._lines.add(change.change_id, change.commitment(salt))
        self._added.append((change, salt, line))
        return commands.ModelChanged(change=change, line=line)


def _why(state: ModelState) -> str:
    """What to do about a model that cannot change so."""
    match state:
        case ModelState.RETIRED:
            return "A new version is a new model under a new name."
        case ModelState.STORED:
            return "Add it with an endpoint first."
        case _:
            return f"It can become {' or '.join(sorted(FOLLOWING[state]))}."
