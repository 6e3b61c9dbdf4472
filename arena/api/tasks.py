"""Tasks: items that a campaign gives out, skips, and reports with what a person decides of them."""

from typing import Annotated, Literal

from fastapi import APIRouter

from arena.api import lists, said
from arena.api.bodies import Body, moment
from arena.api.lists import Limit
from arena.api.who import Arena, MaybeKey, Who
from arena.domain.report import ReportKind
from arena.services import reporting
from arena.services import tasks as skipping
from arena.services.reporting import ReportedBattle

router = APIRouter(prefix="/api/v1", tags=["tasks"])


REPORTED_CHARACTERS = 2_000
"""Of the prompt and of each answer of a reported battle."""


class TaskGiven(Body):
    """A battle that waits for your vote."""

    battle_id: str
    number: int
    """Its position among yours today, from 1."""
    of: int | None
    """Today's limit, or how many there are for you; null where unknown."""
    expires_at: str | None
    """Until when it is kept for you."""


class SkipRequest(Body):
    """Why you skip."""

    reason: Annotated[str, said.text(skipping.REASON_LIMIT)]


class ReportRequest(Body):
    """What is wrong."""

    reason: Annotated[str, said.text(reporting.REASON_LIMIT)]
    kind: Annotated[str, said.one_of(ReportKind)] | None = None


class ReportMade(Body):
    report_id: str


class ReportAnswerRequest(Body):
    """Whether the item is given to raters again, and why."""

    keep: bool
    reason: Annotated[str, said.text(reporting.REASON_LIMIT)]


class Decision(Body):
    keep: bool
    reason: str
    answered_at: str | None
    answered_by: str | None
    """The name of a rater, or the id of a token."""


class ReportListed(Body):
    report_id: str
    battle_id: str
    kind: Literal["personal", "dangerous", "names_model", "guidelines", "other"]
    reason: str
    reported_at: str | None
    prompt: str
    """The beginning of what was asked, and of both answers; which models gave them is not told."""
    response_a: str
    response_b: str
    answer: Decision | None


class ReportList(Body):
    reports: list[ReportListed]
    next: str | None


@router.post("/campaigns/{name}/tasks", status_code=201)
async def next_task(arena: Arena, who: Who, name: str, key: MaybeKey = None) -> TaskGiven:
    """The task that you have open, or else your next one. 409 with a `code` where there is none: `done`, `limit`,
    `not_qualified`, `suspended`, `language`, `consent`, `not_started`, `paused` or `closed`. 503 where live answers
    are not written in time.

    Sent again with the same Idempotency-Key within a day it answers the same task, whatever became of it.
    """

    async def make() -> TaskGiven:
        task = await arena.tasks.next(who, name)
        return TaskGiven(
            battle_id=task.battle_id,
            number=task.place.number,
            of=task.place.of,
            expires_at=moment(task.place.expires_at),
        )

    return await arena.keyed_answers.once("task", who.id, key, name, make)


@router.post("/battles/{battle_id}/skips", status_code=204)
async def skip(arena: Arena, who: Who, battle_id: str, body: SkipRequest) -> None:
    """Give a task back: it goes to others, and not to you again."""
    await arena.tasks.skip(who, battle_id, body.reason)


@router.post("/battles/{battle_id}/reports", status_code=201)
async def report(arena: Arena, who: Who, battle_id: str, body: ReportRequest) -> ReportMade:
    """Say what is wrong with a battle of yours. A task is then given to nobody until a person has looked.

    One rater holds back three tasks at most: while three reports of yours are unanswered, further tasks that you report
    go to others. A second report on the same battle answers the id of the first.
    """
    return ReportMade(report_id=await arena.reporting.report(who, battle_id, body.reason, body.kind))


@router.get("/reports")
async def reports(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> ReportList:
    """What raters reported, oldest first, and what was decided."""
    read = await arena.reporting.listed(who, after, limit + 1)
    found, following = lists.page(read, limit, lambda one: one.report.report_id)
    return ReportList(reports=list(map(_listed, found)), next=following)


@router.post("/reports/{report_id}/answer", status_code=204)
async def answer(arena: Arena, who: Who, report_id: str, body: ReportAnswerRequest) -> None:
    """Decide of a report: `keep` gives the item to raters again."""
    await arena.reporting.answer(who, report_id, body.keep, body.reason)


def _listed(one: ReportedBattle) -> ReportListed:
    report, answer, record = one.report, one.answer, one.record
    given = (None, None) if record is None else (record.response_a, record.response_b)
    response_a, response_b = ("" if response is None else response.text[:REPORTED_CHARACTERS] for response in given)
    return ReportListed(
        report_id=report.report_id,
        battle_id=report.battle_id,
        kind=report.kind.value,
        reason=report.reason,
        reported_at=moment(report.reported_at),
        prompt="" if record is None else record.battle.prompt[:REPORTED_CHARACTERS],
        response_a=response_a,
        response_b=response_b,
        answer=None
        if answer is None
        else Decision(
            keep=answer.keep,
            reason=answer.reason,
            answered_at=moment(answer.answered_at),
            answered_by=one.answered_by,
        ),
    )
