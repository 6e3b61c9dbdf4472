"""Leaderboards, and the votes they are fitted from."""

import io
import re
from enum import StrEnum
from typing import Annotated

import pyarrow.parquet
from fastapi import APIRouter, Depends, Header, Query, Response

from arena.api import forms, queries, said
from arena.api.who import Arena, Who
from arena.domain.vote import Counting
from arena.errors import InvalidValue
from arena.services import board_settings
from arena.services.board_settings import BoardSettings
from arena.store.board_votes import MEASURES
from leaderboards import settings as fits

router = APIRouter(prefix="/api/v1", tags=["leaderboards"])


_WEIGHT = re.compile(r"0?\.[0-9]{1,3}|0\.?|1(\.0{0,3})?")


Accepts = Annotated[tuple[str, ...], Header(alias="accept")]
Spelling = Annotated[Annotated[str, said.one_of(("json", "csv", "markdown"))] | None, Query(alias="format")]
SpellingOfReport = Annotated[Annotated[str, said.one_of(("json", "markdown"))] | None, Query(alias="format")]
Measured = Annotated[str, said.one_of(MEASURES)]
ANCHOR = "^[A-Za-z0-9._-]+=-?[0-9]{1,5}(\\.[0-9]{1,3})?$"


def _asked(
    by: Annotated[Annotated[str, said.one_of(board_settings.BY)] | None, Query(description="A board for each")] = None,
    value: Annotated[str | None, Query(description="With `by`: the one board of this value")] = None,
    ties: Annotated[Annotated[str, said.one_of(fits.TIES)] | None, Query(description="How a tie counts")] = None,
    both_bad: Annotated[
        Annotated[str, said.one_of(fits.BOTH_BAD)] | None, Query(description="How a both-bad vote counts")
    ] = None,
    controls: Annotated[tuple[Measured, ...], Query(description="What a fit takes into account")] = (),
    cluster: Annotated[str, said.one_of(board_settings.CLUSTERS)] | None = None,
    anchor: Annotated[
        Annotated[str, said.text(300, ANCHOR)] | None, Query(description="A model and its rating: MODEL=1000")
    ] = None,
    campaign: str | None = None,
    language: str | None = None,
    category: str | None = None,
    since: said.Moment | None = None,
    until: said.Moment | None = None,
    votes: Annotated[str, said.one_of(Counting)] | None = None,
) -> BoardSettings:
    """The settings of a board that a query names."""
    return board_settings.read({**locals(), "controls": ",".join(queries.listed(controls))})


def _part(
    campaign: str | None = None,
    language: str | None = None,
    category: str | None = None,
    since: said.Moment | None = None,
    until: said.Moment | None = None,
    votes: Annotated[str, said.one_of(Counting)] | None = None,
) -> BoardSettings:
    """The votes that a query names."""
    return board_settings.read(locals())


Asked = Annotated[BoardSettings, Depends(_asked)]
Part = Annotated[BoardSettings, Depends(_part)]


class BoardFormat(StrEnum):
    """Spellings of a board, with the media type each answers to."""

    JSON = "application/json"
    CSV = "text/csv"
    MARKDOWN = "text/markdown"


@router.get("/leaderboards/{board}", responses=forms.BOARD)
async def leaderboard(
    arena: Arena,
    who: Who,
    board: str,
    asked: Asked,
    accept: Accepts = (),
    spelling: Spelling = None,
) -> Response:
    """A board as JSON (`leaderboard/1`), CSV or Markdown, by `Accept` or `?format=json|csv|markdown`.

    `?votes=all` fits the votes, too, that are held; `counting` says how many are, and why. `campaign`, `language`,
    `category`, `since` and `until` fit a part of the votes. `by` makes a board for each value, `by` and `value` one of
    them. `command` gives the same numbers.
    """
    ranking = await (arena.boards.each if asked.each else arena.boards.find)(who, board, asked)
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


@router.get("/leaderboards/{board}/report", responses={**forms.REPORT, 409: {"description": "Nothing is fitted yet"}})
async def board_report(
    arena: Arena,
    who: Who,
    board: str,
    asked: Asked,
    accept: Accepts = (),
    spelling: SpellingOfReport = None,
) -> Response:
    """A board with what it allows to be said, as JSON or Markdown: tiers, votes that would tell two neighbours apart
    and votes that hold their order, what one rater or unseen accounts could do, how well one scale fits. For labs.
    """
    media = _format(spelling, ",".join(accept))
    if media is BoardFormat.CSV:
        raise InvalidValue("A report has no CSV form; ask for json or markdown.")
    report = await arena.boards.report(who, board, asked)
    text = report.to_json() if media is BoardFormat.JSON else report.to_markdown()
    return Response(text, media_type=media.value, headers={"Vary": "Accept"})


@router.get("/votes", response_class=forms.Parquet)
async def cast_votes(
    arena: Arena, who: Who, part: Part, measure: Annotated[tuple[Measured, ...], Query()] = (), head: str | None = None
) -> Response:
    """Every vote that counts as Parquet, without texts: what `arena rank` reads from a running arena.

    `?measure=length&measure=latency` adds what is measured on both answers, as columns NAME_a and NAME_b.
    `?votes=all` adds the votes that boards leave out. `campaign`, `language`, `category`, `since` and `until` take a
    part, as of a board. `head`: the votes up to the line of the ledger with this hash, where they count as they did.
    """
    sink = io.BytesIO()
    pyarrow.parquet.write_table(await arena.boards.votes(who, queries.listed(measure), part, head), sink)
    return forms.Parquet(sink.getvalue())


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
