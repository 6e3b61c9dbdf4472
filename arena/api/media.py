"""Pictures, sounds and films of prompts and answers, by the hash of their bytes.

The gate puts a policy of their own on them, under which nothing in them runs.
"""

from fastapi import APIRouter

from arena.api.forms import FILE, File
from arena.api.who import Arena, Who
from arena.domain.permission import Permission
from arena.services.permitting import demand

router = APIRouter(prefix="/api/v1/media", tags=["media"])


@router.get("/{sha256}", response_class=File, responses=FILE)
def read_media(arena: Arena, who: Who, sha256: str) -> File:
    """The bytes of a picture, a sound or a film; also parts of them, by Range."""
    demand(who, Permission.TAKE_PART)
    path, media = arena.media.find(sha256)
    return File(path, media_type=media.media_type)
