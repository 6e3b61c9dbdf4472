"""Pairs of a ranking: each two answers that somebody put in order are a battle."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from arena.domain.vote import Winner


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One answer in a ranking."""

    name: str
    """What the source calls the answer."""
    text: str
    rank: float
    """Smaller is better; equal ranks are ties."""
    model: str | None = None


def pairs(ranked: Sequence[Ranked]) -> Iterator[tuple[Ranked, Ranked, Winner]]:
    """Each two answers, in the order in which they are given, with who won."""
    for left, right in itertools.combinations(ranked, 2):
        if left.rank == right.rank:
            yield left, right, Winner.TIE
        else:
            yield left, right, Winner.MODEL_A if left.rank < right.rank else Winner.MODEL_B
