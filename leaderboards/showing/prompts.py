"""What single prompts say of a board: how well each tells models apart, and how far its raters agree.

How well a prompt tells apart is the share of its votes that the model won that is higher on the board without this
prompt, a tie and both bad as half; the ratings without it are one Newton step from those with it (as in `influence`).
Agreement is the share of pairs of votes on the same two models with the same outcome. As many votes as stand in such
pairs tell at least as much as half as many pairs that share no vote (Hoeffding 1948, Ann. Math. Statist. 19, 293-325:
the variance of a mean over pairs), so that many are counted for its interval, Wilson's.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy
from scipy import special

from leaderboards import board, errors
from leaderboards.fitting import blas
from leaderboards.reading import counts, outcomes
from leaderboards.showing import pairs

FIRST = 5
"""Models at the head of a board, of which two may stand the other way round on a prompt."""
LEAST = 5
"""Votes that a model needs on a prompt to be named as what wins most or least there."""
CHANCE_OF_TURNING = 0.05
"""That a prompt on which nobody is the other way round is taken for one, over all pairs of the first models."""

Floats = counts.Floats
Integers = counts.Integers


class Reading(StrEnum):
    """What a prompt does to a board."""

    STEADY = "steady"
    """It ranks as the board does."""
    TASTE = "taste"
    """It tells models apart, and its raters agree no more than any two votes of the board would."""
    TURNS = "turns"
    """Two of the first models that the board tells apart stand the other way round on it."""
    NOBODY = "nobody"
    """It tells models apart no better than a coin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Votes by prompt, pair and outcome, a place a cell in each array."""

    prompt: Integers
    """From 0 on."""
    first: Integers
    """By its place among `models`."""
    second: Integers
    outcome: Integers
    """As `outcomes` numbers them, seen from the first."""
    votes: Integers
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRead:
    """One prompt."""

    votes: int
    """All of them."""
    share: float | None
    """Of its votes between rated models, those that the higher one won; 0.5 is a coin. None: there are none."""
    share_interval: tuple[float, float] | None
    agreement: float | None
    """None: no two votes on it are about the same two models."""
    agreement_interval: tuple[float, float] | None
    best: str | None
    """The model that won most of its votes here. None: nobody has enough of them, or nobody is told apart."""
    worst: str | None
    turned: tuple[str, str] | None
    """The higher and the lower on the board of two that stand the other way round here."""
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsRead:
    """All prompts, in the order of their numbers."""

    prompts: tuple[PromptRead, ...]
    by_chance: float
    """Agreement of two votes that look at nothing: as often for each outcome as all votes here."""


@blas.single_threaded()
def read(ranked: board.Board, cells: Cells) -> PromptsRead:
    """What each prompt says. Raises InputError for a board without a fit to step from."""
    found = ranked.fit
    if found is None:
        raise errors.InputError("Only Bradley-Terry boards without controls say what single prompts do to them.")
    number = {name: place for place, name in enumerate(ranked.rated_models)}
    places = numpy.array([number.get(name, -1) for name in cells.models], dtype=numpy.int64)
    first, second = places[cells.first], places[cells.second]
    gaps = _gaps(ranked, cells, first, second)
    size = int(cells.prompt.max()) + 1 if len(cells.prompt) else 0
    votes = _summed(cells.prompt, cells.votes, size)
    rated = gaps != 0
    higher_won = cells.outcome == numpy.where(gaps > 0, outcomes.WIN_A, outcomes.WIN_B)
    points = numpy.where(cells.outcome >= outcomes.TIE, 0.5, higher_won)
    counted = _summed(cells.prompt, cells.votes * rated, size)
    won = _summed(cells.prompt, cells.votes * rated * points, size)
    agreeing, compared, paired = _agreement(cells, size)
    by_chance = _by_chance(cells)
    turned = _turned(ranked, cells, size)
    best, worst = _ends(cells, size)
    level = ranked.interval.level
    told = []
    for one in range(size):
        share = won[one] / counted[one] if counted[one] else None
        interval = None if share is None else pairs.wilson(share, counted[one], level)
        agreement = agreeing[one] / compared[one] if compared[one] else None
        around = None if agreement is None else pairs.wilson(agreement, paired[one] / 2, level)
        reading = Reading.STEADY
        if turned[one] is not None:
            reading = Reading.TURNS
        elif interval is None or interval[0] <= 0.5:
            reading = Reading.NOBODY
        elif around is not None and around[0] <= by_chance:
            reading = Reading.TASTE
        apart = reading is not Reading.NOBODY
        told.append(
            PromptRead(
                votes=int(votes[one]),
                share=share,
                share_interval=interval,
                agreement=agreement,
                agreement_interval=around,
                best=best[one] if apart else None,
                worst=worst[one] if apart else None,
                turned=turned[one],
                reading=reading,
            )
        )
    return PromptsRead(prompts=tuple(told), by_chance=by_chance)


def _summed(prompt: Integers, amounts: Floats | Integers, size: int) -> Floats:
    summed: Floats = numpy.bincount(prompt, weights=amounts, minlength=size).astype(numpy.float64)
    return summed


def _gaps(ranked: board.Board, cells: Cells, first: Integers, second: Integers) -> Floats:
    """(cells,): the first model's strength minus the second's on the board without the cell's prompt; 0 where one of
    them is not rated."""
    found = ranked.fit
    assert found is not None  # noqa: S101 - `read` has refused it
    strengths, size = found.strengths, found.pairs.size
    rated = (first >= 0) & (second >= 0)
    low, high = numpy.minimum(first, second), numpy.maximum(first, second)
    swapped = first > second
    keys = found.pairs.low * size + found.pairs.high
    pair = numpy.searchsorted(keys, numpy.where(rated, low * size + high, 0)).clip(max=max(len(keys) - 1, 0))
    rated &= keys[pair] == low * size + high
    side = numpy.where(cells.outcome >= outcomes.TIE, 2, numpy.where((cells.outcome == outcomes.WIN_A) ^ swapped, 0, 1))
    fitted = rated & ~((cells.outcome == outcomes.BOTH_BAD) & (ranked.both_bad == "drop"))
    fitted &= ~((cells.outcome == outcomes.TIE) & (ranked.ties == "drop"))
    pull = numpy.where(fitted, cells.votes * found.terms.slope[pair, side], 0.0)
    prompts = int(cells.prompt.max()) + 1 if len(cells.prompt) else 0
    score = numpy.zeros((size, prompts))
    numpy.add.at(score, (low[rated], cells.prompt[rated]), pull[rated])
    numpy.add.at(score, (high[rated], cells.prompt[rated]), -pull[rated])
    without = strengths[:, None] - found.inverse[:size, :size] @ score
    gaps = numpy.zeros(len(cells.prompt))
    gaps[rated] = without[first[rated], cells.prompt[rated]] - without[second[rated], cells.prompt[rated]]
    return gaps


def _seen_alike(cells: Cells) -> tuple[Integers, Integers]:
    """The cells as the model of a pair that comes first among the names sees them: a number a pair, and the outcome."""
    swapped = cells.first > cells.second
    outcome = numpy.where(swapped, numpy.array(outcomes.SWAPPED)[cells.outcome], cells.outcome)
    low, high = numpy.minimum(cells.first, cells.second), numpy.maximum(cells.first, cells.second)
    return low * len(cells.models) + high, outcome


def _agreement(cells: Cells, size: int) -> tuple[Floats, Floats, Floats]:
    """For each prompt: pairs of votes on the same two models with the same outcome, all such pairs, and the votes that
    stand in some."""
    pair, outcome = _seen_alike(cells)
    kinds, place = numpy.unique(numpy.stack([cells.prompt, pair]), axis=1, return_inverse=True)
    table = numpy.zeros((kinds.shape[1], 4))
    numpy.add.at(table, (place.ravel(), outcome), cells.votes)
    totals = table.sum(axis=1)
    agreeing = _summed(kinds[0], (table * (table - 1) / 2).sum(axis=1), size)
    compared = _summed(kinds[0], totals * (totals - 1) / 2, size)
    return agreeing, compared, _summed(kinds[0], totals * (totals > 1), size)


def _by_chance(cells: Cells) -> float:
    """How often two votes that look at nothing have the same outcome: a win is as likely for either side."""
    votes = numpy.bincount(cells.outcome, weights=cells.votes, minlength=4)
    if not votes.sum():
        return 0.0
    shares = votes / votes.sum()
    won = float(shares[outcomes.WIN_A] + shares[outcomes.WIN_B])
    return won**2 / 2 + float(shares[outcomes.TIE] ** 2 + shares[outcomes.BOTH_BAD] ** 2)


def _turned(ranked: board.Board, cells: Cells, size: int) -> Sequence[tuple[str, str] | None]:
    """For each prompt the two of the first models that stand most clearly the other way round on it."""
    heads = [entry.model for entry in ranked.rated[:FIRST]]
    apart = [
        (higher, lower)
        for higher, lower in itertools.combinations(heads, 2)
        if pairs.difference(ranked, higher, lower).gap.told_apart
    ]
    found: list[tuple[str, str] | None] = [None] * size
    least = numpy.full(size, CHANCE_OF_TURNING / max(1, len(apart)))
    place = {name: number for number, name in enumerate(cells.models)}
    for higher, lower in apart:
        if higher not in place or lower not in place:
            continue
        one, other = place[higher], place[lower]
        straight = (cells.first == one) & (cells.second == other)
        crossed = (cells.first == other) & (cells.second == one)
        won_a, won_b = cells.outcome == outcomes.WIN_A, cells.outcome == outcomes.WIN_B
        wins = _summed(cells.prompt, cells.votes * ((straight & won_a) | (crossed & won_b)), size)
        losses = _summed(cells.prompt, cells.votes * ((straight & won_b) | (crossed & won_a)), size)
        chance = special.betainc(numpy.maximum(losses, 1), wins + 1, 0.5)  # of so many losses or more
        for prompt in numpy.flatnonzero((losses > wins) & (chance <= least)):
            found[prompt], least[prompt] = (higher, lower), chance[prompt]
    return found


def _ends(cells: Cells, size: int) -> tuple[list[str | None], list[str | None]]:
    """For each prompt the models that won the greatest and the smallest share of their votes on it."""
    models = len(cells.models)
    won = numpy.where(cells.outcome >= outcomes.TIE, 0.5, cells.outcome == outcomes.WIN_A)
    seen = numpy.concatenate([cells.prompt * models + side for side in (cells.first, cells.second)])
    keys, place = numpy.unique(seen, return_inverse=True)
    votes = numpy.bincount(place.ravel(), weights=numpy.tile(cells.votes, 2))
    points = numpy.bincount(place.ravel(), weights=numpy.concatenate([cells.votes * won, cells.votes * (1 - won)]))
    best: list[str | None] = [None] * size
    worst: list[str | None] = [None] * size
    enough = votes >= LEAST
    keys, share = keys[enough], points[enough] / votes[enough]
    for key in keys[numpy.argsort(share, kind="stable")]:
        prompt, model = divmod(int(key), models)
        worst[prompt] = worst[prompt] or cells.models[model]
        best[prompt] = cells.models[model]
    alone = [one for one in range(size) if best[one] == worst[one]]
    for one in alone:
        best[one] = worst[one] = None
    return best, worst
