"""Exports: start one, ask how far it is, stop it, list and fetch what was made."""

import asyncio

from fastapi import APIRouter

from arena.api import export_bodies as bodies
from arena.api import lists
from arena.api.forms import FILE, File, Zip
from arena.api.lists import Limit, Number
from arena.api.who import Arena, Who
from arena.exports.proofs import signing

router = APIRouter(prefix="/api/v1/exports", tags=["exports"])


@router.post("", status_code=202)
async def start_export(arena: Arena, who: Who, body: bodies.ExportRequest) -> bodies.Status:
    """Begin a release of everything selected."""
    return bodies.status(await arena.exporting.start(who, body.format, body.select), None)


@router.get("")
async def exports(arena: Arena, who: Who, after: Number = 0, limit: Limit = 100) -> bodies.EntryList:
    """Every release, oldest first, then the exports since the start that are building or have failed."""
    every = await asyncio.to_thread(arena.exporting.all, who)
    found, following = lists.numbered(bodies.entries(*every), after, limit)
    return bodies.EntryList(exports=list(found), next=following)


@router.get("/key")
async def export_key(arena: Arena, who: Who) -> bodies.PublicKey:
    """The public key that signs every release of this arena."""
    return bodies.PublicKey(algorithm=signing.ALGORITHM, key=arena.exporting.public_key)


@router.get("/{release_id}")
async def export(arena: Arena, who: Who, release_id: str) -> bodies.Status:
    """How far an export is; its manifest and files once it is done."""
    found = await arena.exporting.kept(who, release_id)
    listed = await asyncio.to_thread(arena.exporting.listed, found)
    return bodies.status(found, listed, await asyncio.to_thread(arena.exporting.left_since, found))


@router.delete("/{release_id}", status_code=202)
async def stop_export(arena: Arena, who: Who, release_id: str) -> bodies.Status:
    """Ask for an end of an export that is being built; a release that was made stays."""
    return bodies.status(await asyncio.to_thread(arena.exporting.stop, who, release_id), None)


@router.get("/{release_id}/archive", response_class=Zip, responses={409: {"description": "It is not finished"}})
async def export_archive(arena: Arena, who: Who, release_id: str) -> Zip:
    """A finished release as one zip, whose folder `arena release verify` takes."""
    release, folder, content = await arena.exporting.archive(who, release_id)
    left = await asyncio.to_thread(arena.exporting.left_since, release)
    headers = {"Content-Disposition": f'attachment; filename="{folder}.zip"', "X-Arena-Votes-Left": str(left)}
    return Zip(content, headers=headers)


@router.get(
    "/{release_id}/files/{name:path}",
    response_class=File,
    responses={**FILE, 409: {"description": "It is not finished"}},
)
async def export_file(arena: Arena, who: Who, release_id: str, name: str) -> File:
    """One file of a finished release."""
    return File(await arena.exporting.file(who, release_id, name))


@router.get("/{release_id}/proofs/{vote_id}")
async def export_proof(
    arena: Arena, who: Who, release_id: str, vote_id: str, contributor: bool = True
) -> bodies.Inclusion:
    """Proof that a vote is in a release; its rater is also told what opens the commitment and, unless they mean to hand
    it on, their pseudonym: it is on every row of theirs."""
    return bodies.inclusion(await arena.proving.prove(who, release_id, vote_id), contributor)
