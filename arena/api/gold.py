"""Gold: items on which raters agree, and making gold of one."""

from typing import Annotated

from fastapi import APIRouter, Query

from arena.api import lists, said
from arena.api.bodies import Body, Outcome
from arena.api.lists import Limit
from arena.api.who import Arena, Who
from arena.domain.prompt_set import EXPLANATION_LIMIT
from arena.domain.vote import Winner

router = APIRouter(prefix="/api/v1/prompt-sets", tags=["prompt sets"])


class AgreedItem(Body):
    """An item on which all votes that count say the same."""

    battle_id: str
    prompt: str
    model_a: str
    model_b: str
    winner: Outcome
    votes: int


class AgreedItemList(Body):
    items: list[AgreedItem]
    next: str | None


class GoldRequest(Body):
    """An item and why its outcome is the right one."""

    battle_id: str
    explanation: Annotated[str, said.text(EXPLANATION_LIMIT)]
    """What raters are told who are shown it in practice or a test."""
    winner: Annotated[str, said.one_of(Winner)] | None = None
    """Of the two models as the battle has them; where absent, what most votes say."""


class GoldMade(Body):
    prompt_id: str
    """Its id in the set."""
    winner: Outcome
    votes: int
    """That count on the item."""
    agreed: int
    """Those of them that say the same."""


@router.get("/{name}/agreed")
async def agreed(
    arena: Arena,
    who: Who,
    name: str,
    votes: Annotated[int, Query(ge=1)] = 3,
    after: str = "",
    limit: Limit = 100,
) -> AgreedItemList:
    """The items of a set with so many votes at least, all of them for the same outcome: what gold can be made of."""
    read = await arena.gold_marking.agreed(who, name, votes, after, limit + 1)
    found, following = lists.page(read, limit, lambda one: one.battle_id)
    return AgreedItemList(
        items=[
            AgreedItem(
                battle_id=one.battle_id,
                prompt=one.prompt,
                model_a=one.model_a,
                model_b=one.model_b,
                winner=one.winner.value,
                votes=one.votes,
            )
            for one in found
        ],
        next=following,
    )


@router.post("/{name}/gold", status_code=201)
async def mark(arena: Arena, who: Who, name: str, body: GoldRequest) -> GoldMade:
    """Put an item into a set as gold, with its two answers; the set is made by its first prompt.

    Nobody who had the item is given it as gold. Marking it again in the same words changes nothing.
    """
    made = await arena.gold_marking.mark(who, name, body.battle_id, body.explanation, body.winner)
    return GoldMade(prompt_id=made.prompt_id, winner=made.winner.value, votes=made.votes, agreed=made.agreed)
