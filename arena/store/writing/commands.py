"""What can be written to a workspace. Each command is done whole, or refused and leaves nothing behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from arena.domain.appeal import Appeal
from arena.domain.assignment import Assignment, TurnEnd
from arena.domain.battle import Battle, BattleRecord, Response, Void
from arena.domain.campaign_change import CampaignChange
from arena.domain.campaign_settlement import PaymentLine, SettledCredits
from arena.domain.consent import Choice, Scope
from arena.domain.credit import HoldBack, TermsLine
from arena.domain.finding import FindingEnd, PolicyUse, RecordedFinding
from arena.domain.ids import BattleId, RaterId, ReleaseId, ReportId
from arena.domain.ledger import Line
from arena.domain.model import Model
from arena.domain.model_state import ModelChange
from arena.domain.prompt_set import StoredAnswer, StoredPrompt
from arena.domain.qualification import Qualification, QualificationResult
from arena.domain.removal import Removal, RemovalKind
from arena.domain.report import Report, ReportAnswer
from arena.domain.settlement import Part, SettlementLine
from arena.domain.standing import StandingDecision
from arena.domain.trial import Trial
from arena.domain.vote import Vote
from arena.store.agreements import Agreement
from arena.store.writing.opened_battles import OpenedSoFar

Result_co = TypeVar("Result_co", covariant=True)


class Command(Generic[Result_co]):
    """Something to write, and the type of what comes back once it is durable."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddModels(Command[None]):
    """Make models known. A known name with other settings is refused; only its endpoint and key may move."""

    models: tuple[Model, ...]
    added_at: datetime | None = None
    """UTC; noted beside what is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChanged:
    """A durable change of a model."""

    change: ModelChange
    line: Line | None
    """None where nothing changed: it was in that state before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddModel(Command[ModelChanged]):
    """Make a model known under a name that was never given. Refused for a name that is more than a name."""

    model: Model
    change: ModelChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeModel(Command[ModelChanged]):
    """Let a known model be in another state. Refused where that cannot follow."""

    change: ModelChange


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignChanged:
    """A durable change of a campaign."""

    change: CampaignChange
    line: Line | None
    """None where nothing changed: it was like that before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCampaign(Command[CampaignChanged]):
    """Make a campaign under a name that was never given."""

    change: CampaignChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCampaign(Command[CampaignChanged]):
    """Let a campaign be in another state or have other keys, which are its next version. Refused where the state cannot
    follow, and where somebody else changed it meanwhile."""

    change: CampaignChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree(Command[None]):
    """Record that a rater agreed to what a campaign asks. The same once more changes nothing."""

    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTrial(Command[None]):
    """Keep a trial, whole, until it is old."""

    trial: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetTrials(Command[None]):
    """Delete the trials that were asked before a moment."""

    before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPrompts(Command[int]):
    """Add prompts to a set, which is made by its first ones; what comes back is how many are new.

    Refused whole where one of them is in the set with another content.
    """

    set_name: str
    prompts: tuple[StoredPrompt, ...]
    added_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAnswers(Command[int]):
    """Add answers to prompts of a set; what comes back is how many are new. Models become known by name.

    Refused whole where one of them is there with another text, or its prompt is not in the set.
    """

    set_name: str
    answers: tuple[StoredAnswer, ...]
    added_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnswers:
    """Answers that are there when a battle is opened."""

    response_a: Response
    response_b: Response
    completed_at: datetime
    """UTC; from when on it can be voted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPlaces:
    """How many battles more a campaign takes."""

    left: int
    seen: OpenedSoFar
    """What had been opened before `left` was counted: where more has been since, `left` is counted again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBattle(Command[bool]):
    """Record that a battle was opened: to be written, or over stored answers and so ready at once. Returns whether it
    was: with `places` it is not where others took the last of them meanwhile."""

    battle: Battle
    answers: StoredAnswers | None = None
    places: LastPlaces | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Command[None]):
    """Give a rater a turn at a battle that is here and not void. Refused for an id that was given before, and for a
    second turn of a rater at the same battle that is no repeat."""

    assignment: Assignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A turn that may be given, and the item it is at where that has still to be opened."""

    assignment: Assignment
    opening: OpenBattle | None = None
    battle: Battle | None = None
    """In place of `opening`: a battle that was written, and is no item before its first turn is given."""
    set_name: str = ""
    """With one of them: the set and the prompt that the item is of."""
    prompt_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeTask(Command[Assignment | None]):
    """Give a rater the first of these turns whose item has a place left; what comes back is that turn, or the one the
    rater has open, or None where all places were taken meanwhile.

    An item has `overlap` places, and `further` more where it has votes for both of its models. One is taken by each
    vote that counts, and by each turn that has neither ended nor passed its deadline; a turn past it ends where its
    place is given on, and then takes no vote any more. A campaign that wants so many votes has as many places in all,
    and they are given in the same way.
    """

    campaign: str
    overlap: int
    daily_limit: int | None = None
    """Turns given to this rater on one day, UTC, in which they may vote: beyond it none is given that day."""
    further: int = 0
    target_votes: int | None = None
    """How many votes the campaign wants; None: as many as its items have places."""
    candidates: tuple[Candidate, ...]
    """All of one rater, and given at one moment."""
    others: tuple[RaterId, ...] = ()
    """Whom this rater was before signing in: what those have done is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTurn(Command[bool]):
    """End a turn without a vote. Returns whether it had not ended before. Refused for a turn with a vote."""

    end: TurnEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class AddReport(Command[ReportId]):
    """Record what a rater reports of a battle; what comes back is its id, or that of their first report on it."""

    report: Report
    others: tuple[RaterId, ...] = ()
    """Whom this rater was before signing in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerReport(Command[None]):
    """Record what a person decided of a report."""

    answer: ReportAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class AddQualification(Command[None]):
    """Make the test of a field. Refused for a field that has one."""

    qualification: Qualification


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordResult(Command[QualificationResult]):
    """Record a test that is over; what comes back is its result, or that which was recorded of it first."""

    result: QualificationResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteBattle(Command[None]):
    """Store both answers. Refused for a battle that is void or complete."""

    battle_id: BattleId
    response_a: Response
    response_b: Response
    completed_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidBattle(Command[bool]):
    """Record that a battle counts for nobody, and open the next in its place. Returns whether that was done.

    Nothing happens to a battle that is void already. One with a vote stays valid; a complete one is void only when its
    rater stopped it.
    """

    battle_id: BattleId
    void: Void
    following: Battle | None = None
    """The battle that `void.next` names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidLeft(Command[int]):
    """Void the battles of processes that are gone. Returns how many."""

    void: Void
    written: frozenset[BattleId]
    """Those that this process writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CastResult:
    """A durable vote."""

    vote: Vote
    """The vote that counts; when `replayed`, the first one sent with this key."""
    line: Line
    salt: str
    version: int
    """Of the commitment in its line."""
    kept: str | None = None
    """What is kept of the tree of its commitment; None for votes from before it was."""
    replayed: bool
    """Whether the key had been used before, with the same request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CastVote(Command[CastResult]):
    """Record a vote and its line in the ledger. Refused for a turn that was not given to its rater."""

    vote: Vote
    record: BattleRecord
    """The battle as it was read from this workspace, complete: the ledger commits to it."""
    others: tuple[RaterId, ...] = ()
    """Who else its rater is: none of them may have voted on the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableRemoval:
    """A durable removal."""

    removal: Removal
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove(Command[DurableRemoval]):
    """Erase a rater, or take all of theirs out of what counts. Refused when they have left already."""

    removal_id: str
    rater_id: RaterId
    kind: RemovalKind
    removed_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A durable choice."""

    scope: Scope
    line: Line | None
    """None where nothing changed: it was the rater's choice before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Command[Chosen]):
    """Record what a rater's prompts and votes may be used for. Refused for who has left."""

    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDecided:
    """Durable decisions on a rater's standing."""

    lines: tuple[Line, ...]
    """One a decision, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideStanding(Command[StandingDecided]):
    """Record what a person decided of a rater's standing, once for each rater of the account; or alike of several.

    Refused where it undoes a decision that is not the last any more, or answers an appeal that has an answer.
    """

    decisions: tuple[StandingDecision, ...]
    """Each is followed by those on the other raters of its account. Only the first may undo or answer anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAudit(Command[StandingDecided]):
    """Take over what an audit found and what a policy decided for it: all of it, or nothing.

    Refused where standing changed since it was weighed.
    """

    weighed_at: int
    """The sequence of the ledger's last line when it was."""
    use: PolicyUse | None = None
    """Of the policy, where another one, or none, was used before."""
    findings: tuple[RecordedFinding, ...] = ()
    ends: tuple[FindingEnd, ...] = ()
    decisions: tuple[StandingDecision, ...] = ()
    """Each names a finding. A decision comes before those that follow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAppeal(Command[Line]):
    """Record that a rater asks for a review of a decision, as a line of the ledger. Refused where one was asked
    before."""

    appeal: Appeal


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterBattles(Command[int]):
    """Record battles that were fought elsewhere, with their votes: all of it, or nothing when any of it is here.

    What comes back is the number of votes. Models that are not known yet become known as imported.
    """

    battles: tuple[BattleRecord, ...]
    """New here, each with its origin and both answers, and without votes."""
    votes: tuple[tuple[Vote, BattleRecord], ...]
    """Each with the battle it judges: one of these, or one read from this workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPart:
    """A durable part of a settlement."""

    entry: SettlementLine
    line: Line
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a settlement added: nothing where all of it was settled before."""

    parts: tuple[SettledPart, ...]
    settled_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle(Command[Settled]):
    """Bring what the contributors of a release earned to these parts: by new lines, which hold the differences.

    Refused while the release is settled in another unit.
    """

    settlement_id: str
    release: str
    """SHA-256 of the release's manifest."""
    root: str | None
    unit: str
    parts: tuple[Part, ...]
    """Everybody's, whatever was settled before."""
    settled_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCreditTerms(Command[bool]):
    """Record what votes of a campaign that is not stored earn from now on. Returns whether that is a change."""

    terms: TermsLine


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A durable decision on a rater's credits."""

    decision: HoldBack
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldBackCredits(Command[tuple[HeldBack, ...]]):
    """Hold credits of a person back, or give them back: all of it, or nothing where one of the parts is too much."""

    parts: tuple[tuple[HoldBack, int], ...]
    """One for each rater that the person is, with the most that may be held back of theirs in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidLine:
    """A durable payment of a settlement of a campaign."""

    entry: PaymentLine
    line: Line
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSettled:
    """What a settlement of a campaign added: nothing where the amount was settled before."""

    lines: tuple[PaidLine, ...]
    settled_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCampaign(Command[CampaignSettled]):
    """Bring what was paid for a campaign to this amount, as `campaign_settlement.added` says. Refused as there."""

    settlement_id: str
    campaign: str
    amount: int
    unit: str
    shares: tuple[SettledCredits, ...]
    settled_at: datetime
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRelease(Command[None]):
    """Record an exported data set. `Conflict` where its process has the work no more in whose turn it was made."""

    release_id: ReleaseId
    format: str
    manifest: dict[str, Any]
    created_at: datetime
    """UTC."""
    work: str | None = None
    """Of `OtherProcesses`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepClusters(Command[None]):
    """Keep which cluster of prompts battles were found to be in."""

    founders: Mapping[BattleId, BattleId]
    """Of each battle, the one that founded its cluster."""
