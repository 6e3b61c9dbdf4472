"""Tasks: items of a prompt set, given to several raters, each blind to the others.

Which item comes next is drawn at random: among those that were begun, so that items are finished one after the other,
or else among those that nobody has yet. The writer has the last word on each place (writing/nouns/tasks.py).
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from arena.domain import ids
from arena.domain.assignment import Assignment, EndCause, Turn, TurnEnd
from arena.domain.battle import BattleState, Side
from arena.domain.campaign import Campaign, CampaignKind
from arena.domain.ids import AssignmentId, BattleId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Conflict, InvalidValue, NoTask, NotFound, Overloaded
from arena.pairing import items as planning
from arena.pairing.items import PlannedItem
from arena.services import campaigns, item_opening
from arena.services.battling import Battling
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import assignments, items
from arena.store.connections import Analytical
from arena.store.items import ItemState
from arena.store.writing.commands import Candidate, EndTurn, TakeTask

BEGUN = 32
"""Items that were begun and may be given; more than one, because others ask at the same time."""
ATTEMPTS = 5
"""How often a place is looked for, where another process gave those away that were found."""
REASON_LIMIT = 500
"""Characters in a rater's reason for skipping an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a task stands among those of its rater today."""

    number: int
    """From 1."""
    of: int | None
    """Today's limit, or how many there are for this rater; None where that is unknown."""
    expires_at: datetime | None
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An item that a rater has."""

    battle_id: BattleId
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """The items of the campaign, as of so many prompts and answers."""

    size: tuple[int, int]
    items: Sequence[PlannedItem]


class Tasks:
    """The items of one workspace's campaign."""

    def __init__(self, here: OpenWorkspace, campaign: Campaign, battling: Battling) -> None:
        self._here = here
        self._campaign = campaign
        self._battling = battling
        self._key = hmac.digest(here.secret, f"items:{here.name}:{campaign.name}".encode(), hashlib.sha256)
        self._plan: _Plan | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def campaign(self) -> Campaign:
        """What it asks."""
        return self._campaign

    async def next(self, principal: Principal, name: str) -> Task:
        """The task that this rater has open, or else a new one. Raises `NoTask` where there is none."""
        demand(principal, Permission.TAKE_PART)
        if name != self._campaign.name:
            raise NotFound(f"There is no campaign {name}; this arena has {self._campaign.name}.")
        if self._campaign.kind is not CampaignKind.TASKS:
            raise Conflict(f"Campaign {name} gives out no tasks: ask your own prompt with POST /api/v1/battles.")
        if self._battling.stopping:
            raise Overloaded("The arena is stopping. Try again in a minute.")
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._next, principal)

    async def waiting(self, principal: Principal) -> int | None:
        """How many items wait for this rater, the open one with them; None where the campaign has no tasks."""
        if self._campaign.kind is not CampaignKind.TASKS:
            return None

        def count() -> int:
            now = self._here.now()
            with self._here.store.reading() as connection:
                done = len(self._today(connection, principal, now))
                left = len(self._left(connection, principal, now)) + bool(self._open_turns(connection, principal, now))
                try:
                    self._refuse_closed(connection, now)
                except NoTask:
                    left = bool(self._open_turns(connection, principal, now))
            limit = self._campaign.daily_limit
            return left if limit is None else min(left, max(0, limit - done))

        return await asyncio.to_thread(count)

    async def turn(self, principal: Principal, battle_id: str) -> Turn:
        """A battle as this principal may know it: their own turn at it. Anybody else's is not found, as if absent."""
        if not battle_id.startswith(f"{ids.PREFIXES[AssignmentId]}_"):
            record = await self._battling.record(principal, BattleId(battle_id))
            return Turn(record=record)
        assignment = await asyncio.to_thread(self._assignment, battle_id) if ids.ours(battle_id) else None
        if assignment is None or assignment[0].rater_id not in principal.raters:
            raise NotFound(f"There is no battle {battle_id} of yours. Start a new one.")
        given, ended = assignment
        record = await self._battling.stored_record(given.battle_id)
        if ended is None and given.deadline is not None and given.deadline <= self._here.now():
            ended = EndCause.EXPIRED
        return Turn(record=record, assignment=given, ended=ended)

    async def place(self, principal: Principal, turn: Turn) -> Place | None:
        """Where a task stands among those of its rater; None for a battle that is none."""
        given = turn.assignment
        if given is None or self._campaign.kind is not CampaignKind.TASKS:
            return None

        def find() -> Place:
            with self._here.store.reading() as connection:
                return self._place(connection, principal, given)

        return await asyncio.to_thread(find)

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
            raise Conflict("This battle is over stored answers, so nothing is being written. Vote, or skip it.")
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

    def _assignment(self, assignment_id: str) -> tuple[Assignment, EndCause | None] | None:
        with self._here.store.reading() as connection:
            found = assignments.find(connection, AssignmentId(assignment_id))
            return None if found is None else (found, assignments.end_of(connection, found.assignment_id))

    def _next(self, principal: Principal) -> Task:
        for _ in range(ATTEMPTS):
            now = self._here.now()
            with self._here.store.reading() as connection:
                if mine := self._open_turns(connection, principal, now):
                    return self._task(connection, principal, mine[0])
                self._refuse_closed(connection, now)
                done = self._today(connection, principal, now)
                self._refuse_limit(done)
                left = self._left(connection, principal, now)
                candidates = self._candidates(connection, principal, now, left)
            command = TakeTask(
                campaign=self._campaign.name,
                overlap=self._campaign.overlap,
                candidates=tuple(candidates),
                others=principal.others,
            )
            given = self._here.store.submit(command).result()
            if given is not None:
                place = Place(
                    number=len(done) + 1,
                    of=self._campaign.daily_limit or len(done) + len(left),
                    expires_at=given.deadline,
                )
                return Task(battle_id=BattleId(given.assignment_id), place=place)
        raise NoTask("Others took the last items. Try again in a few minutes.", code="done")

    def _task(self, connection: Analytical, principal: Principal, given: Assignment) -> Task:
        return Task(battle_id=BattleId(given.assignment_id), place=self._place(connection, principal, given))

    def _place(self, connection: Analytical, principal: Principal, given: Assignment) -> Place:
        done = self._today(connection, principal, given.since)
        number = 1 + sum(since < given.since for since in done)
        of = self._campaign.daily_limit
        if of is None:
            now = self._here.now()
            open_ones = len(self._left(connection, principal, now)) + bool(self._open_turns(connection, principal, now))
            of = max(number, len(done) + open_ones)
        return Place(number=number, of=of, expires_at=given.deadline)

    def _open_turns(self, connection: Analytical, principal: Principal, now: datetime) -> list[Assignment]:
        return assignments.open_of_raters(connection, principal.raters, self._campaign.name, now)

    def _today(self, connection: Analytical, principal: Principal, now: datetime) -> list[datetime]:
        """When the tasks of a day, UTC, were given on which this rater has voted."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        given = items.voted_since(connection, self._campaign.name, principal.raters, midnight)
        return [since for since in given if since < midnight + timedelta(days=1)]

    def _refuse_closed(self, connection: Analytical, now: datetime) -> None:
        wanted, votes = self._campaign.target_votes, 0
        if wanted is not None:
            votes = items.votes_of_campaign(connection, self._campaign.name)
        campaigns.refuse_closed(self._campaign, now, votes)
        if wanted is not None and votes + items.running(connection, self._campaign.name, now) >= wanted:
            raise NoTask("Others have the last items. Try again in a few minutes.", code="done")

    def _refuse_limit(self, done: Sequence[datetime]) -> None:
        limit = self._campaign.daily_limit
        if limit is not None and len(done) >= limit:
            raise NoTask(
                f"You have done all {limit:,} items for today. It opens again tomorrow at 00:00 UTC.", code="limit"
            )

    def _left(
        self, connection: Analytical, principal: Principal, now: datetime
    ) -> list[tuple[PlannedItem, ItemState | None]]:
        """The items with a place for this rater, each with its state where it was opened."""
        opened = {
            (one.prompt_id, one.models): one
            for one in items.states(connection, self._campaign.name, self._set_name, principal.raters, now)
        }
        found = [(one, opened.get((one.prompt_id, one.pair))) for one in self._planned(connection, opened)]
        return [
            (one, state)
            for one, state in found
            if state is None or not (state.mine or state.waits or state.taken >= self._campaign.overlap)
        ]

    def _planned(
        self, connection: Analytical, opened: Mapping[tuple[str, planning.Pair], ItemState]
    ) -> Sequence[PlannedItem]:
        size = items.size(connection, self._set_name)
        if self._plan is None or self._plan.size != size:
            pairs: dict[str, set[planning.Pair]] = {}
            for prompt_id, pair in opened:
                pairs.setdefault(prompt_id, set()).add(pair)
            found = planning.planned(
                items.answering(connection, self._set_name),
                models=self._campaign.models,
                pairs=self._campaign.pairs,
                each=self._campaign.pairs_per_prompt,
                key=self._key,
                opened=pairs,
            )
            self._plan = _Plan(size=size, items=found)
        return self._plan.items

    def _candidates(
        self,
        connection: Analytical,
        principal: Principal,
        now: datetime,
        left: list[tuple[PlannedItem, ItemState | None]],
    ) -> list[Candidate]:
        """Turns at items that were begun, or else one at an item that nobody has yet."""
        if not left:
            raise NoTask(
                "There is no item left for you. Others may still give some back; thank you for those you did.",
                code="done",
            )
        self._here.chance.shuffle(left)
        begun = sorted((state for _, state in left if state is not None), key=lambda state: -state.taken)
        if begun:
            return [Candidate(assignment=self._assigned(state.battle_id, principal, now)) for state in begun[:BEGUN]]
        fresh = left[0][0]
        opening = item_opening.battle_of(
            connection, self._campaign, fresh, key=self._key, now=now, opens_first=self._here.chance.choice(list(Side))
        )
        return [
            Candidate(
                assignment=self._assigned(opening.battle.battle_id, principal, now),
                opening=opening,
                set_name=self._set_name,
                prompt_id=fresh.prompt_id,
            )
        ]

    def _assigned(self, battle_id: BattleId, principal: Principal, now: datetime) -> Assignment:
        return Assignment(
            assignment_id=AssignmentId(ids.mint(ids.PREFIXES[AssignmentId], now, self._here.chance)),
            battle_id=battle_id,
            rater_id=principal.rater_id,
            since=now,
            deadline=now + timedelta(seconds=self._campaign.reservation),
            shown_first=self._here.chance.choice(list(Side)),
        )

    @property
    def _set_name(self) -> str:
        return self._campaign.prompt_set or ""
