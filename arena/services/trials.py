"""Trials: a lab asks models by their names, one or some side by side, and goes on with the same ones.

Nothing of it is a battle: no vote, no board, no release, no figure of a model knows of it. The task that deletes what
was kept for long enough belongs to `NamedTrials`, an async context manager; leaving it cancels it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final, Self

from arena.domain import ids
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.trial import KEPT_FOR, MOST_MODELS, Trial, TrialAnswer
from arena.errors import Conflict, DoesNotFit, ModelError, NotFound, Overloaded, UnknownName
from arena.inference.client import ModelClient
from arena.services import prompts
from arena.services.contestants import Contestants
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.sole_work import SoleWork
from arena.store import trials
from arena.store.writing.commands import ForgetTrials, KeepTrial

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
"""Trials that are asked at the same time in a workspace."""
LOOK_SECONDS: Final = 3_600.0
"""Between two looks for what was kept for long enough."""
MOST_TURNS: Final = 50
"""Questions in a row, so that a chat ends before its history is all that is sent."""


class NamedTrials:
    """The trials of one workspace."""

    def __init__(self, here: OpenWorkspace, client: ModelClient, contestants: Contestants) -> None:
        self._here = here
        self._client = client
        self._contestants = contestants
        self._alone = SoleWork(here.store.others, "forgetting trials")
        self._asking = 0
        self._forgetting: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._forgetting = asyncio.create_task(self._forget())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._forgetting

    async def ask(self, principal: Principal, prompt: str, models: Sequence[str], continues: str | None) -> Trial:
        """Ask models, or the same ones again where the trial continues another. What comes back is kept."""
        demand(principal, Permission.CONDUCT)
        prompts.check(prompt)
        before = [] if continues is None else await asyncio.to_thread(self._history, continues)
        if continues is not None and not before:
            raise UnknownName(_absent(continues))
        names = (
            [answer.model for answer in before[-1].answers] if before and not models else list(map(ModelName, models))
        )
        _refuse_models(names)
        asked = [self._contestants.askable(name) for name in names]
        histories = [_told(model, before) for model in asked]
        if self._asking >= AT_ONCE:
            raise Overloaded(f"{AT_ONCE} trials are being answered, and no more are taken. Ask again in a moment.")
        self._asking += 1
        try:
            question = Message.of_text(role="user", text=prompt)
            answers = await asyncio.gather(
                *(self._answer(model, (*told, question)) for model, told in zip(asked, histories, strict=True))
            )
        finally:
            self._asking -= 1
        now = self._here.now()
        trial = Trial(
            trial_id=ids.mint("tr", now, self._here.chance),
            rater_id=principal.rater_id,
            continues=continues,
            prompt=prompt,
            asked_at=now,
            answers=tuple(answers),
        )
        await asyncio.wrap_future(self._here.store.submit(KeepTrial(trial=trial)))
        return trial

    async def listed(self, principal: Principal, *, after: str, limit: int) -> list[Trial]:
        """Trials after an id, oldest first."""
        demand(principal, Permission.CONDUCT)

        def read() -> list[Trial]:
            with self._here.store.reading() as connection:
                return trials.listed(connection, since=self._here.now() - KEPT_FOR, after=after, limit=limit)

        return await asyncio.to_thread(read)

    async def shown(self, principal: Principal, trial_id: str) -> list[Trial]:
        """A trial with those it goes on from, oldest first."""
        demand(principal, Permission.CONDUCT)
        found = await asyncio.to_thread(self._history, trial_id)
        if not found:
            raise NotFound(_absent(trial_id))
        return found

    def _is_kept(self, trial: Trial) -> bool:
        return trial.ends_at > self._here.now()

    def _history(self, trial_id: str) -> list[Trial]:
        """A trial and those before it, oldest first, as far as they are kept; empty where there is none."""
        found: list[Trial] = []
        if not trial_id.isascii():
            return found  # ids are; a half character could not even be asked for
        with self._here.store.reading() as connection:
            following: str | None = trial_id
            while following is not None and len(found) <= MOST_TURNS:
                one = trials.find(connection, following)
                if one is None or not self._is_kept(one):
                    break
                found.append(one)
                following = one.continues
        return found[::-1]

    async def _answer(self, model: Model, messages: tuple[Message, ...]) -> TrialAnswer:
        try:
            async with self._client.stream(model, messages) as answer:
                async for _ in answer:
                    pass
                given = answer.response
        except ModelError as error:
            return TrialAnswer(model=model.name, text=None, problem=str(error))
        return TrialAnswer(
            model=model.name,
            text=given.text,
            problem=None,
            finish_reason=given.finish_reason,
            completion_tokens=given.completion_tokens,
            reasoning_tokens=given.reasoning_tokens,
            first_token_seconds=given.first_token_seconds,
            total_seconds=given.total_seconds,
        )

    async def _forget(self) -> None:
        """Delete what was kept for long enough, now and every hour."""
        while True:
            before = self._here.now() - KEPT_FOR
            try:
                async with self._alone.turn():
                    if await asyncio.to_thread(self._has_older, before):
                        await asyncio.wrap_future(self._here.store.submit(ForgetTrials(before=before)))
            except Exception:  # nobody is shown what is too old; the next round tries again
                log.exception("old trials of workspace %s could not be deleted", self._here.name)
            await asyncio.sleep(LOOK_SECONDS)

    def _has_older(self, before: datetime) -> bool:
        with self._here.store.reading() as connection:
            return trials.any_before(connection, before)


def _absent(trial_id: str) -> str:
    return f"There is no trial {trial_id} here; each is kept for {KEPT_FOR.days} days."


def _refuse_models(names: Sequence[ModelName]) -> None:
    if not names or len(names) > MOST_MODELS:
        raise DoesNotFit(f"models are 1 to {MOST_MODELS} names; {len(names)} were given.")
    if len(set(names)) < len(names):
        raise DoesNotFit("models names one model twice. To compare a model with itself, add it under two names.")


def _told(model: Model, before: Sequence[Trial]) -> tuple[Message, ...]:
    """What was said to and by a model so far. Raises `Conflict` where it has no answer to go on from."""
    told = []
    if len(before) > MOST_TURNS:
        raise Conflict(f"This goes on for {MOST_TURNS} questions already. Begin another trial.")
    for trial in before:
        said = next((one.text for one in trial.answers if one.model == model.name), None)
        if said is None:
            raise Conflict(f"{model.name} gave no answer in {trial.trial_id} to go on from. Begin another trial.")
        told += [Message.of_text(role="user", text=trial.prompt), Message.of_text(role="assistant", text=said)]
    return tuple(told)
