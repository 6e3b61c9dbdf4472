"""From what an audit says to what is written: which findings are new, which are no more, and what the policy decides.

A hold stays while the audit still finds against its rater, grows where more is found, and is undone where nothing is.
What people decided stands: the policy neither suspends, nor lets anybody rate who may not, nor undoes what is theirs.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy

from arena import quality
from arena.domain import ids, standing
from arena.domain.finding import FindingEnd, RecordedFinding, SpeakingVotes
from arena.domain.holding_policy import PUSH, Consequence, HoldingPolicy
from arena.domain.ids import ModelName, RaterId
from arena.domain.removal import hashed
from arena.domain.standing import FieldStanding, Standing, StandingDecision, VoteHold
from arena.services.audited_votes import AuditedVotes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Identity = tuple[str, str | None, frozenset[str]]
"""Kind, model and people: what makes two findings the same."""
Place = tuple[str, str]
"""A person, by name, and a field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPlan:
    """What is to be written."""

    findings: tuple[RecordedFinding, ...]
    """New ones."""
    ends: tuple[FindingEnd, ...]
    decisions: tuple[StandingDecision, ...]
    consequences: tuple[tuple[RecordedFinding, Consequence], ...]
    """Every finding that stands, with what it leads to; the strongest first."""
    read: int
    """Votes that the audit read."""
    held: int
    """Of them, those that this policy holds."""
    waiting: int
    """Of those, the ones that wait."""

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not (self.findings or self.ends or self.decisions)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingNow:
    """What was decided before, of one person in one field."""

    decisions: Sequence[StandingDecision]
    """In the order of the ledger."""
    now: FieldStanding


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the policy wants held of a person."""

    finding: RecordedFinding
    then: Consequence
    since: datetime | None
    model: ModelName | None
    fields: frozenset[str]

    def not_before(self, moment: datetime | None) -> "_Wanted":
        """The same without votes of before a moment."""
        if moment is None or (self.since is not None and self.since >= moment):
            return self
        return replace(self, since=moment)

    @property
    def hold(self) -> VoteHold:
        """As a decision says it."""
        return VoteHold(since=self.since, model=self.model)

    def covers(self, hold: VoteHold) -> bool:
        """Whether a hold that is there still stands for it."""
        return self.model is None or self.model == hold.model


class Planner:
    """Weighs one audit by one policy."""

    def __init__(
        self,
        votes: AuditedVotes,
        policy: HoldingPolicy,
        stored: Mapping[Identity, RecordedFinding],
        states: Callable[[Place], StandingNow],
        now: datetime,
        chance: random.Random,
    ) -> None:
        """`stored` are the findings that stand."""
        self._votes, self._policy, self._stored, self._states = votes, policy, stored, states
        self._now, self._chance = now, chance
        self._people = {one.name: one for one in votes.people}
        order = numpy.argsort(votes.person, kind="stable")
        self._rows = numpy.split(order, numpy.searchsorted(votes.person[order], numpy.arange(1, len(votes.people))))

    def plan(self, audit: quality.Audit, before: Sequence[Place]) -> AuditPlan:
        """What follows. `before` are the people and fields in which a policy decided before."""
        told = [(finding, self._recorded(finding)) for finding in audit.findings]
        standing_still = {one.finding_id for one in self._stored.values()}
        found = [
            (finding, one, self._policy.consequence(one.kind, len(finding.raters), one.strength))
            for finding, one in told
        ]
        wanted = self._wanted(audit, found)
        kept = {one.finding_id for _, one in told}
        decisions = [
            decision for place in sorted({*before, *wanted}) for decision in self._decided(place, wanted.get(place, []))
        ]
        held, waiting = self._counted(wanted)
        return AuditPlan(
            findings=tuple(one for _, one in told if one.finding_id not in standing_still),
            ends=tuple(
                FindingEnd(
                    end_id=self._mint("fe"),
                    finding_id=one.finding_id,
                    policy=self._policy.version,
                    ended_at=self._now,
                )
                for one in self._stored.values()
                if one.finding_id not in kept
            ),
            decisions=tuple(decisions),
            consequences=tuple((one, then) for _, one, then in found),
            read=len(self._votes),
            held=held,
            waiting=waiting,
        )

    def _recorded(self, finding: quality.Finding) -> RecordedFinding:
        """The finding that stands already, or a new one."""
        votes = self._votes
        people = frozenset(votes.people[int(one)].name for one in finding.raters)
        known = self._stored.get((finding.kind, finding.model, people))
        if known is not None:
            return known
        spoken = votes.rater[finding.rows]
        moments = votes.moment[finding.rows]
        raters = []
        for number in numpy.unique(spoken):
            mine = moments[spoken == number]
            rater_id = votes.raters[number]
            raters.append(
                SpeakingVotes(
                    rater_id=rater_id,
                    rater_sha256=hashed(rater_id),
                    votes=len(mine),
                    first_at=_moment(int(mine.min())),
                    last_at=_moment(int(mine.max())),
                )
            )
        return RecordedFinding(
            finding_id=self._mint("f"),
            kind=finding.kind,
            model=None if finding.model is None else ModelName(finding.model),
            strength=round(finding.strength, 3),
            since=None if finding.since is None else _moment(round(finding.since)),
            votes=len(finding.rows),
            pending=finding.pending,
            sentence=finding.sentence,
            raters=tuple(sorted(raters, key=lambda one: one.rater_sha256)),
            policy=self._policy.version,
            found_at=self._now,
        )

    def _wanted(
        self, audit: quality.Audit, found: Sequence[tuple[quality.Finding, RecordedFinding, Consequence]]
    ) -> dict[Place, list[_Wanted]]:
        """By person and field, what is to be held, each extent once: for the finding that leads to most."""
        noted = {
            rater
            for finding, _, then in found
            if then is Consequence.NOTE and not finding.pending and not _of_one_model(finding)
            for rater in finding.raters
        }
        lying: dict[tuple[str, str | None, bool], quality.Hold] = {
            (hold.rater, hold.model, hold.pending): hold for hold in audit.holds
        }
        chosen: dict[tuple[int, ModelName | None, bool], _Wanted] = {}
        for finding, recorded, then in sorted(found, key=lambda one: (one[2] is not Consequence.PROBATION,)):
            if then is Consequence.NOTE:
                continue
            for rater in finding.raters:
                model = finding.model if _of_one_model(finding) else None
                hold = lying.get((rater, model, finding.pending))
                if hold is None:
                    continue  # all of it is held for something else that was found
                since = hold.since
                if rater in noted and not finding.pending and model is None:
                    since = self._first(finding, int(rater))
                key = (int(rater), None if model is None else ModelName(model), finding.pending)
                chosen.setdefault(key, self._want(recorded, then, int(rater), since, key[1]))
        by_place: dict[Place, list[_Wanted]] = {}
        for (person, *_), one in chosen.items():
            for field in sorted(one.fields):
                by_place.setdefault((self._votes.people[person].name, field), []).append(one)
        return by_place

    def _first(self, finding: quality.Finding, person: int) -> float:
        """The moment of the first vote of a person that speaks for a finding."""
        rows = finding.rows[self._votes.person[finding.rows] == person]
        return float(self._votes.moment[rows].min())

    def _want(
        self, finding: RecordedFinding, then: Consequence, person: int, since: float | None, model: ModelName | None
    ) -> _Wanted:
        from_when = None if since is None else _moment(round(since))
        rows = self._lies(person, from_when, model)
        fields = frozenset(field for row in rows for field in self._votes.fields[row])
        return _Wanted(finding=finding, then=then, since=from_when, model=model, fields=fields)

    def _lies(self, person: int, since: datetime | None, model: ModelName | None) -> quality.Integers:
        """Rows of the votes of a person on which a hold of this extent lies."""
        votes, rows = self._votes, self._rows[person]
        if since is not None:
            rows = rows[votes.moment[rows] >= _microseconds(since)]
        if model is not None:
            rows = rows[(votes.left[rows] == model) | (votes.right[rows] == model)]
        return rows

    def _counted(self, wanted: Mapping[Place, Sequence[_Wanted]]) -> tuple[int, int]:
        """Votes held, and those of them that wait."""
        number = {one.name: place for place, one in enumerate(self._votes.people)}
        held = numpy.zeros(len(self._votes), dtype=bool)
        firm = numpy.zeros(len(self._votes), dtype=bool)
        for (name, _), these in wanted.items():
            for one in these:
                rows = self._lies(number[name], one.since, one.model)
                held[rows] = True
                if not one.finding.pending:
                    firm[rows] = True
        return int(held.sum()), int((held & ~firm).sum())

    def _decided(self, place: Place, wanted: Sequence[_Wanted]) -> Iterator[StandingDecision]:
        """What the policy decides of a person in a field now: first what it holds no more, then what it holds anew."""
        state = self._states(place)
        person = self._people[place[0]]
        lying: dict[str, list[StandingDecision]] = {}
        for one in standing.held_by_findings(state.decisions):
            lying.setdefault(one.root, []).append(one)
        made = state.now.decision
        kept: dict[RaterId, list[VoteHold]] = {rater_id: [] for rater_id in person.raters}
        on_probation = False
        for root, (first, *others) in lying.items():
            if first.hold is None or not any(
                want.covers(first.hold) and (first.standing is None or want.then is Consequence.PROBATION)
                for want in wanted
            ):
                yield self._undoing(first)
                continue
            on_probation = on_probation or first.standing is not None
            known = {one.rater_id: one.hold for one in (first, *others) if one.hold is not None}
            for rater_id in person.raters:
                kept[rater_id].append(known.get(rater_id, first.hold))
                if rater_id not in known:  # a browser that was brought along since; what was decided later holds on
                    still = first.standing if made is not None and made.root == root else None
                    yield replace(first, decision_id=self._mint("sd"), follows=root, rater_id=rater_id, standing=still)
        looked_at = standing.let_count(state.decisions)
        free = state.now.standing is Standing.QUALIFIED or (made is not None and made.root in lying)
        for want in wanted:
            # Who is on probation already stays so by the same decision: a review that they asked for goes on.
            probation = free and want.then is Consequence.PROBATION and not on_probation
            holds = {rater_id: want.not_before(looked_at.get(rater_id)).hold for rater_id in person.raters}
            covered = all(any(_covers(hold, holds[rater_id]) for hold in kept[rater_id]) for rater_id in person.raters)
            if covered and not probation:
                continue
            on_probation = on_probation or probation
            yield from self._holding(place[1], want, holds, probation)

    def _undoing(self, one: StandingDecision) -> StandingDecision:
        return StandingDecision(
            decision_id=self._mint("sd"),
            rater_id=one.rater_id,
            field=one.field,
            standing=None,
            reason="",
            undoes=one.root,
            finding=one.finding,
            decided_by=self._policy.name,
            decided_at=self._now,
        )

    def _holding(
        self, field: str, want: _Wanted, holds: Mapping[RaterId, VoteHold], probation: bool
    ) -> Iterator[StandingDecision]:
        """One decision for each rater that the person is."""
        (rater_id, hold), *others = holds.items()
        first = StandingDecision(
            decision_id=self._mint("sd"),
            rater_id=rater_id,
            field=field,
            standing=Standing.PROBATION if probation else None,
            reason=want.finding.sentence,
            hold=hold,
            finding=want.finding.finding_id,
            decided_by=self._policy.name,
            decided_at=self._now,
        )
        yield first
        for rater_id, hold in others:
            yield replace(first, decision_id=self._mint("sd"), follows=first.decision_id, rater_id=rater_id, hold=hold)

    def _mint(self, prefix: str) -> str:
        return ids.mint(prefix, self._now, self._chance)


def _of_one_model(finding: quality.Finding) -> bool:
    """Whether only votes on its model are held for it: a push by many accounts."""
    return finding.kind == PUSH and len(finding.raters) > 1


def _covers(hold: VoteHold, want: VoteHold) -> bool:
    """Whether a hold lies on all that is wanted."""
    wide = hold.model is None or hold.model == want.model
    return wide and (hold.since is None or (want.since is not None and hold.since <= want.since))


def _moment(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
