"""What the raters of one battle decided, and the preference pair that follows: prompt, chosen and rejected answer.

Every format that trains on judgements uses this. Several votes on one battle become one outcome: the one with the most
votes, where tie and both bad are outcomes too. Where two outcomes lead with equally many votes, nothing is decided and
there is no pair. A rule of more than half of all votes would also drop two votes for A, one for B and one tie.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from arena.domain import wording
from arena.domain.battle import BattleRecord, Message, Response, Side
from arena.domain.vote import Strength, Vote, Winner
from arena.exports.format import Context, LeftOut, Outcome, Reason, Row, Taken

WON_BY = {Winner.MODEL_A: Side.A, Winner.MODEL_B: Side.B}
"""The winning side of the outcomes that have one."""
MARGINS = {Strength.SLIGHTLY: 1 / 3, Strength.CLEARLY: 1.0}
"""By how much a reward model should prefer the chosen answer at least: the small margins of the Llama 2 report
(arXiv 2307.09288, table 27), from "slightly better", 1/3, to "significantly better", 1."""


class Judged(NamedTuple):
    """Two answers with a decided outcome."""

    prompt: tuple[Message, ...]
    """The history with the prompt: what both models were asked."""
    text_a: str
    text_b: str
    winner: Winner


class Pair(NamedTuple):
    """What the raters of one battle preferred."""

    prompt: tuple[Message, ...]
    """The history with the prompt: what both models were asked."""
    chosen_side: Side
    chosen: str
    rejected: str
    votes: tuple[Vote, ...]

    @property
    def margin(self) -> float:
        """The mean margin of the votes for the chosen answer that gave a strength; 0, no margin, where none did."""
        given = [
            MARGINS[vote.strength]
            for vote in self.votes
            if WON_BY.get(vote.winner) is self.chosen_side and vote.strength is not None
        ]
        return fmean(given) if given else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A prompt in which user and assistant take turns."""

    system: str
    """The system message; empty where there is none."""
    exchanges: tuple[tuple[str, str], ...]
    """The earlier messages, in pairs: the user, then the assistant."""
    question: str
    """The user's last message."""


def judged(record: BattleRecord) -> Judged | LeftOut:
    """What was decided, or the first reason why nothing was. Reasons in the answers come before reasons in the votes.

    An answer of zero-width signs does not count as empty, as in the published counts of real votes (tests/exports); a
    selection leaves it out with `minimum_answer_characters`.
    """
    answered = answers(record)
    if isinstance(answered, LeftOut):
        return answered
    if record.has_media:
        return LeftOut(reason=Reason.MEDIA)
    text_a, text_b = answered[0].text, answered[1].text
    if not text_a.strip() or not text_b.strip():
        return LeftOut(reason=Reason.EMPTY_ANSWER)
    winner = outcome(record.votes)
    if winner is None:
        return LeftOut(reason=Reason.NO_MAJORITY if record.votes else Reason.NO_VOTE)
    if winner in WON_BY and text_a.strip() == text_b.strip():  # a trainer would push the same text up and down at once
        return LeftOut(reason=Reason.SAME_ANSWER)
    return Judged(prompt=asked(record), text_a=text_a, text_b=text_b, winner=winner)


def pair(record: BattleRecord) -> Pair | LeftOut:
    """The record's pair, or why it has none."""
    found = judged(record)
    if isinstance(found, LeftOut):
        return found
    if found.winner is Winner.TIE:
        return LeftOut(reason=Reason.TIE)
    if found.winner is Winner.BOTH_BAD:
        return LeftOut(reason=Reason.BOTH_BAD)
    prompt, text_a, text_b, winner = found
    if winner is Winner.MODEL_A:
        return Pair(prompt=prompt, chosen_side=Side.A, chosen=text_a, rejected=text_b, votes=record.votes)
    return Pair(prompt=prompt, chosen_side=Side.B, chosen=text_b, rejected=text_a, votes=record.votes)


def one_row(made: Callable[[Pair], Row | LeftOut]) -> Callable[[BattleRecord, Context], Iterator[Outcome]]:
    """The `convert` of a format that writes one row for each pair, given the function that makes the row."""

    def convert(record: BattleRecord, _context: Context) -> Iterator[Outcome]:
        found = pair(record)
        row = found if isinstance(found, LeftOut) else made(found)
        yield row if isinstance(row, LeftOut) else Taken(rows=(row,))

    return convert


def completions(record: BattleRecord) -> tuple[tuple[Message, ...], tuple[tuple[str, bool], ...]] | LeftOut:
    """The prompt, and each answer with whether it is desirable: the chosen one is, the rejected one is not.

    Both bad makes no pair, but says that each answer is undesirable, so it counts here. A tie says of neither answer
    whether it is good.
    """
    found = judged(record)
    if isinstance(found, LeftOut):
        return found
    if found.winner is Winner.TIE:
        return LeftOut(reason=Reason.TIE)
    labelled_a = (found.text_a, found.winner is Winner.MODEL_A)
    labelled_b = (found.text_b, found.winner is Winner.MODEL_B)
    return found.prompt, (labelled_b, labelled_a) if labelled_b[1] else (labelled_a, labelled_b)


def answers(record: BattleRecord) -> tuple[Response, Response] | LeftOut:
    """Both responses, or the reason why there is nothing to judge."""
    if record.void is not None:
        return LeftOut(reason=Reason.VOID)
    if record.response_a is None or record.response_b is None:
        return LeftOut(reason=Reason.UNFINISHED)
    return record.response_a, record.response_b


def asked(record: BattleRecord) -> tuple[Message, ...]:
    """What both models were asked, without an empty system message: trainers would train on it, or replace it by their
    own."""
    messages = record.battle.messages
    return messages[1:] if messages[0].role == "system" and not messages[0].text.strip() else messages


def outcome(votes: tuple[Vote, ...]) -> Winner | None:
    """The outcome with the most votes; None without votes, or where two outcomes lead."""
    if len(votes) == 1:
        return votes[0].winner
    return leader([vote.winner for vote in votes])


def leader(winners: Sequence[Winner]) -> Winner | None:
    """The same of their winners alone."""
    leaders = Counter(winners).most_common(2)
    if not leaders or (len(leaders) == 2 and leaders[0][1] == leaders[1][1]):
        return None
    return leaders[0][0]


def edit(vote: Vote, record: BattleRecord) -> str | None:
    """The rater's correction of the preferred answer, if it changes anything."""
    side = WON_BY.get(vote.winner)
    if side is None or vote.edit is None or not wording.visible(vote.edit):
        return None
    preferred = record.response(side)
    return None if preferred is not None and preferred.text == vote.edit else vote.edit


def single(prompt: tuple[Message, ...]) -> str | None:
    """The text of a prompt that is a single message by the user; None for any other prompt."""
    return prompt[0].text if len(prompt) == 1 and prompt[0].role == "user" else None


def dialogue(prompt: tuple[Message, ...]) -> Dialogue | None:
    """A prompt as exchanges and a question; None where user and assistant do not take turns.

    A system message may come first, but not an empty one: trainers would replace it by their own.
    """
    begins = prompt[0].role == "system" and prompt[0].text != ""
    system, taken = (prompt[0].text, prompt[1:]) if begins else ("", prompt)
    if any(message.role != ("assistant" if place % 2 else "user") for place, message in enumerate(taken)):
        return None
    if len(taken) % 2 == 0:
        return None
    said = [message.text for message in taken]
    return Dialogue(system=system, exchanges=tuple(zip(said[:-1:2], said[1::2], strict=True)), question=said[-1])


def conversation(messages: tuple[Message, ...]) -> list[Row]:
    """Messages as they are written in rows."""
    return [{"role": message.role, "content": message.text} for message in messages]


def answer(text: str) -> list[Row]:
    """One answer as it is written in rows: a conversation with a single message by the assistant."""
    return [{"role": "assistant", "content": text}]
