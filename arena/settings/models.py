"""The tables `[[models]]`: each is a contestant, with its prompt and sampling."""

from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, StringConstraints, model_validator

from arena.settings.section import EnvironmentName, JsonObject, Section, Slug
from arena.settings.serve import ServeSettings

Penalty = Annotated[float, Field(ge=-2, le=2)]


class SamplingSettings(Section):
    """Sampling parameters as vLLM names them; what is left out is the server's choice."""

    max_tokens: Annotated[int, Field(ge=0, le=131_072)] = 1024
    """Longest answer, in tokens, thinking included; 0 sends none, and the server's own limit holds."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What the request calls it; some hosted services take only the second."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """0 always takes the likeliest token; higher is more varied."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """Draw from the likeliest tokens that together hold this probability."""
    top_k: Annotated[int, Field(ge=-1)] | None = None
    """Draw from this many likeliest tokens; -1 or 0 from all."""
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    """Leave out tokens less likely than this share of the likeliest."""
    repetition_penalty: Annotated[float, Field(gt=0, le=2)] | None = None
    """Above 1, tokens already used become less likely."""
    presence_penalty: Penalty | None = None
    """Above 0, tokens that were used once become less likely."""
    frequency_penalty: Penalty | None = None
    """Above 0, tokens become less likely each time they are used."""
    stop: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = ()
    """Texts that end the answer where the model writes them; they are not part of it."""
    min_tokens: Annotated[int, Field(ge=1, le=131_072)] | None = None
    """The answer does not end before it has so many tokens."""
    reasoning_effort: Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}$")] | None = None
    """How much a model thinks first, in its server's word, such as `low`, `medium` or `high`."""
    seed: int | None = None
    """The same seed and prompt give the same answer, where the server keeps to it."""


SET_BY_THE_ARENA = frozenset(SamplingSettings.model_fields) | {
    "model",
    "messages",
    "prompt",
    "stream",
    "stream_options",
    "max_completion_tokens",
    "repeat_penalty",
    "chat_template_kwargs",
    "n",
    "best_of",
    "echo",
}
"""What no `extra_body` may hold: keys of a request with settings of their own, and those that would make its answer
another thing than one text."""


FREE = ("chat_template_kwargs", "extra_body")
"""Keys whose values may be any JSON."""


class ModelSettings(Section):
    """One contestant: an OpenAI-compatible endpoint with its prompt and sampling."""

    name: Slug
    """How boards and exports call it; a changed setting is a new model, so give it a new name."""
    endpoint: HttpUrl | None = None
    """Base URL ending in /v1. Left out, the model runs on the embedded server, or where `serve` or `served_by` says."""
    endpoints: tuple[HttpUrl, ...] = ()
    """More servers of the same model, or all of them; each answer is asked of the least busy one that works."""
    served_name: Annotated[str, StringConstraints(min_length=1)]
    """What the server calls it: its `--served-model-name`."""
    system_prompt: str | None = None
    """Sent before every conversation, and never exported."""
    sampling: SamplingSettings = SamplingSettings()
    api_key_env: EnvironmentName | None = None
    """Name of the environment variable that holds the server's key."""
    images: bool = False
    """Whether the model takes pictures in a prompt, each sent as a part `image_url`."""
    strict_name: bool = False
    """Whether answers that a server signs with another name than `served_name` are refused; else the log says so."""
    api: Literal["chat", "completions"] = "chat"
    """How the server is asked: `chat` for models with a chat template, `completions` for base models."""
    plain_template: Literal["dialogue", "continuation"] | None = None
    """How a conversation becomes the one text that `completions` sends. `dialogue` (what holds where it is left out):
    turns that begin with `User:` and `Assistant:`, until the model would write the next `User:`. `continuation`: the
    texts alone, which the model goes on from."""
    chat_template_kwargs: JsonObject = Field(default={})
    """What the chat template of the model is told beside the conversation, such as `enable_thinking = false`."""
    extra_body: JsonObject = Field(default={})
    """Further keys of each request, for what a server takes beyond all of these. No secret belongs here: it is kept
    with the model."""

    serve: ServeSettings | None = None
    served_by: Slug | None = None
    """Name of the model whose server, run by `serve`, also serves this one: as an adapter of its `lora`, or the same
    model with another prompt, sampling or template. It has the endpoints of that model."""

    @property
    def servers(self) -> tuple[HttpUrl, ...]:
        """Every endpoint, each once."""
        return tuple(dict.fromkeys((*([self.endpoint] if self.endpoint else []), *self.endpoints)))

    @model_validator(mode="after")
    def _asks_one_way(self) -> Self:
        """Raises `ValueError` for settings that would not reach the server, or would reach it twice."""
        doubled = sorted(SET_BY_THE_ARENA & self.extra_body.keys())
        if doubled:
            raise ValueError(f"extra_body holds {', '.join(doubled)}, which the arena sets itself; take it out there.")
        if self.api == "chat" and self.plain_template is not None:
            raise ValueError('plain_template is for api = "completions"; a chat server has its own template.')
        if self.api == "completions" and (self.chat_template_kwargs or self.sampling.reasoning_effort):
            raise ValueError(
                'chat_template_kwargs and reasoning_effort are for api = "chat"; no chat template is used here.'
            )
        return self
