"""A few examples of what a release would hold, drawn by a seed."""

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from arena.domain.battle import BattleRecord, Side
from arena.domain.selection import Selection
from arena.domain.vote import Vote
from arena.exports import pairs, personal, selecting, split
from arena.exports.format import Context, Format, Row, Taken
from arena.exports.personal import Kind, Recogniser
from arena.exports.selecting import Sieve
from arena.exports.split import Split
from arena.exports.stages import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One battle, or one vote on it where each has rows of its own, and the rows a format makes of it."""

    record: BattleRecord
    split: Split
    rows: tuple[Row, ...]

    @property
    def leading(self) -> Vote:
        """A vote for the outcome that counts: the first of those that say most about it."""
        outcome = pairs.outcome(self.record.votes)
        agreeing = [vote for vote in self.record.votes if outcome in (None, vote.winner)]
        return max(agreeing, key=lambda vote: (vote.strength is not None) + (vote.reason is not None) + len(vote.tags))

    @property
    def agreeing(self) -> int:
        """Votes for the outcome with the most votes."""
        return max(Counter(vote.winner for vote in self.record.votes).values())

    @property
    def chosen_side(self) -> Side | None:
        """The side that won; None where none did."""
        outcome = pairs.outcome(self.record.votes)
        return None if outcome is None else pairs.WON_BY.get(outcome)


def draw(
    records: Iterable[BattleRecord],
    selection: Selection,
    known: Known,
    form: Format,
    *,
    seed: int,
    wanted: int = 4,
    names: Recogniser | None = None,
) -> list[Example]:
    """Up to `wanted` examples, masked as the rows are: other ones for every seed, but for few records."""
    kinds = tuple(kind for kind in Kind if kind in selection.mask)
    sieve = Sieve(selection, known)
    context = Context(pseudonym=lambda _: "rater")
    best: list[tuple[int, str, Example]] = []
    for record in records:
        sifted = sieve.sift(record)
        if sifted.record is None:
            continue
        for judged in selecting.judged(sifted.record, selection.several):
            drawn = (-_drawn(seed, judged.votes[0]), judged.votes[0].vote_id)
            if len(best) == wanted and drawn < best[0][:2]:
                continue
            shown = personal.masked_record(judged, kinds, names)[0] if kinds else judged
            rows = [row for one in form.convert(shown, context) if isinstance(one, Taken) for row in one.rows]
            if rows:
                part = split.of(judged.battle, test_share=selection.test_share, seed=0, position=sifted.position)
                heapq.heappush(best, (*drawn, Example(record=shown, split=part, rows=tuple(rows))))
                if len(best) > wanted:
                    heapq.heappop(best)
    return [example for _, _, example in sorted(best, key=lambda one: one[:2], reverse=True)]


def _drawn(seed: int, vote: Vote) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{vote.vote_id}".encode()).digest()[:8])
