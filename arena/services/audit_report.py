"""What an audit came to, and a finding, as people and programs are told: with the names that answers show."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from arena import quality
from arena.domain.finding import RecordedFinding
from arena.domain.holding_policy import Consequence, HoldingPolicy
from arena.domain.ids import RaterId
from arena.domain.standing import StandingDecision
from arena.services.audit_plan import AuditPlan
from arena.store.findings import StoredFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRater:
    """Somebody a finding is about."""

    name: str
    votes: int
    """That speak for it."""
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFinding:
    """A finding as it is told: with the names that answers show."""

    finding: RecordedFinding
    raters: tuple[FoundRater, ...]
    then: Consequence
    ended_at: datetime | None
    """UTC; None while it stands."""
    waits: bool = False
    """Whether raters are on probation for it, on one of whom no person has decided since."""

    def document(self) -> dict[str, Any]:
        """As JSON tells it."""
        one = self.finding
        return {
            "finding_id": one.finding_id,
            "kind": one.kind,
            "raters": [rater.name for rater in self.raters],
            "votes": one.votes,
            "since": _told_moment(one.since),
            "strength": one.strength,
            "model": one.model,
            "sentence": one.sentence,
            "pending": one.pending,
            "then": self.then.value,
            "policy": one.policy,
            "found_at": _told_moment(one.found_at),
            "ended_at": _told_moment(self.ended_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditStep:
    """One thing that the policy decides of a person in a field."""

    step: str
    """`hold`, `probation`, or `lift`."""
    name: str
    decision: StandingDecision

    def document(self) -> dict[str, Any]:
        """As JSON tells it."""
        one = self.decision
        return {
            "step": self.step,
            "rater_id": self.name,
            "field": one.field,
            "since": None if one.hold is None else _told_moment(one.hold.since),
            "model": None if one.hold is None else one.hold.model,
            "reason": one.reason,
            "finding_id": one.finding,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDone:
    """What an audit came to."""

    policy: HoldingPolicy
    dry_run: bool
    plan: AuditPlan
    found: tuple[ToldFinding, ...]
    """Everything that stands now."""
    steps: tuple[AuditStep, ...]
    held_raters: tuple[str, ...]
    """Whose votes are held by findings from now on, those that wait apart."""
    waiting_raters: tuple[str, ...]
    limits: tuple[quality.AuditLimit, ...]
    """What could not be found in these votes if it were there."""
    seconds: float

    def document(self) -> dict[str, Any]:
        """As JSON tells it."""
        new = {one.finding_id for one in self.plan.findings}
        return {
            "policy": self.policy.version,
            "dry_run": self.dry_run,
            "votes": self.plan.read,
            "held_votes": self.plan.held,
            "held_raters": list(self.held_raters),
            "pending_votes": self.plan.waiting,
            "pending_raters": list(self.waiting_raters),
            "findings": [{**one.document(), "new": one.finding.finding_id in new} for one in self.found],
            "ended": [one.finding_id for one in self.plan.ends],
            "steps": [one.document() for one in self.steps],
            "limits": [one.document() for one in self.limits],
            "seconds": self.seconds,
        }


def done(
    policy: HoldingPolicy,
    plan: AuditPlan,
    names: Mapping[RaterId, str],
    limits: tuple[quality.AuditLimit, ...],
    *,
    dry_run: bool,
    seconds: float,
) -> AuditDone:
    """An audit by what it plans; `names` are those of every stored id."""
    found = tuple(
        ToldFinding(finding=one, raters=_raters(one, names), then=then, ended_at=None)
        for one, then in plan.consequences
    )
    firm = {
        rater.name
        for one in found
        if one.then is not Consequence.NOTE and not one.finding.pending
        for rater in one.raters
    }
    pending = {
        rater.name for one in found if one.then is not Consequence.NOTE and one.finding.pending for rater in one.raters
    }
    return AuditDone(
        policy=policy,
        dry_run=dry_run,
        plan=plan,
        found=found,
        steps=tuple(
            AuditStep(
                step="lift" if one.undoes else "hold" if one.standing is None else "probation",
                name=names[one.rater_id],
                decision=one,
            )
            for one in plan.decisions
            if one.follows is None
        ),
        held_raters=tuple(sorted(firm)),
        waiting_raters=tuple(sorted(pending - firm)),
        limits=limits,
        seconds=seconds,
    )


def told(stored: StoredFinding, known: Mapping[str, HoldingPolicy], names: Mapping[RaterId, str]) -> ToldFinding:
    """A stored finding; `known` are the policies by their versions."""
    one = stored.finding
    raters = _raters(one, names)
    return ToldFinding(
        finding=one,
        raters=raters,
        then=known[one.policy].consequence(one.kind, len(raters), one.strength),
        ended_at=stored.ended_at,
    )


def waiting(found: ToldFinding, undecided: Set[RaterId]) -> ToldFinding:
    """The same, and whether it waits for a person; `undecided` are raters on whom none has decided."""
    stands = found.ended_at is None and found.then is Consequence.PROBATION
    return replace(found, waits=stands and any(one.rater_id in undecided for one in found.finding.raters))


def _raters(finding: RecordedFinding, names: Mapping[RaterId, str]) -> tuple[FoundRater, ...]:
    """Whom a finding is about, by name: a person once. Who was erased, or has left nothing here, is not told."""
    by_name: dict[str, FoundRater] = {}
    for one in finding.raters:
        called = names.get(one.rater_id)
        if called is None:
            continue
        had = by_name.get(called)
        by_name[called] = FoundRater(
            name=called,
            votes=one.votes + (had.votes if had else 0),
            first_at=min(one.first_at, had.first_at) if had else one.first_at,
            last_at=max(one.last_at, had.last_at) if had else one.last_at,
        )
    return tuple(by_name[called] for called in sorted(by_name))


def _told_moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
