"""Exports: start one, ask how far it is, fetch its files."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from arena.api import bodies
from arena.api.who import Arena, Who
from arena.exports import signing

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])


@router.post("", status_code=202)
async def start_export(arena: Arena, who: Who, body: bodies.ExportRequest) -> bodies.ExportStatus:
    """Begin a release of everything selected."""
    return bodies.export_status(arena.exporting.start(who, body.format, body.select))


@router.get("/key")
async def export_key(arena: Arena, who: Who) -> bodies.PublicKey:
    """The public key that signs every release of this arena."""
    return bodies.PublicKey(algorithm=signing.ALGORITHM, key=arena.exporting.public_key)


@router.get("/{release_id}")
async def export(arena: Arena, who: Who, release_id: str) -> bodies.ExportStatus:
    """How far an export is; its manifest and files once it is done."""
    return bodies.export_status(arena.exporting.find(who, release_id))


@router.get("/{release_id}/files/{name:path}")
async def export_file(arena: Arena, who: Who, release_id: str, name: str) -> FileResponse:
    """One file of a finished release."""
    return FileResponse(arena.exporting.file(who, release_id, name))


@router.get("/{release_id}/proofs/{vote_id}")
async def export_proof(arena: Arena, who: Who, release_id: str, vote_id: str) -> bodies.Inclusion:
    """Proof that a vote is in a release; its rater is also told what opens the commitment."""
    return bodies.inclusion(await arena.proving.prove(who, release_id, vote_id))
