"""Battles of raters: what may be asked, which two models answer, and what a page may read of a battle.

The answers are written by `BattleWriting`. A battle that another process writes is read when it has ended.
"""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator

from arena.domain import ids, parts, permission, view
from arena.domain.battle import Answers, Battle, BattleRecord, BattleState, Message, Side, VoidCause
from arena.domain.campaign import Campaign, CampaignKind, Pacing
from arena.domain.ids import AssignmentId, BattleId, ConversationId, ModelName
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.view import BlindView
from arena.errors import Conflict, Forbidden, NoTask, NotFound, TooFewModels, UnknownName
from arena.services import prompts
from arena.services.admission import Admission
from arena.services.battle_draws import BattleDraws
from arena.services.battle_writing import BattleWriting, PlacesTakenError
from arena.services.campaigns import Campaigns
from arena.services.live import Delta, LiveBattle, Thinks, replayed
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.roster import Roster
from arena.store.writing.commands import LastPlaces, VoidBattle

COUNTED_AGAIN = 8
"""How often the last places of a campaign are counted, where other processes give some away meanwhile."""
ELSEWHERE_SECONDS = 0.5
"""How often a battle that another process writes is read, for who waits for its end."""


class Battling:
    """Battles from the prompt to what their raters may read of them."""

    def __init__(
        self,
        here: OpenWorkspace,
        roster: Roster,
        campaigns: Campaigns,
        admission: Admission,
        draws: BattleDraws,
        writing: BattleWriting,
    ) -> None:
        self._workspace = here.store
        self._roster = roster
        self._campaigns = campaigns
        self._admission = admission
        self._draws = draws
        self._chance = here.chance
        self._now = here.now
        self._opening: dict[str, asyncio.Lock] = {}
        """Of campaigns that want so many votes."""
        self.writing = writing

    @property
    def can_compare(self) -> bool:
        """Whether there are two models to compare."""
        return len(self._draws.taking_part(self._campaigns.current())) >= 2

    async def open(
        self, principal: Principal, prompt: str, continues: BattleId | None = None, campaign: str | None = None
    ) -> BattleId:
        """Draw a pair and start both answers. The battle is durable before its id is returned."""
        demand(principal, Permission.TAKE_PART)
        of = self._asked_for(principal, campaign or await self._goes_on_in(principal, continues))
        if of.kind is CampaignKind.TASKS:
            raise Conflict(
                f"Campaign {of.name} gives out tasks and takes no prompts; POST /api/v1/campaigns/{of.name}/tasks."
            )
        if len(there := self._draws.taking_part(of)) < 2:
            raise TooFewModels(len(there))
        prompts.check(prompt)
        await self._refuse_entry(principal, of)
        if continues is not None and is_task(continues):
            raise Conflict(prompts.STORED)
        previous = None if continues is None else await self.record(principal, continues)
        side = None if previous is None else prompts.continued_side(principal.raters, previous, self._chance)
        if previous is not None and previous.battle.campaign != of.name:
            raise Conflict(f"Battle {continues} is of campaign {previous.battle.campaign}; go on there.")
        if previous is not None and of.max_turns is not None:
            prompts.refuse_turns(previous, of.max_turns)
        self.writing.refuse_overload(principal.rater_id)
        self.writing.take_place(principal.rater_id)
        try:
            battle = self._drawn(principal, of, prompt, previous, side)
            live = await self._placed(principal, of, battle)
        except BaseException:
            self.writing.free_place(principal.rater_id)
            raise
        self.writing.start(battle, live)
        return battle.battle_id

    async def _placed(self, principal: Principal, campaign: Campaign, battle: Battle) -> LiveBattle:
        """A battle that is opened: one at a time where a campaign wants so many votes, so that each is counted before
        the next is let in. Where other processes let others in meanwhile, it is counted again."""
        whole = campaign.pace is Pacing.COMPLETE
        if campaign.target_votes is None:
            return await self.writing.begin(battle, whole=whole)
        async with self._opening.setdefault(campaign.name, asyncio.Lock()):
            for _ in range(COUNTED_AGAIN):
                seen = self._workspace.opened_in(campaign.name)
                left = await self._refuse_entry(principal, campaign)
                places = None if left is None else LastPlaces(left=left, seen=seen)
                with contextlib.suppress(PlacesTakenError):
                    return await self.writing.begin(battle, whole=whole, places=places)
        raise NoTask("Others have the last items. Try again in a few minutes.", code="done")

    def takes_part(self, campaign: Campaign) -> list[ModelName]:
        """The models of a campaign that answer, by name."""
        return sorted(self._draws.taking_part(campaign))

    def drawable(self, campaign: Campaign, messages: tuple[Message, ...]) -> list[ModelName]:
        """Those that can take these messages now. Raises an `ArenaError` where they are not two."""
        if len(there := self._draws.taking_part(campaign)) < 2:
            raise TooFewModels(len(there))
        return self._roster.drawable(messages, there)

    async def stop(self, principal: Principal, battle_id: BattleId) -> None:
        """Void a battle because its rater asks for it, and free its place. A void battle stays as it is."""
        record = await self.record(principal, battle_id)
        if record.battle.rater_id not in principal.raters:
            raise Forbidden(f"Battle {battle_id} belongs to another rater; only they stop it.")
        if record.origin is not None or record.battle.answers is Answers.STORED:
            raise Conflict("This battle is over stored answers, so nothing is being written. Vote, or leave it.")
        live = self.writing.live(battle_id)
        if live is not None:
            live.stop()
            await live.over()
            record = await self.record(principal, battle_id)
        if record.state is BattleState.VOTED:
            raise Conflict("You have voted on this battle, and a vote stays. Start the next one.")
        if record.state is not BattleState.VOID:
            void = VoidBattle(battle_id=battle_id, void=self.writing.voided(VoidCause.RATER, "its rater stopped it"))
            await asyncio.wrap_future(self._workspace.submit(void))

    async def record(self, principal: Principal, battle_id: BattleId) -> BattleRecord:
        """The battle, if this principal is its rater or an admin."""
        record = await self._read(battle_id) if ids.ours(battle_id) else None
        if record is None or (
            record.battle.rater_id not in principal.raters and not permission.may(principal, Permission.ADMINISTER)
        ):
            raise NotFound(f"There is no battle {battle_id} of yours. Start a new one.")
        return record

    async def stored_record(self, battle_id: BattleId) -> BattleRecord:
        """A battle of whoever it is, for a service that has found out who may see it."""
        record = await self._read(battle_id)
        if record is None:
            raise NotFound(f"There is no battle {battle_id} here; check the id.")
        return record

    async def latest(self, principal: Principal) -> BattleRecord | None:
        """The rater's newest battle, to continue after a reload; None before the first."""
        found = [await asyncio.to_thread(self._workspace.latest_of, rater_id) for rater_id in principal.raters]
        newest = max((battle_id for battle_id in found if battle_id is not None), default=None)
        return None if newest is None else await self._read(newest)

    def view(self, record: BattleRecord) -> BlindView:
        """What may be known of a battle before its vote, with the text released so far."""
        live = self.writing.live(record.battle.battle_id)
        if record.state is BattleState.OPEN:
            if live is None and not self._workspace.shared:  # nobody writes it, because its end could not be stored
                return dataclasses.replace(view.blind(record, "", ""), state=BattleState.VOID, cause=VoidCause.ARENA)
            if live is None:  # another process writes it
                return view.blind(record, "", "")
            live.touch()
            return view.blind(record, live.text(Side.A), live.text(Side.B))
        text_a, text_b = (response.text if response else "" for response in (record.response_a, record.response_b))
        return view.blind(record, text_a, text_b)

    async def deltas(self, record: BattleRecord) -> AsyncIterator[Delta | Thinks | BattleState]:
        """The texts of both answers as they are released, from the start, then the final state: `ready` or `void`."""
        live = self.writing.live(record.battle.battle_id)
        if live is not None:
            async for delta in live.deltas():
                yield delta
            yield live.ended or BattleState.VOID
            return
        record = await self._load(record.battle.battle_id) or record  # the battle may have ended since
        while record.state is BattleState.OPEN and self._workspace.shared:
            await asyncio.sleep(ELSEWHERE_SECONDS)
            record = await self._load(record.battle.battle_id) or record
        blind = self.view(record)
        if record.state in (BattleState.OPEN, BattleState.VOID):  # the battle is open, and nobody writes it any more
            yield BattleState.VOID
            return
        of = self._campaigns.of_battle(record.battle)
        whole = of is not None and of.pace is Pacing.COMPLETE
        was_there = record.battle.answers is Answers.STORED or is_task(record.battle.battle_id)
        if was_there and not whole and not record.votes:
            async for delta in replayed(blind.text_a, blind.text_b):
                yield delta
        else:
            yield Delta(a=blind.text_a, b=blind.text_b)
        yield BattleState.READY

    async def ended(self, record: BattleRecord) -> BlindView:
        """The view of a battle that has ended."""
        return self.view(await self._load(record.battle.battle_id) or record)

    async def _read(self, battle_id: BattleId) -> BattleRecord | None:
        """A battle from the store. It is read again if it ended since the first reading."""
        record = await self._load(battle_id)
        if record is not None and record.state is BattleState.OPEN and self.writing.live(battle_id) is None:
            record = await self._load(battle_id)
        return record

    async def _load(self, battle_id: BattleId) -> BattleRecord | None:
        kept = self._workspace.recent(battle_id) or await asyncio.to_thread(self._workspace.battle, battle_id)
        return None if kept is None else kept.record

    def _asked_for(self, principal: Principal, name: str | None) -> Campaign:
        found = self._campaigns.current() if name is None else self._campaigns.find(name)
        if found is None or not self._campaigns.may_enter(principal, found):
            raise UnknownName(f"There is no campaign {name!r}; leave `campaign` out.")
        return found

    async def _goes_on_in(self, principal: Principal, continues: BattleId | None) -> str | None:
        """The campaign of a battle that a rater goes on from."""
        record = None if continues is None or not ids.ours(continues) else await self._read(continues)
        theirs = record is not None and record.battle.rater_id in principal.raters
        return record.battle.campaign if record is not None and theirs else None

    async def _refuse_entry(self, principal: Principal, campaign: Campaign) -> int | None:
        """Raise where this principal may begin nothing now. Returns how many battles more everybody together may begin;
        None where the campaign wants no certain number of votes."""

        def ask() -> int | None:
            with self._workspace.reading() as connection:
                self._admission.refuse_person(connection, principal, campaign)
                return self._admission.refuse_new(connection, principal, campaign, None)

        if not self._admission.asks(campaign):
            return None
        try:
            return await asyncio.to_thread(ask)
        except NoTask as refusal:
            if refusal.code == "closed":
                await self._campaigns.close_due(campaign.name)
            raise

    def _drawn(
        self, principal: Principal, campaign: Campaign, prompt: str, previous: BattleRecord | None, side: Side | None
    ) -> Battle:
        now = self._now()
        conversation_id = ConversationId(ids.mint("c", now, self._chance))
        turn, history = 1, tuple[Message, ...]()
        if previous is not None and side is not None:
            conversation_id, turn = previous.battle.conversation_id, previous.battle.turn + 1
            history = prompts.history(previous, side)
        draw = self._draws.drawn(campaign, (*history, Message.of_text(role="user", text=prompt)))
        return Battle(
            battle_id=BattleId(ids.mint("b", now, self._chance)),
            conversation_id=conversation_id,
            turn=turn,
            continues=None if previous is None else previous.battle.battle_id,
            continued_side=side,
            campaign=campaign.name,
            rater_id=principal.rater_id,
            content=parts.of_text(prompt),
            history=history,
            model_a=draw.model_a,
            model_b=draw.model_b,
            draw_probability=draw.probability,
            created_at=now,
            opens_first=self._chance.choice(tuple(Side)),
            campaign_version=campaign.stored_version,
        )


def is_task(battle_id: str) -> bool:
    """Whether the id that a rater names is that of a turn given to them, and not of a battle on their own prompt."""
    return battle_id.startswith(f"{ids.PREFIXES[AssignmentId]}_")
