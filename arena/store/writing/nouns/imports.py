"""Battles and votes that a transaction takes over from elsewhere: a page of them whole, or nothing of it."""

from typing import ClassVar

from arena import errors
from arena.domain.battle import Side
from arena.domain.ids import BattleId
from arena.domain.origin import Origin
from arena.domain.removal import hashed
from arena.store import origins, removals, rows
from arena.store.connections import Connection
from arena.store.writing import key_hashes
from arena.store.writing.nouns.battles import NewBattles
from arena.store.writing.nouns.models import NewModels
from arena.store.writing.nouns.removals import NewRemovals
from arena.store.writing.nouns.votes import NewVotes
from arena.store.writing.prepare import Entered, Entering
from arena.store.writing.writer_cache import WriterCache


class NewImports:
    """Origins of battles, on top of those that are stored. Whoever made a page has looked: this is what came since."""

    takes: ClassVar[tuple[type, ...]] = (Entering,)

    def __init__(
        self,
        looking: Connection,
        known: WriterCache,
        models: NewModels,
        battles: NewBattles,
        votes: NewVotes,
        leaving: NewRemovals,
    ) -> None:
        self._looking = looking
        self._known = known
        self._models = models
        self._battles = battles
        self._votes = votes
        self._leaving = leaving
        self._origins: dict[int, tuple[BattleId, Origin]] = {}

    def decide(self, command: Entering) -> int:
        """How many votes the page has."""
        if not self._leaving.empty or any(entered.by_digest in self._origins for entered in command.battles):
            raise errors.Conflict("Some of this page was imported, or a rater left, meanwhile; import the file again.")
        self._refuse_known(command)
        self._models.name(sorted({entered.battle.model(side) for entered in command.battles for side in Side}))
        for entered in command.battles:
            self._origins[entered.by_digest] = (entered.battle.battle_id, entered.origin)
            self._battles.enter(entered)
        for prepared in command.ballots:
            self._votes.decide(prepared)
        return len(command.ballots)

    @property
    def empty(self) -> bool:
        return not self._origins

    def write(self, connection: Connection) -> None:
        origins.append(connection, self._origins.values())

    def remember(self) -> None:
        for digest in self._origins:
            self._known.unique.origin_digest.add(digest)

    def _refuse_known(self, page: Entering) -> None:
        """Raise `Conflict` when a battle or a vote is here already, or somebody in it has been erased."""
        for entered in page.battles:
            if self._holds(entered):
                raise errors.Conflict(
                    f"Battle {entered.battle.battle_id} was imported meanwhile; import the file again."
                )
        for prepared in page.ballots:
            if self._votes.has_turn(prepared):
                raise errors.Conflict(f"Vote {prepared.vote.vote_id} was imported meanwhile; import the file again.")
        if gone := removals.erased(self._looking):
            people = {prepared.vote.rater_id for prepared in page.ballots}
            people |= {entered.battle.rater_id for entered in page.battles}
            if any(hashed(rater_id) in gone for rater_id in people):
                raise errors.Conflict("A rater of this page was erased meanwhile; import the file again.")

    def _holds(self, entered: Entered) -> bool:
        """Whether a battle with this digest or id is stored; a hash alone may be another's."""
        unique, battle_id, digest = self._known.unique, entered.battle.battle_id, entered.origin.digest
        return bool(
            unique.origin_digest.may_hold(entered.by_digest)
            and rows.number(self._looking, "SELECT count(*) FROM origins WHERE digest = ?", [digest])
        ) or bool(
            unique.battle_id.may_hold(key_hashes.hashed(battle_id))
            and rows.number(self._looking, "SELECT count(*) FROM battles WHERE battle_id = ?", [battle_id])
        )
