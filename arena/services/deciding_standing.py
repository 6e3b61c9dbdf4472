"""Standing: what raters may rate, decided by people, with the votes that it holds. Nobody decides on themselves."""

import asyncio
import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from arena.domain import ids, permission, standing
from arena.domain.account import INVITED
from arena.domain.campaign import GENERAL
from arena.domain.finding import RecordedFinding
from arena.domain.ids import ModelName, RaterId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.standing import REASON_LIMIT, UNDONE_WITHIN, Standing, StandingDecision, VoteHold
from arena.errors import Conflict, DoesNotFit, InvalidValue, NotFound, UnknownName
from arena.services.admission import Admission
from arena.services.open_workspace import OpenWorkspace
from arena.services.people_named import RatingPerson
from arena.services.permitting import demand
from arena.services.standing_states import FieldState, RaterState, StandingStates
from arena.store import findings, models, rater_facts, standing_decisions
from arena.store.connections import Analytical
from arena.store.writing.commands import DecideStanding

Found = TypeVar("Found")
BEFORE = "This was decided before you erased yourself; the reason went with what you gave."
"""The reason of a decision on somebody who has erased themselves since."""
LATELY = timedelta(days=21)
"""What is told day by day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAsked:
    """Which votes a decision is to hold, as whoever decides says it."""

    since: datetime | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionAsked:
    """How somebody is to stand, as whoever decides says it."""

    standing: str
    reason: str
    field: str = GENERAL
    until: datetime | None = None
    hold: HoldAsked | None = None


class DecidingStanding:
    """The standing of the raters of one workspace."""

    def __init__(self, here: OpenWorkspace, states: StandingStates, admission: Admission) -> None:
        self._here = here
        self._admission = admission
        self._states = states
        self._people = states.people

    async def mine(self, principal: Principal) -> tuple[FieldState, ...]:
        """How the one who asks stands: `general`, then the other fields by name."""
        demand(principal, Permission.TAKE_PART)
        return await self._read(lambda connection: self._states.of(connection, [principal.raters])[0])

    async def listed(self, principal: Principal, after: str, limit: int) -> list[RaterState]:
        """Everybody who rated, by name, with what speaks for their standing."""
        demand(principal, Permission.REVIEW)

        def load(connection: Analytical) -> list[RaterState]:
            people = [one for one in self._people.every(connection) if one.name > after][:limit]
            raters = [one.raters for one in people]
            about = findings.about(connection, [rater_id for one in raters for rater_id in one])
            days = rater_facts.by_day(connection, raters, self._here.now() - LATELY)
            facts = rater_facts.read(connection, raters)
            found = zip(people, self._states.of(connection, raters), facts, days, strict=True)
            return [
                RaterState(name=one.name, fields=fields, facts=facts, days=some, findings=_theirs(about, one.raters))
                for one, fields, facts, some in found
            ]

        return await self._read(load)

    async def decide(self, principal: Principal, name: str, asked: DecisionAsked) -> FieldState:
        """Decide how somebody stands in a field from now on."""
        demand(principal, Permission.REVIEW)
        return await asyncio.to_thread(self.make, principal, name, asked)

    async def undo(self, principal: Principal, name: str, field: str = GENERAL) -> FieldState:
        """Take back the last decision on somebody, within half an hour: what held before holds again."""
        demand(principal, Permission.REVIEW)

        def work() -> FieldState:
            now = self._here.now()
            with self._here.store.reading() as connection:
                person = self._person(connection, principal, name)
                decided = standing_decisions.of_raters(connection, person.raters)
            of_field = [one for one in decided if one.field == field]
            if not standing.in_force(of_field):
                raise NotFound(f"Nobody has decided on the standing of {name} in {field}.")
            last = standing.undoable(of_field)
            if last is None:
                raise Conflict(
                    "This was decided on others, too, so it is not undone of one alone. Make a new decision."
                )
            if now >= last.decided_at + UNDONE_WITHIN:
                raise Conflict(
                    f"The decision was made at {last.decided_at:%Y-%m-%d %H:%M} UTC, and can be undone for 30 minutes. "
                    "Make a new one."
                )
            undoing = self._decision(principal, last.rater_id, field, None, "", now)
            self._here.store.submit(DecideStanding(decisions=(replace(undoing, undoes=last.decision_id),))).result()
            return self._states.field(person.raters, field)

        return await asyncio.to_thread(work)

    def bring(self, raters: Sequence[RaterId]) -> None:
        """Let what was decided on one of these raters hold for all of them: they have become one account."""
        with self._here.store.reading() as connection:
            decided = standing_decisions.of_raters(connection, raters)
        now = self._here.now()
        by_field = [
            [one for one in decided if one.field == field] for field in dict.fromkeys(one.field for one in decided)
        ]
        more = [
            replace(
                one,
                decision_id=ids.mint("sd", now, self._here.chance),
                follows=one.root,
                rater_id=rater_id,
                answers=None,
            )
            for of_field in by_field
            for rater_id in raters
            for one in standing.lacked(of_field, rater_id)
        ]
        if more:
            self._here.store.submit(DecideStanding(decisions=tuple(more))).result()

    def grant(self, invited: RaterId, member: Principal) -> None:
        """Let what was granted to whoever follows an invitation hold for who has followed it. A person who is here
        already stays as was decided of them, in the fields in which somebody decided; and nobody follows a link to what
        they granted themselves."""
        raters, own = member.raters, set(self._people.names(member))
        with self._here.store.reading() as connection:
            granted = standing.in_force(standing_decisions.of_raters(connection, [invited]))
            known = {one.field for one in standing.in_force(standing_decisions.of_raters(connection, raters))}
        last = {one.field: one for one in granted if one.field not in known and one.decided_by not in own}
        now = self._here.now()
        decisions = [
            replace(one, decision_id=ids.mint("sd", now, self._here.chance), follows=one.root, rater_id=rater_id)
            for one in last.values()
            for rater_id in raters
        ]
        if decisions:
            self._here.store.submit(DecideStanding(decisions=tuple(decisions))).result()
            self._admission.decided()

    async def refuse_fields(self, principal: Principal, fields: Sequence[str]) -> None:
        """Raise `UnknownName` for a field that nobody here can be qualified for."""
        demand(principal, Permission.REVIEW)
        known = await self._read(self._states.known_fields)
        for field in fields:
            _refuse_field(field, known)

    def carry(self, former: Sequence[str], rater_id: RaterId) -> None:
        """Let what holds for somebody who erased themselves hold for whom they are now. `former` are the SHA-256 of
        their erased ids. What a policy held goes with the votes that spoke for it."""
        now = self._here.now()
        with self._here.store.reading() as connection:
            decided = [one for one in standing_decisions.of_erased(connection, former) if one.finding is None]
        fields = dict.fromkeys(one.field for one in decided)
        found = [
            standing.standing(field, [one for one in decided if one.field == field], None, now).decision
            for field in fields
        ]
        again = [
            replace(
                one,
                decision_id=ids.mint("sd", now, self._here.chance),
                follows=None,
                rater_id=rater_id,
                reason=BEFORE,
                answers=None,
            )
            for one in found
            if one is not None
        ]
        if again:
            self._here.store.submit(DecideStanding(decisions=tuple(again))).result()
            self._admission.decided()

    def make(self, principal: Principal, name: str, asked: DecisionAsked, *, answers: str | None = None) -> FieldState:
        """The same, which may answer an appeal, for who waits in a thread."""
        (person,) = self._make_together(principal, [name], asked, [asked.field], answers=answers)
        return self._states.field(person.raters, asked.field)

    async def decide_on_finding(
        self, principal: Principal, finding_id: str, asked: DecisionAsked, field: str | None = None
    ) -> tuple[list[str], list[str]]:
        """Decide alike on everybody whom a finding is about, all or none; their names, and the fields: the one that is
        given, or those in which policies hold votes of theirs."""
        demand(principal, Permission.REVIEW)

        def work() -> tuple[list[str], list[str]]:
            with self._here.store.reading() as connection:
                found = {one.finding.finding_id: one.finding for one in findings.every(connection)}.get(finding_id)
            raters = () if found is None else tuple(one.rater_id for one in found.raters if one.rater_id)
            if not raters:
                raise NotFound(f"There is no finding {finding_id} here about anybody; GET /api/v1/findings lists them.")
            people = {one.name: one for one in map(self._people.of, raters)}
            names, fields = sorted(people), [field or GENERAL]
            if field is None:
                theirs = [rater_id for one in people.values() for rater_id in one.raters]
                with self._here.store.reading() as connection:
                    fields = standing_decisions.held_fields(connection, theirs) or fields
            self._make_together(principal, names, asked, fields)
            return names, fields

        return await asyncio.to_thread(work)

    def _make_together(
        self,
        principal: Principal,
        names: Sequence[str],
        asked: DecisionAsked,
        fields: Sequence[str],
        *,
        answers: str | None = None,
    ) -> list[RatingPerson]:
        """One decision on each of these people in each of these fields, in one transaction. An appeal is answered by
        the first of them."""
        new, told, now = named(asked.standing), said("reason", asked.reason, REASON_LIMIT), self._here.now()
        until, hold = asked.until, asked.hold
        if until is not None and until <= now:
            raise DoesNotFit(f"until is {until:%Y-%m-%d %H:%M} UTC, which is over; name a moment to come.")
        if new is not Standing.QUALIFIED and any(name.startswith(INVITED) for name in names):
            raise DoesNotFit("Whoever is invited can be made qualified; decide anything else once they are here.")
        if hold is not None and not new.holding:
            raise DoesNotFit(f"{new.value} holds no votes; leave `hold` out, or decide probation or suspended.")
        with self._here.store.reading() as connection:
            people = [self._person(connection, principal, name) for name in names]
            known = self._states.known_fields(connection)
            for field in fields:
                _refuse_field(field, known)
            if hold is not None and hold.model is not None:
                _refuse_unknown(connection, hold.model)
        lying = _hold(new, hold or HoldAsked(), until, now)
        decisions: list[StandingDecision] = []
        for person, field in itertools.product(people, fields):
            made = self._decision(principal, person.raters[0], field, new, told, now)
            first = replace(made, until=until, hold=lying, answers=None if decisions else answers)
            decisions.append(first)
            decisions += [
                replace(
                    first,
                    decision_id=ids.mint("sd", now, self._here.chance),
                    follows=first.decision_id,
                    rater_id=rater_id,
                    answers=None,
                )
                for rater_id in person.raters[1:]
            ]
        self._here.store.submit(DecideStanding(decisions=tuple(decisions))).result()
        self._admission.decided()
        return people

    def _decision(
        self, principal: Principal, rater_id: RaterId, field: str, new: Standing | None, said: str, now: datetime
    ) -> StandingDecision:
        return StandingDecision(
            decision_id=ids.mint("sd", now, self._here.chance),
            rater_id=rater_id,
            field=field,
            standing=new,
            reason=said,
            decided_by=self._people.called(principal),
            decided_at=now,
        )

    def _person(self, connection: Analytical, principal: Principal, name: str) -> RatingPerson:
        """Whom a name means: the one that answers show, or, for who sees them anyway, the e-mail of an account or the
        id of an invitation."""
        is_admin = permission.may(principal, Permission.ADMINISTER)
        if is_admin and name.startswith(INVITED):
            return self._people.invited(name, self._here.now())
        by_email = is_admin and "@" in name
        person = self._people.by_email(name) if by_email else self._people.find(connection, name)
        if not set(self._people.raters(principal)).isdisjoint(person.raters):
            raise Conflict("Nobody decides on their own standing; ask another person of this workspace.")
        return person

    async def _read(self, load: Callable[[Analytical], Found]) -> Found:
        def work() -> Found:
            with self._here.store.reading() as connection:
                return load(connection)

        return await asyncio.to_thread(work)


def _theirs(about: Sequence[RecordedFinding], raters: Sequence[RaterId]) -> tuple[RecordedFinding, ...]:
    """The findings about a person, each with the votes of theirs that speak for it."""
    mine = [(one, tuple(spoken for spoken in one.raters if spoken.rater_id in raters)) for one in about]
    return tuple(replace(one, raters=spoken) for one, spoken in mine if spoken)


def _hold(new: Standing, asked: HoldAsked, until: datetime | None, now: datetime) -> VoteHold | None:
    if not new.holding:
        return None
    since = asked.since
    if since is None and new is Standing.PROBATION:
        since = now
    return VoteHold(since=since, until=until, model=None if asked.model is None else ModelName(asked.model))


def _refuse_field(field: str, known: Collection[str]) -> None:
    if field not in known:
        raise UnknownName(f"field is {field!r}; accepted: {', '.join(sorted(known))}.")


def _refuse_unknown(connection: Analytical, model: str) -> None:
    if all(one.name != model for one in models.registered(connection)):
        raise UnknownName(f"hold names the model {model!r}, which this workspace does not know.")


def named(wanted: str) -> Standing:
    """The standing of a name. Raises `InvalidValue`."""
    try:
        return Standing(wanted)
    except ValueError:
        raise InvalidValue(f"standing is {wanted!r}; accepted: new, qualified, probation, suspended.") from None


def said(key: str, text: str, limit: int) -> str:
    """A text that a rater reads, without blanks around it. Raises `InvalidValue` for none, and for one too long."""
    told = text.strip()
    if not told or len(told) > limit or "\0" in told:
        raise InvalidValue(f"{key} has to be 1 to {limit:,} characters; the rater reads it word for word.")
    return told
