"""Imports: start one from files on the arena's machine, ask how far it is."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query

from arena.api import bodies
from arena.api.who import Arena, Who

router = APIRouter(prefix="/api/v1/imports", tags=["admin"])


@router.post("", status_code=202)
async def start_import(arena: Arena, who: Who, body: bodies.ImportRequest) -> bodies.ImportStatus:
    """Begin to take in votes from files on the arena's machine."""
    files = [Path(name) for name in body.files]
    return bodies.import_status(await arena.importing.start(who, files, body.shape, body.source), 0)


@router.get("/{import_id}")
async def read_import(
    arena: Arena, who: Who, import_id: str, after: Annotated[int, Query(ge=0)] = 0
) -> bodies.ImportStatus:
    """How far an import is, with what it left outside from the sentence `after` on."""
    return bodies.import_status(arena.importing.find(who, import_id), after)
