"""Trials: models asked by their names, side by side or one alone, for labs to look at."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import Field

from arena.api import lists, said
from arena.api.bodies import Body, moment
from arena.api.lists import Limit
from arena.api.who import Arena, Who
from arena.domain import trial as nouns
from arena.domain.battle import PROMPT_LIMIT

router = APIRouter(prefix="/api/v1/trials", tags=["models"])

ONCE: Final[dict[str, Any]] = {"uniqueItems": True}


class TrialRequest(Body):
    """A prompt and whom to ask it. Nothing of it is counted anywhere."""

    prompt: Annotated[str, said.text(PROMPT_LIMIT)]
    models: list[said.Slug] = Field(default_factory=list, max_length=nouns.MOST_MODELS, json_schema_extra=ONCE)
    """Names, each once. With `continues` they may be left out: then the same ones are asked."""
    continues: Annotated[str, said.text(200)] | None = None
    """The trial to go on from: each model is sent what was said with it there."""


class TrialAnswer(Body):
    """What one model said."""

    model: str
    text: str | None
    """Null where it failed."""
    problem: str | None
    """Why it failed, in its server's words where it said why."""
    finish_reason: str | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    first_text_seconds: float | None
    total_seconds: float | None


class Trial(Body):
    """A prompt with its answers, in the order in which the models were named."""

    trial_id: str
    continues: str | None
    prompt: str
    asked_at: str
    ends_at: str
    """When it is deleted."""
    answers: list[TrialAnswer]


class TrialList(Body):
    trials: list[Trial]
    next: str | None


class TrialTold(Trial):
    """A trial, with those it goes on from."""

    before: list[Trial]
    """Oldest first."""


@router.post("", status_code=201)
async def ask(arena: Arena, who: Who, body: TrialRequest) -> Trial:
    """Ask models by their names and wait until each has answered or failed. Kept for 30 days, in no battle, no board,
    no release and no figure. For labs."""
    return told(await arena.trials.ask(who, body.prompt, body.models, body.continues))


@router.get("")
async def list_trials(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> TrialList:
    """The trials of this workspace that are kept, oldest first. For labs."""
    found = await arena.trials.listed(who, after=after, limit=limit + 1)
    page, following = lists.page(found, limit, lambda one: one.trial_id)
    return TrialList(trials=list(map(told, page)), next=following)


@router.get("/{trial_id}")
async def trial(arena: Arena, who: Who, trial_id: str) -> TrialTold:
    """One trial, with those it goes on from. For labs."""
    *before, last = await arena.trials.shown(who, trial_id)
    return TrialTold(**told(last).model_dump(), before=list(map(told, before)))


def told(one: nouns.Trial) -> Trial:
    """A trial as labs are told it."""
    return Trial(
        trial_id=one.trial_id,
        continues=one.continues,
        prompt=one.prompt,
        asked_at=str(moment(one.asked_at)),
        ends_at=str(moment(one.ends_at)),
        answers=[
            TrialAnswer(
                model=answer.model,
                text=answer.text,
                problem=answer.problem,
                finish_reason=answer.finish_reason,
                completion_tokens=answer.completion_tokens,
                reasoning_tokens=answer.reasoning_tokens,
                first_text_seconds=answer.first_token_seconds,
                total_seconds=answer.total_seconds,
            )
            for answer in one.answers
        ],
    )
