"""Leaderboards, and the votes they are fitted from."""

import io
import re
from enum import StrEnum
from typing import Annotated

import pyarrow.parquet
from fastapi import APIRouter, Header, Query, Response

from arena.api.who import Arena, Who
from arena.errors import InvalidValue

router = APIRouter(prefix="/api/v1", tags=["leaderboards"])


_WEIGHT = re.compile(r"0?\.[0-9]{1,3}|0\.?|1(\.0{0,3})?")


Accepts = Annotated[tuple[str, ...], Header(alias="accept")]
Spelling = Annotated[str | None, Query(alias="format")]


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
    accept: Accepts = (),
    spelling: Spelling = None,
    votes: str = "counted",
) -> Response:
    """A board as JSON (`leaderboard/1`), CSV or Markdown, by `Accept` or `?format=json|csv|markdown`.

    `?votes=all` fits the votes, too, that are held because an answer said which model wrote it.
    """
    ranking = await arena.boards.find(who, board, votes)
    media = _format(spelling, ",".join(accept))
    text = {
        BoardFormat.JSON: ranking.to_json,
        BoardFormat.CSV: ranking.to_csv,
        BoardFormat.MARKDOWN: ranking.to_markdown,
    }[media]()
    headers = {"Vary": "Accept"}
    if spelling:
        headers["Content-Disposition"] = f'attachment; filename="leaderboard-{board}.{media.name.lower()}"'
    return Response(text, media_type=media.value, headers=headers)


@router.get("/leaderboards/{board}/report")
async def board_report(
    arena: Arena,
    who: Who,
    board: str,
    accept: Accepts = (),
    spelling: Spelling = None,
    votes: str = "counted",
) -> Response:
    """A board with what it allows to be said, as JSON or Markdown: tiers, votes that would tell two neighbours apart
    and votes that hold their order, how well one scale fits. For labs.
    """
    media = _format(spelling, ",".join(accept))
    if media is BoardFormat.CSV:
        raise InvalidValue("A report has no CSV form; ask for json or markdown.")
    report = await arena.boards.report(who, board, votes)
    text = report.to_json() if media is BoardFormat.JSON else report.to_markdown()
    return Response(text, media_type=media.value, headers={"Vary": "Accept"})


@router.get("/votes")
async def cast_votes(
    arena: Arena, who: Who, measure: Annotated[tuple[str, ...], Query()] = (), votes: str = "counted"
) -> Response:
    """Every vote that counts as Parquet, without texts: what `arena rank` reads from a running arena.

    `?measure=length&measure=latency` adds what is measured on both answers, as columns NAME_a and NAME_b.
    `?votes=all` adds the votes that boards leave out.
    """
    sink = io.BytesIO()
    pyarrow.parquet.write_table(await arena.boards.votes(who, measure, votes), sink)
    return Response(sink.getvalue(), media_type="application/vnd.apache.parquet")


def _format(spelling: str | None, accept: str) -> BoardFormat:
    if spelling is not None:
        if spelling.upper() not in BoardFormat.__members__:
            raise InvalidValue(f"format is {spelling!r}; accepted: json, csv, markdown.")
        return BoardFormat[spelling.upper()]
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    wanted = {media: _quality(media.value, ranges) for media in BoardFormat}
    return max(
        wanted, key=lambda media: wanted[media]
    )  # of equals the first: JSON, also when nothing here is asked for


def _range(part: str) -> tuple[str, float]:
    """A media range in lower case and its weight, 0 where that is none (RFC 9110, 12.5.1)."""
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weights = [parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")]
    if not weights:
        return media, 1.0
    return media, float(weights[0]) if _WEIGHT.fullmatch(weights[0]) else 0.0


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    """How much a media type is wanted: the weight of the most specific range that takes it in."""
    for match in (media, f"{media.partition('/')[0]}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == match]
        if weights:
            return max(weights)
    return 0.0
