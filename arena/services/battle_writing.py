"""The battles that this process writes: both models are asked, and what they answer is stored.

The tasks that write belong to `BattleWriting`, an async context manager; leaving it cancels them and voids their
battles, and entering it voids what a killed process left unfinished. Where other processes write to the same workspace,
what one of them leaves is looked for again and again.
"""

import asyncio
import dataclasses
import logging
from collections import Counter
from collections.abc import Callable
from typing import Self

from arena.domain import ids
from arena.domain.battle import Battle, BattleState, Side, Void, VoidCause
from arena.domain.campaign import Pacing
from arena.domain.ids import BattleId, ModelName
from arena.domain.model import Model
from arena.errors import Conflict, InvalidValue, Overloaded, StoreError
from arena.exports import leaks
from arena.inference.client import ModelClient
from arena.services.battle_draws import BattleDraws
from arena.services.campaigns import Campaigns
from arena.services.live import AbandonedError, LiveBattle, Meters, SideFailedError, StoppedError, Ticks
from arena.services.open_workspace import OpenWorkspace
from arena.services.probing import Probing
from arena.services.roster import Roster
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.store.writing.commands import CompleteBattle, LastPlaces, OpenBattle, VoidBattle, VoidLeft

log = logging.getLogger(__name__)

AGAIN = 2
"""How many battles in a row the arena opens in place of one that failed."""
LEFT_SECONDS = 5.0
"""How often battles of processes that are gone are looked for."""
STOPPED = "the arena stopped while the answers were written"


class PlacesTakenError(Exception):
    """Others took the places of a campaign since they were counted."""


class BattleWriting:
    """The battles of one workspace that are being written, and the tasks that write them."""

    def __init__(
        self,
        here: OpenWorkspace,
        client: ModelClient,
        roster: Roster,
        probing: Probing,
        settings: Settings,
        rules: WorkspaceRules,
        campaigns: Campaigns,
        draws: BattleDraws,
    ) -> None:
        self._workspace = here.store
        self._client = client
        self._roster = roster
        self._probing = probing
        self._served = {model.name: model.served_name for model in roster.models.values()}
        self._finder = leaks.LeakFinder(self._served)
        self._deadlines = settings.deadlines
        self._limits = settings.limits
        self._rules = rules
        self._campaigns = campaigns
        self._draws = draws
        self._chance = here.chance
        self._now = here.now
        self._live: dict[BattleId, LiveBattle] = {}
        self._busy: Counter[str] = Counter()
        """Battles being written, by rater."""
        self._first: dict[BattleId, BattleId] = {}
        """For each battle that is written in place of another, the battle that its rater opened."""
        self._tasks: set[asyncio.Task[object]] = set()
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
    def live_count(self) -> int:
        """How many battles are being written now."""
        return self._busy.total()

    def writes_for(self, rater_id: str) -> bool:
        """Whether a battle of this rater is being written."""
        return self._busy[rater_id] > 0

    def is_live(self, battle_id: BattleId) -> bool:
        """Whether this battle, or one in its place, is being written."""
        return battle_id in self._live or battle_id in self._first.values()

    def live(self, battle_id: BattleId) -> LiveBattle | None:
        """A battle that is being written; None for any other."""
        return self._live.get(battle_id)

    def refuse_overload(self, rater_id: str) -> None:
        """Raise `Overloaded` where no battle more is written now, or none more for this rater."""
        self._refuse_many()
        if self._busy[rater_id] >= self._limits.live_battles_per_rater:
            raise Overloaded("You have several battles being written. Finish one, then start the next.")

    def _refuse_many(self) -> None:
        if self.stopping:
            raise Overloaded("The arena is stopping. Try again in a minute.")
        if self._busy.total() >= self._rules.live_battles:
            raise Overloaded("The arena is writing as many battles as it can. Try again in a few seconds.")

    def take_place(self, rater_id: str) -> None:
        """Count a battle that is about to be opened for this rater."""
        self._busy[rater_id] += 1

    def free_place(self, rater_id: str) -> None:
        """Count it no more."""
        self._busy[rater_id] -= 1
        self._busy += Counter()  # drops raters that are down to zero

    async def write_item(self, battle: Battle) -> LiveBattle:
        """Begin to write a battle on a stored prompt, which nobody reads yet. What comes back says how it ends."""
        self._refuse_many()
        self.take_place(battle.rater_id)
        try:
            live = await self.begin(battle, whole=True)
        except BaseException:
            self.free_place(battle.rater_id)
            raise
        self.start(battle, live, again=0)
        return live

    async def begin(self, battle: Battle, *, whole: bool, places: LastPlaces | None = None) -> LiveBattle:
        """Open a battle, which has still to be written: `start` does. Raises `PlacesTakenError` where others took its
        place."""
        live = self._to_write(battle, whole=whole)
        self._live[battle.battle_id] = live
        try:
            if not await asyncio.wrap_future(self._workspace.submit(OpenBattle(battle=battle, places=places))):
                raise PlacesTakenError
        except BaseException:
            del self._live[battle.battle_id]
            raise
        return live

    def _to_write(self, battle: Battle, *, whole: bool) -> LiveBattle:
        models = {side: self._roster.models[battle.model(side)] for side in Side}
        return LiveBattle(models, battle.messages, self._deadlines, self.meters, ticks=self._ticks, whole=whole)

    def start(self, battle: Battle, live: LiveBattle, *, again: int = AGAIN) -> None:
        """Write a battle that was opened, in a task. Its rater's place is free when it has ended."""
        task = asyncio.create_task(self._write(battle, live, again))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, battle: Battle, live: LiveBattle, again: int) -> None:
        """Write one battle to its end, whatever that is, so that no reader waits for a battle that nobody writes.

        When it fails through no fault of its rater, another battle follows in its place, up to `again` in a row.
        """
        ended, following = BattleState.VOID, None
        try:
            void = await self._ended(battle, live)
            if void is None:
                ended = BattleState.READY
            elif again and not self.stopping and void.cause in (VoidCause.MODEL, VoidCause.ARENA):
                following = await self._follow(battle, void, again - 1)
            else:
                await self._store_void(battle.battle_id, void)
        finally:
            if following is None:
                self.free_place(battle.rater_id)
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
                return self.voided(failure.cause, str(failure))
            self._probing.failed(battle.model(failure.side))
            return self.voided(failure.cause, str(failure), failure.side)
        except AbandonedError:
            return self.voided(VoidCause.EXPIRED, "nobody was reading")
        except StoppedError:
            return self.voided(VoidCause.RATER, "its rater stopped it")
        except asyncio.CancelledError:
            await self._store_void(battle.battle_id, self.voided(VoidCause.ARENA, STOPPED))
            raise
        except Conflict as refused:  # it is void: its rater left, or this process stood still for long
            log.warning("battle %s came too late: %s", battle.battle_id, refused)
            return self.voided(VoidCause.ARENA, str(refused))
        except Exception as error:
            log.exception("battle %s could not be finished", battle.battle_id)
            return self.voided(VoidCause.ARENA, f"{type(error).__name__}: {error}")
        for side in Side:
            self._roster.completed(battle.model(side))
        return None

    async def _follow(self, battle: Battle, void: Void, again: int) -> BattleId | None:
        """Void a battle and open another on the same prompt, with a new pair. Returns its id, or None without one.

        Both are one command, so that no battle follows one that was void already, as when its rater has left.
        """
        try:
            of = self._campaigns.of_battle(battle) or self._campaigns.current()
            draw, now = self._draws.drawn(of, battle.messages), self._now()
        except (InvalidValue, Overloaded):  # no two models can take this prompt
            await self._store_void(battle.battle_id, void)
            return None
        following = dataclasses.replace(
            battle,
            battle_id=BattleId(ids.mint("b", now, self._chance)),
            model_a=draw.model_a,
            model_b=draw.model_b,
            draw_probability=draw.probability,
            created_at=now,
        )
        live = self._to_write(following, whole=of.pace is Pacing.COMPLETE)
        self._live[following.battle_id] = live
        self._first[following.battle_id] = self._first.get(battle.battle_id, battle.battle_id)
        linked, opened = dataclasses.replace(void, next=following.battle_id), False
        try:
            opened = await self._store_void(battle.battle_id, linked, following)
        finally:
            if opened:
                self.start(following, live, again=again)
            else:
                del self._live[following.battle_id], self._first[following.battle_id]
                live.end(BattleState.VOID)
        return following.battle_id if opened else None

    def voided(self, cause: VoidCause, detail: str, side: Side | None = None) -> Void:
        """The record that a battle is void from now on."""
        return Void(cause=cause, failed_side=side, detail=detail, voided_at=self._now())

    async def _void_left(self) -> None:
        """Void what a process that is gone was writing."""
        command = VoidLeft(void=self.voided(VoidCause.ARENA, STOPPED), written=frozenset(self._live))
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

    async def _store_void(self, battle_id: BattleId, void: Void, following: Battle | None = None) -> bool:
        """Store that a battle is void. Returns whether it was open until now."""
        command = VoidBattle(battle_id=battle_id, void=void, following=following)
        try:
            return await asyncio.wrap_future(self._workspace.submit(command))
        except (StoreError, Overloaded) as error:
            log.error("battle %s is void, which the next start of the arena will record: %s", battle_id, error)
            return False
