"""Imports: start one from files on the arena's machine, ask how far it is."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field, WithJsonSchema

from arena.api import said
from arena.api.bodies import Body
from arena.api.who import Arena, Who, Whole
from arena.imports import SHAPES, mapping
from arena.services.importing import SOURCE, Import
from arena.services.jobs import JobState

router = APIRouter(prefix="/api/v1/imports", tags=["admin"])


ImportState = Literal["reading", "done", "failed"]
STATES: dict[JobState, ImportState] = {JobState.RUNNING: "reading", JobState.DONE: "done", JobState.FAILED: "failed"}


class ImportRequest(Body):
    """Files on the arena's machine, and what they hold where that is not to be seen from their columns."""

    files: Annotated[list[said.Path], Field(json_schema_extra={"minItems": 1})]
    shape: Annotated[str, said.one_of(SHAPES)] | None = None
    source: Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{SOURCE.pattern}$"})] | None = None
    map: dict[str, str] = Field(default_factory=dict)
    outcomes: dict[str, str] = Field(default_factory=dict)
    unvoted: Literal["refuse", "skip"] = "refuse"


class ImportStatus(Body):
    import_id: str
    state: ImportState
    votes: int
    battles: int
    here: int
    outside: int
    unvoted: int
    unnamed: int
    unkept: dict[str, int]
    told: list[str]
    broken: list[str]
    problem: str | None


@router.post("", status_code=202)
async def start_import(arena: Arena, whole: Whole, who: Who, body: ImportRequest) -> ImportStatus:
    """Begin to take in votes from files on the arena's machine."""
    files = [Path(name) for name in body.files]
    whole.demand_machine(who, files)
    meaning = mapping.meant(body.map, body.outcomes, body.unvoted)
    return _status(await arena.importing.start(who, files, body.shape, body.source, meaning), 0)


@router.get("/{import_id}")
async def read_import(arena: Arena, who: Who, import_id: str, after: Annotated[int, Query(ge=0)] = 0) -> ImportStatus:
    """How far an import is, with what it left outside from the sentence `after` on."""
    return _status(await asyncio.to_thread(arena.importing.find, who, import_id), after)


def _status(begun: Import, after: int) -> ImportStatus:
    """How far an import has come; of what it left outside, the sentences from `after` on."""
    return ImportStatus(
        import_id=begun.job_id,
        state=STATES[begun.state],
        votes=begun.votes,
        battles=begun.battles,
        here=begun.here,
        outside=begun.outside,
        unvoted=begun.unvoted,
        unnamed=begun.unnamed,
        unkept=begun.unkept,
        told=begun.told[after:],
        broken=begun.broken,
        problem=begun.problem,
    )
