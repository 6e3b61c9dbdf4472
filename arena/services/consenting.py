"""Agreeing to publication: what a rater's prompts and votes may be used for, and a change of mind either way."""

import asyncio

from arena.domain import ids, selection_values
from arena.domain.consent import Choice, Scope
from arena.domain.ids import RaterId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import consent_choices
from arena.store.writing.commands import Choose, Chosen


class Consenting:
    """What raters of one workspace agree to."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._workspace = here.store
        self._chance = here.chance
        self._now = here.now

    async def choose(self, principal: Principal, scope: str) -> Chosen:
        """Record what everything of a rater's may be used for from now on. The same again changes nothing."""
        demand(principal, Permission.TAKE_PART)
        wanted = Scope(selection_values.choice(Scope)("scope", scope))
        made = [await self._choose(rater_id, wanted) for rater_id in principal.raters]
        return made[0]

    async def _choose(self, rater_id: RaterId, scope: Scope) -> Chosen:
        now = self._now()
        choice = Choice(choice_id=ids.mint("k", now, self._chance), rater_id=rater_id, scope=scope, chosen_at=now)
        return await asyncio.wrap_future(self._workspace.submit(Choose(choice=choice)))

    async def chosen(self, principal: Principal) -> Scope:
        """What a rater chose last."""
        demand(principal, Permission.TAKE_PART)
        return await asyncio.to_thread(self._chosen, principal)

    def _chosen(self, principal: Principal) -> Scope:
        with self._workspace.reading() as connection:
            return consent_choices.scope_of(connection, principal.rater_id)
