"""The preference pair of a record: one prompt, the chosen answer and the rejected one.

Shared by every format that trains on pairs. Several votes on one battle become one outcome: the one with the most
votes, tie and both bad among them; where two outcomes lead with equal votes nobody decided, and there is no pair. To
ask for more than half of all votes would also drop two for A, one for B and one tie.
"""

from collections import Counter
from dataclasses import dataclass

from arena.domain.battle import BattleRecord, Message, Response, Side
from arena.domain.vote import Vote, Winner
from arena.exports.format import LeftOut, Reason, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What the raters of one battle decided."""

    prompt: tuple[Message, ...]
    """The history with the prompt: what both models were asked."""
    chosen_side: Side
    chosen: str
    rejected: str


def pair(record: BattleRecord) -> Pair | LeftOut:
    """The record's pair, or the first reason why it has none: those in the answers come before those in the votes."""
    answered = answers(record)
    if isinstance(answered, LeftOut):
        return answered
    text_a, text_b = (response.text for response in answered)
    if not text_a.strip() or not text_b.strip():
        return LeftOut(reason=Reason.EMPTY_ANSWER)
    winner = outcome(record.votes)
    if winner is None:
        return LeftOut(reason=Reason.NO_MAJORITY if record.votes else Reason.NO_VOTE)
    if winner is Winner.TIE:
        return LeftOut(reason=Reason.TIE)
    if winner is Winner.BOTH_BAD:
        return LeftOut(reason=Reason.BOTH_BAD)
    prompt = record.battle.messages
    if winner is Winner.MODEL_A:
        return Pair(prompt=prompt, chosen_side=Side.A, chosen=text_a, rejected=text_b)
    return Pair(prompt=prompt, chosen_side=Side.B, chosen=text_b, rejected=text_a)


def answers(record: BattleRecord) -> tuple[Response, Response] | LeftOut:
    """Both responses, or why the record cannot be judged at all."""
    if record.void is not None:
        return LeftOut(reason=Reason.VOID)
    if record.response_a is None or record.response_b is None:
        return LeftOut(reason=Reason.UNFINISHED)
    return record.response_a, record.response_b


def outcome(votes: tuple[Vote, ...]) -> Winner | None:
    """The outcome with the most votes; None without votes, or when two outcomes share the lead."""
    if len(votes) == 1:
        return votes[0].winner
    leaders = Counter(vote.winner for vote in votes).most_common(2)
    if not leaders or (len(leaders) == 2 and leaders[0][1] == leaders[1][1]):
        return None
    return leaders[0][0]


def conversation(messages: tuple[Message, ...]) -> list[Row]:
    """Messages as rows spell them."""
    return [{"role": message.role, "content": message.content} for message in messages]


def answer(text: str) -> list[Row]:
    """One answer as rows spell it: a conversation of a single message by the assistant."""
    return [{"role": "assistant", "content": text}]
