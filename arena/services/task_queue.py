"""The items of one campaign, as its raters find them: what is left for each, and which comes next.

Which item comes next is drawn at random: among those that were begun, so that items are finished one after the other,
or else among those that nobody has yet. The writer has the last word on each place (writing/nouns/tasks.py).
"""

import contextlib
import math
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from arena.domain import purpose as purposes
from arena.domain.assignment import Assignment
from arena.domain.battle import Answers, Side
from arena.domain.campaign import Campaign, PairingPolicy
from arena.domain.ids import BattleId
from arena.domain.principal import Principal
from arena.errors import ArenaError, Forbidden, NoTask, NotFound
from arena.pairing import POLICIES, draw
from arena.pairing.draw import KnownVotes
from arena.pairing.items import PlannedItem
from arena.services import admission, item_opening
from arena.services.admission import Admission
from arena.services.answers_ahead import AnswersAhead, AwaitedError
from arena.services.battling import Battling
from arena.services.campaign_items import CampaignItems, ItemsFound
from arena.services.open_workspace import OpenWorkspace
from arena.services.record_candidates import RecordCandidates
from arena.store.connections import Analytical
from arena.store.writing.commands import Candidate, TakeTask
from arena.store.writing.kept_items import KeptItem

BEGUN = 8
"""Items that were begun and may be given; as many as raters ask at the same time."""


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
class Today:
    """A day of one rater in a campaign."""

    done: int
    """Items voted on since 00:00 UTC."""
    left: int
    """Items that wait today, the open one with them."""
    of: int | None
    """Today's limit, or all there are today; None where that is unknown."""
    has_open: bool = False
    """Whether one is open."""
    agreed: bool = True
    """Whether nothing is to be agreed to any more."""
    refusal: ArenaError | None = None
    """Why there is no further one, where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An item that a rater has."""

    battle_id: BattleId
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenItem:
    """A turn that the writer is asked for, and where it would stand among those of its rater today."""

    command: TakeTask
    number: int
    of: int | None


class TaskQueue:
    """The items of one version of a campaign. Its methods wait for the store; they run in threads."""

    def __init__(
        self,
        here: OpenWorkspace,
        campaign: Campaign,
        admission: Admission,
        seen: Callable[[Campaign], KnownVotes],
        battling: Battling | None = None,
    ) -> None:
        """`seen` is what the pairing policy of a campaign knows; `battling` has live answers written. Without it the
        items can be counted."""
        self._here = here
        self._campaign = campaign
        self._admission = admission
        self._seen = seen
        self._key = here.name_key.of_items(campaign.name)
        takes_part = None if battling is None else battling.takes_part
        self._items = CampaignItems(here.store, campaign, self._key, takes_part)
        live = campaign.answers is Answers.LIVE and battling is not None
        self._ahead = AnswersAhead(here, campaign, self._items, battling, seen) if live and battling else None
        self._candidates = RecordCandidates(here, campaign)

    def today(self, principal: Principal) -> Today:
        """How a rater's day stands."""
        now = self._here.now()
        done = len(self._today(principal, now))
        with self._here.store.reading() as connection:
            try:
                agreed = self._lets_in(connection, principal)
            except (NoTask, Forbidden, NotFound) as refused:
                return Today(done=done, left=0, of=self._campaign.daily_limit, refusal=refused)
            opened = self._open_turns(principal, now)
            has_open = bool(opened)
            left = self._waiting(principal, self._found(principal, now), opened)
            refusal: NoTask | None = None
            try:
                self._refuse_new(connection, principal)
                admission.refuse_limit(self._campaign, done)
                if not left:
                    raise _nothing_left()
            except NoTask as refused:
                left, refusal = int(has_open), refused
        limit = self._campaign.daily_limit
        left = left if limit is None else min(left, max(0, limit - done))
        return Today(done=done, left=left, of=limit or done + left, has_open=has_open, agreed=agreed, refusal=refusal)

    def _lets_in(self, connection: Analytical, principal: Principal) -> bool:
        """Whether a rater whom the campaign lets in has agreed to its text; raises for whom it does not let in."""
        try:
            self._admission.refuse_person(connection, principal, self._campaign)
        except NoTask as refused:
            if refused.code != "consent":
                raise
            return False
        return True

    def place(self, principal: Principal, given: Assignment) -> Place:
        """Where a task stands among those of its rater."""
        done = self._today(principal, given.since)
        number = 1 + sum(since < given.since for since in done)
        of = self._campaign.daily_limit
        if of is None:
            now = self._here.now()
            opened = self._open_turns(principal, now)
            of = max(number, len(done) + self._waiting(principal, self._found(principal, now), opened))
        return Place(number=number, of=of, expires_at=given.deadline)

    def choose(self, principal: Principal) -> Task | ChosenItem:
        """The task that a rater has open, or else what the writer is asked for. Raises `NoTask` where there is none."""
        now = self._here.now()
        with self._here.store.reading() as connection:
            self._admission.refuse_person(connection, principal, self._campaign)
            if mine := self._open_turns(principal, now):
                return Task(battle_id=BattleId(mine[0].assignment_id), place=self.place(principal, mine[0]))
            self._refuse_new(connection, principal)
            done = len(self._today(principal, now))
            admission.refuse_limit(self._campaign, done)
            found = self._found(principal, now)
            waiting = self._waiting(principal, found, [])
            candidates = self._drawn(connection, principal, now, found)
        command = TakeTask(
            campaign=self._campaign.name,
            overlap=self._campaign.overlap,
            daily_limit=self._campaign.daily_limit,
            further=self._campaign.further_votes,
            target_votes=self._campaign.target_votes,
            candidates=tuple(candidates),
            others=principal.others,
        )
        return ChosenItem(command=command, number=done + 1, of=self._campaign.daily_limit or done + waiting)

    def taken(self, chosen: ChosenItem, given: Assignment) -> Task:
        """The task that the writer gave."""
        if self._ahead is not None:
            self._ahead.taken(given.battle_id)
        place = Place(number=chosen.number, of=chosen.of, expires_at=given.deadline)
        return Task(battle_id=BattleId(given.assignment_id), place=place)

    async def write_ahead(self, principal: Principal) -> None:
        """Have answers written for the next tasks, where there are too few."""
        if self._ahead is not None:
            with contextlib.suppress(ArenaError):  # whoever waits for one is told why
                await self._ahead.fill(self._reads(principal))

    async def answers_come(self, principal: Principal, seconds: float) -> None:
        """Wait until an item has its answers that this rater may be given, or the time is over. Raises an `ArenaError`
        where none can be written."""
        if self._ahead is not None:
            await self._ahead.come(self._reads(principal), seconds)

    def _open_turns(self, principal: Principal, now: datetime) -> list[Assignment]:
        return self._here.store.turns.open_of(principal.raters, self._campaign.name, now)

    def _today(self, principal: Principal, now: datetime) -> list[datetime]:
        """When the tasks of a day, UTC, were given on which this rater has voted."""
        midnight = admission.midnight(now)
        given = self._here.store.turns.voted_since(principal.raters, self._campaign.name, midnight)
        return [since for since in given if since < midnight + timedelta(days=1)]

    def size(self) -> int:
        """How many items the campaign has."""
        return self._items.count()

    def _refuse_new(self, connection: Analytical, principal: Principal) -> None:
        planned = self._items.votes() if self._campaign.rater_share < 1 else None
        self._admission.refuse_new(connection, principal, self._campaign, planned)

    def _found(self, principal: Principal, now: datetime) -> ItemsFound:
        return self._items.found(principal.raters, now, self._reads(principal))

    def _reads(self, principal: Principal) -> Collection[str] | None:
        """The languages of the campaign that somebody reads; None: any."""
        return admission.readable(principal.reads, self._campaign) if self._campaign.languages else None

    def _waiting(self, principal: Principal, found: ItemsFound, opened: Sequence[Assignment]) -> int:
        """How many tasks wait for this rater, those they have `opened` with them.

        With gold and repeats it is what their shares make of the ordinary items, less all tasks that are over. So it
        goes down by one with each task, whatever that was.
        """
        if not (opened or found.left):
            return 0
        share = self._campaign.gold + self._campaign.repeats
        over = found.mine - sum(one.purpose is None for one in opened)
        over += self._here.store.turns.records(principal.raters, self._campaign.name) if share else 0
        return max(1, math.ceil((found.mine + found.left) / (1 - share)) - over)

    def _redrawn(self, fresh: PlannedItem) -> PlannedItem:
        """An item of the same prompt whose pair the campaign's policy draws, from what is counted so far."""
        meeting = self._items.meeting(fresh.prompt_id)
        shares = POLICIES[self._campaign.pairing](meeting, self._seen(self._campaign))
        one = draw.drawn(draw.chances(shares, self._campaign.pairs, self._campaign.focus), self._here.chance)
        pair = frozenset((one.model_a, one.model_b))
        return PlannedItem(prompt_id=fresh.prompt_id, pair=pair, probability=one.probability)

    def _drawn(self, connection: Analytical, principal: Principal, now: datetime, found: ItemsFound) -> list[Candidate]:
        """Turns at gold or a repeat, where one is drawn, then at items that were begun, or else one at an item that
        nobody has yet."""
        if not found.left:
            raise _nothing_left()
        ordinary = self._ordinary(connection, principal, now, found)
        return [*self._candidates.drawn(connection, principal, now, found.probability), *ordinary]

    def _ordinary(
        self, connection: Analytical, principal: Principal, now: datetime, found: ItemsFound
    ) -> list[Candidate]:
        if found.begun:
            chosen = _furthest(found.begun, self._here.chance)
            return [Candidate(assignment=self._assigned(item.battle_id, principal, now)) for item in chosen]
        if self._ahead is not None:
            return self._answered(self._ahead, principal, now, found)
        fresh = self._here.chance.choice(found.fresh)
        if self._campaign.pairing is not PairingPolicy.UNIFORM:
            fresh = self._redrawn(fresh)
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

    def _answered(self, ahead: AnswersAhead, principal: Principal, now: datetime, found: ItemsFound) -> list[Candidate]:
        """A turn at a battle that has just been written. Raises `AwaitedError` where there is none."""
        ready = ahead.ready({one.prompt_id for one in found.fresh})
        if not ready:
            raise AwaitedError
        prompt_id, battle = self._here.chance.choice(ready)
        given = self._assigned(battle.battle_id, principal, now)
        return [Candidate(assignment=given, battle=battle, set_name=self._set_name, prompt_id=prompt_id)]

    def _assigned(self, battle_id: BattleId, principal: Principal, now: datetime) -> Assignment:
        assignment_id, nonce = purposes.mint(None, now, self._here.chance)
        return Assignment(
            assignment_id=assignment_id,
            battle_id=battle_id,
            rater_id=principal.rater_id,
            since=now,
            deadline=now + timedelta(seconds=self._campaign.reservation),
            shown_first=self._here.chance.choice(list(Side)),
            nonce=nonce,
        )

    @property
    def _set_name(self) -> str:
        return self._campaign.prompt_set or ""


def _furthest(begun: Sequence[tuple[int, KeptItem]], chance: random.Random) -> list[KeptItem]:
    """Those of the begun items with the most places taken, at random among those alike."""
    alike: dict[int, list[KeptItem]] = {}
    for taken, item in begun:
        alike.setdefault(taken, []).append(item)
    chosen: list[KeptItem] = []
    for taken in sorted(alike, reverse=True):
        chosen += chance.sample(alike[taken], min(len(alike[taken]), BEGUN - len(chosen)))
    return chosen


def _nothing_left() -> NoTask:
    return NoTask(
        "There is no item left for you. Others may still give some back; thank you for those you did.", code="done"
    )
