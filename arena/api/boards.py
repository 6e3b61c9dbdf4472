"""Leaderboards, and the votes they are fitted from."""

import io
from enum import StrEnum
from typing import Annotated

import pyarrow.parquet
from fastapi import APIRouter, Header, Query, Response

from arena.api.who import Arena, Who
from arena.errors import InvalidValue

router = APIRouter(prefix="/api/v1", tags=["leaderboards"])


class BoardFormat(StrEnum):
    """Spellings of a board, with the media type each answers to."""

    JSON = "application/json"
    CSV = "text/csv"
    MARKDOWN = "text/markdown"


@router.get("/leaderboards/{board}")
async def leaderboard(
    arena: Arena,
    who: Who,
    board: str,
    accept: Annotated[str, Header()] = "",
    spelling: Annotated[str | None, Query(alias="format")] = None,
) -> Response:
    """A board as JSON (`leaderboard/1`), CSV or Markdown, by `Accept` or `?format=json|csv|markdown`."""
    standing = await arena.boards.find(who, board)
    media = _format(spelling, accept)
    text = {
        BoardFormat.JSON: standing.to_json,
        BoardFormat.CSV: standing.to_csv,
        BoardFormat.MARKDOWN: standing.to_markdown,
    }[media]()
    headers = {"Vary": "Accept"}
    if spelling:
        headers["Content-Disposition"] = f'attachment; filename="leaderboard-{board}.{media.name.lower()}"'
    return Response(text, media_type=media.value, headers=headers)


@router.get("/votes")
async def votes(arena: Arena, who: Who) -> Response:
    """Every vote that counts as Parquet, without texts: what `arena rank` reads from a running arena."""
    sink = io.BytesIO()
    pyarrow.parquet.write_table(await arena.boards.votes(who), sink)
    return Response(sink.getvalue(), media_type="application/vnd.apache.parquet")


def _format(spelling: str | None, accept: str) -> BoardFormat:
    if spelling is not None:
        if spelling.upper() not in BoardFormat.__members__:
            raise InvalidValue(f"format is {spelling!r}; accepted: json, csv, markdown.")
        return BoardFormat[spelling.upper()]
    offered = (part.split(";")[0].strip() for part in accept.split(","))
    return next((BoardFormat(media) for media in offered if media in list(BoardFormat)), BoardFormat.JSON)
