"""A few examples of what a release would hold, drawn by a seed."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from arena.domain.battle import BattleRecord, Side
from arena.domain.ids import BattleId, VoteId
from arena.domain.selection import Selection
from arena.domain.vote import Vote
from arena.exports import personal, split
from arena.exports.filters import sifting
from arena.exports.filters.filters import FilterInputs
from arena.exports.filters.sifting import Sieve
from arena.exports.format import Context, Format, Row, Taken
from arena.exports.personal import PersonalKind, Recogniser
from arena.exports.rows import pairs
from arena.exports.split import Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One battle and the rows that a format makes of it; one of its votes, where every vote has rows of its own."""

    record: BattleRecord
    split: Split
    rows: tuple[Row, ...]

    @property
    def leading(self) -> Vote:
        """The vote that says most about the outcome that counts; the first of several."""
        outcome = pairs.outcome(self.record.votes)
        agreeing = [vote for vote in self.record.votes if outcome in (None, vote.winner)]
        return max(agreeing, key=lambda vote: (vote.strength is not None) + (vote.reason is not None) + len(vote.tags))

    @property
    def agreeing(self) -> int:
        """How many votes the leading outcome has."""
        return max(Counter(vote.winner for vote in self.record.votes).values())

    @property
    def chosen_side(self) -> Side | None:
        """The winning side; None where neither side won."""
        outcome = pairs.outcome(self.record.votes)
        return None if outcome is None else pairs.WON_BY.get(outcome)


def draw(
    records: Iterable[BattleRecord],
    selection: Selection,
    known: FilterInputs,
    form: Format,
    *,
    seed: int,
    wanted: int = 4,
    by_rank: bool = False,
    names: Recogniser | None = None,
) -> list[Example]:
    """Up to `wanted` examples, each of another battle. Another seed draws others, unless there are few records.
    `by_rank`: the records come in the order of their rank, so reading stops when there are enough examples."""
    kinds = tuple(kind for kind in PersonalKind if kind in selection.mask)
    sieve = Sieve(selection, known)
    best: list[tuple[int, Example]] = []
    for record in records:
        ranked = rank(seed, record.battle.battle_id)
        sifted = sieve.sift(record)
        if sifted.record is None or (len(best) == wanted and ranked > -best[0][0]):
            continue
        shown = personal.masked_record(sifted.record, kinds, names)[0] if kinds else sifted.record
        part = split.split_of(record.battle, test_share=selection.test_share, seed=0, position=sifted.position)
        example = _example(shown, part, selection, form, seed)
        if example is None:
            continue
        heapq.heappush(best, (-ranked, example))
        if len(best) > wanted:
            heapq.heappop(best)
        if by_rank and len(best) == wanted:
            break
    return [example for _, example in sorted(best, key=lambda one: -one[0])]


def rank(seed: int, drawn: BattleId | VoteId) -> int:
    """The rank that a seed gives to a battle or a vote: the lowest ranks are shown."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{drawn}".encode()).digest())


def _example(shown: BattleRecord, part: Split, selection: Selection, form: Format, seed: int) -> Example | None:
    """A record with its rows, or one of its votes where every vote has rows of its own; None without rows."""
    context = Context(pseudonym=lambda _: "rater")
    judged = sifting.judged(shown, selection.several)
    for one in sorted(judged, key=lambda record: rank(seed, record.votes[0].vote_id)):
        rows = [row for outcome in form.convert(one, context) if isinstance(outcome, Taken) for row in outcome.rows]
        if rows:
            return Example(record=one, split=part, rows=tuple(rows))
    return None
