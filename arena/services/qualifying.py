"""Qualifying for a field: practice and tests over items with a known outcome, and what a rater is told of them.

An item that is skipped or reported is answered and not right: otherwise a test could be passed by skipping. Which items
a test has, and in which order, depends on a key and the rater: those that the rater has seen least come first.
"""

import asyncio
import hashlib
import hmac
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from arena.domain import ids, permission
from arena.domain import purpose as purposes
from arena.domain import qualification as domain
from arena.domain.assignment import Assignment, Turn
from arena.domain.battle import Side
from arena.domain.campaign import Campaign
from arena.domain.ids import AssignmentId, BattleId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.purpose import Purpose
from arena.domain.qualification import GoldTurn, Qualification, QualificationProgress, QualificationResult
from arena.domain.vote import Winner
from arena.errors import NoTask, NotFound
from arena.services import gold_opening, qualification_making
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.qualification_making import Wanted
from arena.store import qualification_results, qualifications, removals
from arena.store.connections import Analytical
from arena.store.qualifications import GoldItem
from arena.store.writing.commands import Candidate, RecordResult, TakeTask

ATTEMPTS = 3
"""How often an item is looked for; a test that is over is recorded on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationTask:
    """An item of practice or a test that a rater has."""

    battle_id: BattleId
    number: int
    """From 1, in its part."""
    of: int
    part: Purpose
    expires_at: datetime | None
    """UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """An item of a test that was not right. Outcomes are told as its rater was shown the sides."""

    number: int
    yours: Winner | None
    """None: it was skipped or reported."""
    known: Winner
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeFeedback:
    """What is told of an item of practice."""

    right: bool
    known: Winner
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFeedback:
    """What is told at the end of a test."""

    result: QualificationResult
    tries_left: int
    again_at: datetime | None
    """UTC; from when on there are tries again. None where there are some now, or none is needed."""
    misses: tuple[Miss, ...]


Feedback = PracticeFeedback | ResultFeedback


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What one rater did in one qualification."""

    asked: Qualification
    turns: Sequence[GoldTurn]
    results: Sequence[QualificationResult]
    open_turn: Assignment | None
    progress: QualificationProgress

    @property
    def current(self) -> list[GoldTurn]:
        """The items of the test that goes on."""
        return domain.ungraded(self.turns, self.results)


class Qualifying:
    """The qualifications of one workspace."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._here = here
        self._key = hmac.digest(here.secret, f"qualifications:{here.name}".encode(), hashlib.sha256)
        self._one_at_a_time = asyncio.Lock()

    async def create(self, principal: Principal, wanted: Wanted) -> Qualification:
        """Make the test of a field. Raises `Conflict` for a field that has one."""
        demand(principal, Permission.CONDUCT)
        return await asyncio.to_thread(qualification_making.create, self._here, wanted, principal.id)

    async def listed(self, principal: Principal) -> list[tuple[Qualification, QualificationProgress | None]]:
        """Every qualification, and how far this principal is where they rate."""

        def load() -> list[tuple[Qualification, QualificationProgress | None]]:
            with self._here.store.reading() as connection:
                found = qualifications.listed(connection)
            rates = permission.may(principal, Permission.TAKE_PART)
            return [(one, self._settled(principal, one).progress if rates else None) for one in found]

        return await asyncio.to_thread(load)

    async def next(self, principal: Principal, field: str) -> QualificationTask:
        """The item that this rater has open, or else the next. Raises `NoTask` where there is none now."""
        demand(principal, Permission.TAKE_PART)
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._next, principal, field)

    async def place(self, principal: Principal, turn: Turn) -> QualificationTask | None:
        """Where an item stands in its part; None for a battle of no qualification, and once the item is over."""
        given, field = turn.assignment, domain.field_of(turn.record.battle.campaign)
        if given is None or field is None:
            return None

        def find() -> QualificationTask | None:
            state = self._state(principal, self._asked(field))
            return None if state.open_turn is None else self._task(state, state.open_turn)

        return await asyncio.to_thread(find)

    async def feedback(self, principal: Principal, turn: Turn) -> Feedback | None:
        """What is told of a vote in a turn: at once in practice, at the end of a test; nothing of any other turn."""
        given, field = turn.assignment, domain.field_of(turn.record.battle.campaign)
        if given is None or field is None:
            return None

        def find() -> Feedback | None:
            state = self._settled(principal, self._asked(field))
            return _feedback(state, given)

        return await asyncio.to_thread(find)

    def _asked(self, field: str) -> Qualification:
        with self._here.store.reading() as connection:
            found = qualifications.find(connection, field)
        if found is None:
            raise NotFound(
                f"There is no qualification for {field!r}; GET /api/v1/qualifications lists those there are."
            )
        return found

    def _state(self, principal: Principal, asked: Qualification) -> _State:
        now = self._here.now()
        with self._here.store.reading() as connection:
            turns = qualifications.turns(connection, principal.raters, asked.field)
            results = qualification_results.of_raters(connection, principal.raters, asked.field)
            erased_at = removals.erased_at(connection, principal.former) if principal.former else None
        opened = self._here.store.turns.open_of(principal.raters, asked.campaign, now)
        progress = domain.progress(asked, turns, results, now, begun=bool(opened))
        if erased_at is not None:
            progress = progress.not_before(erased_at + timedelta(days=asked.wait_days), now)
        return _State(
            asked=asked,
            turns=turns,
            results=results,
            open_turn=opened[0] if opened else None,
            progress=progress,
        )

    def _settled(self, principal: Principal, asked: Qualification) -> _State:
        """The state once a test that is over is recorded; the arena may have been killed before it was."""
        state = self._state(principal, asked)
        if len(state.current) < asked.items:
            return state
        now = self._here.now()
        result = domain.graded(
            asked,
            ids.mint("q", now, self._here.chance),
            principal.rater_id,
            state.current[: asked.items],
            now,
        )
        self._here.store.submit(RecordResult(result=result)).result()
        return self._state(principal, asked)

    def _next(self, principal: Principal, field: str) -> QualificationTask:
        asked = self._asked(field)
        for _ in range(ATTEMPTS):
            state = self._settled(principal, asked)
            if state.open_turn is not None:
                return self._task(state, state.open_turn)
            _refuse(state)
            now = self._here.now()
            with self._here.store.reading() as connection:
                candidate = self._candidate(connection, principal, state, now)
            command = TakeTask(campaign=asked.campaign, overlap=1, candidates=(candidate,), others=principal.others)
            given = self._here.store.submit(command).result()
            if given is not None:
                return self._task(state, given)
        raise NoTask("Another request of yours was quicker. Ask again.", code="done")

    def _task(self, state: _State, given: Assignment) -> QualificationTask:
        practice = given.purpose is Purpose.PRACTICE
        done = sum(turn.part is Purpose.PRACTICE for turn in state.turns) if practice else len(state.current)
        return QualificationTask(
            battle_id=BattleId(given.assignment_id),
            number=done + 1,
            of=state.asked.practice if practice else state.asked.items,
            part=Purpose.PRACTICE if practice else Purpose.TEST,
            expires_at=given.deadline,
        )

    def _candidate(self, connection: Analytical, principal: Principal, state: _State, now: datetime) -> Candidate:
        asked, part = state.asked, state.progress.part
        item = self._item(qualifications.gold_items(connection, asked.gold_set), principal, state)
        opening = gold_opening.battle_of(
            connection,
            Campaign(name=asked.campaign),
            asked.gold_set,
            item,
            probability=None,
            now=now,
            opens_first=self._here.chance.choice(list(Side)),
        )
        assignment_id, nonce = purposes.mint(part, now, self._here.chance)
        given = Assignment(
            assignment_id=AssignmentId(assignment_id),
            battle_id=opening.battle.battle_id,
            rater_id=principal.rater_id,
            since=now,
            deadline=now + timedelta(seconds=domain.RESERVATION_SECONDS),
            shown_first=drawn_side(self._here.chance),
            purpose=part,
            nonce=nonce,
        )
        return Candidate(assignment=given, opening=opening, set_name=asked.gold_set, prompt_id=item.prompt_id)

    def _item(self, there: Sequence[GoldItem], principal: Principal, state: _State) -> GoldItem:
        """The next item: of practice in the order of the set, of a test from the others."""
        asked = state.asked
        if state.progress.part is Purpose.PRACTICE:
            seen = {turn.prompt_id for turn in state.turns}
            left = [one for one in there[: asked.practice] if one.prompt_id not in seen]
            if left:
                return left[0]
        current = {turn.prompt_id for turn in state.current}
        seen_often = Counter(turn.prompt_id for turn in state.turns)

        def order(one: GoldItem) -> tuple[int, bytes]:
            named = "\x1f".join((asked.field, principal.rater_id, one.prompt_id)).encode()
            return seen_often[one.prompt_id], hmac.digest(self._key, named, hashlib.sha256)

        return min((one for one in there[asked.practice :] if one.prompt_id not in current), key=order)


def drawn_side(chance: random.Random) -> Side:
    """Which answer is shown first. Were it always the one that the set names first, a set that names the better one
    first would be passed by who always says so."""
    return chance.choice((Side.A, Side.B))


def _refuse(state: _State) -> None:
    """Raise `NoTask` for who passed, and for who has to wait."""
    progress, title = state.progress, state.asked.title
    if progress.until is not None:
        raise NoTask(f"You are qualified for {title} until {progress.until:%Y-%m-%d}.", code="passed")
    if progress.again_at is not None:
        again = f"{progress.again_at:%Y-%m-%d} at {progress.again_at:%H:%M} UTC"
        raise NoTask(f"Your tries for {title} are used up. You can try again on {again}.", code="waiting")


def _feedback(state: _State, given: Assignment) -> Feedback | None:
    if given.purpose is Purpose.PRACTICE:
        (turn,) = (one for one in state.turns if one.assignment_id == given.assignment_id)
        return PracticeFeedback(
            right=turn.right,
            known=turn.known.swapped if turn.swapped else turn.known,
            explanation=turn.explanation,
        )
    tested = [turn for turn in state.turns if turn.part is Purpose.TEST]
    start = 0
    for result in state.results:
        if result.last_turn == given.assignment_id:
            answered = tested[start : start + result.answered]
            misses = [_miss(number, turn) for number, turn in enumerate(answered, 1) if not turn.right]
            return ResultFeedback(
                result=result,
                tries_left=state.progress.tries_left,
                again_at=state.progress.again_at,
                misses=tuple(misses),
            )
        start += result.answered
    return None


def _miss(number: int, turn: GoldTurn) -> Miss:
    yours = turn.winner
    if turn.swapped:
        yours = None if yours is None else yours.swapped
    return Miss(
        number=number,
        yours=yours,
        known=turn.known.swapped if turn.swapped else turn.known,
        explanation=turn.explanation,
    )
