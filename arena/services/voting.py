"""Casting a vote: whether this rater may vote on this battle now, and what the vote reveals."""

import asyncio
import hashlib
import json
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from arena.domain import assignment as assignments
from arena.domain import ids, wording
from arena.domain.assignment import Assignment, Turn
from arena.domain.battle import BattleRecord, BattleState, Side
from arena.domain.campaign import CRITERION_WINNERS, Criterion
from arena.domain.ids import VoteId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.view import Reveal
from arena.domain.vote import EDIT_LIMIT, REASON_LIMIT, Strength, Tag, Vote, Winner
from arena.errors import Conflict, DoesNotFit, Forbidden, InvalidValue, TooLarge
from arena.exports.proofs import statements
from arena.services import keyed_answers
from arena.services.campaigns import Campaigns
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import votes
from arena.store.writing.commands import CastResult, CastVote

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What a rater sends, before it is checked."""

    winner: str
    strength: str | None = None
    tags: tuple[str, ...] = ()
    reason: str | None = None
    edit: str | None = None
    criteria: tuple[tuple[str, str], ...] = ()
    """What won by each criterion that the rater answered, by name."""


class Voting:
    """Casts votes. Each is counted once, and reveals the models only when it is durable."""

    def __init__(self, here: OpenWorkspace, campaigns: Campaigns) -> None:
        self._campaigns = campaigns
        self._workspace = here.store
        self._signer = here.signer
        self._chance = here.chance
        self._now = here.now

    async def cast(
        self,
        principal: Principal,
        record: BattleRecord,
        ballot: Ballot,
        key: str,
        assignment: Assignment | None = None,
    ) -> Reveal:
        """Record one vote and return what it reveals. `assignment` is the turn of a rater who did not ask the prompt.

        The same key with the same ballot gives the same answer again. A refusal records nothing and does not use up the
        key.
        """
        demand(principal, Permission.TAKE_PART)
        keyed_answers.refuse_unusable(key)
        turn = assignment or assignments.of_writer(record.battle)
        if turn.rater_id not in principal.raters or turn.battle_id != record.battle.battle_id:
            raise Forbidden(f"Battle {record.battle.battle_id} belongs to another rater; only they vote on it.")
        if assignment is not None and assignment.purpose is None:
            voters = {vote.rater_id for vote in record.votes}
            if turn.rater_id not in voters and not voters.isdisjoint(principal.raters):
                raise Conflict("You voted on this item under another of your ids. Skip it, then start the next one.")
        everybody = principal.raters
        if turn.rater_id != principal.rater_id:
            principal = replace(principal, id=turn.rater_id, rates_as=None)
        vote = self._vote(principal, record, ballot, key, assignment)
        self._refuse_state(record, vote, turn)
        shared = assignment is not None and assignment.purpose is None
        others = tuple(one for one in everybody if one != turn.rater_id) if shared else ()
        command = CastVote(vote=vote, record=record, others=others)
        result = await asyncio.wrap_future(self._workspace.submit(command))
        return self._reveal(record, result, turn)

    async def reveal(self, turn: Turn) -> Reveal:
        """What the vote in a turn revealed."""
        record = turn.record
        vote_id = turn.seen.votes[-1].vote_id

        def load() -> CastResult:
            with self._workspace.reading() as connection:
                return votes.result(connection, vote_id)

        kept = self._workspace.recent(record.battle.battle_id)
        told = None if kept is None else kept.receipts.get(vote_id)
        cast = await asyncio.to_thread(load) if told is None else told
        return self._reveal(record, cast, turn.assignment or assignments.of_writer(record.battle))

    def votes_between(self, reveal: Reveal) -> int:
        """How many votes the two models had when this one was cast, so that a repeated request gets the same answer."""
        rater_id = reveal.vote.rater_id
        return self._workspace.counts.of_pair(reveal.model_a, reveal.model_b, reveal.line.sequence, rater_id)

    def count(self, principal: Principal) -> int:
        """How many votes this rater has cast."""
        return sum(map(self._workspace.counts.of_rater, principal.raters))

    def _reveal(self, record: BattleRecord, result: CastResult, turn: Assignment) -> Reveal:
        """What a vote reveals, with the sides as its rater was shown them."""
        told = Reveal(
            vote=result.vote,
            model_a=record.battle.model_a,
            model_b=record.battle.model_b,
            leak=record.leak is True,
            finish_reason_a=None if record.response_a is None else record.response_a.finish_reason,
            finish_reason_b=None if record.response_b is None else record.response_b.finish_reason,
            reasoning_tokens_a=None if record.response_a is None else record.response_a.reasoning_tokens,
            reasoning_tokens_b=None if record.response_b is None else record.response_b.reasoning_tokens,
            reasoning_seconds_a=None if record.response_a is None else record.response_a.reasoning_seconds,
            reasoning_seconds_b=None if record.response_b is None else record.response_b.reasoning_seconds,
            line=result.line,
            salt=result.salt,
            signature=self._signer.sign(statements.receipt(result.vote.vote_id, result.line)).to_dict(),
        )
        return told.swapped if turn.shown_first is Side.B else told

    def _vote(
        self, principal: Principal, record: BattleRecord, ballot: Ballot, key: str, assignment: Assignment | None
    ) -> Vote:
        winner = _choice(Winner, "winner", ballot.winner)
        strength = None if ballot.strength is None else _choice(Strength, "strength", ballot.strength)
        reason = (ballot.reason or "").strip() or None
        if strength and not winner.decided:
            raise DoesNotFit(f"strength says how much better one side is; leave it out with {winner}.")
        if ballot.edit is not None and not winner.decided:
            raise DoesNotFit(f"edit corrects the preferred answer; leave it out with {winner}.")
        if reason and (len(reason) > REASON_LIMIT or not wording.in_one_line(reason)):
            raise InvalidValue(f"reason has to be one line of at most {REASON_LIMIT} characters.")
        edit = _edit(ballot.edit)
        now = self._now()
        turn = assignment or assignments.of_writer(record.battle)
        criteria = self._criteria(record, ballot)
        if turn.shown_first is Side.B:  # a vote is stored in the battle's own orientation
            winner, criteria = winner.swapped, tuple((name, won.swapped) for name, won in criteria)
        return Vote(
            vote_id=VoteId(ids.mint("v", now, self._chance)),
            battle_id=record.battle.battle_id,
            rater_id=principal.rater_id,
            winner=winner,
            strength=strength,
            tags=tuple(sorted({_choice(Tag, "tags", tag) for tag in ballot.tags})),
            reason=reason,
            edit=edit,
            reading_seconds=_reading_seconds(record, assignment, now),
            cast_at=now,
            idempotency_key=key,
            request_sha256=_request_sha256(turn, ballot),
            rater_kind=principal.kind,
            criteria=criteria,
            shown_left=turn.shown_first,
            assignment_id=None if assignment is None else assignment.assignment_id,
            purpose=None if assignment is None else assignment.purpose,
        )

    def asked(self, record: BattleRecord) -> tuple[Criterion, ...]:
        """The criteria of a battle's campaign, as they were when it was drawn."""
        campaign = self._campaigns.of_battle(record.battle)
        return () if campaign is None else campaign.criteria

    def _criteria(self, record: BattleRecord, ballot: Ballot) -> tuple[tuple[str, Winner], ...]:
        """What won by each criterion, in the order in which the campaign asks them."""
        known, given = [one.name for one in self.asked(record)], dict(ballot.criteria)
        if unknown := sorted(given.keys() - set(known)):
            accepted = ", ".join(known) or "none, this campaign has no criteria"
            raise DoesNotFit(f"criteria has {unknown[0]!r}; accepted: {accepted}.")
        found = [(name, _choice(Winner, f"criteria.{name}", given[name])) for name in known if name in given]
        for name, won in found:
            if won not in CRITERION_WINNERS:
                raise InvalidValue(f"criteria.{name} is {won!s}; accepted: {', '.join(CRITERION_WINNERS)}.")
        return tuple(found)

    def _refuse_state(self, record: BattleRecord, vote: Vote, turn: Assignment) -> None:
        """Raise for a vote that the record already rules out. The writer checks again when it writes."""
        if record.state is BattleState.OPEN:
            raise Conflict("The answers are still being written. Vote when both have finished.")
        if record.state is BattleState.VOID:
            raise Conflict("This battle is void, so nothing can be recorded on it. Start a new battle.")
        for cast in record.votes:
            if (cast.rater_id, cast.turn) != (vote.rater_id, vote.turn):
                continue
            if (cast.idempotency_key, cast.request_sha256) != (vote.idempotency_key, vote.request_sha256):
                raise Conflict("You have voted on this battle already. Start the next one.")
            return
        if turn.deadline is not None and vote.cast_at > turn.deadline:
            raise Conflict("The time for this turn is over, and the battle goes to others. Start the next one.")


def _choice(kind: type[Choice], field: str, value: str) -> Choice:
    try:
        return kind(value)
    except ValueError:
        accepted = ", ".join(kind)
        raise InvalidValue(f"{field} is {value!r}; accepted: {accepted}.") from None


def _edit(text: str | None) -> str | None:
    if text is None:
        return None
    if not wording.visible(text) or "\0" in text or any(unicodedata.category(sign) == "Cs" for sign in text):
        raise InvalidValue("edit has to be text, without NUL or half characters; leave it out to keep the answer.")
    if len(text) > EDIT_LIMIT:
        raise TooLarge(f"edit has {len(text):,} characters; {EDIT_LIMIT:,} is the limit. Shorten it.")
    return text


def _reading_seconds(record: BattleRecord, assignment: Assignment | None, now: datetime) -> float | None:
    """From the moment when this rater had both answers to now; None where nobody knows that moment."""
    if record.completed_at is None:
        return None
    begun = record.completed_at if assignment is None else max(record.completed_at, assignment.since)
    return max(0.0, (now - begun).total_seconds())


def _request_sha256(turn: Assignment, ballot: Ballot) -> str:
    """A hash of the turn and the ballot as sent, so that only the same request gets the same answer.

    A field that came later is in it only where it is given: ballots from before keep their hash.
    """
    sent: list[object] = [turn.assignment_id, ballot.winner, ballot.strength, ballot.tags, ballot.reason, ballot.edit]
    if ballot.criteria:
        sent.append(sorted(ballot.criteria))
    return hashlib.sha256(json.dumps(sent).encode()).hexdigest()
