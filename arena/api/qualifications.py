"""Qualifications: what there is, making one, and the items of practice and tests."""

from typing import Annotated, Literal

from fastapi import APIRouter

from arena.api import lists, said
from arena.api.bodies import Body, moment
from arena.api.lists import Limit
from arena.api.who import Arena, Who
from arena.domain import permission
from arena.domain.permission import Permission
from arena.domain.qualification import (
    GUIDELINES_LIMIT,
    MOST_DAYS,
    MOST_ITEMS,
    MOST_TRIES,
    TITLE_LIMIT,
    Qualification,
    QualificationProgress,
)
from arena.services.qualification_making import Wanted

router = APIRouter(prefix="/api/v1/qualifications", tags=["qualifications"])


class QualificationRequest(Body):
    """The test of a field. The set holds `practice` and `tries` times `items` prompts with a known outcome."""

    field: said.Slug
    gold_set: str
    title: Annotated[str, said.text(TITLE_LIMIT, said.VISIBLE_LINE)] | None = None
    """What raters are shown; the field where absent."""
    practice: Annotated[int, said.whole(0, MOST_ITEMS)] = 0
    items: Annotated[int, said.whole(1, MOST_ITEMS)] = 10
    needed: Annotated[int, said.whole(1, MOST_ITEMS)] = 8
    """Right ones of `items`."""
    tries: Annotated[int, said.whole(1, MOST_TRIES)] = 2
    """Tests that may be taken one after the other."""
    wait_days: Annotated[int, said.whole(0, MOST_DAYS)] = 7
    """Days to wait after the last of them; then all tries are there again."""
    valid_days: Annotated[int, said.whole(1, MOST_DAYS)] = 365
    guidelines: Annotated[str, said.text(GUIDELINES_LIMIT, said.WITHOUT_NUL)] = ""
    """Markdown, shown before the first item."""


class Mine(Body):
    """How far you are."""

    state: Literal["open", "practice", "test", "passed", "failed"]
    """`failed`: the last test was not passed; `tries_left` says whether there is another now."""
    right: int
    answered: int
    """Of the practice or test that goes on, or else of the last test."""
    tries_left: int
    """The test that goes on included."""
    again_at: str | None
    """From when on there are tries again."""
    until: str | None
    """Until when it is passed."""


class QualificationListed(Body):
    field: str
    title: str
    gold_set: str | None
    """Null for raters."""
    practice: int
    items: int
    needed: int
    tries: int
    wait_days: int
    valid_days: int
    guidelines: str
    created_at: str | None
    mine: Mine | None
    """Null for who does not rate."""


class QualificationList(Body):
    qualifications: list[QualificationListed]
    next: str | None = None


class QualificationTaskGiven(Body):
    """An item that waits for your vote."""

    battle_id: str
    number: int
    """Its position in its part, from 1."""
    of: int
    part: Literal["practice", "test"]
    expires_at: str | None
    """Until when it is kept; then it is given again."""


@router.post("", status_code=201)
async def create(arena: Arena, who: Who, body: QualificationRequest) -> QualificationListed:
    """Make the test of a field. It is not changed later, so that what was passed keeps its meaning."""
    made = await arena.qualifying.create(who, Wanted(**body.model_dump()))
    return _listed(made, None, told=True)


@router.get("")
async def list_qualifications(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> QualificationList:
    """Every qualification by field, and how far you are with it."""
    told = permission.may(who, Permission.CONDUCT)
    found, following = lists.by_name(await arena.qualifying.listed(who), after, limit, lambda one: one[0].field)
    return QualificationList(qualifications=[_listed(one, mine, told=told) for one, mine in found], next=following)


@router.post("/{field}/tasks", status_code=201)
async def next_item(arena: Arena, who: Who, field: str) -> QualificationTaskGiven:
    """The item that you have open, or else your next one: practice first, then the test. It is a battle like any other:
    read it, and vote on it. 409 with a `code` where there is none now: `passed` or `waiting`.

    The answer to the vote tells in `qualification` what was right: at once in practice, at the end of a test. An item
    that you skip is answered and not right.
    """
    task = await arena.qualifying.next(who, field)
    return QualificationTaskGiven(
        battle_id=task.battle_id,
        number=task.number,
        of=task.of,
        part=task.part.value,  # type: ignore[arg-type]  # of all purposes these two alone
        expires_at=moment(task.expires_at),
    )


def _listed(one: Qualification, mine: QualificationProgress | None, *, told: bool) -> QualificationListed:
    return QualificationListed(
        field=one.field,
        title=one.title,
        gold_set=one.gold_set if told else None,
        practice=one.practice,
        items=one.items,
        needed=one.needed,
        tries=one.tries,
        wait_days=one.wait_days,
        valid_days=one.valid_days,
        guidelines=one.guidelines,
        created_at=moment(one.created_at),
        mine=None
        if mine is None
        else Mine(
            state=mine.stage.value,
            right=mine.right,
            answered=mine.answered,
            tries_left=mine.tries_left,
            again_at=moment(mine.again_at),
            until=moment(mine.until),
        ),
    )
