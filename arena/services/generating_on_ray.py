"""The same answers by Ray Data, over the machines of a cluster, into the same folder.

Each model is asked by actors of its own, blocks of few questions at a time; this process takes the blocks as they come
and is the one that writes. So a kill of it loses a part and what the actors held, as without Ray. A cluster that
`RAY_ADDRESS` names is used; else Ray starts on this machine for the run. Every machine needs this program, the
variables that hold the keys of model servers and, where prompts have pictures, the arena's data under the same path.
"""

import asyncio
import importlib.util
import logging
import math
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from arena import settings as configuration
from arena.domain import parts as contents
from arena.domain.battle import Message
from arena.domain.generation import AnswerKey, GeneratedAnswer, Question, Unanswered
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.domain.parts import Media
from arena.errors import SettingsError
from arena.inference.bulk import Asker
from arena.inference.client import ModelClient
from arena.inference.retries import Patience
from arena.services import clock
from arena.services.answer_parts import as_row
from arena.services.generating import BulkRun, Manner
from arena.settings.tables import Deadlines

BLOCK: Final = 8
"""Questions in a block: what an actor holds back until the last of them is answered."""
OF_ONE_ACTOR: Final = 64
"""Questions of a model that one actor has on their way; streams beyond need another process."""
CPUS: Final = 0.1
"""Of an actor, for Ray's planning: it waits for a model server most of the time."""


class _Asking:
    """An actor that asks one model."""

    def __init__(
        self, deadlines: Deadlines, model: Model, concurrency: int, patience: Patience, load: Callable[[Media], bytes]
    ) -> None:
        self._client = ModelClient(deadlines, connections=concurrency, load=load)
        self._asker = Asker(
            self._client,
            model,
            concurrency=concurrency,
            patience=patience,
            chance=random.Random(),  # noqa: S311 - spreads pauses
            now=clock.now,
        )
        self._begun = False

    async def __call__(self, block: dict[str, Any]) -> AsyncIterator[dict[str, list[bytes]]]:
        """What became of each question of a block."""
        if not self._begun:
            self._begun = True
            await self._asker.__aenter__()  # left when Ray ends the actor, with all that runs in it
        asked = [_question(self._asker.model.name, row) for row in block["row"]]
        found = await asyncio.gather(*(self._asker.ask(question) for question in asked))
        yield {"row": [_written(one) for one in found]}


def generate(deadlines: Deadlines, run: BulkRun) -> None:
    """Ask every question, as `generating.generate` does. Raises `SettingsError` where there is no Ray."""
    if importlib.util.find_spec("ray") is None:
        raise SettingsError("Ray is not installed; pip install 'preference-arena[ray]', or take --engine local.")
    configuration.ray_reports_nothing()
    import ray  # noqa: PLC0415 - seconds that no other command needs
    import ray.data  # noqa: PLC0415

    logging.getLogger("ray.data").setLevel(logging.WARNING)
    if not ray.is_initialized():
        ray.init(include_dashboard=False, log_to_driver=False, configure_logging=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    asked = [
        _answers(ray.data, deadlines, model, run.work[model.name], run.manner)
        for model in run.models
        if run.work[model.name]
    ]
    started = time.monotonic()
    try:
        for block in asked[0].union(*asked[1:]).iter_batches(batch_size=None, prefetch_batches=0) if asked else ():
            for row in block["row"]:
                run.enter(_read(row), started)
            run.tell()
    finally:
        ray.shutdown()


def _answers(data: Any, deadlines: Deadlines, model: Model, questions: Sequence[Question], manner: Manner) -> Any:
    """The data set of what becomes of one model's questions."""
    actors = math.ceil(min(manner.concurrency, len(questions)) / OF_ONE_ACTOR)
    share = math.ceil(manner.concurrency / actors)
    block = min(BLOCK, share)
    calls = math.ceil(share / block) + 1  # one more waits in the actor, so that no place is empty meanwhile
    rows = [{"row": orjson.dumps([one.key.prompt_id, one.key.sample, _as_json(one.messages)])} for one in questions]
    return data.from_items(rows, override_num_blocks=math.ceil(len(rows) / block)).map_batches(
        _Asking,
        fn_constructor_args=(deadlines, model, share, manner.patience, manner.load),
        batch_size=None,
        compute=data.ActorPoolStrategy(
            size=actors, max_concurrent_calls_per_actor=calls, max_tasks_in_flight_per_actor=calls
        ),
        num_cpus=CPUS,
    )


def _as_json(messages: Sequence[Message]) -> list[list[Any]]:
    return [[message.role, contents.to_json(message.content)] for message in messages]


def _question(model: ModelName, row: bytes) -> Question:
    prompt_id, sample, messages = orjson.loads(row)
    return Question(
        key=AnswerKey(prompt_id, model, sample),
        messages=tuple(Message(role=role, content=contents.from_json(content)) for role, content in messages),
    )


def _written(found: GeneratedAnswer | Unanswered) -> bytes:
    if isinstance(found, Unanswered):
        return orjson.dumps({"key": list(found.key), "reason": found.reason, "asked": found.asked})
    return orjson.dumps(as_row(found))


def _read(row: bytes) -> GeneratedAnswer | Unanswered:
    told = orjson.loads(row)
    if "reason" in told:
        prompt_id, model, sample = told["key"]
        return Unanswered(key=AnswerKey(prompt_id, model, sample), reason=told["reason"], asked=told["asked"])
    key = AnswerKey(told.pop("prompt_id"), told.pop("model"), told.pop("sample"))
    return GeneratedAnswer(key=key, **told | {"generated_at": datetime.fromisoformat(told["generated_at"])})
