"""One transaction of the writer: commands decided one after another, their rows written together.

A command sees what the ones before it in the batch did. A refused command adds no row, so it disturbs nobody. What is
decided, written and remembered is the matter of each noun; here is only their order.
"""

from collections.abc import Callable, Collection

from arena import errors
from arena.domain.ids import BattleId
from arena.store import heads
from arena.store.connections import Connection
from arena.store.writing import prepare
from arena.store.writing.nouns import Noun, Result
from arena.store.writing.nouns.agreements import NewAgreements
from arena.store.writing.nouns.assignments import NewAssignments
from arena.store.writing.nouns.audits import NewFindings
from arena.store.writing.nouns.battles import Left, NewBattles
from arena.store.writing.nouns.campaign_payments import NewCampaignPayments
from arena.store.writing.nouns.campaigns import NewCampaigns
from arena.store.writing.nouns.choices import NewChoices
from arena.store.writing.nouns.credit_lines import NewCreditDecisions, NewCreditTerms
from arena.store.writing.nouns.imports import NewImports
from arena.store.writing.nouns.leavers import Leavers
from arena.store.writing.nouns.lines import NewLines
from arena.store.writing.nouns.model_changes import NewModelChanges
from arena.store.writing.nouns.models import NewModels
from arena.store.writing.nouns.prompt_sets import NewAnswers, NewPrompts
from arena.store.writing.nouns.qualifications import NewQualifications
from arena.store.writing.nouns.releases import NewClusters, NewReleases
from arena.store.writing.nouns.removals import NewRemovals
from arena.store.writing.nouns.reports import NewReports
from arena.store.writing.nouns.settlements import NewSettlements
from arena.store.writing.nouns.standing import NewStanding
from arena.store.writing.nouns.tasks import NewTasks
from arena.store.writing.nouns.trials import NewTrials
from arena.store.writing.nouns.votes import NewVotes
from arena.store.writing.prepare import Prepared
from arena.store.writing.vote_counts import VoteCounts
from arena.store.writing.writer_cache import WriterCache

Outcome = Result | errors.ArenaError


class Batch:
    """The rows of one transaction."""

    def __init__(
        self,
        looking: Connection,
        known: WriterCache,
        counted: Callable[[], VoteCounts],
        left: Left,
        has_work: Callable[[str], bool],
    ) -> None:
        """`looking` is a connection for look-ups; `write` is given another. `counted` counts the votes anew, for when
        some of them are erased; `left` says which battles no other process writes, `has_work` whether this one does a
        work of which one process at a time has the turn."""
        self._known = known
        lines, models = NewLines(known), NewModels(known)
        leavers = Leavers(known)
        self._battles = NewBattles(looking, known, leavers, left)
        assignments = NewAssignments(looking, known, leavers, self._battles)
        self._votes = NewVotes(looking, known, leavers, self._battles, assignments, lines)
        removals = NewRemovals(looking, known, counted, leavers, self._battles, self._votes, lines)
        prompts = NewPrompts(looking, known)
        standing = NewStanding(looking, leavers, lines)
        self._nouns: tuple[Noun, ...] = (
            models,
            NewModelChanges(looking, models, lines),
            NewCampaigns(looking, lines),
            prompts,
            NewAnswers(looking, known, models, prompts),
            self._battles,
            # items before the turns at them
            NewTasks(looking, known, leavers, self._battles, assignments, self._votes),
            assignments,
            self._votes,
            NewReports(looking, known, leavers),
            NewAgreements(looking, leavers),
            NewTrials(leavers),
            NewQualifications(looking, leavers, lines),
            NewImports(looking, known, models, self._battles, self._votes, removals),
            NewReleases(known, has_work),
            NewClusters(),
            NewSettlements(looking, lines),
            NewCreditTerms(looking, lines),
            NewCreditDecisions(looking, lines),
            NewCampaignPayments(looking, lines),
            NewChoices(looking, removals, lines),
            NewFindings(looking, leavers, standing, lines),
            standing,
            removals,  # after whatever may have to leave
            lines,
        )
        self._deciding: dict[type, Noun] = {kind: noun for noun in self._nouns for kind in noun.takes}

    def decide(self, prepared: list[Prepared]) -> list[Outcome]:
        """The outcome of each command, in order: its result, or the error that refuses it."""
        self._votes.look_up(vote for one in prepared for vote in prepare.ballots(one))
        outcomes: list[Outcome] = []
        for one in prepared:
            try:
                outcomes.append(self._deciding[type(one)].decide(one))
            except errors.ArenaError as refusal:
                outcomes.append(refusal)
        return outcomes

    def write(self, connection: Connection) -> None:
        """Add the rows of every accepted command, inside the transaction of `connection`."""
        for noun in self._nouns:
            noun.write(connection)

    @property
    def begun(self) -> Collection[BattleId]:
        """Battles that this process writes from now on."""
        return self._battles.begun

    @property
    def ended(self) -> Collection[BattleId]:
        """Battles that nobody writes any more."""
        return self._battles.ended

    @property
    def empty(self) -> bool:
        """Whether nothing was accepted that needs a commit."""
        return all(noun.empty for noun in self._nouns)

    def remember(self) -> heads.WorkspaceHead:
        """Take over what is now durable into the writer's memory; the head after it."""
        for noun in self._nouns:
            if not noun.empty:
                noun.remember()
        return self._known.head
