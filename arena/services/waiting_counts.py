"""How much waits for a person in a workspace: what the navigation of the lab's pages counts."""

import asyncio
from dataclasses import dataclass

from arena.domain import permission
from arena.domain.campaign import CampaignState
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.services.campaigns import Campaigns
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.standing_states import StandingStates
from arena.services.vote_audits import VoteAudits
from arena.store import appeals, reports
from arena.store.connections import Connection

NOT_OVER = (CampaignState.RUNNING, CampaignState.PAUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCounts:
    """How much waits for a person."""

    findings: int
    """For which raters are on probation, on one of whom nobody has decided since."""
    appeals: int
    reports: int
    disputed: int | None
    """Items with votes for both of their models, of campaigns that are not over and give them to no further raters.
    None: whoever asks conducts no campaigns."""


class WaitingForPeople:
    """What waits in one workspace."""

    def __init__(self, here: OpenWorkspace, states: StandingStates, audits: VoteAudits, campaigns: Campaigns) -> None:
        self._here = here
        self._states = states
        self._audits = audits
        self._campaigns = campaigns

    async def counts(self, principal: Principal) -> WaitingCounts:
        """Count it, for reviewers. It takes what waits to be read, and no vote."""
        demand(principal, Permission.REVIEW)

        def load() -> WaitingCounts:
            with self._here.store.reading() as connection:
                return WaitingCounts(
                    findings=self._audits.waiting(connection),
                    appeals=self._appeals(connection),
                    reports=reports.unanswered(connection),
                    disputed=self._disputed() if permission.may(principal, Permission.CONDUCT) else None,
                )

        return await asyncio.to_thread(load)

    def _appeals(self, connection: Connection) -> int:
        states = self._states.appeal_states(connection, appeals.unanswered(connection))
        return sum(one.answer is None for one in states)

    def _disputed(self) -> int:
        return sum(
            self._here.store.turns.disputed(one.name)
            for one in self._campaigns.every()
            if one.state in NOT_OVER and not one.further_votes
        )
