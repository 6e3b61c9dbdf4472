"""Pairs of a ranking: every two answers that somebody put in order make a battle.

Rankings are often written best first, and do not say where an answer stood on the page. So a coin that always falls the
same way for the same pair places the two answers, so that the winning side says nothing.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arena.domain.battle import Message
from arena.domain.vote import Winner
from arena.imports import cells, imported_vote
from arena.imports.imported_vote import ImportedVote, Outside

SWAPPED = {Winner.MODEL_A: Winner.MODEL_B, Winner.MODEL_B: Winner.MODEL_A}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One answer in a ranking."""

    name: str
    """The source's name of the answer."""
    text: str
    rank: float
    """Smaller is better; equal ranks are ties."""
    model: str | None = None


def pairs(ranked: Sequence[Ranked]) -> Iterator[tuple[Ranked, Ranked, Winner]]:
    """Every two answers, in the order in which they are given, with the winner."""
    for left, right in itertools.combinations(ranked, 2):
        if left.rank == right.rank:
            yield left, right, Winner.TIE
        else:
            yield left, right, Winner.MODEL_A if left.rank < right.rank else Winner.MODEL_B


def entries(
    ranked: Sequence[Ranked], messages: tuple[Message, ...], told: Mapping[str, Any], *, placed: bool = False
) -> Iterator[ImportedVote | Outside]:
    """An entry for each two answers, with what `told` says of them all; `placed`: they stood in the order given."""
    for left, right, winner in pairs(ranked):
        if left.model is not None and left.model == right.model:
            yield Outside(why=f"{cells.shown(left.model)} stands against itself in {left.name} and {right.name}.")
            continue
        one, other, said = left, right, winner
        if not placed and not imported_vote.placed(left.text, right.text, messages[-1].text):
            one, other, said = right, left, SWAPPED.get(winner, winner)
        yield ImportedVote(
            messages=messages,
            text_a=one.text,
            text_b=other.text,
            model_a=one.model,
            model_b=other.model,
            winner=said,
            **told,
        )
