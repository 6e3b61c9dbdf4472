"""Asks a model one real short question, as a battle would, and says what was seen."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from arena.domain import wording
from arena.domain.battle import Message, Response
from arena.domain.ids import ModelName
from arena.domain.model import Api, Model
from arena.errors import ModelError
from arena.exports.filters import thinking
from arena.inference import failures, wire
from arena.inference.client import ModelClient

QUESTION: Final = "In one sentence, why is the sky blue?"
AT_ONCE: Final = 16
"""Models that are asked at the same time."""
ROOM: Final = 1024
"""Tokens below which a conversation has little room beside the longest answer."""
# The names that vLLM gives its parsers: https://docs.vllm.ai/en/stable/features/reasoning_outputs/
PARSERS: Final = (
    ("deepseek-?v3", "deepseek_v3"),
    ("deepseek|r1|qwq", "deepseek_r1"),
    ("qwen", "qwen3"),
    ("gpt-?oss", "openai_gptoss"),
    ("gemma", "gemma4"),
    ("glm", "glm45"),
    ("granite", "granite"),
    ("mistral|ministral|magistral", "mistral"),
    ("nemotron", "nemotron_v3"),
    ("olmo", "olmo3"),
    ("kimi", "kimi_k2"),
    ("minimax", "minimax_m2"),
    ("seed", "seed_oss"),
    ("ernie", "ernie45"),
    ("hunyuan", "hunyuan_a13b"),
    ("command", "cohere_command3"),
    ("mimo", "mimo"),
    ("step", "step3"),
)
"""How families are called, and what takes their thoughts out of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TryOut:
    """What came of asking one model."""

    model: ModelName
    problem: str | None
    """Why it cannot take part, in a sentence; None where it answers."""
    notes: tuple[str, ...] = ()
    """What may surprise raters, a sentence each."""
    response: Response | None = None
    signed: str | None = None
    """The name that the server signed with."""
    context: int | None = None
    """Tokens of prompt and answer together, where the server says so."""

    @property
    def answers(self) -> bool:
        """Whether it gave a whole answer and can take part."""
        return self.problem is None

    @property
    def tokens_per_second(self) -> float | None:
        """From its first text on, thoughts left out."""
        given = self.response
        if given is None or given.completion_tokens is None or not given.total_seconds or not given.first_token_seconds:
            return None
        writing = given.total_seconds - given.first_token_seconds
        return (given.completion_tokens - (given.reasoning_tokens or 0)) / writing if writing > 0 else None


async def each(client: ModelClient, models: Sequence[Model], question: str = QUESTION) -> list[TryOut]:
    """Try models, several at once, in their order."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(model: Model) -> TryOut:
        async with places:
            return await try_out(client, model, question)

    return list(await asyncio.gather(*(one(model) for model in models)))


async def try_out(client: ModelClient, model: Model, question: str = QUESTION) -> TryOut:
    """Ask one model. What its server refuses is told in the server's words."""
    context: int | None = None
    try:
        context = (await client.probe(model)).context
        async with client.stream(model, (Message.of_text(role="user", text=question),)) as answer:
            async for _ in answer:
                pass
            response, signed = answer.response, answer.signed
    except ModelError as error:
        return TryOut(model=model.name, problem=str(error), context=context, notes=tuple(_of_context(model, context)))
    budget = model.sampling.max_tokens
    if context is not None and budget >= context:
        problem = (
            f"{failures.who(model)}: max_tokens is {budget:,} and the server's context is {context:,}, so that no "
            "conversation fits. Lower max_tokens, or serve it with a longer --max-model-len."
        )
        return TryOut(model=model.name, problem=problem, response=response, signed=signed, context=context)
    notes = (*_of_context(model, context), *_of_name(model, signed), *_of_thoughts(model, response))
    return TryOut(model=model.name, problem=None, notes=notes, response=response, signed=signed, context=context)


def parser(served_name: str) -> str:
    """The value of vLLM's `--reasoning-parser` for a model that is called so; NAME where that is not known."""
    called = served_name.lower()
    return next((name for family, name in PARSERS if re.search(rf"\b(?:{family})", called)), "NAME")


def _of_context(model: Model, context: int | None) -> list[str]:
    budget = model.sampling.max_tokens
    if context is None or budget >= context or context - budget >= ROOM:
        return []
    return [
        f"The server's context of {context:,} tokens leaves {context - budget:,} for the conversation beside an answer "
        f"of {budget:,}; longer ones are not drawn for it."
    ]


def _of_name(model: Model, signed: str | None) -> list[str]:
    if signed is None or wire.answers_as(model.served_name, signed):
        return []
    return [
        f"The server signs as {wire.excerpt(signed)!r} though {model.served_name!r} was asked: it may be another "
        "model. Set strict_name to refuse that, or correct served_name."
    ]


def _of_thoughts(model: Model, response: Response) -> list[str]:
    notes = []
    if thinking.holds(response.text):
        mend = (
            f"start vLLM with --reasoning-parser {parser(model.served_name)}"
            if model.api is Api.CHAT
            else "let its chat template end the thoughts"
        )
        notes.append(f"Its thoughts are inside the text, where raters read them: {mend}.")
    thought = response.reasoning_tokens
    if thought is not None:
        notes.append(f"It thought first, for {wording.counted(thought, 'token')}, which raters do not see.")
    if response.cut_off:
        because = ", thoughts included" if thought is not None else ""
        notes.append(f"The answer was cut off at the limit{because}. Raise max_tokens.")
    return notes
