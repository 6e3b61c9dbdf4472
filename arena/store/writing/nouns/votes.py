"""Votes that a transaction adds, each with its line in the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from arena import errors
from arena.domain import ledger
from arena.domain.ids import BattleId, RaterId, VoteId
from arena.store import votes
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.assignments import NewAssignments
from arena.store.writing.nouns.battles import NewBattles
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.nouns.lines import NewLines
from arena.store.writing.prepare import PreparedVote
from arena.store.writing.writer_cache import WriterCache

LISTED = "(SELECT unnest(CAST(? AS VARCHAR[])))"


class NewVotes:
    """Votes on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (PreparedVote,)

    def __init__(
        self,
        looking: Connection,
        known: WriterCache,
        leavers: Leavers,
        battles: NewBattles,
        assignments: NewAssignments,
        lines: NewLines,
    ) -> None:
        self._looking = looking
        self._known = known
        self._leavers = leavers
        self._battles = battles
        self._assignments = assignments
        self._lines = lines
        self._cast: list[tuple[PreparedVote, commands.CastResult]] = []
        self._by_turn: dict[tuple[RaterId, str], commands.CastResult] = {}
        self._by_key: dict[tuple[RaterId, str], commands.CastResult] = {}
        self._by_id: dict[VoteId, commands.CastResult] = {}

    def look_up(self, prepared: Iterable[PreparedVote]) -> None:
        """Find the stored votes that these may repeat: one query, and only when a hash is known."""
        unique = self._known.unique
        suspects = [
            one.vote
            for one in prepared
            if unique.assignment.may_hold(one.by_turn)
            or unique.rater_key.may_hold(one.by_key)
            or unique.vote_id.may_hold(one.by_id)
        ]
        if not suspects:
            return
        stored = votes.results(
            self._looking,
            f"(rater_id IN {LISTED} AND (battle_id IN {LISTED} OR idempotency_key IN {LISTED})) OR vote_id IN {LISTED}",
            [
                [vote.rater_id for vote in suspects],
                [vote.battle_id for vote in suspects],
                [vote.idempotency_key for vote in suspects],
                [vote.vote_id for vote in suspects],
            ],
        )
        for result in stored:
            self._index(result)

    def decide(self, command: PreparedVote) -> commands.CastResult:
        vote = command.vote
        self._leavers.refuse(vote.rater_id, command.asked_by)
        first = self._by_key.get((vote.rater_id, vote.idempotency_key))
        if first is not None:
            if first.vote.request_sha256 != vote.request_sha256:
                raise errors.Conflict(
                    "This Idempotency-Key was used before with another request; send each new vote with a new key."
                )
            return replace(first, replayed=True)
        self._battles.refuse_stopped(vote.battle_id)
        if self.has_turn(command):
            raise errors.Conflict(f"You have already voted on battle {vote.battle_id}; open a new battle.")
        if command.others and self._voted(vote.battle_id, command.others):
            raise errors.Conflict("You voted on this item under another of your ids. Skip it, then start the next one.")
        if vote.vote_id in self._by_id:
            raise errors.Conflict(f"Vote {vote.vote_id} is stored already; mint a new id.")
        self._assignments.refuse_wrong_turn(vote)
        line = self._lines.add(vote.vote_id, command.commitment)
        result = commands.CastResult(
            vote=vote, line=line, salt=command.salt, version=ledger.VERSION, kept=command.kept, replayed=False
        )
        self._cast.append((command, result))
        self._battles.voted_on(vote.battle_id)
        self._index(result)
        return result

    def has_turn(self, prepared: PreparedVote) -> bool:
        """Whether its rater voted in the same turn before."""
        return (prepared.vote.rater_id, prepared.vote.turn) in self._by_turn

    def _voted(self, battle_id: BattleId, raters: Sequence[RaterId]) -> bool:
        """Whether one of these voted on a battle, in this transaction or before."""
        if any(result.vote.battle_id == battle_id and result.vote.rater_id in raters for _, result in self._cast):
            return True
        return bool(votes.results(self._looking, f"battle_id = ? AND rater_id IN {LISTED}", [battle_id, list(raters)]))

    def turns(self) -> set[str]:
        """The turns in which a vote of this transaction was cast."""
        return {result.vote.turn for _, result in self._cast}

    def of_rater(self, rater_id: RaterId) -> list[tuple[BattleId, VoteId]]:
        """The votes of this transaction by a rater."""
        cast = (result.vote for _, result in self._cast)
        return [(vote.battle_id, vote.vote_id) for vote in cast if vote.rater_id == rater_id]

    def cast_by(self, rater_id: RaterId) -> list[commands.CastResult]:
        """The votes of this transaction by a rater, with their lines."""
        return [result for _, result in self._cast if result.vote.rater_id == rater_id]

    @property
    def empty(self) -> bool:
        return not self._cast

    def write(self, connection: Connection) -> None:
        votes.append(connection, [result for _, result in self._cast])

    def remember(self) -> None:
        known = self._known
        for prepared, result in self._cast:
            known.unique.assignment.add(prepared.by_turn)
            known.unique.rater_key.add(prepared.by_key)
            known.unique.vote_id.add(prepared.by_id)
            known.counts.add(result.vote, prepared.model_a, prepared.model_b, result.line.sequence)
            known.recent.cast(result)
            known.turns.cast(result.vote)

    def _index(self, result: commands.CastResult) -> None:
        vote = result.vote
        self._by_turn[vote.rater_id, vote.turn] = result
        self._by_key[vote.rater_id, vote.idempotency_key] = result
        self._by_id[vote.vote_id] = result
