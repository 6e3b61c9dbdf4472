"""Raters who leave in a transaction."""

from collections.abc import Callable
from typing import ClassVar

from arena import errors
from arena.domain import credit, ledger
from arena.domain.battle import Void, VoidCause
from arena.domain.credit import EarningVote
from arena.domain.ids import RaterId
from arena.domain.removal import Removal, RemovalKind
from arena.store import credit_lines, prompt_sets, removals
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.battles import NewBattles
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.nouns.lines import NewLines
from arena.store.writing.nouns.votes import NewVotes
from arena.store.writing.vote_counts import VoteCounts
from arena.store.writing.writer_cache import WriterCache


class NewRemovals:
    """Removals on top of those that are stored. Written after whatever may have to leave with them."""

    takes: ClassVar[tuple[type, ...]] = (commands.Remove,)

    def __init__(
        self,
        looking: Connection,
        known: WriterCache,
        counted: Callable[[], VoteCounts],
        leavers: Leavers,
        battles: NewBattles,
        votes: NewVotes,
        lines: NewLines,
    ) -> None:
        self._looking = looking
        self._known = known
        self._counted = counted
        self._leavers = leavers
        self._battles = battles
        self._votes = votes
        self._lines = lines
        self._added: list[tuple[Removal, RaterId, ledger.Line]] = []
        self._kept: list[tuple[list[EarningVote], ledger.Line]] = []

    def decide(self, command: commands.Remove) -> commands.DurableRemoval:
        rater_id, kind = command.rater_id, command.kind
        if rater_id in prompt_sets.owners(self._looking):
            raise errors.Conflict(
                "The prompts of a set are asked under this id, and it is nobody: everybody's votes on them would go. "
                "Nothing was removed; name the rater."
            )
        removals.refuse_again(self._looking, rater_id, kind)
        self.refuse_leaving(rater_id)
        if kind is RemovalKind.ERASED:
            gone = Void(cause=VoidCause.RATER, failed_side=None, detail="its rater left", voided_at=command.removed_at)
            owned = {*removals.battles_of(self._looking, rater_id), *self._battles.of_rater(rater_id)}
            self._battles.leave(owned, gone)
            self._leavers.add(rater_id)
        cast = {*removals.votes_of(self._looking, rater_id), *self._votes.of_rater(rater_id)}
        removal = Removal(
            removal_id=command.removal_id,
            kind=kind,
            votes=tuple(sorted(cast, key=lambda one: one[1])),
            removed_at=command.removed_at,
        )
        line = self._lines.add(removal.removal_id, removal.commitment())
        self._added.append((removal, rater_id, line))
        if kind is RemovalKind.ERASED:
            self._keep(removal, rater_id)
        return commands.DurableRemoval(removal=removal, line=line)

    def refuse_leaving(self, rater_id: RaterId) -> None:
        """Raise `Conflict` for a rater who leaves in this transaction."""
        if any(one == rater_id for _, one, _ in self._added):
            raise errors.Conflict("This rater is leaving already.")

    def _keep(self, removal: Removal, rater_id: RaterId) -> None:
        """Keep what is owed for the votes that go."""
        earning = credit_lines.earning(self._looking, [vote_id for _, vote_id in removal.votes])
        for cast in self._votes.cast_by(rater_id):
            earning += credit_lines.of_cast(self._looking, cast)
        if earning:
            subject = f"{removal.removal_id}-credits"
            self._kept.append((earning, self._lines.add(subject, credit.kept_commitment(subject, earning))))

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        removals.append(connection, self._added)
        credit_lines.append_kept(connection, self._kept)

    def remember(self) -> None:
        """What was kept of battles and counted of votes may be theirs."""
        self._leavers.remember()
        if self._added:
            self._known.counts = self._counted()
            self._known.recent.forget()
            for removal, rater_id, _ in self._added:
                self._known.turns.left(rater_id, removal.kind)
            self._known.marks.change("removals")
