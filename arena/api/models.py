"""Models: what is known of each in public, and adding, pausing and retiring them while the arena runs."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field, field_serializer

from arena.api.bodies import Body
from arena.api.who import Arena, Who
from arena.domain.battle import VoidCause
from arena.domain.model_state import ModelState
from arena.services.contestants import Contestant
from arena.services.trying import TryOut
from arena.store.model_changes import RecordedChange
from arena.store.writing.commands import ModelChanged

router = APIRouter(prefix="/api/v1", tags=["models"])

Limit = Annotated[int, Query(ge=1, le=500)]


def rfc3339(moment: datetime) -> str:
    """A time as answers give it: UTC, with `Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class ModelVoids(Body):
    """Void battles with a model, by cause; for `model` those alone in which it was this one that failed."""

    model: int
    prompt: int
    rater: int
    arena: int
    expired: int


class Model(Body):
    """A model in public. A battle that waits for its vote is in none of the figures."""

    name: str
    state: str
    """`announced`, `active`, `paused`, `retired`, or `stored`: on boards, and never asked here."""
    since: datetime | None
    """From when on it is in this state; null where nobody noted it."""
    battles: int
    """Battles with it that were voted on, or are void."""
    votes: int
    void_rate: float | None
    """Of its battles that were voted on or failed, the share that failed because of it; null before the first."""
    voids: ModelVoids
    exposure: float
    """The share of all such battles that it was in, 0 to 1."""
    fingerprint: str
    """SHA-256 over every setting that shapes an answer."""

    @field_serializer("since")
    def _since(self, moment: datetime | None) -> str | None:
        return None if moment is None else rfc3339(moment)


class BusyModel(Model):
    """A model as labs see it, with what vLLM says of its servers; null where no server says it."""

    queue: int | None
    """Requests that wait there, whoever sent them."""
    kv_use: float | None
    """Share of the KV cache in use, 0 to 1."""
    tokens_per_second: float | None
    first_text_seconds: float | None
    """Mean from a request to its first token."""


class ModelList(Body):
    models: list[BusyModel | Model]
    next: str | None = None


class NewModel(Body):
    """A `[[models]]` table as JSON, every key of it, with what is to be done."""

    model_config = ConfigDict(extra="allow", strict=True)

    name: str
    served_name: str
    state: str = "active"
    """Or `announced`: the lab sees it, and it is not drawn before somebody makes it active."""
    reason: str = ""
    """Published in the log of changes."""
    try_out: bool = Field(default=False, alias="try")
    """Ask it one question and keep nothing."""


class StateRequest(Body):
    """What a model is to be, and why; the reason is published."""

    state: str
    reason: str


class ChangedModel(Body):
    """A model after what was done, and the line of the ledger that says so; null where it was in that state before."""

    name: str
    state: str
    fingerprint: str
    line: int | None


class TriedModel(Body):
    """What one real question to a model showed. Nothing of it is kept."""

    name: str
    answers: bool
    problem: str | None
    """Why it cannot take part, in the server's words where it said why."""
    notes: list[str]
    """What may surprise raters."""
    text: str | None
    finish_reason: str | None
    first_text_seconds: float | None
    tokens_per_second: float | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    signed: str | None
    """The name that the server signs with."""
    context: int | None
    """Tokens of prompt and answer together, where the server says so."""


class Change(Body):
    """Something that was done in public."""

    at: datetime
    what: str
    subject: str
    text: str
    line: int
    """Of the ledger."""

    @field_serializer("at")
    def _at(self, moment: datetime) -> str:
        return rfc3339(moment)


class ChangeList(Body):
    changes: list[Change]
    next: int | None = None


@router.get("/models")
async def list_models(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> ModelList:
    """Every model by name: its state, its battles and votes, and what became void. Labs also see how busy its servers
    are, and models that are only announced."""
    found = [one for one in await arena.contestants.listed(who) if one.facts.model.name > after]
    page = [_told(one) for one in found[:limit]]
    return ModelList(models=page, next=page[-1].name if len(found) > limit else None)


@router.post("/models", status_code=201, responses={200: {"model": TriedModel}})
async def add_model(arena: Arena, who: Who, body: NewModel, response: Response) -> ChangedModel | TriedModel:
    """Add a model to the arena that runs, or with `try` only ask it one question. It is drawn from the next battle on;
    what is being written goes on. A name is never given twice. For labs."""
    table: dict[str, Any] = {"name": body.name, "served_name": body.served_name, **(body.model_extra or {})}
    if body.try_out:
        response.status_code = 200
        return _tried(await arena.contestants.try_out(who, table))
    return _changed(await arena.contestants.add(who, table, body.state, body.reason))


@router.patch("/models/{name}")
async def change_model(arena: Arena, who: Who, name: str, body: StateRequest) -> ChangedModel:
    """Let a model be `active`, `paused` or `retired`. Battles that are being written go on, and its votes and its place
    on boards stay. For labs."""
    return _changed(await arena.contestants.change(who, name, body.state, body.reason))


@router.get("/changes")
async def list_changes(arena: Arena, who: Who, after: int = 0, limit: Limit = 100) -> ChangeList:
    """What was done to the models of this workspace, in the order of its ledger."""
    found = [one for one in await arena.contestants.changes(who) if one.sequence > after]
    page = [_change(one) for one in found[:limit]]
    return ChangeList(changes=page, next=page[-1].line if len(found) > limit else None)


def _told(one: Contestant) -> Model:
    facts, figures = one.facts, one.figures
    public: dict[str, Any] = {
        "name": facts.model.name,
        "state": one.state.value,
        "since": one.since,
        "battles": facts.battles,
        "votes": facts.votes,
        "void_rate": facts.void_rate,
        "voids": ModelVoids(**{cause.value: facts.voids[cause] for cause in VoidCause}),
        "exposure": facts.exposure,
        "fingerprint": facts.model.fingerprint(),
    }
    if figures is None:
        return Model(**public)
    return BusyModel(
        **public,
        queue=figures.queue,
        kv_use=figures.kv_use,
        tokens_per_second=figures.tokens_per_second,
        first_text_seconds=figures.first_text_seconds,
    )


def _changed(done: ModelChanged) -> ChangedModel:
    change = done.change
    return ChangedModel(
        name=change.model,
        state=change.state.value,
        fingerprint=change.fingerprint,
        line=None if done.line is None else done.line.sequence,
    )


def _tried(tried: TryOut) -> TriedModel:
    given = tried.response
    return TriedModel(
        name=tried.model,
        answers=tried.answers,
        problem=tried.problem,
        notes=list(tried.notes),
        text=None if given is None else given.text,
        finish_reason=None if given is None else given.finish_reason,
        first_text_seconds=None if given is None else given.first_token_seconds,
        tokens_per_second=tried.tokens_per_second,
        completion_tokens=None if given is None else given.completion_tokens,
        reasoning_tokens=None if given is None else given.reasoning_tokens,
        signed=tried.signed,
        context=tried.context,
    )


def _change(one: RecordedChange) -> Change:
    change = one.change
    reason = f" {change.reason}" if change.reason else ""
    return Change(at=change.changed_at, what="model", subject=change.model, text=_said(one) + reason, line=one.sequence)


def _said(one: RecordedChange) -> str:
    name, state = one.change.model, one.change.state
    if one.change.added:
        return f"{name} was added{' and announced' if state is ModelState.ANNOUNCED else ''}."
    return {
        ModelState.ACTIVE: f"{name} takes part.",
        ModelState.PAUSED: f"{name} is paused: it is drawn for no new battle, and its votes stay.",
        ModelState.RETIRED: f"{name} is retired: it is drawn no more, and its votes stay.",
    }[state]
