"""Battles from the prompt to two stored answers: draw a pair, ask both models, store what they answer.

The tasks that write answers belong to `Battling`, an async context manager; leaving it cancels them and voids
their battles, and entering it voids what a killed process left unfinished. Where other processes write to the same
workspace, what one of them leaves is looked for again and again, and a battle that one of them writes is read when it
has ended.
"""

import asyncio
import contextlib
import dataclasses
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Self

from arena.domain import ids, parts, permission, view
from arena.domain.battle import (
    Answers,
    Battle,
    BattleRecord,
    BattleState,
    Message,
    Side,
    Void,
    VoidCause,
)
from arena.domain.campaign import Campaign, CampaignKind, Pacing, PairingPolicy
from arena.domain.ids import AssignmentId, BattleId, ConversationId, ModelName
from arena.domain.model import Model
from arena.domain.permission import Permission
from arena.domain.principal import Principal, Role
from arena.domain.view import BlindView
from arena.errors import (
    Conflict,
    Forbidden,
    InvalidValue,
    NoTask,
    NotFound,
    Overloaded,
    StoreError,
    TooFewModels,
)
from arena.exports import leaks
from arena.inference.client import ModelClient
from arena.pairing import POLICIES, items, uniform
from arena.pairing import draw as draws
from arena.pairing.draw import Draw
from arena.services import prompts
from arena.services.admission import Admission
from arena.services.campaigns import Campaigns
from arena.services.live import (
    AbandonedError,
    Delta,
    LiveBattle,
    Meters,
    SideFailedError,
    StoppedError,
    Thinks,
    Ticks,
    replayed,
)
from arena.services.open_workspace import OpenWorkspace
from arena.services.pair_designs import PairDesigns
from arena.services.permitting import demand
from arena.services.probing import Probing
from arena.services.roster import Roster
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.store.writing.commands import CompleteBattle, LastPlaces, OpenBattle, VoidBattle, VoidLeft

log = logging.getLogger(__name__)

COUNTED_AGAIN = 8
"""How often the last places of a campaign are counted, where other processes give some away meanwhile."""
AGAIN = 2
"""How many battles in a row the arena opens in place of one that failed."""
LEFT_SECONDS = 5.0
"""How often battles of processes that are gone are looked for."""
ELSEWHERE_SECONDS = 0.5
"""How often a battle that another process writes is read, for who waits for its end."""
STOPPED = "the arena stopped while the answers were written"


class PlacesTakenError(Exception):
    """Others took the places of a campaign since they were counted."""


class Battling:
    """Battles from the prompt to two complete answers."""

    def __init__(
        self,
        here: OpenWorkspace,
        client: ModelClient,
        roster: Roster,
        probing: Probing,
        settings: Settings,
        rules: WorkspaceRules,
        campaigns: Campaigns,
        door: Admission,
        designs: PairDesigns,
    ) -> None:
        self._name = here.name
        self._workspace = here.store
        self._client = client
        self._roster = roster
        self._probing = probing
        self._served = {model.name: model.served_name for model in roster.models.values()}
        self._finder = leaks.LeakFinder(self._served)
        self._deadlines = settings.deadlines
        self._limits = settings.limits
        self._campaigns = campaigns
        self._door = door
        self._designs = designs
        self._rules = rules
        self._chance = here.chance
        self._now = here.now
        self._live: dict[BattleId, LiveBattle] = {}
        self._busy: Counter[str] = Counter()
        """Battles being written, by rater."""
        self._first: dict[BattleId, BattleId] = {}
        """For each battle that is written in place of another, the battle that its rater opened."""
        self._tasks: set[asyncio.Task[object]] = set()
        self._opening: dict[str, asyncio.Lock] = {}
        """Of campaigns that want so many votes."""
        self._looking: asyncio.Task[None] | None = None
        self.looks: list[Callable[[], None]] = []
        """What else looks every so often for what other processes did."""
        self.meters, self._ticks = Meters(), Ticks()
        self.stopping = False
        """Whether the arena refuses to open battles, because it stops."""

    async def __aenter__(self) -> Self:
        await self._void_left()
        if self._workspace.shared:
            self._looking = asyncio.create_task(self._look_for_left())
        return self

    async def drain(self, seconds: float) -> None:
        """Open no more battles, and let those being written finish. Those unfinished after `seconds` become void.

        When this returns, every stream has been told how its battle ended.
        """
        self.stopping = True
        writing = [task for task in self._tasks if not task.done()]
        if writing:
            await asyncio.wait(writing, timeout=seconds)
        await self.__aexit__()

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._tasks] if self._looking is None else [self._looking, *self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def take_on(self, model: Model) -> None:
        """Draw a model from the next battle on."""
        self._served[model.name] = model.served_name
        self._roster.take_on(model)
        self._probing.took_on(model.name)

    def leave_out(self, name: ModelName) -> None:
        """Draw a model for no further battle. Those being written keep it."""
        self._roster.leave_out(name)

    @property
    def can_compare(self) -> bool:
        """Whether there are two models to compare."""
        return len(self._taking_part(self._campaigns.current())) >= 2

    def _taking_part(self, campaign: Campaign) -> list[ModelName]:
        """The models of a campaign that can be asked now."""
        return [name for name in list(self._roster.models) if not campaign.models or name in campaign.models]

    @property
    def live_count(self) -> int:
        """How many battles are being written now."""
        return self._busy.total()

    def writes_for(self, rater_id: str) -> bool:
        """Whether a battle of this rater is being written."""
        return self._busy[rater_id] > 0

    def is_live(self, battle_id: BattleId) -> bool:
        """Whether this battle, or one in its place, is being written."""
        return battle_id in self._live or battle_id in self._first.values()

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
        if len(there := self._taking_part(of)) < 2:
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
        self._refuse_overload(principal)
        self._busy[principal.rater_id] += 1
        try:
            battle = self._drawn(principal, of, prompt, previous, side)
            live = await self._placed(principal, of, battle)
        except BaseException:
            self._release_place(principal)
            raise
        self._start(self._write(principal, battle, live))
        return battle.battle_id

    async def _placed(self, principal: Principal, campaign: Campaign, battle: Battle) -> LiveBattle:
        """A battle that is opened: one at a time where a campaign wants so many votes, so that each is counted before
        the next is let in. Where other processes let others in meanwhile, it is counted again."""
        whole = campaign.pace is Pacing.COMPLETE
        if campaign.target_votes is None:
            return await self._begun(battle, whole=whole)
        async with self._opening.setdefault(campaign.name, asyncio.Lock()):
            for _ in range(COUNTED_AGAIN):
                seen = self._workspace.opened_in(campaign.name)
                left = await self._refuse_entry(principal, campaign)
                places = None if left is None else LastPlaces(left=left, seen=seen)
                with contextlib.suppress(PlacesTakenError):
                    return await self._begun(battle, whole=whole, places=places)
        raise NoTask("Others have the last items. Try again in a few minutes.", code="done")

    def takes_part(self, campaign: Campaign) -> list[ModelName]:
        """The models of a campaign that answer, by name."""
        return sorted(self._taking_part(campaign))

    def drawable(self, campaign: Campaign, messages: tuple[Message, ...]) -> list[ModelName]:
        """Those that can take these messages now. Raises an `ArenaError` where they are not two."""
        if len(there := self._taking_part(campaign)) < 2:
            raise TooFewModels(len(there))
        return self._roster.drawable(messages, there)

    async def write_item(self, battle: Battle) -> LiveBattle:
        """Begin to write a battle on a stored prompt, which nobody reads yet. What comes back says how it ends."""
        owner = Principal(id=battle.rater_id, role=Role.RATER, workspace=self._name)
        self._refuse_many()
        self._busy[owner.id] += 1
        try:
            live = await self._begun(battle, whole=True)
        except BaseException:
            self._release_place(owner)
            raise
        self._start(self._write(owner, battle, live, again=0))
        return live

    async def _begun(self, battle: Battle, *, whole: bool, places: LastPlaces | None = None) -> LiveBattle:
        """A battle that is opened and has still to be written. Raises `PlacesTakenError` where others took them."""
        models = {side: self._roster.models[battle.model(side)] for side in Side}
        live = LiveBattle(models, battle.messages, self._deadlines, self.meters, ticks=self._ticks, whole=whole)
        self._live[battle.battle_id] = live
        try:
            if not await asyncio.wrap_future(self._workspace.submit(OpenBattle(battle=battle, places=places))):
                raise PlacesTakenError
        except BaseException:
            del self._live[battle.battle_id]
            raise
        return live

    async def stop(self, principal: Principal, battle_id: BattleId) -> None:
        """Void a battle because its rater asks for it, and free its place. A void battle stays as it is."""
        record = await self.record(principal, battle_id)
        if record.battle.rater_id not in principal.raters:
            raise Forbidden(f"Battle {battle_id} belongs to another rater; only they stop it.")
        if record.origin is not None or record.battle.answers is Answers.STORED:
            raise Conflict("This battle is over stored answers, so nothing is being written. Vote, or leave it.")
        live = self._live.get(battle_id)
        if live is not None:
            live.stop()
            await live.over()
            record = await self.record(principal, battle_id)
        if record.state is BattleState.VOTED:
            raise Conflict("You have voted on this battle, and a vote stays. Start the next one.")
        if record.state is not BattleState.VOID:
            void = VoidBattle(battle_id=battle_id, void=self._because(VoidCause.RATER, "its rater stopped it"))
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
        live = self._live.get(record.battle.battle_id)
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
        live = self._live.get(record.battle.battle_id)
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
        if record is not None and record.state is BattleState.OPEN and battle_id not in self._live:
            record = await self._load(battle_id)
        return record

    async def _load(self, battle_id: BattleId) -> BattleRecord | None:
        kept = self._workspace.recent(battle_id) or await asyncio.to_thread(self._workspace.battle, battle_id)
        return None if kept is None else kept.record

    def _asked_for(self, principal: Principal, name: str | None) -> Campaign:
        found = self._campaigns.current() if name is None else self._campaigns.find(name)
        if found is None or not self._campaigns.may_enter(principal, found):
            raise InvalidValue(f"There is no campaign {name!r}; leave `campaign` out.")
        return found

    async def _goes_on_in(self, principal: Principal, continues: BattleId | None) -> str | None:
        """The campaign of a battle that a rater goes on from."""
        record = None if continues is None or not ids.ours(continues) else await self._read(continues)
        theirs = record is not None and record.battle.rater_id in principal.raters
        return record.battle.campaign if record is not None and theirs else None

    async def _refuse_entry(self, principal: Principal, campaign: Campaign) -> int | None:
        """Raise for who may begin nothing now; how many battles all may begin, where the campaign wants so many."""

        def ask() -> int | None:
            with self._workspace.reading() as connection:
                self._door.refuse_person(connection, principal, campaign)
                return self._door.refuse_new(connection, principal, campaign, None)

        if not self._door.asks(campaign):
            return None
        try:
            return await asyncio.to_thread(ask)
        except NoTask as refusal:
            if refusal.code == "closed":
                await self._campaigns.close_due(campaign.name)
            raise

    def _refuse_many(self) -> None:
        if self.stopping:
            raise Overloaded("The arena is stopping. Try again in a minute.")
        if self._busy.total() >= self._rules.live_battles:
            raise Overloaded("The arena is writing as many battles as it can. Try again in a few seconds.")

    def _refuse_overload(self, principal: Principal) -> None:
        self._refuse_many()
        if self._busy[principal.rater_id] >= self._limits.live_battles_per_rater:
            raise Overloaded("You have several battles being written. Finish one, then start the next.")

    def _release_place(self, principal: Principal) -> None:
        self._busy[principal.rater_id] -= 1
        self._busy += Counter()  # drops principals that are down to zero

    def _drawn(
        self, principal: Principal, campaign: Campaign, prompt: str, previous: BattleRecord | None, side: Side | None
    ) -> Battle:
        now = self._now()
        conversation_id = ConversationId(ids.mint("c", now, self._chance))
        turn, history = 1, tuple[Message, ...]()
        if previous is not None and side is not None:
            conversation_id, turn = previous.battle.conversation_id, previous.battle.turn + 1
            history = prompts.history(previous, side)
        draw = self._draw(campaign, (*history, Message.of_text(role="user", text=prompt)))
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

    def _draw(self, campaign: Campaign, messages: tuple[Message, ...]) -> Draw:
        """A pair by the campaign's policy, among the models that can take these messages."""
        there = self._roster.drawable(messages, self._taking_part(campaign))
        if campaign.pairing is PairingPolicy.UNIFORM and not campaign.pairs and campaign.focus is None:
            return uniform.draw(there, self._chance)
        shares = POLICIES[campaign.pairing](items.meeting(there, ()), self._designs.seen(campaign))
        chances = draws.chances(shares, campaign.pairs, campaign.focus)
        if not chances:
            raise Overloaded("No two models that may meet here can be asked now. Try again in a minute.")
        return draws.drawn(chances, self._chance)

    def _start(self, work: Coroutine[None, None, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, principal: Principal, battle: Battle, live: LiveBattle, *, again: int = AGAIN) -> None:
        """Write one battle to its end, whatever that is, so that no reader waits for a battle that nobody writes.

        When it fails through no fault of its rater, another battle follows in its place, up to `again` in a row.
        """
        ended, following = BattleState.VOID, None
        try:
            void = await self._ended(battle, live)
            if void is None:
                ended = BattleState.READY
            elif again and not self.stopping and void.cause in (VoidCause.MODEL, VoidCause.ARENA):
                following = await self._follow(principal, battle, void, again - 1)
            else:
                await self._void(battle.battle_id, void)
        finally:
            if following is None:
                self._release_place(principal)
            live.end(ended)
            del self._live[battle.battle_id]
            self._first.pop(battle.battle_id, None)

    async def _ended(self, battle: Battle, live: LiveBattle) -> Void | None:
        """Write both answers and store them. Returns why the battle is void, or None when it is ready."""
        try:
            responses = await live.write(self._client)
            response_a, response_b = await asyncio.to_thread(self._finder.marked, battle, responses)
            command = CompleteBattle(
                battle_id=battle.battle_id,
                response_a=response_a,
                response_b=response_b,
                completed_at=self._now(),
            )
            await asyncio.wrap_future(self._workspace.submit(command, can_wait=True))
        except SideFailedError as failure:
            log.warning("battle %s is void: %s", battle.battle_id, failure)
            if failure.cause is not VoidCause.MODEL:
                return self._because(failure.cause, str(failure))
            self._probing.failed(battle.model(failure.side))
            return self._because(failure.cause, str(failure), failure.side)
        except AbandonedError:
            return self._because(VoidCause.EXPIRED, "nobody was reading")
        except StoppedError:
            return self._because(VoidCause.RATER, "its rater stopped it")
        except asyncio.CancelledError:
            await self._void(battle.battle_id, self._because(VoidCause.ARENA, STOPPED))
            raise
        except Conflict as refused:  # it is void: its rater left, or this process stood still for long
            log.warning("battle %s came too late: %s", battle.battle_id, refused)
            return self._because(VoidCause.ARENA, str(refused))
        except Exception as error:
            log.exception("battle %s could not be finished", battle.battle_id)
            return self._because(VoidCause.ARENA, f"{type(error).__name__}: {error}")
        for side in Side:
            self._roster.completed(battle.model(side))
        return None

    async def _follow(self, principal: Principal, battle: Battle, void: Void, again: int) -> BattleId | None:
        """Void a battle and open another on the same prompt, with a new pair. Returns its id, or None without one.

        Both are one command, so that no battle follows one that was void already, as when its rater has left.
        """
        try:
            of = self._campaigns.of_battle(battle) or self._campaigns.current()
            draw, now = self._draw(of, battle.messages), self._now()
        except (InvalidValue, Overloaded):  # no two models can take this prompt
            await self._void(battle.battle_id, void)
            return None
        following = dataclasses.replace(
            battle,
            battle_id=BattleId(ids.mint("b", now, self._chance)),
            model_a=draw.model_a,
            model_b=draw.model_b,
            draw_probability=draw.probability,
            created_at=now,
        )
        models = {side: self._roster.models[following.model(side)] for side in Side}
        whole = of.pace is Pacing.COMPLETE
        live = LiveBattle(models, following.messages, self._deadlines, self.meters, ticks=self._ticks, whole=whole)
        self._live[following.battle_id] = live
        self._first[following.battle_id] = self._first.get(battle.battle_id, battle.battle_id)
        linked, opened = dataclasses.replace(void, next=following.battle_id), False
        try:
            opened = await self._void(battle.battle_id, linked, following)
        finally:
            if opened:
                self._start(self._write(principal, following, live, again=again))
            else:
                del self._live[following.battle_id], self._first[following.battle_id]
                live.end(BattleState.VOID)
        return following.battle_id if opened else None

    def _because(self, cause: VoidCause, detail: str, side: Side | None = None) -> Void:
        return Void(cause=cause, failed_side=side, detail=detail, voided_at=self._now())

    async def _void_left(self) -> None:
        """Void what a process that is gone was writing."""
        command = VoidLeft(void=self._because(VoidCause.ARENA, STOPPED), written=frozenset(self._live))
        try:
            await asyncio.wrap_future(self._workspace.submit(command))
        except (StoreError, Overloaded) as error:
            log.error("battles that nobody writes any more stay open for now: %s", error)

    async def _look_for_left(self) -> None:
        while True:
            await asyncio.sleep(LEFT_SECONDS)
            try:
                await self._void_left()
                for look in self.looks:
                    look()
            except (StoreError, Overloaded) as error:
                log.error("what other processes did is not known for now: %s", error)
            except Exception:  # the next look tries again
                log.exception("what other processes did is not known for now")

    async def _void(self, battle_id: BattleId, void: Void, following: Battle | None = None) -> bool:
        """Store that a battle is void. Returns whether it was open until now."""
        command = VoidBattle(battle_id=battle_id, void=void, following=following)
        try:
            return await asyncio.wrap_future(self._workspace.submit(command))
        except (StoreError, Overloaded) as error:
            log.error("battle %s is void, which the next start of the arena will record: %s", battle_id, error)
            return False


def is_task(battle_id: str) -> bool:
    """Whether a rater calls a turn so that was given to them, and not a battle on a prompt of theirs."""
    return battle_id.startswith(f"{ids.PREFIXES[AssignmentId]}_")
