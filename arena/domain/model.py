"""A model: a served name, sampling and system prompt, at one server or several. A changed setting is a new model."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field

from arena.domain.ids import ModelName

SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
"""Names of models: slugs, unlikely inside prose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a model samples its answers. None leaves the choice to the model server."""

    max_tokens: int = 1024
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One contestant."""

    name: ModelName
    endpoint: str
    """Base URL of an OpenAI-compatible server, ending in /v1; empty for an imported model."""
    served_name: str
    """The server's name for the model."""
    system_prompt: str | None = None
    sampling: Sampling = Sampling()
    api_key_env: str | None = None
    """Environment variable that holds the server's key; the key itself is never stored."""
    replicas: tuple[str, ...] = field(default=(), compare=False)
    """Endpoints of further servers of the same model. Set in the configuration, not stored."""
    strict_name: bool = field(default=False, compare=False)
    """Whether an answer signed with another name than `served_name` is refused. Set in the configuration, not
    stored."""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every server of the model."""
        return (self.endpoint, *self.replicas)

    @property
    def imported(self) -> bool:
        """Whether only the name is known, from imported votes. Such a model cannot be asked."""
        return not self.endpoint

    def fingerprint(self) -> str:
        """SHA-256 over every setting that shapes an answer; where the model runs and its key do not."""
        settings = asdict(self)
        for where in ("endpoint", "api_key_env", "replicas", "strict_name"):
            del settings[where]
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def imported(name: ModelName) -> Model:
    """A model of which only the name is known."""
    return Model(name=name, endpoint="", served_name=name)
