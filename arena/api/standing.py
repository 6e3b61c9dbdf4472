"""Standing: how a rater stands, who decides on it, and appeals."""

from typing import Annotated, Literal

from fastapi import APIRouter

from arena.api import lists, said
from arena.api.bodies import Body, moment
from arena.api.lists import Limit
from arena.api.who import Arena, Who
from arena.domain import selection_values as values
from arena.domain.appeal import TEXT_LIMIT
from arena.domain.campaign import GENERAL
from arena.domain.finding import RecordedFinding
from arena.domain.standing import REASON_LIMIT, Standing, StandingDecision, VoteHold
from arena.services.deciding_standing import DecisionAsked, HoldAsked
from arena.services.standing_states import AppealState, FieldState, RaterState, newest

router = APIRouter(prefix="/api/v1", tags=["standing"])
Named = Literal["new", "qualified", "probation", "suspended"]
StandingWanted = Annotated[str, said.one_of(Standing)]
Reason = Annotated[str, said.text(REASON_LIMIT)]


class OwnAppeal(Body):
    """What you asked to be looked at again, and what was answered, word for word."""

    appeal_id: str
    field: str
    state: Literal["open", "answered"]
    text: str
    asked_at: str | None
    line: int | None
    """The line of the ledger that says you asked; null where it was asked under an arena that wrote none."""
    answer: str | None
    answered_at: str | None


class OwnHold(Body):
    """Which votes a policy holds for what an audit found, and why."""

    reason: str
    since: str | None
    """Votes cast from then on are held; null: all of them."""
    model: str | None
    """Only votes on this model are held; null: whatever the models."""
    policy: str
    """What decided, with its version."""
    decided_at: str | None


class FieldOfRater(Body):
    """How a rater stands in a field."""

    field: str
    standing: Named
    reason: str | None
    """Of the person who decided, or of the finding that votes are held for, word for word; null where nobody had to."""
    since: str | None
    until: str | None
    votes: int
    """Votes of the field that count, or would if they were not held."""
    held: int
    hold: OwnHold | None
    """What is held for what an audit found; null where nothing is."""
    appeal: OwnAppeal | None
    """On the decision that holds, or answered by it."""


class OwnStanding(Body):
    """How you stand: at the top in `general`, where campaigns ask no qualification."""

    standing: Named
    reason: str | None
    since: str | None
    until: str | None
    fields: list[FieldOfRater]
    """`general`, then the other fields by name."""
    appeal: OwnAppeal | None
    """Your newest, of all fields."""


class HoldRequest(Body):
    """Which votes are held: those cast from `since` on, on battles with `model`. What is left out narrows nothing."""

    since: said.Moment | None = None
    model: str | None = None


class DecisionRequest(Body):
    """What is decided, of whomever. Values are checked by the arena, which says what it accepts."""

    standing: StandingWanted
    reason: Reason
    until: said.Moment | None = None
    hold: HoldRequest | None = None

    def asked(self, field: str) -> DecisionAsked:
        """The same for the service, with moments read."""
        hold = None
        if self.hold is not None:
            hold = HoldAsked(since=values.moment("hold.since", self.hold.since), model=self.hold.model)
        until = values.moment("until", self.until)
        return DecisionAsked(standing=self.standing, reason=self.reason, field=field, until=until, hold=hold)


class StandingRequest(DecisionRequest):
    """A decision on a rater."""

    field: str = GENERAL


class StandingMade(FieldOfRater):
    """How the rater stands now."""

    undone_until: str | None
    """Until when DELETE of the same path takes the decision back."""


class StandingOfField(Body):
    field: str
    standing: Named
    reason: str | None
    since: str | None
    until: str | None
    undone_until: str | None


class FindingOfRater(Body):
    """What an audit says of a rater."""

    finding_id: str
    kind: str
    strength: float
    since: str | None
    """Of the rater's first vote that speaks for it; null where all that the raters of it have do."""
    votes: int
    """Of this rater, that speak for it."""
    sentence: str
    policy: str
    model: str | None
    pending: bool


class DayOfRater(Body):
    """One day, UTC, with a vote of the rater."""

    day: str
    votes: int
    held: int
    gold_right: int
    gold_seen: int


class RaterListed(Body):
    rater_id: str
    standing: Named
    fields: list[StandingOfField]
    votes: int
    """Votes that count, or would if they were not held: `counted` + `held`."""
    counted: int
    held: int
    gold_right: int
    gold_seen: int
    repeats_same: int
    repeats_seen: int
    agreement: float | None
    """Share of the votes of others on the same battles with the same outcome; null without any."""
    median_seconds: float | None
    days: list[DayOfRater]
    """Of the last three weeks, those with a vote."""
    findings: list[FindingOfRater]
    """That stand, in the order of the ledger."""
    appeal: OwnAppeal | None


class RaterList(Body):
    raters: list[RaterListed]
    next: str | None


class AppealRequest(Body):
    text: Annotated[str, said.text(TEXT_LIMIT)]
    field: str | None = None


class AppealMade(Body):
    appeal_id: str
    """The subject of the line."""
    line: int
    """The line of the ledger that says you asked."""


class AppealListed(Body):
    appeal_id: str
    rater_id: str
    field: str
    standing: str
    """What was decided; `held` where votes are held and the standing stays."""
    reason: str
    decided_by: str
    decided_at: str | None
    text: str
    asked_at: str | None
    line: int | None
    """The line of the ledger that says so; null where it was asked under an arena that wrote none."""
    state: Literal["open", "answered"]
    mine: bool
    """Whether the decision is yours: you may give way, not refuse."""
    answer: str | None
    """Word for word; that the decision was undone, or the reason of the one that took its place, where that came
    first."""
    answered_standing: Named | None
    answered_by: str | None
    answered_at: str | None


class AppealList(Body):
    appeals: list[AppealListed]
    next: str | None


class AppealAnswer(Body):
    standing: StandingWanted
    reason: Reason


@router.get("/me/standing")
async def own_standing(arena: Arena, who: Who) -> OwnStanding:
    """What you may rate, and why."""
    fields = await arena.standing.mine(who)
    general = fields[0]
    return OwnStanding(
        standing=general.now.standing.value,
        reason=general.reason,
        since=moment(general.since),
        until=moment(general.now.until),
        fields=[_field(one) for one in fields],
        appeal=_own(newest(fields)),
    )


@router.post("/me/appeals", status_code=201)
async def appeal(arena: Arena, who: Who, body: AppealRequest) -> AppealMade:
    """Ask, once for each decision, that another person looks at it again. `field` says which, if there are several."""
    made = await arena.appealing.appeal(who, body.text, body.field)
    return AppealMade(appeal_id=made.appeal_id, line=made.line)


@router.get("/raters")
async def raters(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> RaterList:
    """Everybody who rated, with what speaks for their standing. No e-mail, no name."""
    found, following = lists.page(await arena.standing.listed(who, after, limit + 1), limit, lambda one: one.name)
    return RaterList(raters=list(map(_rater, found)), next=following)


@router.patch("/raters/{rater_id}/standing")
async def decide(arena: Arena, who: Who, rater_id: str, body: StandingRequest) -> StandingMade:
    """Decide how a rater stands in a field. The reason is told them word for word.

    `suspended` holds all votes of the field unless `hold` narrows it, `probation` those from now on; `qualified` lifts
    every hold of the field. A hold keeps votes out of boards and releases, and moves no credit. Whoever has an account
    may be named before they rated: by the id that GET /api/v1/me shows them, or, for admins, by e-mail.
    """
    made = await arena.standing.decide(who, rater_id, body.asked(body.field))
    return StandingMade(**_field(made).model_dump(), undone_until=moment(made.undone_until))


@router.delete("/raters/{rater_id}/standing", status_code=204)
async def undo(arena: Arena, who: Who, rater_id: str, field: str = GENERAL) -> None:
    """Take back the last decision in a field within 30 minutes: what held before holds again."""
    await arena.standing.undo(who, rater_id, field)


@router.get("/appeals")
async def appeals(arena: Arena, who: Who, after: str = "", limit: Limit = 100) -> AppealList:
    """What raters asked to be looked at again, oldest first, and what was answered."""
    read = await arena.appealing.listed(who, after, limit + 1)
    found, following = lists.page(read, limit, lambda one: one.appeal.appeal_id)
    return AppealList(appeals=list(map(_listed, found)), next=following)


@router.post("/appeals/{appeal_id}/answer")
async def answer(arena: Arena, who: Who, appeal_id: str, body: AppealAnswer) -> StandingMade:
    """Answer an appeal by a decision, which the rater is told word for word. Whoever made the decision may give way,
    not refuse: 409."""
    made = await arena.appealing.answer(who, appeal_id, body.standing, body.reason)
    return StandingMade(**_field(made).model_dump(), undone_until=moment(made.undone_until))


def _field(one: FieldState) -> FieldOfRater:
    return FieldOfRater(
        field=one.now.field,
        standing=one.now.standing.value,
        reason=one.reason,
        since=moment(one.since),
        until=moment(one.now.until),
        votes=one.votes.votes,
        held=one.votes.held,
        hold=None if one.held_by is None else _hold(one.held_by),
        appeal=_own(one.appeal),
    )


def _hold(decision: StandingDecision) -> OwnHold:
    lying = decision.hold or VoteHold()
    return OwnHold(
        reason=decision.reason,
        since=moment(lying.since),
        model=lying.model,
        policy=decision.decided_by,
        decided_at=moment(decision.decided_at),
    )


def _finding(one: RecordedFinding) -> FindingOfRater:
    return FindingOfRater(
        finding_id=one.finding_id,
        kind=one.kind,
        strength=one.strength,
        since=None if one.since is None else moment(min(spoken.first_at for spoken in one.raters)),
        votes=sum(spoken.votes for spoken in one.raters),
        sentence=one.sentence,
        policy=one.policy,
        model=one.model,
        pending=one.pending,
    )


def _own(state: AppealState | None) -> OwnAppeal | None:
    if state is None:
        return None
    return OwnAppeal(
        appeal_id=state.appeal.appeal_id,
        field=state.appeal.field,
        state="open" if state.answer is None else "answered",
        text=state.appeal.text,
        asked_at=moment(state.appeal.asked_at),
        line=state.appeal.line,
        answer=state.answered,
        answered_at=None if state.answer is None else moment(state.answer.decided_at),
    )


def _rater(one: RaterState) -> RaterListed:
    facts = one.facts
    return RaterListed(
        rater_id=one.name,
        standing=one.general.now.standing.value,
        fields=[
            StandingOfField(
                field=field.now.field,
                standing=field.now.standing.value,
                reason=field.reason,
                since=moment(field.since),
                until=moment(field.now.until),
                undone_until=moment(field.undone_until),
            )
            for field in one.fields
        ],
        votes=facts.votes,
        counted=facts.votes - facts.held,
        held=facts.held,
        gold_right=facts.record.gold_right,
        gold_seen=facts.record.gold_seen,
        repeats_same=facts.record.repeats_same,
        repeats_seen=facts.record.repeats_seen,
        agreement=facts.agreed / facts.compared if facts.compared else None,
        median_seconds=facts.median_seconds,
        days=[
            DayOfRater(
                day=some.day.isoformat(),
                votes=some.votes,
                held=some.held,
                gold_right=some.gold_right,
                gold_seen=some.gold_seen,
            )
            for some in one.days
        ],
        findings=[_finding(finding) for finding in one.findings],
        appeal=_own(one.appeal),
    )


def _listed(state: AppealState) -> AppealListed:
    decision, answer = state.decision, state.answer
    return AppealListed(
        appeal_id=state.appeal.appeal_id,
        rater_id=state.by,
        field=state.appeal.field,
        standing="held" if decision.standing is None else decision.standing.value,
        reason=decision.reason,
        decided_by=decision.decided_by,
        decided_at=moment(decision.decided_at),
        text=state.appeal.text,
        asked_at=moment(state.appeal.asked_at),
        line=state.appeal.line,
        state="open" if answer is None else "answered",
        mine=state.mine,
        answer=state.answered,
        answered_standing=None if answer is None or answer.standing is None else answer.standing.value,
        answered_by=None if answer is None else answer.decided_by,
        answered_at=None if answer is None else moment(answer.decided_at),
    )
