"""Battles that a transaction opens, completes and voids."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from arena import errors
from arena.domain.battle import Battle, BattleState, Response, Side, Void, VoidCause
from arena.domain.ids import BattleId, RaterId
from arena.store import battles
from arena.store.connections import Connection
from arena.store.writing import commands, key_hashes
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.prepare import Entered
from arena.store.writing.writer_cache import WriterCache

Left = Callable[[Collection[BattleId]], Collection[BattleId]]
"""Those of some battles that no other process writes."""


class NewBattles:
    """What happens to battles, on top of what is known."""

    takes: ClassVar[tuple[type, ...]] = (
        commands.OpenBattle,
        commands.CompleteBattle,
        commands.VoidBattle,
        commands.VoidLeft,
    )

    def __init__(self, looking: Connection, known: WriterCache, leavers: Leavers, left: Left) -> None:
        self._looking = looking
        self._known = known
        self._leavers = leavers
        self._left = left
        self._opened: dict[BattleId, Battle] = {}
        self._entered: set[BattleId] = set()
        self._completed: dict[BattleId, commands.CompleteBattle] = {}
        self._voids: dict[BattleId, Void] = {}
        self._stopped: set[BattleId] = set()
        self._voted: set[BattleId] = set()

    def decide(
        self, command: commands.OpenBattle | commands.CompleteBattle | commands.VoidBattle | commands.VoidLeft
    ) -> int | None:
        match command:
            case commands.OpenBattle(battle=battle, answers=answers, places=places):
                if places is not None and not self._has_place(battle.campaign, places):
                    return False
                self._open(battle)
                if answers is not None:
                    self._complete(battle.battle_id, answers.response_a, answers.response_b, answers.completed_at)
                return True
            case commands.CompleteBattle(battle_id=battle_id):
                state = self.state(battle_id)
                if state is not BattleState.OPEN:
                    raise errors.Conflict(f"Battle {battle_id} is {_said(state)} and takes no answers; open a new one.")
                self._completed[battle_id] = command
            case commands.VoidBattle():
                return self._void(command)
            case commands.VoidLeft(void=void, written=written):
                return self._void_left(void, written)
        return None

    def enter(self, entered: Entered) -> None:
        """Take over an imported battle, which was found to be new."""
        battle_id = entered.battle.battle_id
        self._opened[battle_id] = entered.battle
        self._entered.add(battle_id)
        self._complete(battle_id, entered.response_a, entered.response_b, entered.completed_at)

    def voted_on(self, battle_id: BattleId) -> None:
        """Note that a vote on a battle was accepted."""
        self._voted.add(battle_id)

    def refuse_stopped(self, battle_id: BattleId) -> None:
        """Raise `Conflict` for a complete battle that its rater stopped: a vote may have been under way."""
        if battle_id in self._stopped or battle_id in self._known.stopped:
            raise errors.Conflict("This battle was stopped and takes no vote; open a new battle.")

    def of_rater(self, rater_id: RaterId) -> list[BattleId]:
        """The battles of this transaction whose prompt is a rater's."""
        return [battle_id for battle_id, battle in self._opened.items() if battle.rater_id == rater_id]

    def leave(self, battle_ids: Iterable[BattleId], gone: Void) -> None:
        """Void those of these battles that are being written, or their answers would be stored after all."""
        for battle_id in battle_ids:
            if self.state(battle_id) is BattleState.OPEN:
                self._voids[battle_id] = gone

    def state(self, battle_id: BattleId) -> BattleState:
        """Where a battle stands after what was accepted so far; `NotFound` when it is not known here."""
        if battle_id in self._voids:
            return BattleState.VOID
        if battle_id in self._voted:
            return BattleState.VOTED
        if battle_id in self._completed:
            return BattleState.READY
        if battle_id in self._opened or battle_id in self._known.unfinished:
            return BattleState.OPEN
        record = battles.load(self._looking, battle_id)
        if record is None:
            raise errors.NotFound(f"There is no battle {battle_id} here; check the id.")
        return record.state

    @property
    def empty(self) -> bool:
        return not (self._opened or self._completed or self._voids)

    def write(self, connection: Connection) -> None:
        battles.append(connection, enumerate(self._opened.values(), start=self._known.head.battles + 1))
        battles.append_responses(connection, self._responses())
        battles.append_voids(connection, self._voids.items())

    def remember(self) -> None:
        """Imported battles are not among the recent ones: nobody waits for those."""
        known = self._known
        for battle_id in self._opened:
            known.unique.battle_id.add(key_hashes.hashed(battle_id))
        known.unfinished.update(self._opened)
        known.unfinished.difference_update(self._completed, self._voids)
        known.stopped.update(self._stopped)
        fought = [battle for battle_id, battle in self._opened.items() if battle_id not in self._entered]
        for battle in fought:
            known.openers.add(key_hashes.hashed(battle.rater_id))
            known.opened.add(battle.campaign)
        known.recent.opened(fought)
        for battle_id, command in self._completed.items():
            if battle_id not in self._entered:
                known.recent.completed(command)
        for battle_id, void in self._voids.items():
            known.recent.voided(battle_id, void)
        known.head = replace(
            known.head,
            battles=known.head.battles + len(self._opened),
            responses=known.head.responses + 2 * len(self._completed),
            voids=known.head.voids + len(self._voids),
        )

    @property
    def begun(self) -> Collection[BattleId]:
        """Battles that are being written from now on."""
        return [one for one in self._opened if one not in self._completed and one not in self._voids]

    @property
    def ended(self) -> Collection[BattleId]:
        """Battles that were being written and are not any more."""
        return [one for one in (*self._completed, *self._voids) if one not in self._opened]

    def _open(self, battle: Battle) -> None:
        battle_id = battle.battle_id
        self._leavers.refuse(battle.rater_id)
        suspect = self._known.unique.battle_id.may_hold(key_hashes.hashed(battle_id))
        if battle_id in self._opened or (suspect and battles.load(self._looking, battle_id)):
            raise errors.Conflict(f"Battle {battle_id} was opened before; mint a new id.")
        self._opened[battle_id] = battle

    def _has_place(self, campaign: str, places: commands.LastPlaces) -> bool:
        """Whether a campaign has a place left after the battles that it got since they were counted."""
        since = self._known.opened.since(places.seen, campaign)
        if since is None:
            return False
        return since + sum(one.campaign == campaign for one in self._opened.values()) < places.left

    def _complete(self, battle_id: BattleId, left: Response, right: Response, completed_at: datetime) -> None:
        self._completed[battle_id] = commands.CompleteBattle(
            battle_id=battle_id, response_a=left, response_b=right, completed_at=completed_at
        )

    def _responses(self) -> list[tuple[BattleId, Side, Response, datetime]]:
        return [
            (battle_id, side, response, one.completed_at)
            for battle_id, one in self._completed.items()
            for side, response in ((Side.A, one.response_a), (Side.B, one.response_b))
        ]

    def _void_left(self, void: Void, written: Collection[BattleId]) -> int:
        """Of those that other processes write, the database knows whether they still do."""
        others = self._known.unfinished - self._completed.keys() - self._voids.keys()
        unfinished = others.difference(written)
        left = self._left(unfinished) if unfinished else ()
        self._voids.update(dict.fromkeys(sorted(left), void))
        return len(left)

    def _void(self, command: commands.VoidBattle) -> bool:
        battle_id, void = command.battle_id, command.void
        state = self.state(battle_id)
        if state is BattleState.VOID:
            return False
        if state is BattleState.VOTED or (state is BattleState.READY and void.cause is not VoidCause.RATER):
            raise errors.Conflict(f"Battle {battle_id} is {_said(state)} and stays valid.")
        if command.following is not None:
            self._open(command.following)
        self._voids[battle_id] = void
        if state is BattleState.READY:
            self._stopped.add(battle_id)
        return True


def _said(state: BattleState) -> str:
    return "void" if state is BattleState.VOID else "complete"
