"""Battles that were written or asked for lately, as the file holds them.

A rater asks for the same battle again and again, and reading it from the file takes a thread and seven queries. The
writer changes what is kept here after each commit, before anybody is told of it, so that nobody reads less than was
acknowledged. Bounded by number and by characters; what is not here is in the file.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from arena.domain.battle import Battle, BattleRecord, Void
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.store.writing.commands import CastResult, CompleteBattle

BATTLES = 4096
"""Battles kept."""
CHARACTERS = 64 * 1024 * 1024
"""Characters of their prompts, histories and answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentBattle:
    """A battle, and what was told about each of its votes."""

    record: BattleRecord
    receipts: Mapping[VoteId, CastResult] = field(default_factory=dict)

    @property
    def characters(self) -> int:
        """Of its texts."""
        answers = (self.record.response_a, self.record.response_b)
        said = sum(len(message.text) for message in self.record.battle.messages)
        return said + sum(len(answer.text) for answer in answers if answer is not None)


class Recent:
    """The newest battles. Its writer is one thread, its readers are any."""

    def __init__(self, battles: int = BATTLES, characters: int = CHARACTERS) -> None:
        self._limit = battles
        self._room = characters
        self._taken = 0
        self._kept: OrderedDict[BattleId, RecentBattle] = OrderedDict()
        self._newest: OrderedDict[RaterId, BattleId] = OrderedDict()
        self._reading: dict[BattleId, object] = {}
        """Who reads a battle from the file now; nobody once it has changed since."""
        self._lock = threading.Lock()

    def find(self, battle_id: BattleId) -> RecentBattle | None:
        """The battle as of the last commit; None when it has to be read from the file."""
        with self._lock:
            kept = self._kept.get(battle_id)
            if kept is not None:
                self._kept.move_to_end(battle_id)
            return kept

    def newest(self, rater_id: RaterId) -> BattleId | None:
        """The battle this rater opened last; None when the file has to be asked."""
        with self._lock:
            return self._newest.get(rater_id)

    def begin(self, battle_id: BattleId) -> object:
        """Say that a battle is about to be read from the file; what comes back goes to `offer`."""
        token = object()
        with self._lock:
            self._reading[battle_id] = token
        return token

    def offer(self, token: object, battle_id: BattleId, kept: RecentBattle | None) -> None:
        """Keep what was read, unless the battle has changed since `begin`."""
        with self._lock:
            if self._reading.get(battle_id) is not token:
                return
            del self._reading[battle_id]
            if kept is not None:
                self._keep(kept)

    def opened(self, battles: Iterable[Battle]) -> None:
        """These battles are in the file."""
        with self._lock:
            for battle in battles:
                empty = BattleRecord(
                    battle=battle, response_a=None, response_b=None, completed_at=None, void=None, votes=()
                )
                self._keep(RecentBattle(record=empty))
                self._newest[battle.rater_id] = battle.battle_id
                self._newest.move_to_end(battle.rater_id)
            while len(self._newest) > self._limit:
                self._newest.popitem(last=False)

    def opened_elsewhere(self, battles: Iterable[tuple[BattleId, RaterId]]) -> None:
        """Another process opened these battles, each for a rater; they are read when somebody asks for them."""
        with self._lock:
            for battle_id, rater_id in battles:
                self._newest[rater_id] = battle_id
                self._newest.move_to_end(rater_id)
            while len(self._newest) > self._limit:
                self._newest.popitem(last=False)

    def changed_elsewhere(self, battles: Iterable[BattleId]) -> None:
        """Another process changed these battles: what is kept of them is not all there is."""
        with self._lock:
            for battle_id in battles:
                self._reading.pop(battle_id, None)
                kept = self._kept.pop(battle_id, None)
                self._taken -= kept.characters if kept is not None else 0

    def start(self, record: BattleRecord) -> None:
        """Keep a battle without votes that was read as the file was opened."""
        with self._lock:
            self._keep(RecentBattle(record=record))

    def completed(self, command: CompleteBattle) -> None:
        """A battle has its answers."""
        self._change(
            command.battle_id,
            response_a=command.response_a,
            response_b=command.response_b,
            completed_at=command.completed_at,
        )

    def voided(self, battle_id: BattleId, void: Void) -> None:
        """The battle is void."""
        self._change(battle_id, void=void)

    def cast(self, result: CastResult) -> None:
        """The battle has one vote more."""
        with self._lock:
            battle_id, vote = result.vote.battle_id, result.vote
            self._reading.pop(battle_id, None)
            kept = self._kept.get(battle_id)
            if kept is not None and vote.vote_id not in kept.receipts:
                record = replace(kept.record, votes=(*kept.record.votes, vote))
                self._keep(RecentBattle(record=record, receipts={**kept.receipts, vote.vote_id: result}))

    def forget(self) -> None:
        """Keep nothing: a rater was erased, and whatever was kept may be theirs."""
        with self._lock:
            self._kept.clear()
            self._newest.clear()
            self._reading.clear()
            self._taken = 0

    def _change(self, battle_id: BattleId, **changes: object) -> None:
        with self._lock:
            self._reading.pop(battle_id, None)
            kept = self._kept.get(battle_id)
            if kept is not None:
                self._keep(replace(kept, record=replace(kept.record, **changes)))  # type: ignore[arg-type]

    def _keep(self, kept: RecentBattle) -> None:
        """Put a battle in as the newest, and let the oldest go beyond the bounds."""
        battle_id = kept.record.battle.battle_id
        before = self._kept.pop(battle_id, None)
        self._taken += kept.characters - (before.characters if before is not None else 0)
        self._kept[battle_id] = kept
        while len(self._kept) > self._limit or self._taken > self._room:
            self._taken -= self._kept.popitem(last=False)[1].characters
