"""Exports: start one, ask how far it is, fetch its files."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from arena.api import bodies
from arena.api.who import Arena, Who

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])


@router.post("", status_code=202)
async def start_export(arena: Arena, who: Who, body: bodies.ExportRequest) -> bodies.ExportStatus:
    """Begin a release of everything selected."""
    return bodies.export_status(arena.exporting.start(who, body.format, body.select))


@router.get("/{release_id}")
async def export(arena: Arena, who: Who, release_id: str) -> bodies.ExportStatus:
    """How far an export is; its manifest and files once it is done."""
    return bodies.export_status(arena.exporting.find(who, release_id))


@router.get("/{release_id}/files/{name:path}")
async def export_file(arena: Arena, who: Who, release_id: str, name: str) -> FileResponse:
    """One file of a finished release."""
    return FileResponse(arena.exporting.file(who, release_id, name))
