"""What lies behind a board: one model, two models, the ratings over time, and what would change the board."""

import math
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from arena.api import lists, said
from arena.api.boards import Asked
from arena.api.bodies import Body
from arena.api.lists import Limit, Number
from arena.api.models import rfc3339
from arena.api.who import Arena, Who
from leaderboards.board import Entry
from leaderboards.showing import pairs

router = APIRouter(prefix="/api/v1/leaderboards", tags=["leaderboards"])

Model = Annotated[str, said.text(300), Query(min_length=1, max_length=300)]


class MatchTold(Body):
    """Votes between a model and another, seen from the first."""

    model: str
    votes: float
    wins: float
    losses: float
    ties: float
    both_bad: float
    share: float
    """Won, a tie and both bad as half."""
    lower: float
    upper: float


class MatchList(Body):
    model: str
    matches: list[MatchTold]
    """In the order of the board."""
    next: int | None
    ledger_head: str | None


class HeldReason(Body):
    why: Literal["finding", "probation", "suspended", "leak"]
    """An audit found something; a second person looks first; a person suspended the rater; an answer said which model
    wrote it."""
    kind: str | None
    """What the audit found, as in GET /findings; of several the strongest. Null where it is no audit."""
    votes: int


class HeldOnModel(Body):
    model: str
    votes: int
    """Held votes on its battles."""


class HeldTold(Body):
    held: int
    reasons: list[HeldReason]
    """Most votes first; each vote once."""
    models: list[HeldOnModel]
    """Most votes first; each vote is on two models."""
    next: int | None
    ledger_head: str | None


class DifferenceTold(Body):
    """The ratings of two models, the first minus the second."""

    difference: float
    lower: float | None
    upper: float | None
    """The interval of this one difference."""
    told_apart: bool
    """Whether their order is certain, all pairs of the board at once."""
    votes_needed: int | None
    """Votes between the two that would tell them apart if the difference stays; null where nobody can say."""


class PartTold(Body):
    value: str
    match: MatchTold | None
    difference: DifferenceTold | None


class PairTold(Body):
    first: str
    second: str
    match: MatchTold | None
    difference: DifferenceTold | None
    categories: list[PartTold]
    ledger_head: str | None


class RatingTold(Body):
    model: str
    rating: float
    lower: float | None
    upper: float | None


class MomentTold(Body):
    begin: str
    """Of a window of time."""
    votes: int
    """Every vote until its end."""
    ratings: list[RatingTold]
    reason: str | None
    """Why there are no ratings."""


class HistoryTold(Body):
    window: str
    """`day`, `week`, `month`, `quarter` or `year`."""
    moments: list[MomentTold]
    next: int | None
    ledger_head: str | None


class NeighbourTold(Body):
    higher: str
    lower: str
    difference: float
    reach: float | None
    told_apart: bool
    votes_needed: int | None
    votes_that_hold: int | None
    """The fewest votes found without which the lower one is above; null where none were found."""


class FitTold(Body):
    """How well one scale describes the votes."""

    p_value: float
    """Small: pairs differ from the scale by more than chance."""
    circles: int
    """Triples in which each beats the next."""
    triples: int
    """Triples that could be circles."""
    side_bias: float
    """Logits in favour of the answer shown as A."""
    side_bias_se: float | None


class WeighedTold(Body):
    """The fit in which each vote weighs what makes up for how likely its pair was drawn."""

    ratings: list[RatingTold]
    differing: list[str]
    """Models whose rating here lies outside their plain interval."""


class DoubtsTold(Body):
    neighbours: list[NeighbourTold]
    next: int | None
    fit: FitTold
    weighed: WeighedTold | None
    """Null where it is not known of every vote how likely its pair was drawn."""
    votes: int
    ledger_head: str | None


@router.get("/{board}/matches")
async def board_matches(
    arena: Arena, who: Who, board: str, asked: Asked, model: Model, after: Number = 0, limit: Limit = 100
) -> MatchList:
    """What a model won against each that it met, with the interval of each share."""
    found, named, every = await arena.board_details.matches(who, board, asked, model)
    some, following = lists.numbered(every, after, limit)
    return MatchList(model=named, matches=list(map(_match, some)), next=following, ledger_head=found.head)


@router.get("/{board}/held")
async def board_held(
    arena: Arena, who: Who, board: str, asked: Asked, after: Number = 0, limit: Limit = 100
) -> HeldTold:
    """The votes that a board leaves out because they are held: for what, and on which models. No rater is named."""
    found = await arena.boards.held(who, board, asked)
    some, following = lists.numbered(tuple(found.held.on.items()), after, limit)
    return HeldTold(
        held=sum(found.held.votes.values()),
        reasons=[HeldReason(why=why.value, kind=kind, votes=votes) for (why, kind), votes in found.held.votes.items()],
        models=[HeldOnModel(model=model, votes=votes) for model, votes in some],
        next=following,
        ledger_head=found.head,
    )


@router.get("/{board}/pair")
async def board_pair(arena: Arena, who: Who, board: str, asked: Asked, first: Model, second: Model) -> PairTold:
    """Two models beside each other: their votes, how far they are apart, and the same in each category."""
    found = await arena.board_details.pair(who, board, asked, first, second)
    return PairTold(
        first=first,
        second=second,
        match=None if found.match is None else _match(found.match),
        difference=None if found.difference is None else _difference(found.difference),
        categories=[
            PartTold(
                value=part.value,
                match=None if part.match is None else _match(part.match),
                difference=None if part.difference is None else _difference(part.difference),
            )
            for part in found.parts
        ],
        ledger_head=found.head,
    )


@router.get("/{board}/history")
async def board_history(
    arena: Arena, who: Who, board: str, asked: Asked, after: Number = 0, limit: Limit = 100
) -> HistoryTold:
    """The board after each day, week, month, quarter or year: every vote until then. The window is the shortest, of
    which at most 24 reach from the first vote to the last."""
    found = await arena.boards.history(who, board, asked)
    some, following = lists.numbered(found.moments, after, limit)
    moments = [
        MomentTold(
            begin=rfc3339(one.begin),
            votes=one.votes,
            ratings=[] if one.board is None else list(map(_rating, one.board.rated)),
            reason=one.reason,
        )
        for one in some
    ]
    return HistoryTold(window=found.window, moments=moments, next=following, ledger_head=found.head)


@router.get("/{board}/doubts", responses={409: {"description": "Nothing is fitted yet"}})
async def board_doubts(
    arena: Arena, who: Who, board: str, asked: Asked, after: Number = 0, limit: Limit = 100
) -> DoubtsTold:
    """What would change a board: the fewest votes that hold neighbours in order, the advantage of a side, circles, and
    the fit that makes up for how pairs were drawn."""
    found, doubts = await arena.board_details.doubts(who, board, asked, after, limit)
    heavy = await arena.board_details.weighed(who, board, asked, found)
    end = after + len(doubts.neighbours)
    return DoubtsTold(
        neighbours=[
            NeighbourTold(
                higher=gap.higher,
                lower=gap.lower,
                difference=gap.difference,
                reach=_finite(gap.reach),
                told_apart=gap.told_apart,
                votes_needed=gap.votes_needed,
                votes_that_hold=flip.votes,
            )
            for gap, flip in zip(doubts.neighbours, doubts.flips, strict=True)
        ],
        next=end if end < doubts.total and doubts.neighbours else None,
        fit=FitTold(
            p_value=doubts.fit.p_value,
            circles=doubts.fit.circles,
            triples=doubts.fit.triples,
            side_bias=doubts.fit.side_bias,
            side_bias_se=_finite(doubts.fit.side_bias_se),
        ),
        weighed=None
        if heavy is None
        else WeighedTold(ratings=list(map(_rating, heavy.board.rated)), differing=list(heavy.differing)),
        votes=found.votes,
        ledger_head=found.head,
    )


def _match(one: pairs.Match) -> MatchTold:
    lower, upper = one.interval
    return MatchTold(
        model=one.model,
        votes=one.votes,
        wins=one.wins,
        losses=one.losses,
        ties=one.ties,
        both_bad=one.both_bad,
        share=one.share,
        lower=lower,
        upper=upper,
    )


def _difference(one: pairs.RatingDifference) -> DifferenceTold:
    known = math.isfinite(one.reach)
    return DifferenceTold(
        difference=one.difference,
        lower=one.difference - one.reach if known else None,
        upper=one.difference + one.reach if known else None,
        told_apart=one.gap.told_apart,
        votes_needed=one.gap.votes_needed,
    )


def _rating(entry: Entry) -> RatingTold:
    return RatingTold(model=entry.model, rating=float(entry.rating or 0.0), lower=entry.lower, upper=entry.upper)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
