"""The models that may be drawn: those configured, less those that failed a moment ago.

A model that failed rests for a while, so that a dead server does not void every second battle. It is drawn
again by itself; when fewer than two others remain it is drawn all the same, since a void tells the rater more
than a refusal to start.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.errors import SettingsError
from arena.settings import ModelSettings, Settings

REST_SECONDS = 30.0


@dataclass(slots=True)
class Roster:
    """Which models take part, and which of them rest."""

    models: Mapping[ModelName, Model]
    _resting_until: dict[ModelName, float] = field(default_factory=dict)

    @classmethod
    def of(cls, models: Sequence[Model]) -> "Roster":
        return cls({model.name: model for model in models})

    def rest(self, name: ModelName, now: float) -> None:
        """Leave a model out of draws for `REST_SECONDS`. `now` is monotonic seconds."""
        self._resting_until[name] = now + REST_SECONDS

    def drawable(self, now: float) -> list[ModelName]:
        """The models a pair may be drawn from."""
        awake = [name for name in self.models if self._resting_until.get(name, 0.0) <= now]
        return awake if len(awake) >= 2 else list(self.models)


def configured(settings: Settings) -> list[Model]:
    """The contestants of a configuration. Raises `SettingsError` for one without an endpoint."""
    return [_model(entry) for entry in settings.models]


def _model(entry: ModelSettings) -> Model:
    if entry.endpoint is None:
        raise SettingsError(f"Model {entry.name} has no endpoint; add one, or run it with `arena demo`.")
    return Model(
        name=ModelName(entry.name),
        endpoint=str(entry.endpoint).rstrip("/"),
        served_name=entry.served_name,
        system_prompt=entry.system_prompt,
        sampling=Sampling(**entry.sampling.model_dump()),
        api_key_env=entry.api_key_env,
    )
