"""The models that may be drawn: the active ones, less those that failed a moment ago or cannot hold the conversation.

A model that failed rests, so that a dead server does not void every second battle: 10 s at first, twice as long each
time it fails again before it has completed an answer, at most 10 min. After a rest one probe decides whether it
comes back. When fewer than two others remain it is drawn all the same, since a void tells the rater more than a
refusal to start.

Of how long a conversation is, only the model's own tokenizer would know. So there are two estimates: with one that
is rather too long, models are left out that may be too small; with one that is surely too short, those that are.
The second counts only where the first leaves no pair.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Api, Model, Sampling
from arena.errors import DoesNotFit, SettingsError
from arena.settings import Settings
from arena.settings.models import ModelSettings

SHORTEST_REST = 10.0
LONGEST_REST = 600.0
BYTES_A_TOKEN = 3
"""Rather too few: prose has 4 to 5 in English, code 3, and Chinese 3 a character."""
MOST_BYTES_A_TOKEN = 8
"""More than any text has that somebody writes."""
PLAIN_TEMPLATE = "dialogue"
"""Of a base model for which none is set."""
TOKENS_A_MESSAGE = 8
"""What a chat template adds to each."""


@dataclass(slots=True)
class _Rest:
    failures: int = 0
    """In a row, each after a rest."""
    until: float = 0.0


@dataclass(slots=True)
class Roster:
    """Which models take part, and which of them rest. Times are monotonic seconds."""

    models: dict[ModelName, Model]
    shortest_rest: float = SHORTEST_REST
    _rests: dict[ModelName, _Rest] = field(default_factory=dict)
    _resting: set[ModelName] = field(default_factory=set)
    _contexts: dict[ModelName, int] = field(default_factory=dict)

    @classmethod
    def of(cls, models: Sequence[Model]) -> "Roster":
        return cls({model.name: model for model in models})

    def take_on(self, model: Model) -> None:
        """Draw a model from now on, rested."""
        self.leave_out(model.name)
        self.models[model.name] = model

    def leave_out(self, name: ModelName) -> None:
        """Draw a model no more. A battle that has it goes on."""
        self.models.pop(name, None)
        self._rests.pop(name, None)
        self._contexts.pop(name, None)
        self._resting.discard(name)

    def failed(self, name: ModelName, now: float) -> bool:
        """Let a model rest, longer than the last time. False when it rests already, or is drawn no more: then nothing
        changes."""
        if name in self._resting or name not in self.models:
            return False
        rest = self._rests.setdefault(name, _Rest())
        rest.until = now + min(LONGEST_REST, self.shortest_rest * 2**rest.failures)
        rest.failures += 1
        self._resting.add(name)
        return True

    def completed(self, name: ModelName) -> None:
        """A model completed an answer: its next rest is a short one."""
        if name not in self._resting:
            self._rests.pop(name, None)

    def rests_until(self, name: ModelName) -> float | None:
        """When a resting model is to be probed; None for one that rests no more."""
        return self._rests[name].until if name in self._resting else None

    def probed(self, name: ModelName, now: float, *, answers: bool) -> None:
        """The probe after a rest: the model comes back, or rests longer."""
        self._resting.discard(name)
        if not answers:
            self.failed(name, now)

    def learn(self, name: ModelName, context: int | None) -> None:
        """Take over what a model's server says of its context, in tokens of prompt and answer together."""
        if context is not None:
            self._contexts[name] = context

    def drawable(self, messages: Sequence[Message], among: Collection[ModelName] | None = None) -> list[ModelName]:
        """The models that a pair may be drawn from, at least two; of these alone, where some are given.

        Raises `InvalidValue` when no two of them can hold the conversation.
        """
        there = self.models.keys() if among is None else among
        likely, possible = (
            [name for name in self.models if name in there and self._holds(name, messages, size)]
            for size in (BYTES_A_TOKEN, MOST_BYTES_A_TOKEN)
        )
        for holding in (likely, possible):
            awake = [name for name in holding if name not in self._resting]
            if len(awake) >= 2:
                return awake
            if len(holding) >= 2:
                return holding
        raise DoesNotFit("The models could not take this prompt. Shorten it, or ask differently.")

    def _holds(self, name: ModelName, messages: Sequence[Message], bytes_a_token: int) -> bool:
        context, model = self._contexts.get(name), self.models[name]
        budget = model.sampling.max_tokens
        if context is None or budget >= context:  # with such a budget nothing fits: the model is set up wrongly
            return True
        texts = [message.text for message in messages] + [model.system_prompt or ""]
        size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
        return size / bytes_a_token + TOKENS_A_MESSAGE * len(texts) + budget <= context


def configured(settings: Settings) -> list[Model]:
    """The contestants of a configuration. Raises `SettingsError` for one without an endpoint."""
    return [model(entry) for entry in settings.models]


def model(entry: ModelSettings) -> Model:
    """One contestant. Raises `SettingsError` for one without an endpoint."""
    if not entry.servers:
        raise SettingsError(f"Model {entry.name} has no endpoint; add one, or run it with `arena demo`.")
    first, *others = [str(endpoint).rstrip("/") for endpoint in entry.servers]
    return Model(
        name=ModelName(entry.name),
        endpoint=first,
        replicas=tuple(others),
        served_name=entry.served_name,
        system_prompt=entry.system_prompt,
        sampling=Sampling(**entry.sampling.model_dump()),
        api_key_env=entry.api_key_env,
        strict_name=entry.strict_name,
        images=entry.images,
        api=Api(entry.api),
        plain_template=entry.plain_template or (PLAIN_TEMPLATE if entry.api == "completions" else None),
        chat_template_kwargs=entry.chat_template_kwargs,
        extra_body=entry.extra_body,
    )
