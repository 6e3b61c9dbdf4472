"""Findings: what audits say of raters by their votes, and asking for an audit."""

from typing import Literal

from fastapi import APIRouter

from arena.api import lists
from arena.api.bodies import Body
from arena.api.lists import Limit
from arena.api.standing import DecisionRequest, Named
from arena.api.who import Arena, Who
from arena.domain.campaign import GENERAL
from arena.services.deciding_standing import named

router = APIRouter(prefix="/api/v1", tags=["standing"])


class AuditRequest(Body):
    """What to audit, and how."""

    dry_run: bool = False
    """Whether nothing is written."""


class FindingTold(Body):
    """What an audit says, with what the policy does for it."""

    finding_id: str
    kind: str
    """`lopsided`, `careless`, `half`, `inverted`, `push`, `hunt`, `ring`, `pooled`, `cohort`, `gold`, `repeat`,
    `quick`, `straight`, `skip` or `apart`."""
    raters: list[str]
    votes: int
    """That speak for it."""
    since: str | None
    """Of the first of them; null where all that the raters have speak for it."""
    strength: float
    """Natural logarithm of the evidence over honest raters: 5 is 150 to 1."""
    model: str | None
    """The model it is about, where it is about one."""
    sentence: str
    pending: bool
    """Whether the votes wait, and nothing is said of any one rater."""
    then: Literal["note", "hold", "probation"]
    """What the policy does for it."""
    policy: str
    """Version of the policy."""
    found_at: str
    ended_at: str | None
    """Since when audits do not find it any more; null while it stands."""


class FindingOfAudit(FindingTold):
    new: bool
    """Whether it was not found before."""


class StepTold(Body):
    """One thing that the policy decided: a line of the ledger for each rater of the account."""

    step: Literal["hold", "probation", "lift"]
    rater_id: str
    field: str
    since: str | None
    """From when on votes are held; null: from the first."""
    model: str | None
    """Only votes on this model are held; null: whatever the models."""
    reason: str
    finding_id: str


class LimitTold(Body):
    """What could not be found in votes if it were there."""

    kind: Literal["uncompared", "ring"]
    deviation: float | None
    """Of a ring, the logits by which it would have to deviate on every model to be found; null: it never is."""
    sentence: str
    """In English."""


class AuditTold(Body):
    """What an audit came to."""

    policy: str
    dry_run: bool
    votes: int
    """Votes that were read."""
    held_votes: int
    """Of them, those held for findings; those that wait are among them."""
    held_raters: list[str]
    pending_votes: int
    pending_raters: list[str]
    findings: list[FindingOfAudit]
    """Everything that stands, the strongest first."""
    ended: list[str]
    """Findings that are no more."""
    steps: list[StepTold]
    """What was decided; empty where nothing changed since the last audit."""
    limits: list[LimitTold]
    """What could not be found in these votes if it were there: no finding is not none to be found."""
    seconds: float


class ListedFinding(FindingTold):
    waits: bool
    """Whether raters are on probation for it, on one of whom no person has decided since."""


class FindingList(Body):
    findings: list[ListedFinding]
    limits: list[LimitTold]
    """What the last audit could not have found if it were there."""
    next: str | None


class SpeakingRater(Body):
    rater_id: str
    votes: int
    """That speak for the finding."""
    first_at: str
    last_at: str


class SpeakingVote(Body):
    """A vote that speaks for a finding, in the orientation of its battle."""

    vote_id: str
    battle_id: str
    rater_id: str
    model_a: str
    model_b: str
    winner: str
    cast_at: str
    held: bool
    expected: str | None
    """What is known of the item (`gold`), or what the rater said before (`repeat`); such votes count nowhere."""


class FindingWhole(FindingTold):
    of_raters: list[SpeakingRater]
    spoken: list[SpeakingVote]
    """The votes that speak for it and are still there, by time, up to `limit`."""


class DecidedTogether(Body):
    """What was decided, alike on each of these raters."""

    raters: list[str]
    standing: Named
    fields: list[str]


class TogetherRequest(DecisionRequest):
    """A decision on everybody whom a finding is about."""

    field: str | None = None
    """The one field to decide in; without it, every field in which audits hold votes of theirs."""


@router.post("/audits")
async def audit(arena: Arena, who: Who, body: AuditRequest) -> AuditTold:
    """Audit the votes now, for labs: what is found is kept, and votes are held as the policy says. The same votes once
    more change nothing; with `dry_run` nothing is written."""
    done = await arena.audits.run(who, dry_run=body.dry_run)
    return AuditTold.model_validate(done.document())


@router.get("/findings")
async def findings(arena: Arena, who: Who, after: str = "", limit: Limit = 100, ended: bool = False) -> FindingList:
    """What audits found, oldest first: what stands, and with `ended` what does not any more; and what the last audit
    could not have found."""
    read = await arena.audits.listed(who, after, limit + 1, ended=ended)
    found, following = lists.page(read, limit, lambda one: one.finding.finding_id)
    return FindingList(
        findings=[ListedFinding(**one.document(), waits=one.waits) for one in found],
        limits=[LimitTold.model_validate(one.document()) for one in arena.audits.limits(who)],
        next=following,
    )


@router.get("/findings/{finding_id}")
async def finding(arena: Arena, who: Who, finding_id: str, limit: Limit = 100) -> FindingWhole:
    """One finding with its raters, and the votes that speak for it."""
    found, spoken = await arena.audits.find(who, finding_id, limit)
    return FindingWhole(
        **found.document(),
        of_raters=[
            SpeakingRater(
                rater_id=one.name,
                votes=one.votes,
                first_at=one.first_at.isoformat(),
                last_at=one.last_at.isoformat(),
            )
            for one in found.raters
        ],
        spoken=[
            SpeakingVote(
                vote_id=one.vote_id,
                battle_id=one.battle_id,
                rater_id=name,
                model_a=one.model_a,
                model_b=one.model_b,
                winner=one.winner,
                cast_at=one.cast_at.isoformat(),
                held=one.held,
                expected=one.expected,
            )
            for name, one in spoken
        ],
    )


@router.post("/findings/{finding_id}/decisions", status_code=201)
async def decide_together(arena: Arena, who: Who, finding_id: str, body: TogetherRequest) -> DecidedTogether:
    """Decide alike on every rater of a finding, all or none. Each is told the reason, and may ask for a review of their
    own; each decision can be undone by itself."""
    raters, fields = await arena.standing.decide_on_finding(
        who, finding_id, body.asked(body.field or GENERAL), body.field
    )
    return DecidedTogether(raters=raters, standing=named(body.standing).value, fields=fields)
