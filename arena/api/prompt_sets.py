"""Prompt sets: what there is, and imports into them from files that are sent, or lie on the arena's machine."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from arena.api import lists, said
from arena.api.bodies import Body
from arena.api.imports import STATES, ImportState
from arena.api.lists import Limit
from arena.api.who import Arena, Who, Whole
from arena.domain import prompt_set
from arena.domain.permission import Permission
from arena.domain.prompt_set import StoredPrompt
from arena.services.permitting import demand
from arena.services.prompt_sets import NAME_LIMIT, SetFile, SetImport

SENT_NAME = r"^[!-.0-\[\]-~]{1,190}\.(jsonl|json|csv|tsv)$"
router = APIRouter(prefix="/api/v1/prompt-sets", tags=["prompt sets"])


class PromptSetImport(Body):
    """A file of prompts, or of answers to them, on the arena's machine."""

    kind: Literal["prompts", "responses"]
    file: said.Path
    model: str | None = None
    """Whose answers the file holds, whatever it says."""


class SetImportStatus(Body):
    import_id: str
    state: ImportState
    entered: int
    here: int
    empty: int
    outside: int
    told: list[str]
    unkept: dict[str, int]
    problem: str | None
    refused: bool
    """Whether it failed because of what the file says; then nothing of it was entered."""


class PromptSet(Body):
    name: str
    prompts: int
    gold: int
    answers: dict[str, int]
    """How many answers each model has that are not empty."""
    empty: int


class PromptSetList(Body):
    sets: list[PromptSet]
    next: str | None = None


class KnownOutcome(Body):
    winner: Literal["model_a", "model_b", "tie", "both_bad"]
    model_a: str
    model_b: str
    explanation: str


class SetPrompt(Body):
    prompt_id: str
    messages: list[dict[str, object]]
    language: str | None
    category: str | None
    tags: list[str]
    gold: KnownOutcome | None


class SetPromptList(Body):
    prompts: list[SetPrompt]
    next: int | None


FileName = Annotated[str, Query(), said.text(NAME_LIMIT, SENT_NAME)]
SENT = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("")
async def list_sets(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> PromptSetList:
    """Every set by name with its prompts, and the answers to them, counted."""
    found, following = lists.by_name(await arena.prompt_sets.summaries(who), after, limit, lambda one: one.name)
    return PromptSetList(
        sets=[
            PromptSet(
                name=one.name, prompts=one.prompts, gold=one.gold, answers=dict(one.answers.items()), empty=one.empty
            )
            for one in found
        ],
        next=following,
    )


@router.get("/{name}/prompts")
async def read_prompts(
    arena: Arena,
    who: Who,
    name: str,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Limit = 100,
) -> SetPromptList:
    """The prompts of a set in its order; further pages by `after`."""
    read = await arena.prompt_sets.prompts(who, name, after, limit + 1)
    found, following = lists.page(read, limit, lambda one: one[0])
    return SetPromptList(prompts=[_prompt(one) for _, one in found], next=following)


@router.post("/{name}/imports", status_code=202)
async def start_import(arena: Arena, whole: Whole, who: Who, name: str, body: PromptSetImport) -> SetImportStatus:
    """Begin to take prompts or answers into a set, which is made by its first prompts."""
    whole.demand_machine(who, [Path(body.file)])
    file = SetFile(kind=body.kind, path=Path(body.file), set_name=name, model=body.model)
    return _status(await arena.prompt_sets.start(who, file), 0)


@router.post("/{name}/uploads", status_code=202, openapi_extra=SENT)
async def send_file(
    arena: Arena,
    who: Who,
    request: Request,
    name: str,
    file: FileName,
    kind: Literal["prompts", "responses"] = "prompts",
    model: str | None = None,
) -> SetImportStatus:
    """Send a file of prompts, or of answers to them, for a set, which is made by its first prompts. The body is the
    file itself, `file` its name, which says what it is: `.jsonl`, `.json`, `.csv` or `.tsv`. A row that is not good
    stays outside, and is told by its number under the import that is begun."""
    demand(who, Permission.CONDUCT)  # before a body is read
    sent = SetFile(kind=kind, path=Path(file), set_name=name, model=model)
    return _status(await arena.prompt_sets.take_sent(who, request.stream(), sent), 0)


@router.get("/{name}/imports/{import_id}")
async def read_import(
    arena: Arena, who: Who, name: str, import_id: str, after: Annotated[int, Query(ge=0)] = 0
) -> SetImportStatus:
    """How far an import is, with what it left outside from the sentence `after` on."""
    return _status(await asyncio.to_thread(arena.prompt_sets.find, who, name, import_id), after)


def _prompt(prompt: StoredPrompt) -> SetPrompt:
    gold = prompt.gold
    return SetPrompt(
        prompt_id=prompt.prompt_id,
        messages=prompt_set.messages_json(prompt.messages),
        language=prompt.language,
        category=prompt.category,
        tags=list(prompt.tags),
        gold=None
        if gold is None
        else KnownOutcome(
            winner=gold.winner.value, model_a=gold.model_a, model_b=gold.model_b, explanation=gold.explanation
        ),
    )


def _status(begun: SetImport, after: int) -> SetImportStatus:
    return SetImportStatus(
        import_id=begun.job_id,
        state=STATES[begun.state],
        entered=begun.entered,
        here=begun.here,
        empty=begun.empty,
        outside=begun.outside,
        told=begun.told[after:],
        unkept=begun.unkept,
        problem=begun.problem,
        refused=begun.refused,
    )
