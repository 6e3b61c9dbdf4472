"""How firmly each model stands: what few votes, one rater, or attackers that nobody can tell could do to its rank.

Fewest votes     as `influence` finds them, for the nearer of the two neighbours.
One rater        removed and the board refitted, for those whose votes have most influence (one Newton step).
Worst 1 %        of all votes removed, those that hold the model up, and those that hold it down; refitted (Broderick,
                 Giordano & Meager 2020, arXiv:2011.14999).
The floor        no method finds an attacker whose taste lies within people's own. With a share q of the votes and a
                 taste of two spreads (`tastes.spread`), which one honest rater in 20 passes, it moves a model by q
                 times that. k accounts with as many votes as raters have on average are a share k / (raters + k).
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import numpy

from leaderboards import board, errors, settings
from leaderboards.fitting import assembly, blas, bradley_terry, clusters, crowd, ranks, tastes, weighting
from leaderboards.reading import counts, vote_log
from leaderboards.showing import influence

Floats = counts.Floats
Integers = counts.Integers

ACCOUNTS = (1, 10, 100)
"""Of attackers, for which the floor is said."""
WORST = 0.01
"""Share of votes."""
_SHOWN = 3
"""Raters, of each model."""
_WITHIN = 2.0
"""Spreads of taste an attacker can have unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterMove:
    """What the board would be without one rater."""

    rater: str = field(repr=False)
    """Never in a document: raters' names do not leave with a board."""
    votes: float
    """Of this rater on the board, by weight."""
    moved: float | None
    """The model's rating without the rater, minus that with: points. None where somebody would be unrated."""
    rank: int | None
    """The model's rank without the rater."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A model without the worst share of votes: those for it, or those against it. None where somebody is unrated."""

    lower: float | None
    upper: float | None
    rank_best: int | None
    rank_worst: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """What so many accounts that vote like honest people could do to a model."""

    accounts: int
    points: float
    """They move its rating by this at most."""
    rank_best: int
    rank_worst: int
    """The board's confidence set of ranks, if this model was lifted and any other lowered so much, or the reverse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRobustness:
    """One model's row."""

    model: str
    rank: int
    votes_that_change: int | None
    """The fewest votes found whose removal puts a neighbour on its other side; None when none were found."""
    dropped: Dropped
    raters: tuple[RaterMove, ...]
    """Those whose votes move it most, the most first; empty where raters are not known."""
    floors: tuple[Floor, ...]
    """By number of accounts; empty where raters are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """Of all models, from the highest."""

    models: tuple[ModelRobustness, ...]
    raters: int | None
    """How many voted; None where the votes do not say who cast them."""
    taste: float | None
    """How much raters' tastes differ: standard deviation in points."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, without the names of raters."""
        rows = [asdict(row) for row in self.models]
        for row in rows:
            for one in row["raters"]:
                del one["rater"]
        return {"raters": self.raters, "taste": self.taste, "share_dropped": WORST, "models": rows}


@blas.single_threaded()
def read(
    ranked: board.Board, votes: vote_log.Votes | None = None, flips: Sequence[influence.Flip] | None = None
) -> Robustness:
    """Robustness of a board; with its votes, of whom each must name its rater, raters and the floor are known, too.

    `flips` are those of `influence.fewest` where they are known. Raises InputError for a board without a fit to redo.
    """
    board.demand(ranked)
    flips = influence.fewest(ranked) if flips is None else flips
    found = ranked.fit
    if found is None:
        raise errors.InputError("Only Bradley-Terry boards without controls say how firmly they stand.")
    table, names = _raters(ranked, found, votes)
    spread = None if table is None else tastes.spread(found, table)
    moves = _Moves(ranked, found, table, names)
    number = {name: place for place, name in enumerate(ranked.rated_models)}
    holding = _holding(flips)
    floors = [] if table is None or spread is None else _floors(ranked, table.raters, spread)
    rows = tuple(
        ModelRobustness(
            model=entry.model,
            rank=int(entry.rank or 0),
            votes_that_change=holding.get(entry.model),
            dropped=_dropped(ranked, found, number[entry.model]),
            raters=moves.of(number[entry.model]),
            floors=tuple(of_all[number[entry.model]] for of_all in floors),
        )
        for entry in ranked.rated
    )
    return Robustness(
        models=rows,
        raters=None if table is None else table.raters,
        taste=None if spread is None else spread * assembly.POINTS,
    )


@blas.single_threaded()
def taste(ranked: board.Board, votes: vote_log.Votes) -> float | None:
    """How much raters' tastes differ: standard deviation in logits; None where the votes do not say who cast them."""
    if ranked.fit is None:
        return None
    table, _ = _raters(ranked, ranked.fit, votes)
    return None if table is None else tastes.spread(ranked.fit, table)


def unseen(ranked: board.Board, share: float, taste: float) -> tuple[float, Integers, Integers]:
    """What an attacker with a share of the votes can do unseen: the move in logits, and each model's best and worst
    rank.

    The ranks are the board's confidence sets, if any model was lifted and any other lowered by so much. Models are in
    the order of the fit. Raises InputError for a board without a fit.
    """
    if ranked.fit is None:
        raise errors.InputError("Only Bradley-Terry boards without controls say what could be done to them unseen.")
    reach = share * _WITHIN * taste
    strengths = ranked.fit.strengths
    ahead = strengths[None] - strengths[:, None]
    open_within = numpy.full(ahead.shape, 2 * reach)
    if ranked.spread is not None and ranked.critical is not None:
        open_within += ranked.critical * ranks.differences(ranked.spread)
    best: Integers = 1 + (ahead > open_within).sum(axis=1)
    worst: Integers = len(strengths) - (-ahead > open_within).sum(axis=1)
    return reach, best, worst


def _holding(flips: Sequence[influence.Flip]) -> dict[str, int]:
    """Of each model, the fewer of the votes that hold it above one neighbour and below the other."""
    found: dict[str, int] = {}
    for flip in flips:
        for model in (flip.higher, flip.lower):
            if flip.votes is not None:
                found[model] = min(flip.votes, found.get(model, flip.votes))
    return found


def _raters(
    ranked: board.Board, found: bradley_terry.Fit, votes: vote_log.Votes | None
) -> tuple[crowd.Table | None, list[str]]:
    """Votes on the board by rater; None where the log has none, or not on every vote."""
    if votes is None or votes.source is None or not set(ranked.rated_models) <= set(votes.models):
        return None, []
    try:
        clusters.resolved(votes.source, "rater")
        votes = weighting.weighed(votes, ranked.weights)
        place = {name: number for number, name in enumerate(votes.models)}
        core = numpy.array([place[name] for name in ranked.rated_models])
        chosen = settings.Settings(
            ties=cast(settings.Ties, ranked.ties), both_bad=cast(settings.BothBad, ranked.both_bad)
        )
        return clusters.by_rater(found.pairs, votes, core, ["rater"], chosen)
    except errors.InputError:
        return None, []


def _rating(ranked: board.Board, strengths: Floats, model: int) -> float:
    """On the board's scale."""
    if ranked.scale.anchor is not None:
        name, at = ranked.scale.anchor
        zero = at - assembly.POINTS * float(strengths[ranked.rated_models.index(name)])
    else:
        zero = float(ranked.scale.mean or 0.0) - assembly.POINTS * float(strengths.mean())
    return zero + assembly.POINTS * float(strengths[model])


class _Moves:
    """Boards without one rater, each fitted once."""

    def __init__(
        self, ranked: board.Board, found: bradley_terry.Fit, table: crowd.Table | None, names: list[str]
    ) -> None:
        self.ranked, self.found, self.table, self.names = ranked, found, table, names
        self.fits: dict[int, bradley_terry.Fit | None] = {}
        if table is not None:
            size = found.pairs.size
            inverse, anchor = found.inverse[:size, :size], ranked.scale.anchor
            level = inverse.mean(axis=0) if anchor is None else inverse[ranked.rated_models.index(anchor[0])]
            self.steps = tastes.scores(found, table) @ (inverse - level).T
            self.cast = numpy.bincount(table.rater, table.mass, table.raters)
            order = numpy.argsort(table.rater, kind="stable")
            self.rows = numpy.split(order, numpy.cumsum(numpy.bincount(table.rater, minlength=table.raters))[:-1])

    def of(self, model: int) -> tuple[RaterMove, ...]:
        """The raters who move a model most."""
        if self.table is None:
            return ()
        most = numpy.argsort(-numpy.abs(self.steps[:, model]), kind="stable")[:_SHOWN]
        moves = [self._without(int(rater), model) for rater in most]
        return tuple(sorted(moves, key=lambda move: -abs(move.moved or math.inf)))

    def _without(self, rater: int, model: int) -> RaterMove:
        if rater not in self.fits:
            self.fits[rater] = self._fit(rater)
        fit = self.fits[rater]
        moved = rank = None
        if fit is not None:
            before = _rating(self.ranked, self.found.strengths, model)
            moved = _rating(self.ranked, fit.strengths, model) - before
            rank = int(ranks.order(fit.strengths)[model])
        return RaterMove(rater=self.names[rater], votes=float(self.cast[rater]), moved=moved, rank=rank)

    def _fit(self, rater: int) -> bradley_terry.Fit | None:
        assert self.table is not None  # noqa: S101 - only `of` comes here
        mine = self.rows[rater]
        left = self.found.pairs.weight.copy()
        numpy.subtract.at(left, (self.table.pair[mine], self.table.column[mine]), self.table.mass[mine])
        return influence.refitted(self.found, numpy.maximum(left, 0.0), self.found.strengths)


def _dropped(ranked: board.Board, found: bradley_terry.Fit, model: int) -> Dropped:
    ends = [_without_worst(found, model, sign) for sign in (1.0, -1.0)]
    rating = [None if fit is None else _rating(ranked, fit.strengths, model) for fit in ends]
    rank = [None if fit is None else int(ranks.order(fit.strengths)[model]) for fit in ends]
    return Dropped(lower=rating[0], upper=rating[1], rank_worst=rank[0], rank_best=rank[1])


def _without_worst(found: bradley_terry.Fit, model: int, sign: float) -> bradley_terry.Fit | None:
    """Without the votes that lift a model most (1), or press it down most (-1)."""
    direction = found.inverse[model, : found.pairs.size]
    lean = (sign * found.pairs.gaps(direction)[:, None] * found.terms.slope).ravel()
    order = numpy.argsort(-lean, kind="stable")
    order = order[lean[order] > 0]
    weight = found.pairs.weight.ravel()[order]
    before = numpy.cumsum(weight) - weight
    left = found.pairs.weight.copy(order="C")
    left.ravel()[order] -= numpy.clip(WORST * found.pairs.weight.sum() - before, 0, weight)
    return influence.refitted(found, left, found.strengths)


def _floors(ranked: board.Board, raters: int, taste: float) -> list[list[Floor]]:
    """By number of accounts, of each model in the order of the fit."""
    found = []
    for accounts in ACCOUNTS:
        reach, best, worst = unseen(ranked, accounts / (raters + accounts), taste)
        points = reach * assembly.POINTS
        found.append(
            [
                Floor(accounts=accounts, points=points, rank_best=int(high), rank_worst=int(low))
                for high, low in zip(best, worst, strict=True)
            ]
        )
    return found
