"""The public log: what was done to models, and by which policies votes are held; in English, and in parts for pages."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import field_serializer

from arena.api import lists
from arena.api.bodies import Body
from arena.api.lists import Limit
from arena.api.models import rfc3339
from arena.api.who import Arena, Who
from arena.domain.finding import PolicyUse
from arena.domain.holding_policy import HoldingPolicy
from arena.domain.model_state import ModelState
from arena.store.model_changes import RecordedChange

router = APIRouter(prefix="/api/v1", tags=["models"])


class ModelStep(Body):
    """What was done to a model."""

    added: bool
    """Whether it became known by it."""
    state: str
    """From then on."""
    reason: str
    """As somebody wrote it; empty where nobody did."""


class RuleStep(Body):
    """What findings of one kind lead to, and what they led to before."""

    kind: str
    then: str
    """`note`, `hold` or `probation`."""
    strength: float
    """Natural logarithm of the evidence that a finding needs at least; a weaker one is a note."""
    then_before: str
    strength_before: float


class PolicyStep(Body):
    """What a policy changed."""

    before: str | None
    """Version of the policy in use before it; null where it is the first, which every rule of it then changes."""
    rules: list[RuleStep]
    """Of the kinds with another rule than before; kinds without a rule are notes."""
    looks: int
    """Audits over which the chance of a false ring is split."""
    looks_before: int | None


class Change(Body):
    """Something that was done in public."""

    at: datetime
    what: str
    subject: str
    text: str
    """In English."""
    line: int
    """Of the ledger."""
    model: ModelStep | None = None
    """The parts of `text` where a model changed."""
    policy: PolicyStep | None = None
    """The same where a policy did."""

    @field_serializer("at")
    def _at(self, moment: datetime) -> str:
        return rfc3339(moment)


class ChangeList(Body):
    changes: list[Change]
    next: int | None = None


@router.get("/changes")
async def list_changes(arena: Arena, who: Who, after: int = 0, limit: Limit = 100) -> ChangeList:
    """What was done to the models of this workspace (`what`: `model`), and by which policies votes are held (`policy`),
    in the order of its ledger."""
    every = [*map(_change, await arena.contestants.changes(who)), *_policies(await arena.boards.policies(who))]
    newer = sorted((one for one in every if one.line > after), key=lambda one: one.line)
    found, following = lists.page(newer, limit, lambda one: one.line)
    return ChangeList(changes=list(found), next=following)


def _change(one: RecordedChange) -> Change:
    change = one.change
    reason = f" {change.reason}" if change.reason else ""
    return Change(
        at=change.changed_at,
        what="model",
        subject=change.model,
        text=_said(one) + reason,
        line=one.sequence,
        model=ModelStep(added=change.added, state=change.state, reason=change.reason),
    )


def _policies(uses: Sequence[tuple[int, PolicyUse]]) -> Iterator[Change]:
    before: HoldingPolicy | None = None
    for line, use in uses:
        yield Change(
            at=use.used_at,
            what="policy",
            subject=use.policy.version,
            text=use.policy.told(before),
            line=line,
            policy=_step(use.policy, before),
        )
        before = use.policy


def _step(policy: HoldingPolicy, before: HoldingPolicy | None) -> PolicyStep:
    return PolicyStep(
        before=None if before is None else before.version,
        rules=[
            RuleStep(
                kind=kind,
                then=now.then,
                strength=now.strength,
                then_before=then.then,
                strength_before=then.strength,
            )
            for kind, now, then in policy.changed(before)
        ],
        looks=policy.looks,
        looks_before=None if before is None else before.looks,
    )


def _said(one: RecordedChange) -> str:
    name, state = one.change.model, one.change.state
    if one.change.added:
        return f"{name} was added{' and announced' if state is ModelState.ANNOUNCED else ''}."
    return {
        ModelState.ANNOUNCED: f"{name} is announced.",
        ModelState.ACTIVE: f"{name} takes part.",
        ModelState.PAUSED: f"{name} is paused: it is drawn for no new battle, and its votes stay.",
        ModelState.RETIRED: f"{name} is retired: it is drawn no more, and its votes stay.",
    }[state]
