"""How raters stand, read at one moment: their fields with votes, decisions and appeals."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from arena.domain import standing
from arena.domain.appeal import Appeal
from arena.domain.campaign import GENERAL
from arena.domain.finding import RecordedFinding
from arena.domain.ids import RaterId
from arena.domain.standing import UNDONE_WITHIN, FieldStanding, PassedTest, Standing, StandingDecision
from arena.services.campaigns import Campaigns
from arena.services.open_workspace import OpenWorkspace
from arena.services.people_named import PeopleNamed, RatingPerson
from arena.store import appeals, rater_facts, standing_decisions
from arena.store.connections import Analytical, Connection
from arena.store.instance import Instance
from arena.store.rater_facts import DayVotes, FieldVotes, RaterFacts

NOTHING = FieldVotes(votes=0, held=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealState:
    """An appeal with what became of it."""

    appeal: Appeal
    by: str
    """Who asked, by name."""
    decision: StandingDecision
    answer: StandingDecision | None
    """What answers it, or else what ended the decision before anybody answered."""
    mine: bool = False
    """Whether the decision is by whoever asks: they may only give way."""

    @property
    def answered(self) -> str | None:
        """The answer as the rater reads it; None while the appeal is open."""
        if self.answer is None:
            return None
        return self.answer.reason if self.answer.undoes is None else "The decision was undone."


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldState:
    """How somebody stands in a field, with their votes there."""

    now: FieldStanding
    votes: FieldVotes
    held_by: StandingDecision | None
    """The last decision of a policy that holds votes for what an audit found; None where none does."""
    appeal: AppealState | None
    """On the decision that holds, or on the hold that came after it, or answered by it."""
    undone_until: datetime | None
    """Until when the decision can be undone; None where there is none, or the time is over."""

    @property
    def against(self) -> StandingDecision | None:
        """The decision of which a review can be asked: what made their standing so, or else the hold on their votes.
        None where nothing stands against them."""
        return _against(self.now, self.held_by)

    @property
    def reason(self) -> str | None:
        """Why it is so, as they are told."""
        return self.now.reason if self.now.reason or self.held_by is None else self.held_by.reason

    @property
    def since(self) -> datetime | None:
        """Since when."""
        return self.now.since if self.now.since or self.held_by is None else self.held_by.decided_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterState:
    """One person, for whoever decides on their standing."""

    name: str
    fields: tuple[FieldState, ...]
    facts: RaterFacts
    days: tuple[DayVotes, ...]
    """Of the last three weeks, those with a vote."""
    findings: tuple[RecordedFinding, ...]
    """That stand about them; `raters` of each is theirs alone."""

    @property
    def general(self) -> FieldState:
        """How they stand where nothing is asked."""
        return self.fields[0]

    @property
    def appeal(self) -> AppealState | None:
        """The newest, of all fields."""
        return newest(self.fields)


def _against(now: FieldStanding, held_by: StandingDecision | None) -> StandingDecision | None:
    """What stands against somebody: what made their standing so, or else a hold on votes."""
    made = now.decision
    return made if made is not None and made.standing is not Standing.QUALIFIED else held_by


def newest(fields: Sequence[FieldState]) -> AppealState | None:
    """The newest appeal of all fields."""
    found = [one.appeal for one in fields if one.appeal is not None]
    return max(found, key=lambda one: one.appeal.asked_at, default=None)


class StandingStates:
    """The states of the raters of one workspace."""

    def __init__(self, here: OpenWorkspace, instance: Instance, campaigns: Campaigns) -> None:
        self._here = here
        self._campaigns = campaigns
        self.people = PeopleNamed(here, instance)

    def known_fields(self, connection: Analytical) -> set[str]:
        """Every field that a campaign asks for, or that there is a test of."""
        return {GENERAL, *self._campaigns.current().fields, *standing_decisions.fields(connection)}

    def field(self, raters: Sequence[RaterId], field: str) -> FieldState:
        """One field of a person now."""
        with self._here.store.reading() as connection:
            (found,) = (one for one in self.of(connection, [raters])[0] if one.now.field == field)
        return found

    def of(self, connection: Analytical, people: Sequence[Sequence[RaterId]]) -> list[tuple[FieldState, ...]]:
        """Every field of each of these people, who are several raters each: `general`, then the others by name."""
        now, known = self._here.now(), self.known_fields(connection)
        everybody = [rater_id for raters in people for rater_id in raters]
        if not everybody:
            return []
        decided = standing_decisions.of_raters(connection, everybody)
        asked = appeals.of_raters(connection, everybody)
        passed = standing_decisions.passes(connection, everybody)
        votes = rater_facts.by_field(connection, people)
        return [
            self._fields(
                standing.of_person(decided, raters),
                [one for one in asked if one.rater_id in raters],
                {field: test for rater_id, field, test in passed if rater_id in raters},
                votes[number],
                known,
                now,
            )
            for number, raters in enumerate(people)
        ]

    def _fields(
        self,
        decided: Sequence[StandingDecision],
        asked: Sequence[Appeal],
        passed: Mapping[str, PassedTest],
        votes: Mapping[str, FieldVotes],
        known: set[str],
        now: datetime,
    ) -> tuple[FieldState, ...]:
        named = sorted({*known, *votes, *(one.field for one in decided)} - {GENERAL})
        found = []
        for field in (GENERAL, *named):
            of_field = [one for one in decided if one.field == field]
            held = standing.standing(field, of_field, passed.get(field), now)
            lying = standing.held_by_findings(of_field)
            newest_hold = lying[-1] if lying else None
            last = standing.undoable(of_field)
            undone_until = last.decided_at + UNDONE_WITHIN if last is not None else None
            found.append(
                FieldState(
                    now=held,
                    votes=votes.get(field, NOTHING),
                    held_by=newest_hold,
                    appeal=self._appeal_of(_against(held, newest_hold) or held.decision, asked, decided),
                    undone_until=undone_until if undone_until is not None and now < undone_until else None,
                )
            )
        return tuple(found)

    def _appeal_of(
        self, holding: StandingDecision | None, asked: Sequence[Appeal], decided: Sequence[StandingDecision]
    ) -> AppealState | None:
        """The appeal on the decision that holds, or the one that it answers: unless whoever was appealed against gave
        way by it, for then nobody else has looked yet."""
        if holding is None:
            return None
        first = next((one for one in decided if one.decision_id == holding.root), holding)
        about = [
            one
            for one in asked
            if one.decision_id == holding.root
            or (one.appeal_id == first.answers and not self._gave_way(one, first, decided))
        ]
        return _appeal_state(about[-1], self.people.of(about[-1].rater_id), decided) if about else None

    def _gave_way(self, appeal: Appeal, answer: StandingDecision, decided: Sequence[StandingDecision]) -> bool:
        decision = next((one for one in decided if one.decision_id == appeal.decision_id), None)
        if decision is None or answer.standing is Standing.QUALIFIED:
            return False
        return self.people.are_one(decision.decided_by, answer.decided_by)

    def appeal_states(self, connection: Connection, asked: Sequence[Appeal]) -> list[AppealState]:
        """Each of these appeals with the decision it is about, and the one that answers it, or makes it needless."""
        if not asked:
            return []
        people = [self.people.of(one.rater_id) for one in asked]
        raters = sorted({rater_id for person in people for rater_id in person.raters})
        decided = _Decisions(standing_decisions.about_appeals(connection, asked, raters))
        return [
            _appeal_state(one, person, decided.about(one, person.raters))
            for one, person in zip(asked, people, strict=True)
        ]


class _Decisions:
    """Decisions on many people, found without going through all of them for each appeal."""

    def __init__(self, decided: Sequence[StandingDecision]) -> None:
        self._decided = decided
        self._places: dict[str, list[int]] = defaultdict(list)
        self._on: dict[RaterId, set[str]] = defaultdict(set)
        self._answering: dict[str, set[str]] = defaultdict(set)
        for place, one in enumerate(decided):
            self._places[one.root].append(place)
            self._on[one.rater_id].add(one.root)
            if one.undoes is not None:
                self._places[one.undoes].append(place)
            if one.answers is not None:
                self._answering[one.answers].add(one.root)

    def about(self, appeal: Appeal, raters: Collection[RaterId]) -> list[StandingDecision]:
        """What an appeal is about, what answers it, everything on these raters, and what undoes one, in order."""
        roots = {appeal.decision_id, *self._answering.get(appeal.appeal_id, ())}
        roots.update(*(self._on.get(rater_id, ()) for rater_id in raters))
        places = {place for root in roots for place in self._places.get(root, ())}
        return [self._decided[place] for place in sorted(places)]


def _appeal_state(appeal: Appeal, person: RatingPerson, decided: Sequence[StandingDecision]) -> AppealState:
    answer = next((one for one in standing.in_force(decided) if one.answers == appeal.appeal_id), None)
    decision, *_ = (one for one in decided if one.root == appeal.decision_id)
    if answer is None:
        theirs = [one for one in standing.of_person(decided, person.raters) if one.field == appeal.field]
        answer = standing.ended_by(appeal.decision_id, theirs)
    return AppealState(appeal=appeal, by=person.name, decision=decision, answer=answer)
