"""A qualification: a field that raters may rate in once they passed its test.

First comes practice: items with a known outcome, each explained at once. Then the test: so many items of which so many
have to be right, explained at its end. After so many failed tests in a row there is a waiting time; then all tries are
there again. What was passed is valid for so many days.

Each test that is over is a line of the ledger:

    commitment = SHA-256(salt || canonical JSON of the result, with the SHA-256 of the rater's id in place of the id)
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from arena.domain import ledger
from arena.domain.ids import AssignmentId, RaterId
from arena.domain.purpose import Purpose
from arena.domain.vote import Winner

CAMPAIGN: Final = "qualification:"
"""What the campaign of a qualification's battles begins with; no campaign can be called so."""
MOST_ITEMS: Final = 200
MOST_TRIES: Final = 20
MOST_DAYS: Final = 3_650
TITLE_LIMIT: Final = 120
GUIDELINES_LIMIT: Final = 30_000
"""Characters."""
RESERVATION_SECONDS: Final = 1_800
"""For which an item is kept for its rater; then it is given again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualification:
    """The test of a field. It is not changed: what was passed keeps its meaning."""

    field: str
    gold_set: str
    """Its prompts with known outcomes: in their order first those of practice, then those that tests are drawn from."""
    title: str
    practice: int = 0
    items: int = 10
    needed: int = 8
    tries: int = 2
    wait_days: int = 7
    valid_days: int = 365
    guidelines: str = ""
    """Markdown."""
    created_by: str
    created_at: datetime
    """UTC."""

    @property
    def campaign(self) -> str:
        """What its battles are of."""
        return campaign(self.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldTurn:
    """A turn at an item of practice or a test that is over."""

    assignment_id: AssignmentId
    prompt_id: str
    part: Purpose
    winner: Winner | None
    """None: it was skipped or reported, which is not right either."""
    known: Winner
    explanation: str
    swapped: bool = False
    """Whether its rater was shown side `b` first; outcomes here are in the battle's own orientation."""

    @property
    def right(self) -> bool:
        """Whether the rater said what is known."""
        return self.winner is self.known


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationResult:
    """A test that is over."""

    result_id: str
    field: str
    rater_id: RaterId
    """Empty once the rater is erased."""
    last_turn: AssignmentId
    correct: int
    answered: int
    needed: int
    passed: bool
    decided_at: datetime
    """UTC."""
    valid_until: datetime | None
    """UTC. None where it was not passed."""

    def commitment(self, salt: str, rater_sha256: str) -> str:
        """What the result's line in the ledger commits to; `salt` is hex."""
        told = {
            "result_id": self.result_id,
            "field": self.field,
            "rater_sha256": rater_sha256,
            "last_turn": self.last_turn,
            "correct": self.correct,
            "answered": self.answered,
            "needed": self.needed,
            "passed": self.passed,
            "decided_at": round(self.decided_at.timestamp() * 1_000_000),
            "valid_until": None if self.valid_until is None else round(self.valid_until.timestamp() * 1_000_000),
        }
        return hashlib.sha256(bytes.fromhex(salt) + ledger.canonical(told)).hexdigest()


class Stage(StrEnum):
    """Where a rater is with a qualification."""

    OPEN = "open"
    """Not begun, or to be begun anew."""
    PRACTICE = "practice"
    TEST = "test"
    PASSED = "passed"
    FAILED = "failed"
    """The last test was not passed; there is another try at once, or after a waiting time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationProgress:
    """How far a rater is at a moment."""

    stage: Stage
    part: Purpose | None
    """What the next item is of; None where there is none now."""
    answered: int
    """Of the practice or test that goes on, or else of the last test."""
    right: int
    tries_left: int
    """The test that goes on included."""
    again_at: datetime | None = None
    """UTC; from when on there are tries again."""
    until: datetime | None = None
    """UTC; until when it is passed."""

    def not_before(self, moment: datetime, now: datetime) -> "QualificationProgress":
        """The same of somebody who may try from a moment on, unless it is passed already."""
        if self.until is not None or now >= moment or (self.again_at is not None and self.again_at >= moment):
            return self
        return replace(self, stage=Stage.FAILED, part=None, tries_left=0, again_at=moment)


def campaign(field: str) -> str:
    """What the battles of a field's qualification are of."""
    return f"{CAMPAIGN}{field}"


def field_of(campaign_name: str) -> str | None:
    """The field whose qualification battles of this campaign are of; None for any other."""
    return campaign_name.removeprefix(CAMPAIGN) if campaign_name.startswith(CAMPAIGN) else None


def ungraded(turns: Sequence[GoldTurn], results: Sequence[QualificationResult]) -> list[GoldTurn]:
    """The items of the test that goes on, of all turns of a rater in their order."""
    tested = [turn for turn in turns if turn.part is Purpose.TEST]
    return tested[sum(result.answered for result in results) :]


def progress(
    asked: Qualification,
    turns: Sequence[GoldTurn],
    results: Sequence[QualificationResult],
    now: datetime,
    *,
    begun: bool = False,
) -> QualificationProgress:
    """How far somebody is; `turns` and `results` are theirs, in order. `begun`: whether they have an item open."""
    practised = [turn for turn in turns if turn.part is Purpose.PRACTICE]
    current = ungraded(turns, results)
    last = results[-1] if results else None
    if last is not None and last.valid_until is not None and now < last.valid_until:
        return QualificationProgress(
            stage=Stage.PASSED,
            part=None,
            answered=last.answered,
            right=last.correct,
            tries_left=asked.tries,
            until=last.valid_until,
        )
    failed = _failed_in_a_row(results)
    used = failed % asked.tries
    again_at = None
    if last is not None and failed and used == 0:
        again_at = last.decided_at + timedelta(days=asked.wait_days)
    if again_at is not None and now >= again_at:
        failed, again_at = 0, None
    testing = len(practised) >= asked.practice
    there = current if testing else practised
    if last is not None and (again_at is not None or (failed and not there and not begun)):
        stage, answered, right = Stage.FAILED, last.answered, last.correct
    else:
        answered, right = len(there), sum(turn.right for turn in there)
        first_test = testing and asked.practice > 0 and last is None
        going_on = bool(there) or begun or first_test
        stage = (Stage.TEST if testing else Stage.PRACTICE) if going_on else Stage.OPEN
    return QualificationProgress(
        stage=stage,
        part=None if again_at is not None else Purpose.TEST if testing else Purpose.PRACTICE,
        answered=answered,
        right=right,
        tries_left=0 if again_at is not None else asked.tries - used,
        again_at=again_at,
    )


def graded(
    asked: Qualification, result_id: str, rater_id: RaterId, answered: Sequence[GoldTurn], now: datetime
) -> QualificationResult:
    """The result of a test whose items are all answered."""
    correct = sum(turn.right for turn in answered)
    passed = correct >= asked.needed
    return QualificationResult(
        result_id=result_id,
        field=asked.field,
        rater_id=rater_id,
        last_turn=answered[-1].assignment_id,
        correct=correct,
        answered=len(answered),
        needed=asked.needed,
        passed=passed,
        decided_at=now,
        valid_until=now + timedelta(days=asked.valid_days) if passed else None,
    )


def _failed_in_a_row(results: Sequence[QualificationResult]) -> int:
    """Tests that were failed since the last that was passed."""
    failed = 0
    for result in reversed(results):
        if result.passed:
            break
        failed += 1
    return failed
