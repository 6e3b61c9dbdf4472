"""The models that a batch makes known. A name belongs to one fingerprint for ever, once it is more than a name."""

from collections.abc import Iterable, Mapping

from arena import errors
from arena.domain import model as models
from arena.domain.ids import ModelName
from arena.domain.model import Model


class Registering:
    """Models added in one batch, on top of those that are known."""

    def __init__(self, known: Mapping[ModelName, Model]) -> None:
        self._known = known
        self.added: list[Model] = []

    def add(self, wanted: Iterable[Model]) -> None:
        """All or none. What was only a name, from an import, becomes the model that is called so."""
        fresh: dict[ModelName, Model] = {}
        for model in wanted:
            before = fresh.get(model.name) or self._newest(model.name)
            if before is not None and not before.imported and before.fingerprint() != model.fingerprint():
                raise errors.Conflict(
                    f"Model {model.name} is known with other settings; a changed setting is a new model, "
                    "so give it a new name."
                )
            if before != model:
                fresh[model.name] = model
        self.added.extend(fresh.values())

    def name(self, names: Iterable[ModelName]) -> None:
        """Make names known that votes from elsewhere mention; nothing changes for those that are."""
        self.added.extend(models.imported(name) for name in names if self._newest(name) is None)

    def _newest(self, name: ModelName) -> Model | None:
        in_batch = [one for one in self.added if one.name == name]
        return in_batch[-1] if in_batch else self._known.get(name)
