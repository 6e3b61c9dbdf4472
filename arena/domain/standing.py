"""Standing: what a rater may rate in a field, and whether their votes there are held. People decide it, with a reason;
a policy may hold votes and put on probation for what an audit found (`finding`).

Each decision is a line of the ledger:

    commitment = SHA-256(salt || canonical JSON of the decision, with the SHA-256 of the rater's id in place of the id)

A decision is on one stored rater. Where an account is several, the others get decisions that follow the first. Nothing
is changed: the last decision that was not undone and whose time is not over holds, and before any there is `base`.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from arena.domain import ids, ledger
from arena.domain.campaign import GENERAL
from arena.domain.ids import ModelName, RaterId

REASON_LIMIT: Final = 500
"""The most characters in a reason."""
UNDONE_WITHIN: Final = timedelta(minutes=30)
"""How long a decision can be undone by a click; later it takes a new decision."""

AT_ONCE: Final = timedelta(milliseconds=2)
"""Between a decision and its id, which tells milliseconds."""


class Standing(StrEnum):
    """Of a rater in a field, the one that allows most first."""

    QUALIFIED = "qualified"
    """Rates, and the votes count."""
    PROBATION = "probation"
    """Rates, and the votes from a stated moment on are held."""
    NEW = "new"
    """Gets no tasks of the field yet."""
    SUSPENDED = "suspended"
    """Gets no tasks of the field, and the votes are held."""

    @property
    def holding(self) -> bool:
        """Whether a decision for it holds votes."""
        return self in (Standing.PROBATION, Standing.SUSPENDED)

    def is_milder_than(self, other: "Standing") -> bool:
        """Whether it allows more."""
        ordered = list(Standing)
        return ordered.index(self) < ordered.index(other)


class HeldFor(StrEnum):
    """Why a vote is held: kept, and left out of boards. Where several apply, the first is told."""

    LEAK = "leak"
    """An answer says which model wrote it."""
    SUSPENDED = "suspended"
    PROBATION = "probation"
    FINDING = "finding"
    """An audit found it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteHold:
    """Which votes of a rater and a field are held."""

    since: datetime | None = None
    """UTC; votes cast at this time or later. None: all from the first on."""
    until: datetime | None = None
    """UTC; votes cast before this time. None: all later ones too."""
    model: ModelName | None = None
    """Only votes on battles with this model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDecision:
    """What a person, or a policy, decided of a rater's standing in a field, or that an earlier decision is undone."""

    decision_id: str
    follows: str | None = None
    """The decision on another of this account's raters that this one is the same as."""
    rater_id: RaterId
    """As it is stored; empty once the rater is erased."""
    field: str
    standing: Standing | None
    """None: `undoes` is undone, or, where nothing is, votes are held and the standing stays."""
    reason: str
    """As the rater is told, word for word."""
    until: datetime | None = None
    """UTC; from then on what held before holds again. None: until another decision."""
    hold: VoteHold | None = None
    undoes: str | None = None
    """A decision that holds no longer, nor do those that follow it."""
    answers: str | None = None
    """The appeal that was decided by it."""
    decided_by: str
    """Who, by the name that answers show; of a policy with its version."""
    finding: str | None = None
    """The finding that a policy followed, or that it follows no more; None where a person decided."""
    decided_at: datetime
    """UTC."""

    @property
    def came_along(self) -> bool:
        """Whether it was made without a look at this rater's votes: it was written on them later, when they became the
        same person as whom it was made on, or followed the invitation that it was granted with."""
        written_at = ids.minted_at(self.decision_id) if ids.ours(self.decision_id) else None
        return written_at is not None and abs(written_at - self.decided_at) > AT_ONCE

    @property
    def root(self) -> str:
        """The id under which a person's decision on all of their raters goes."""
        return self.follows or self.decision_id

    def commitment(self, salt: str, rater_sha256: str) -> str:
        """What the decision's line in the ledger commits to; `salt` is hex."""
        told = {
            "decision_id": self.decision_id,
            "follows": self.follows,
            "rater_sha256": rater_sha256,
            "field": self.field,
            "standing": self.standing,
            "reason": self.reason,
            "until": _microseconds(self.until),
            "hold": None
            if self.hold is None
            else [_microseconds(self.hold.since), _microseconds(self.hold.until), self.hold.model],
            "undoes": self.undoes,
            "answers": self.answers,
            "decided_by": self.decided_by,
            "decided_at": _microseconds(self.decided_at),
            **({} if self.finding is None else {"finding": self.finding}),
        }
        return hashlib.sha256(bytes.fromhex(salt) + ledger.canonical(told)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedTest:
    """That somebody passed the test of a field."""

    passed_at: datetime
    """UTC."""
    until: datetime | None
    """UTC; how long it is valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldStanding:
    """How a rater stands in a field at a moment, and why."""

    field: str
    standing: Standing
    reason: str | None = None
    """Of the person who decided; None where nobody had to."""
    since: datetime | None = None
    """UTC; None: from the beginning."""
    until: datetime | None = None
    """UTC."""
    decision: StandingDecision | None = None
    """What makes it so; None where no person did."""


def of_person(decisions: Sequence[StandingDecision], raters: Collection[RaterId]) -> list[StandingDecision]:
    """Those on a person, who is these raters, and what undoes one of them: it may stand on a rater who is the person no
    more, or was erased."""
    roots = {one.root for one in decisions if one.rater_id in raters}
    return [one for one in decisions if one.rater_id in raters or one.undoes in roots]


def made_in_turn(decisions: Sequence[StandingDecision]) -> list[StandingDecision]:
    """The same decisions in the order in which they hold.

    One decision on a person is written once for each of their raters, and all copies have the place of the last: when
    accounts become one, copies are written later, with all that followed. A copy that only holds votes, where the first
    also says a standing, does not count for the place."""
    places: dict[str, int] = {}
    says: dict[str, Standing | None] = {}
    for place, one in enumerate(decisions):
        if says.setdefault(one.root, one.standing) is one.standing:
            places[one.root] = place
    return sorted(decisions, key=lambda one: places[one.root])


def lacked(decisions: Sequence[StandingDecision], rater_id: RaterId) -> list[StandingDecision]:
    """What is to be written on one rater of a person, from the person's decisions in one field: the first that lasts
    and is not on this rater, and once more all that came after it, because the last one written holds."""
    turn: dict[str, StandingDecision] = {}
    for one in lasting(decisions):
        turn.setdefault(one.root, one)
    known = {one.root for one in decisions if one.rater_id == rater_id}
    place = next((place for place, root in enumerate(turn) if root not in known), len(turn))
    return list(turn.values())[place:]


def lasting(decisions: Sequence[StandingDecision]) -> list[StandingDecision]:
    """Those that were not undone, holds without a standing among them, as they were made in turn."""
    undone = {one.undoes for one in decisions if one.undoes is not None}
    return [one for one in made_in_turn(decisions) if one.undoes is None and one.root not in undone]


def in_force(decisions: Sequence[StandingDecision]) -> list[StandingDecision]:
    """Those that were not undone and say how somebody stands, as they were made in turn."""
    return [one for one in lasting(decisions) if one.standing is not None]


def undoable(decisions: Sequence[StandingDecision]) -> StandingDecision | None:
    """The last decision on somebody in a field, as it was first written; None where there is none, or where it was
    written on others: on whoever followed the same invitation, or on a rater who is this person no more."""
    made = in_force(decisions)
    return None if not made else next((one for one in decisions if one.decision_id == made[-1].root), None)


def ended_by(decision_id: str, decisions: Sequence[StandingDecision]) -> StandingDecision | None:
    """What ended a decision: that it was undone, or a later decision that took its place; None while it holds, or its
    time is over. `decisions` are of one person and its field, in the order of the ledger."""
    decisions = made_in_turn(decisions)
    undoing = next((one for one in decisions if one.undoes == decision_id), None)
    if undoing is not None:
        return undoing
    places = [place for place, one in enumerate(decisions) if one.root == decision_id]
    if not places:
        return None
    is_hold = decisions[places[0]].standing is None
    later = in_force(decisions[places[-1] + 1 :])
    taken = [one for one in later if not is_hold or one.standing is Standing.QUALIFIED]
    return taken[-1] if taken else None


def standing(
    field: str, decisions: Sequence[StandingDecision], passed: PassedTest | None, now: datetime
) -> FieldStanding:
    """How somebody stands: the last decision in force whose time is not over, a passed test where none forbids more, or
    else `base`. `decisions` are of one person and this field, in the order of the ledger."""
    valid = [one for one in in_force(decisions) if one.until is None or now < one.until]
    last = valid[-1] if valid else None
    if passed is not None and (passed.until is None or now < passed.until):
        later = last is None or (last.standing is Standing.NEW and last.decided_at < passed.passed_at)
        if later:
            return FieldStanding(field=field, standing=Standing.QUALIFIED, since=passed.passed_at, until=passed.until)
    if last is None or last.standing is None:
        return FieldStanding(field=field, standing=base(field))
    return FieldStanding(
        field=field,
        standing=last.standing,
        reason=last.reason,
        since=last.decided_at,
        until=last.until,
        decision=last,
    )


def held_by_findings(decisions: Sequence[StandingDecision]) -> list[StandingDecision]:
    """The decisions of policies whose holds are in force, in the order given: those that were not undone and that no
    person lifted later. `decisions` are of one person and one field, in the order of the ledger."""
    found: list[StandingDecision] = []
    for one in lasting(decisions):
        if one.standing is Standing.QUALIFIED:
            found.clear()
        elif one.finding is not None and one.hold is not None:
            found.append(one)
    return found


def let_count(decisions: Sequence[StandingDecision]) -> dict[RaterId, datetime]:
    """Until when somebody's votes in a field were looked at by a person who let them count: who made them qualified, or
    undid what a policy had decided. UTC, by the rater they were cast as: a browser that became theirs later was not
    looked at. `decisions` as before."""
    undone = {one.undoes for one in decisions if one.undoes is not None}
    held: dict[str, list[RaterId]] = {}
    found: dict[RaterId, datetime] = {}
    for one in decisions:
        looked_at: Sequence[RaterId] = ()
        if one.finding is not None:
            if one.undoes is None:
                held.setdefault(one.root, []).append(one.rater_id)
        elif one.undoes is not None:
            looked_at = held.get(one.undoes, ())
        elif one.standing is Standing.QUALIFIED and one.root not in undone and not one.came_along:
            looked_at = [one.rater_id]
        for rater_id in looked_at:
            found[rater_id] = max(one.decided_at, found.get(rater_id, one.decided_at))
    return found


def base(field: str) -> Standing:
    """How everybody begins: qualified where nothing is asked."""
    return Standing.QUALIFIED if field == GENERAL else Standing.NEW


def _microseconds(moment: datetime | None) -> Any:
    """Since 1970, UTC."""
    return None if moment is None else round(moment.timestamp() * 1_000_000)
