"""Answers of many models to many prompts, into a folder; started again, only what no finished part holds is asked."""

import asyncio
import collections
import random
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from arena.domain.battle import Message
from arena.domain.generation import AnswerKey, GeneratedAnswer, Question, Unanswered
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.domain.parts import Media
from arena.errors import InvalidValue
from arena.inference.bulk import Asker
from arena.inference.client import ModelClient
from arena.inference.retries import Patience
from arena.services.answer_parts import AnswerParts

RECENT_SECONDS: Final = 30.0
"""The time over which tokens a second are told."""

Prompts = Mapping[str, tuple[Message, ...]]
"""Messages by the id of the prompt."""
Work = Mapping[ModelName, Sequence[Question]]


@dataclass(slots=True)
class RowCounts:
    """How far one model is in this run."""

    wanted: int
    answered: int = 0
    tokens: int = 0
    seconds: float = 0.0
    """From the beginning to the last answer."""
    unanswered: list[Unanswered] = field(default_factory=list)
    _recent: collections.deque[tuple[float, int]] = field(default_factory=collections.deque)

    def enter(self, found: GeneratedAnswer | Unanswered, now: float, started: float) -> None:
        """Count what became of a question, in a run that `started` then; both are monotonic seconds."""
        if isinstance(found, Unanswered):
            self.unanswered.append(found)
            return
        self.answered += 1
        self.seconds = now - started
        self.tokens += found.completion_tokens or 0
        self._recent.append((now, found.completion_tokens or 0))

    def tokens_a_second(self, now: float) -> float:
        """Of the answers of the last half minute."""
        while self._recent and self._recent[0][0] < now - RECENT_SECONDS:
            self._recent.popleft()
        if not self._recent:
            return 0.0
        return sum(tokens for _, tokens in self._recent) / max(1.0, now - self._recent[0][0])


CountsByModel = Mapping[ModelName, RowCounts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the models are asked."""

    concurrency: int
    """Questions of each model on their way at once."""
    patience: Patience
    now: Callable[[], datetime]
    chance: random.Random
    load: Callable[[Media], bytes]
    """Gives the bytes of pictures in prompts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkRun:
    """Which models are asked what, how, and where it goes; the same for every engine."""

    models: Sequence[Model]
    work: Work
    parts: AnswerParts
    manner: Manner
    counts: CountsByModel
    tell: Callable[[], None]
    """Called when something became of a question."""

    def enter(self, found: GeneratedAnswer | Unanswered, started: float) -> None:
        """Keep an answer, and count what became of its question, in a run that `started` then (monotonic seconds)."""
        if isinstance(found, GeneratedAnswer):
            self.parts.add(found)
        self.counts[found.key.model].enter(found, time.monotonic(), started)


def missing(
    prompts: Prompts, models: Iterable[Model], samples: int, parts: AnswerParts
) -> dict[ModelName, list[Question]]:
    """The questions that no finished part answers, by model.

    Raises `InvalidValue` where the folder holds answers that a model of that name gave with other settings.
    """
    found: dict[ModelName, list[Question]] = {}
    for model in models:
        if parts.fingerprints.get(model.name, model.fingerprint()) != model.fingerprint():
            raise InvalidValue(
                f"The folder holds answers of {model.name} with other settings; a changed setting is a new model, so "
                "give it a name of its own, or name another folder."
            )
        keys = (AnswerKey(prompt_id, model.name, sample) for prompt_id in prompts for sample in range(samples))
        found[model.name] = [
            Question(key=key, messages=prompts[key.prompt_id]) for key in keys if key not in parts.held
        ]
    return found


def begun(work: Work) -> dict[ModelName, RowCounts]:
    """The counts of a run in which nothing is answered yet."""
    return {name: RowCounts(wanted=len(questions)) for name, questions in work.items()}


async def generate(client: ModelClient, run: BulkRun) -> None:
    """Ask every question; each model has workers of its own, so that a slow one holds up no other.

    What a model does not answer is left.
    """
    started, manner = time.monotonic(), run.manner

    async def worker(asker: Asker, left: Iterator[Question]) -> None:
        for question in left:
            run.enter(await asker.ask(question), started)
            run.tell()

    async def one(model: Model) -> None:
        left = iter(run.work[model.name])
        asker = Asker(
            client,
            model,
            concurrency=manner.concurrency,
            patience=manner.patience,
            chance=manner.chance,
            now=manner.now,
        )
        async with asker:
            await _together([worker(asker, left) for _ in range(min(manner.concurrency, len(run.work[model.name])))])

    await _together([one(model) for model in run.models])


async def _together(work: Sequence[Coroutine[None, None, None]]) -> None:
    """Run all of these; the first error ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
