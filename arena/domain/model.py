"""A model: a served name, sampling and system prompt, at one server or several. A changed setting is a new model."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

from arena.domain.ids import ModelName

SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
"""Names of models: slugs, unlikely inside prose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a model samples its answers. None leaves the choice to the model server."""

    max_tokens: int = 1024
    """0 sets no limit beside the server's own."""
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    stop: tuple[str, ...] = ()
    min_tokens: int | None = None
    reasoning_effort: str | None = None
    max_tokens_name: str = "max_tokens"
    """What the request calls `max_tokens`."""


class Api(StrEnum):
    """How a model is asked."""

    CHAT = "chat"
    COMPLETIONS = "completions"
    """With one text, as a base model is."""


NEWER: Final[Mapping[str, Mapping[str, Any]]] = {
    "sampling": {
        "presence_penalty": None,
        "frequency_penalty": None,
        "stop": (),
        "min_tokens": None,
        "reasoning_effort": None,
        "max_tokens_name": "max_tokens",
    },
    "model": {"api": Api.CHAT, "plain_template": None, "chat_template_kwargs": {}, "extra_body": {}},
}
"""Settings that were not there from the start, with what they are while nobody sets them: then they are not part of the
fingerprint, so that a model of an earlier version has the fingerprint it had."""


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
    api: Api = Api.CHAT
    plain_template: str | None = None
    """How a conversation becomes one text; None where the model is asked by `chat`."""
    chat_template_kwargs: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """JSON: what its chat template is told beside the conversation."""
    extra_body: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """JSON: further keys of each request."""
    replicas: tuple[str, ...] = field(default=(), compare=False)
    """Endpoints of further servers of the same model. Set in the configuration, not stored."""
    strict_name: bool = field(default=False, compare=False)
    """Whether an answer signed with another name than `served_name` is refused. Set in the configuration, not
    stored."""
    images: bool = field(default=False, compare=False)
    """Whether it takes pictures in a prompt. Set in the configuration, not stored."""

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
        for where in ("endpoint", "api_key_env", "replicas", "strict_name", "images"):
            del settings[where]
        for some, newer in ((settings, NEWER["model"]), (settings["sampling"], NEWER["sampling"])):
            for name, unset in newer.items():
                if some[name] == unset:
                    del some[name]
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()


def imported(name: ModelName) -> Model:
    """A model of which only the name is known."""
    return Model(name=name, endpoint="", served_name=name)
