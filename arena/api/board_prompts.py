"""The prompts behind a board, and battles that stand for others."""

from typing import Annotated

from fastapi import APIRouter, Query

from arena.api import lists, said
from arena.api.boards import Asked
from arena.api.bodies import Body
from arena.api.lists import Limit, Number
from arena.api.who import Arena, Who
from arena.domain.battle import BattleRecord
from arena.domain.vote import Winner
from arena.services.board_prompts import PromptGroup, Sample, ShownPrompt
from leaderboards.showing.prompts import Reading

router = APIRouter(prefix="/api/v1/leaderboards", tags=["leaderboards"])

SHOWN_CHARACTERS = 4_000
"""Of a prompt or an answer of a sample battle."""

Words = Annotated[str, said.text(200, "^.*$"), Query(max_length=200)]
Model = Annotated[Annotated[str, said.text(300)] | None, Query(min_length=1, max_length=300)]
Some = Annotated[int, Query(ge=1, le=50)]
Least = Annotated[int, Query(ge=1, le=1_000_000)]


class PromptTold(Body):
    """A prompt that may be shown, and what it does to the board."""

    prompt: str
    """Its id: the board of its votes alone is that `by=prompt` with this `value`."""
    text: str
    """At most 500 characters of it."""
    category: str
    votes: int
    share: float | None
    """Of its votes, those that the model won which is higher on the board without it, a tie as half."""
    lower: float | None
    upper: float | None
    agreement: float | None
    """Of pairs of votes on the same two models, those with the same outcome; null where there is no such pair."""
    agreement_lower: float | None
    agreement_upper: float | None
    best: str | None
    """The model that won most of its votes here; null where nobody is told apart."""
    worst: str | None
    turned: list[str] | None
    """The higher and the lower on the board of two that stand the other way round here."""
    reading: str
    """`steady`, `taste`, `turns` or `nobody`."""


class PromptGroupTold(Body):
    value: str
    prompts: int
    votes: int
    share: float | None


class PromptList(Body):
    prompts: list[PromptTold]
    """Those that may be shown, most votes first."""
    next: int | None
    hidden: int
    """Prompts that are counted and may not be shown."""
    by_chance: float
    """The agreement of two votes that look at nothing."""
    readings: list[PromptGroupTold]
    """All prompts with enough votes, shown or not."""
    categories: list[PromptGroupTold]
    ledger_head: str | None


class SampleTold(Body):
    """A battle, with the votes on it that count."""

    battle_id: str
    campaign: str
    turn: int
    prompt: str
    model_a: str
    model_b: str
    response_a: str
    response_b: str
    cut: bool
    """Whether a text is longer than what stands here."""
    votes: dict[str, int]
    """By outcome."""


class SampleList(Body):
    battles: list[SampleTold]
    publish: str
    """What whoever asks is shown: `all` for labs; else `battles`, of campaigns that publish them, or `nothing`."""


@router.get("/{board}/prompts", responses={409: {"description": "Nothing is fitted yet"}})
async def board_prompts(
    arena: Arena,
    who: Who,
    board: str,
    asked: Asked,
    least: Least = 50,
    words: Words = "",
    reading: Annotated[
        Annotated[str, said.one_of(Reading)] | None, Query(description="Only those that do this")
    ] = None,
    after: Number = 0,
    limit: Limit = 100,
) -> PromptList:
    """What single prompts do to a board: how well each tells models apart, how far raters agree on it, and whether it
    turns the board. Labs see every prompt with `least` votes; others those that campaigns publish.
    """
    found = await arena.board_prompts.find(who, board, asked, least, words, reading)
    some, following = lists.numbered(found.shown, after, limit)
    return PromptList(
        prompts=list(map(_prompt, some)),
        next=following,
        hidden=found.hidden,
        by_chance=found.by_chance,
        readings=list(map(_group, found.readings)),
        categories=list(map(_group, found.categories)),
        ledger_head=found.head,
    )


@router.get("/{board}/samples")
async def board_samples(
    arena: Arena, who: Who, board: str, asked: Asked, model: Model = None, number: Some = 6
) -> SampleList:
    """Some battles of a board with their texts and votes, of one `model` where it is named. Which ones hangs on their
    ids, not on what was voted. Labs see all; others battles of campaigns that publish them, whose raters agree.
    """
    found = await arena.board_prompts.samples(who, board, asked, model, number)
    return SampleList(battles=list(map(_sample, found.samples)), publish=found.publish)


def _prompt(one: ShownPrompt) -> PromptTold:
    read = one.read
    lower, upper = read.share_interval or (None, None)
    agreement_lower, agreement_upper = read.agreement_interval or (None, None)
    return PromptTold(
        prompt=one.asked.prompt,
        text=one.text,
        category=one.asked.category,
        votes=read.votes,
        share=read.share,
        lower=lower,
        upper=upper,
        agreement=read.agreement,
        agreement_lower=agreement_lower,
        agreement_upper=agreement_upper,
        best=read.best,
        worst=read.worst,
        turned=None if read.turned is None else list(read.turned),
        reading=read.reading,
    )


def _group(one: PromptGroup) -> PromptGroupTold:
    return PromptGroupTold(value=one.value, prompts=one.prompts, votes=one.votes, share=one.share)


def _sample(one: Sample) -> SampleTold:
    record: BattleRecord = one.record
    texts = [
        record.battle.prompt,
        *(answer.text if answer else "" for answer in (record.response_a, record.response_b)),
    ]
    prompt, response_a, response_b = (text[:SHOWN_CHARACTERS] for text in texts)
    return SampleTold(
        battle_id=record.battle.battle_id,
        campaign=record.battle.campaign,
        turn=record.battle.turn,
        prompt=prompt,
        model_a=record.battle.model_a,
        model_b=record.battle.model_b,
        response_a=response_a,
        response_b=response_b,
        cut=any(len(text) > SHOWN_CHARACTERS for text in texts),
        votes={winner.value: one.votes.get(winner, 0) for winner in Winner},
    )
