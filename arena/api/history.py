"""A rater's own history and board."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import WithJsonSchema

from arena.api import queries, said
from arena.api.bodies import Body
from arena.api.lists import Limit
from arena.api.models import rfc3339
from arena.api.who import Arena, Who
from arena.domain.battle import BattleRecord, Side
from arena.domain.vote import Vote, Winner
from arena.errors import InvalidValue
from arena.services.own_history import WORDS_LIMIT, HistoryPage
from arena.store.history import HistorySearch

router = APIRouter(prefix="/api/v1/me", tags=["contributions"])


class HistoryVote(Body):
    """A vote of yours, with the sides as you were shown them."""

    vote_id: str
    at: str
    campaign: str
    own: bool
    """Whether the prompt was yours."""
    turn: int
    prompt: str
    model_a: str
    model_b: str
    winner: str
    strength: str | None
    reason: str | None
    edit: str | None
    line: int


class HistoryList(Body):
    """Votes that fit, newest first."""

    votes: list[HistoryVote]
    found: int
    """On all pages."""
    of: int
    """All your votes."""
    next: int | None


@router.get("/history")
async def own_history(
    arena: Arena,
    who: Who,
    q: Annotated[str, WithJsonSchema({"type": "string", "maxLength": WORDS_LIMIT})] = "",
    winner: Annotated[tuple[Annotated[str, said.one_of(Winner)], ...], Query()] = (),
    campaign: str | None = None,
    own: bool | None = None,
    after: Annotated[int | None, Query(ge=1)] = None,
    limit: Limit = 100,
) -> HistoryList:
    """Your votes, newest first, further ones by `after`. `q` looks in your prompts, reasons and edits, and in the
    answers you saw; `own` asks for votes on your own prompts, or on others'."""
    wanted = HistorySearch(words=q.strip(), winners=_winners(winner), campaign=campaign, own=own)
    return _list(await arena.own_history.search(who, wanted, after, limit), who.raters)


@router.get("/board")
async def own_board(arena: Arena, who: Who) -> Response:
    """The board of your votes alone, as `leaderboard/1`. Few votes make wide intervals."""
    ranking = await arena.own_history.board(who)
    return Response(ranking.to_json(), media_type="application/json")


def _winners(given: tuple[str, ...]) -> tuple[Winner, ...]:
    named = queries.listed(given)
    unknown = [one for one in named if one not in set(Winner)]
    if unknown:
        raise InvalidValue(f"winner is {unknown[0]!r}; accepted: {', '.join(Winner)}.")
    return tuple(map(Winner, named))


def _list(page: HistoryPage, raters: tuple[str, ...]) -> HistoryList:
    return HistoryList(
        votes=[_vote(line, vote, record, raters) for line, vote, record in page.votes],
        found=page.found,
        of=page.of,
        next=page.votes[-1][0] if page.more else None,
    )


def _vote(line: int, vote: Vote, record: BattleRecord, raters: tuple[str, ...]) -> HistoryVote:
    battle, swapped = record.battle, vote.shown_left is Side.B
    return HistoryVote(
        vote_id=vote.vote_id,
        at=rfc3339(vote.cast_at),
        campaign=battle.campaign,
        own=battle.rater_id in raters,
        turn=battle.turn,
        prompt=battle.prompt,
        model_a=battle.model_b if swapped else battle.model_a,
        model_b=battle.model_a if swapped else battle.model_b,
        winner=vote.winner.swapped if swapped else vote.winner,
        strength=vote.strength,
        reason=vote.reason,
        edit=vote.edit,
        line=line,
    )
