"""Models that a transaction makes known. A name belongs to one fingerprint for ever, once it is more than a name."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from arena import errors
from arena.domain import model as domain_models
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.store import models
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.writer_cache import WriterCache


class NewModels:
    """Models on top of those that are known."""

    takes: ClassVar[tuple[type, ...]] = (commands.AddModels,)

    def __init__(self, known: WriterCache) -> None:
        self._known = known
        self._added: list[tuple[Model, datetime | None]] = []

    def decide(self, command: commands.AddModels) -> None:
        """All or none. What was only a name, from an import, becomes the model that is called so."""
        fresh: dict[ModelName, Model] = {}
        for model in command.models:
            before = fresh.get(model.name) or self.newest(model.name)
            if before is not None and not before.imported and before.fingerprint() != model.fingerprint():
                raise errors.Conflict(
                    f"Model {model.name} is known with other settings; a changed setting is a new model, "
                    "so give it a new name."
                )
            if before != model:
                fresh[model.name] = model
        self._added.extend((model, command.added_at) for model in fresh.values())

    def take_on(self, model: Model, added_at: datetime) -> None:
        """Add a model under a name that is new, or only a name. Raises `Conflict` for any other."""
        before = self.newest(model.name)
        if before is not None and not before.imported:
            raise errors.Conflict(f"The name {model.name} was given before, and is never given twice; take another.")
        self._added.append((model, added_at))

    def newest(self, name: ModelName) -> Model | None:
        """A model as it is after what was accepted so far."""
        in_batch = [model for model, _ in self._added if model.name == name]
        return in_batch[-1] if in_batch else self._known.models.get(name)

    def name(self, names: Iterable[ModelName]) -> None:
        """Make names known that votes from elsewhere mention; nothing changes for those that are."""
        self._added.extend((domain_models.imported(name), None) for name in names if self.newest(name) is None)

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        first = self._known.head.models + 1
        models.append(connection, [(first + place, *one) for place, one in enumerate(self._added)])

    def remember(self) -> None:
        known = self._known
        known.models.update({model.name: model for model, _ in self._added})
        known.head = replace(known.head, models=known.head.models + len(self._added))
