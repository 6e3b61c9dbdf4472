"""Models: what is known of each in public, and adding, pausing and retiring them while the arena runs."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field, WithJsonSchema, field_serializer

from arena.api import lists, said
from arena.api.bodies import Body
from arena.api.lists import Limit
from arena.api.who import Arena, Who
from arena.domain.battle import VoidCause
from arena.domain.model_state import FIRST, REASON_LIMIT, ModelState
from arena.services.contestants import KEPT, Contestant
from arena.services.trying import TryOut
from arena.settings.models import ModelSettings
from arena.store.writing.commands import ModelChanged

router = APIRouter(prefix="/api/v1", tags=["models"])


def rfc3339(moment: datetime) -> str:
    """A time as answers give it: UTC, with `Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


CHANGED_TO = [state for state in ModelState if state is not ModelState.STORED]


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
    """SHA-256 over every setting that shapes an answer; empty for raters where the model has an alias."""

    @field_serializer("since")
    def _since(self, moment: datetime | None) -> str | None:
        return None if moment is None else rfc3339(moment)


class BusyModel(Model):
    """A model as labs see it: whether its server answers, and what vLLM says of it; null where no server says it."""

    answers: bool | None
    """Whether its server lists it now; null where nobody asks it any more."""
    problem: str | None
    """Why not."""

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


OF_CONFIGURATIONS = ("serve", "served_by")
"""Keys of models whose servers `arena models up` runs; the arena itself starts none."""


def _of_every_key(schema: dict[str, Any]) -> None:
    """The document lists the keys of a model, which are defined where configurations are read."""
    keys = ModelSettings.model_json_schema()
    given = {key: one for key, one in keys["properties"].items() if key not in OF_CONFIGURATIONS}
    schema["properties"] = {**_resolved(given, keys.get("$defs", {})), **schema["properties"]}
    schema["additionalProperties"] = False


def _resolved(part: Any, defined: dict[str, Any]) -> Any:
    """A schema with its definitions in their places."""
    if isinstance(part, dict):
        if "$ref" in part:
            return _resolved(defined[part["$ref"].rpartition("/")[2]], defined)
        found = {key: _resolved(value, defined) for key, value in part.items()}
        if found.get("format") == "uri":
            return {**found, "pattern": "^https?://"}
        is_text = found.get("type") == "string" and not found.keys() & {"pattern", "enum", "const", "format"}
        return {**found, "pattern": said.WITHOUT_NUL} if is_text else found
    return [_resolved(one, defined) for one in part] if isinstance(part, list) else part


class NewModel(Body):
    """A `[[models]]` table as JSON, every key of it, with what is to be done."""

    model_config = ConfigDict(extra="allow", strict=True, json_schema_extra=_of_every_key)

    name: said.Slug
    served_name: Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "pattern": said.WITHOUT_NUL})]
    state: Annotated[str, said.one_of(FIRST)] = "active"
    """Or `announced`: the lab sees it, and it is not drawn before somebody makes it active."""
    reason: Annotated[str, said.text(REASON_LIMIT, said.LINE)] = ""
    """Published in the log of changes."""
    alias: said.Slug | None = None
    """What raters, and boards that they read, call it; labs see its name."""
    try_out: bool = Field(default=False, alias="try")
    """Ask it one question and keep nothing."""


class StateRequest(Body):
    """What a model is to be, and why; the reason is published."""

    state: Annotated[str, said.one_of(CHANGED_TO)]
    reason: Annotated[str, said.text(REASON_LIMIT, said.VISIBLE_LINE)]
    alias: said.Slug | None = None
    """What raters, and boards that they read, call it from now on; null: its name. Left out, it stays as it was."""


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


@router.get("/models")
async def list_models(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> ModelList:
    """Every model by name: its state, its battles and votes, and what became void. Labs also see how busy its servers
    are, and models that are only announced."""
    found, following = lists.by_name(
        await arena.contestants.listed(who), after, limit, lambda one: one.facts.model.name
    )
    whole = arena.aliases.pattern_for(who) is None
    page = [_told(one, hidden=not whole and one.facts.model.name in arena.aliases.hidden) for one in found]
    return ModelList(models=page, next=following)


@router.post("/models", status_code=201, responses={200: {"model": TriedModel}})
async def add_model(arena: Arena, who: Who, body: NewModel, response: Response) -> ChangedModel | TriedModel:
    """Add a model to the arena that runs, or with `try` only ask it one question. It is drawn from the next battle on;
    what is being written goes on. A name is never given twice. For labs."""
    table: dict[str, Any] = {"name": body.name, "served_name": body.served_name, **(body.model_extra or {})}
    if body.try_out:
        response.status_code = 200
        return _tried(await arena.contestants.try_out(who, table))
    return _changed(await arena.contestants.add(who, table, body.state, body.reason, body.alias))


@router.patch("/models/{name}")
async def change_model(arena: Arena, who: Who, name: str, body: StateRequest) -> ChangedModel:
    """Let a model be `active`, `paused` or `retired`. Battles that are being written go on, and its votes and its place
    on boards stay. For labs."""
    alias = body.alias if "alias" in body.model_fields_set else KEPT
    return _changed(await arena.contestants.change(who, name, body.state, body.reason, alias))


def _told(one: Contestant, *, hidden: bool = False) -> Model:
    """`hidden` leaves out what could be tried out on names that somebody guesses."""
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
        "fingerprint": "" if hidden else facts.model.fingerprint(),
    }
    if figures is None:
        return Model(**public)
    health = one.health
    return BusyModel(
        **public,
        answers=None if health is None else health.problem is None,
        problem=None if health is None else health.problem,
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
