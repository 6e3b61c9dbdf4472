"""Asking a model until it answers, for work that nobody waits for.

What may pass is asked again, after pauses that double and are drawn at random, so that those who failed together do
not come back together. What will not pass (a key that is refused, a prompt that is too long) is not.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx

from arena import errors
from arena.domain.battle import Message, Response
from arena.domain.model import Model
from arena.inference import failures
from arena.inference.client import ModelClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a model is waited for, in seconds."""

    first: float = 1.0
    """The first pause; each is twice as long as the one before."""
    longest: float = 30.0
    """The longest pause."""
    total: float = 300.0
    """From the first try to the last: a server that loads its weights again takes minutes."""


async def complete(
    client: ModelClient, model: Model, messages: Sequence[Message], patience: Patience, chance: random.Random
) -> Response:
    """The whole answer. Raises the `ModelError` of the last try."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience.total
    for pause in pauses(patience, chance):
        try:
            return await _once(client, model, messages)
        except errors.ModelError as error:
            if not may_pass(error) or loop.time() + pause > until:
                raise
        await asyncio.sleep(pause)
    raise AssertionError("pauses have no end")


def pauses(patience: Patience, chance: random.Random) -> Iterator[float]:
    """Seconds to wait before each further try, without an end."""
    longest = patience.first
    while True:
        yield longest * chance.uniform(0.5, 1.0)
        longest = min(patience.longest, 2 * longest)


async def _once(client: ModelClient, model: Model, messages: Sequence[Message]) -> Response:
    async with client.stream(model, messages) as answer:
        async for _ in answer:
            pass
        return answer.response


def may_pass(error: errors.ModelError) -> bool:
    """Whether the same question may be answered later: a transport that broke, 429, 5xx, a deadline."""
    if isinstance(error, errors.Rejected):
        return error.status >= 500 or error.status in failures.PASSING
    if isinstance(error, errors.Incomplete):  # others say something about the answer, and the client asked twice
        return isinstance(error.__cause__, httpx.TransportError)
    return isinstance(error, errors.Unreachable | errors.TimedOut | errors.NotAsked)


def concerns_every_question(error: errors.ModelError) -> bool:
    """Whether any other question would fail the same way: the configuration is wrong, not the question."""
    if isinstance(error, errors.Rejected):
        return error.status in {401, 403, 404}
    return isinstance(error, errors.NotAModelServer)
