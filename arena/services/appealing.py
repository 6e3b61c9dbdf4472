"""Appeals: a rater asks once for a review of each decision, and another person answers.

Whoever made the decision may give way, not refuse.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from arena.domain import ids
from arena.domain.appeal import TEXT_LIMIT, Appeal
from arena.domain.campaign import GENERAL
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.standing import Standing
from arena.errors import Conflict, DoesNotFit, NotFound
from arena.services import deciding_standing
from arena.services.deciding_standing import DecidingStanding, DecisionAsked, HoldAsked
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.standing_states import AppealState, FieldState, StandingStates
from arena.store import appeals
from arena.store.writing.commands import AddAppeal

ANSWERED = "This appeal is answered already; GET /api/v1/appeals says how."


class AskedReview(NamedTuple):
    """A review that somebody asked for."""

    appeal_id: str
    line: int
    """Of the ledger, which says so."""


class Appealing:
    """The appeals of one workspace."""

    def __init__(self, here: OpenWorkspace, states: StandingStates, deciding: DecidingStanding) -> None:
        self._here = here
        self._states = states
        self._people = states.people
        self._deciding = deciding

    async def appeal(self, principal: Principal, text: str, field: str | None) -> AskedReview:
        """Ask for a review of the decision that holds, once."""
        demand(principal, Permission.TAKE_PART)
        said = deciding_standing.said("text", text, TEXT_LIMIT)

        def work() -> AskedReview:
            with self._here.store.reading() as connection:
                asked = _against(self._states.of(connection, [principal.raters])[0], field)
            against = asked.against
            if asked.appeal is not None or against is None:
                raise Conflict("You asked for a review of this decision already. Each can be reviewed once.")
            now = self._here.now()
            appeal = Appeal(
                appeal_id=ids.mint("ap", now, self._here.chance),
                decision_id=against.root,
                rater_id=principal.rater_id,
                field=asked.now.field,
                text=said,
                asked_at=now,
            )
            line = self._here.store.submit(AddAppeal(appeal=appeal)).result()
            return AskedReview(appeal.appeal_id, line.sequence)

        return await asyncio.to_thread(work)

    async def listed(self, principal: Principal, after: str, limit: int) -> list[AppealState]:
        """What raters asked to be looked at again, oldest first, with what was answered."""
        demand(principal, Permission.REVIEW)
        mine = frozenset(self._people.names(principal))

        def load() -> list[AppealState]:
            with self._here.store.reading() as connection:
                found = [one for one in appeals.every(connection) if one.appeal_id > after][:limit]
                states = self._states.appeal_states(connection, found)
            return [replace(one, mine=one.decision.decided_by in mine) for one in states]

        return await asyncio.to_thread(load)

    async def answer(self, principal: Principal, appeal_id: str, wanted: str, reason: str) -> FieldState:
        """Answer an appeal by a decision: another one, or the same once more."""
        demand(principal, Permission.REVIEW)

        def work() -> FieldState:
            with self._here.store.reading() as connection:
                appeal = appeals.find(connection, appeal_id)
                if appeal is None or not appeal.rater_id:
                    raise NotFound(f"There is no appeal {appeal_id} here; GET /api/v1/appeals lists them.")
                (state,) = self._states.appeal_states(connection, [appeal])
            if state.answer is not None:
                raise Conflict(
                    ANSWERED
                    if state.answer.answers == appeal_id
                    else "The decision was undone, or another took its place, so there is nothing to answer any more."
                )
            new, old = deciding_standing.named(wanted), state.decision.standing
            by_the_same = state.decision.decided_by in self._people.names(principal)
            if by_the_same and not (old is not None and new.is_milder_than(old)):
                raise Conflict(
                    f"You made this decision, so you may give way and not refuse: another person answers {new.value}."
                )
            hold = None
            again = new is (old or Standing.PROBATION)  # a hold alone is upheld by probation on the same votes
            if again and state.decision.hold is not None:
                hold = HoldAsked(since=state.decision.hold.since, model=state.decision.hold.model)
            until = state.decision.until if again else None
            asked = DecisionAsked(standing=wanted, reason=reason, field=appeal.field, until=until, hold=hold)
            return self._deciding.make(principal, state.by, asked, answers=appeal_id)

        return await asyncio.to_thread(work)


def _against(fields: Sequence[FieldState], field: str | None) -> FieldState:
    """The field in which a decision stands against a rater, or that one of several which is named."""
    found = [one for one in fields if one.against is not None]
    named = [one for one in found if one.now.field == (field or GENERAL)]
    if named:
        return named[0]
    if field is not None or not found:
        raise Conflict("Nobody has decided anything against you here, so there is nothing to review.")
    if len(found) > 1:
        listed = ", ".join(one.now.field for one in found)
        raise DoesNotFit(f"There are decisions in several fields; name one as `field`: {listed}.")
    return found[0]
