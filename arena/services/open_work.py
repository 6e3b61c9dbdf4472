"""Open work: what each campaign asks of one rater, how much of it is open to them today, and what is locked and why."""

import asyncio
from dataclasses import dataclass

from arena.domain.campaign import Campaign, CampaignKind, CampaignState
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Forbidden, NoTask
from arena.services.admission import Admission
from arena.services.campaigns import Campaigns
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.task_queue import Today
from arena.services.tasks import Tasks
from arena.store import paces
from arena.store.paces import ReadingPace


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One campaign, as one rater finds it."""

    campaign: Campaign
    today: Today
    pace: ReadingPace


class OpenWork:
    """The campaigns of one workspace, for its raters."""

    def __init__(self, here: OpenWorkspace, campaigns: Campaigns, admission: Admission, tasks: Tasks) -> None:
        self._here = here
        self._campaigns = campaigns
        self._admission = admission
        self._tasks = tasks

    async def listed(self, principal: Principal) -> list[Work]:
        """The campaigns that run, by name."""
        demand(principal, Permission.TAKE_PART)
        listed = await self._campaigns.listed_now(principal)
        return [await self._of(principal, one) for one in listed if one.state is CampaignState.RUNNING]

    async def _of(self, principal: Principal, campaign: Campaign) -> Work:
        if campaign.kind is CampaignKind.TASKS:
            today = await self._tasks.today(principal, campaign)
        else:
            today = await asyncio.to_thread(self._open, principal, campaign)
        return Work(campaign=campaign, today=today, pace=await asyncio.to_thread(self._pace, principal, campaign))

    def _open(self, principal: Principal, campaign: Campaign) -> Today:
        """The day in a campaign where raters ask their own prompts."""
        agreed = True
        with self._here.store.reading() as connection:
            try:
                self._admission.refuse_person(connection, principal, campaign)
            except (NoTask, Forbidden) as refused:
                if refused.code != "consent":
                    return Today(done=0, left=0, of=None, refusal=refused)
                agreed = False
            try:
                self._admission.refuse_new(connection, principal, campaign, None)
            except NoTask as refused:
                return Today(done=0, left=0, of=None, agreed=agreed, refusal=refused)
        return Today(done=0, left=0, of=None, agreed=agreed)

    def _pace(self, principal: Principal, campaign: Campaign) -> ReadingPace:
        with self._here.store.reading() as connection:
            return paces.reading_pace(connection, campaign.name, principal.raters)
