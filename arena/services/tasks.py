"""Tasks: items of a prompt set, given to several raters, each blind to the others.

A rater takes one, votes on it, or gives it back; `task_queue` says which one comes next.
"""

import asyncio
import time

from arena.domain import ids
from arena.domain.assignment import Assignment, EndCause, Turn, TurnEnd
from arena.domain.battle import BattleState
from arena.domain.campaign import Campaign, CampaignKind, PairingPolicy
from arena.domain.ids import AssignmentId, BattleId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Conflict, InvalidValue, NoTask, NotFound, Overloaded
from arena.services import battling
from arena.services.admission import Admission
from arena.services.answers_ahead import PATIENCE_SECONDS, AwaitedError
from arena.services.battling import Battling
from arena.services.campaigns import Campaigns
from arena.services.open_workspace import OpenWorkspace
from arena.services.pair_designs import PairDesigns
from arena.services.permitting import demand
from arena.services.task_queue import BEGUN, Place, Task, TaskQueue, Today
from arena.store import assignments
from arena.store.writing.commands import EndTurn

WAITS = 3
"""How often a rater waits for answers that are written; others may take those that come first."""
ATTEMPTS = 32
"""How often a place is looked for; each time in vain means that others were given theirs."""
REASON_LIMIT = 500
"""Characters in a rater's reason for skipping an item."""


class Tasks:
    """The items of one workspace's campaigns."""

    def __init__(
        self, here: OpenWorkspace, campaigns: Campaigns, admission: Admission, designs: PairDesigns, battles: Battling
    ) -> None:
        self._here = here
        self._admission = admission
        self._designs = designs
        self._campaigns = campaigns
        self._battling = battles
        self._queues: dict[str, tuple[Campaign, TaskQueue]] = {}
        self._asking: dict[tuple[str, int], asyncio.Semaphore] = {}

    async def next(self, principal: Principal, name: str) -> Task:
        """The task that this rater has open, or else a new one. Raises `NoTask` where there is none."""
        demand(principal, Permission.TAKE_PART)
        campaign = self._campaigns.entered(principal, name)
        if campaign.kind is not CampaignKind.TASKS:
            raise Conflict(f"Campaign {name} gives out no tasks: ask your own prompt with POST /api/v1/battles.")
        if self._battling.writing.stopping:
            raise Overloaded("The arena is stopping. Try again in a minute.")
        at_once, until = _at_once(campaign), time.monotonic() + PATIENCE_SECONDS
        for _ in range(WAITS):
            queue = self.queue(campaign)
            try:
                async with self._asking.setdefault((name, at_once), asyncio.Semaphore(at_once)):
                    task = await self._taken(queue, principal)
            except NoTask as refusal:
                if refusal.code == "closed":
                    await self._campaigns.close_due(name)
                raise
            except AwaitedError:
                await queue.answers_come(principal, max(0.0, until - time.monotonic()))
            else:
                await queue.write_ahead(principal)
                return task
        raise Overloaded("The models are still writing the next items. Try again in a few seconds.")

    async def _taken(self, queue: TaskQueue, principal: Principal) -> Task:
        """A turn that the writer gave; looked for again where others took all that were found in the meantime."""
        for _ in range(ATTEMPTS):
            chosen = await asyncio.to_thread(queue.choose, principal)
            if isinstance(chosen, Task):
                return chosen
            given = await asyncio.wrap_future(self._here.store.submit(chosen.command))
            if given is not None:
                return queue.taken(chosen, given)
        raise NoTask("Others took the last items. Try again in a few minutes.", code="done")

    async def waiting(self, principal: Principal) -> int | None:
        """How many items of the campaign `default` wait for this rater, the open one with them; None where it has no
        tasks."""
        campaign = self._campaigns.current()
        if campaign.kind is not CampaignKind.TASKS:
            return None
        return (await self.today(principal, campaign)).left

    async def today(self, principal: Principal, campaign: Campaign) -> Today:
        """How a rater's day stands in a campaign of tasks."""
        return await asyncio.to_thread(self.queue(campaign).today, principal)

    async def turn(self, principal: Principal, battle_id: str) -> Turn:
        """A battle as this principal may know it: their own turn at it. Anybody else's is not found, as if absent."""
        if not battling.is_task(battle_id):
            record = await self._battling.record(principal, BattleId(battle_id))
            return Turn(record=record)
        found = await self._assignment(AssignmentId(battle_id)) if ids.ours(battle_id) else None
        if found is None or found[0].rater_id not in principal.raters:
            raise NotFound(f"There is no battle {battle_id} of yours. Start a new one.")
        given, ended = found
        record = await self._battling.stored_record(given.battle_id)
        if ended is None and given.deadline is not None and given.deadline <= self._here.now():
            ended = EndCause.EXPIRED
        return Turn(record=record, assignment=given, ended=ended)

    async def place(self, principal: Principal, turn: Turn) -> Place | None:
        """Where a task stands among those of its rater; None for a battle that is none."""
        given = turn.assignment
        campaign = None if given is None else self._campaigns.find(turn.record.battle.campaign)
        if given is None or campaign is None or campaign.kind is not CampaignKind.TASKS:
            return None
        return await asyncio.to_thread(self.queue(campaign).place, principal, given)

    async def skip(self, principal: Principal, battle_id: str, reason: str) -> None:
        """Give a task back. It goes to others; skipping it again changes nothing."""
        turn = await self.turn(principal, battle_id)
        if turn.assignment is None:
            raise Conflict("This battle is on a prompt of your own, so nobody else waits for it. Stop it, or leave it.")
        said = reason.strip()
        if not said or len(said) > REASON_LIMIT:
            raise InvalidValue(f"reason has to be 1 to {REASON_LIMIT} characters: it says why you skip.")
        await self._end(turn.assignment, EndCause.SKIPPED, said)

    async def stop(self, principal: Principal, battle_id: str) -> None:
        """Void a battle because its rater asks for it. Raises `Conflict` for one over stored answers."""
        turn = await self.turn(principal, battle_id)
        if turn.assignment is not None:
            raise Conflict("The answers to this task are there, so nothing is being written. Vote, or skip it.")
        await self._battling.stop(principal, BattleId(battle_id))

    async def reported(self, turn: Turn) -> None:
        """End a turn whose rater reported its item, unless they have voted."""
        if turn.assignment is not None and turn.seen.state is BattleState.READY:
            await self._end(turn.assignment, EndCause.REPORTED, None)

    async def _end(self, given: Assignment, cause: EndCause, reason: str | None) -> None:
        end = TurnEnd(
            assignment_id=given.assignment_id,
            battle_id=given.battle_id,
            cause=cause,
            reason=reason,
            ended_at=self._here.now(),
        )
        await asyncio.wrap_future(self._here.store.submit(EndTurn(end=end)))

    async def _assignment(self, assignment_id: AssignmentId) -> tuple[Assignment, EndCause | None] | None:
        """A turn, and how it ended without a vote. One that is open needs no thread that asks the file."""
        is_open = self._here.store.turns.find(assignment_id)
        return (is_open, None) if is_open is not None else await asyncio.to_thread(self._stored, assignment_id)

    def _stored(self, assignment_id: AssignmentId) -> tuple[Assignment, EndCause | None] | None:
        with self._here.store.reading() as connection:
            found = assignments.find(connection, assignment_id)
            return None if found is None else (found, assignments.end_of(connection, found.assignment_id))

    def queue(self, campaign: Campaign) -> TaskQueue:
        """The items of the newest version of a campaign."""
        kept = self._queues.get(campaign.name)
        if kept is None or kept[0] != campaign:
            kept = self._queues[campaign.name] = (
                campaign,
                TaskQueue(self._here, campaign, self._admission, self._designs.seen, self._battling),
            )
        return kept[1]


def _at_once(campaign: Campaign) -> int:
    """How many raters may be looking at a time. Where a policy draws the pair of an item as it is opened, two of them
    could open more items of one prompt than it has, so there it is one."""
    return BEGUN if campaign.pairing is PairingPolicy.UNIFORM else 1
