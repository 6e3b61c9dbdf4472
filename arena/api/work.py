"""A rater's open work: each campaign that runs, what it asks, and how much of it is open to whoever asks."""

from fastapi import APIRouter

from arena.api import lists
from arena.api.bodies import Body, Criterion, moment
from arena.api.lists import Limit
from arena.api.who import Arena, Who
from arena.domain.campaign import Campaign, CampaignKind
from arena.services.open_work import Work

router = APIRouter(prefix="/api/v1", tags=["tasks"])


class WorkEntry(Body):
    """One campaign, as raters know it and as you find it."""

    campaign: str
    kind: str
    guidelines: str
    """Markdown."""
    consent: str
    """What you agree to before the first item."""
    criteria: list[Criterion]
    reward: float
    reward_edit: float
    audit_window: int
    min_width: int
    """Pixels that your window needs."""
    qualifications: list[str]
    ends: str | None
    state: str
    """`open`, or `locked` where nothing of it is open to you now."""
    code: str | None
    """Why it is locked, in a word."""
    reason: str
    """Why it is locked, in a sentence."""
    open: int | None
    """Items that wait for you today; null where you ask your own prompts."""
    done: int
    """Items that you voted on today, UTC."""
    of: int | None
    """Today's limit, or all there are today; null where unknown."""
    begun: bool
    """Whether you have voted in it, or have an item of it open."""
    agreed: bool
    """Whether there is nothing to agree to any more."""
    seconds: float | None
    """How long an item takes: the median of your last votes here, everybody's while yours are few."""


class WorkList(Body):
    work: list[WorkEntry]
    next: str | None


@router.get("/me/work")
async def work(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> WorkList:
    """The campaigns that run, by name, with what is open to you today and what is locked, and why."""
    found, following = lists.by_name(await arena.open_work.listed(who), after, limit, lambda one: one.campaign.name)
    return WorkList(work=list(map(_entry, found)), next=following)


def _entry(work: Work) -> WorkEntry:
    campaign: Campaign = work.campaign
    today, refusal = work.today, work.today.refusal
    gives_items = campaign.kind is CampaignKind.TASKS
    locks = refusal is not None and not today.left
    return WorkEntry(
        campaign=campaign.name,
        kind=campaign.kind,
        guidelines=campaign.guidelines,
        consent=campaign.consent,
        criteria=[Criterion(name=one.name, question=one.question) for one in campaign.criteria],
        reward=campaign.reward,
        reward_edit=campaign.reward_edit,
        audit_window=campaign.audit_window,
        min_width=campaign.min_width,
        qualifications=list(campaign.qualifications),
        ends=moment(campaign.ends),
        state="locked" if locks else "open",
        code=refusal.code or "forbidden" if refusal is not None and locks else None,
        reason=str(refusal) if locks else "",
        open=today.left if gives_items else None,
        done=today.done,
        of=today.of,
        begun=work.pace.votes > 0 or today.has_open,
        agreed=today.agreed,
        seconds=work.pace.seconds,
    )
