"""From estimates in logits to a board: scale, intervals, ranks, and the tallies of each model."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy
import scipy

from leaderboards import board, errors, settings
from leaderboards.fitting import bootstrap, bradley_terry, ranks, two_way
from leaderboards.reading import counts, outcomes, vote_log

Floats = counts.Floats

POINTS = 400 / float(numpy.log(10))
"""Rating points per natural logit."""


def assembled(
    votes: vote_log.Votes,
    chosen: settings.Settings,
    *,
    rated: counts.Integers,
    strengths: Floats,
    covariance: counts.Reals | None,
    drawing: ranks.Drawing | None = None,
    drawn: Floats | None = None,
    outside: Mapping[int, str] = MappingProxyType({}),
    bounds: Mapping[int, tuple[float | None, float | None]] = MappingProxyType({}),
    scale: board.Scale | None = None,
    tie_parameter: float | None = None,
    log_likelihood: float | None = None,
    details: Mapping[str, Any] | None = None,
    raters: Mapping[str, float] | None = None,
    threshold: float | None = None,
    fit: bradley_terry.Fit | None = None,
    tally: list[dict[str, int]] | None = None,
    parts: two_way.Parts | None = None,
) -> board.Board:
    """A board. `strengths` and `covariance` are in logits over the models `rated`; all other models are `outside`.

    `drawing` gives draws with the covariance, `threshold` is the critical value, `tally` the votes of each model,
    where they are known; otherwise computed.
    `parts` are those of a covariance clustered by two columns, which the board then says more of.
    `drawn` (replicates, rated) takes the place of the covariance, and its percentiles that of the normal quantile.
    """
    names = votes.models
    if drawn is not None:
        covariance = bootstrap.covariance(drawn)
    if scale is None:
        zero, scale = _zero(chosen, names, rated, strengths)
        points = POINTS
    else:
        zero, points = 0.0, 1.0
    ratings = zero + points * strengths
    if chosen.anchor is not None and len(rated):
        ratings[_place(names, rated, chosen.anchor[0])] = chosen.anchor[1]  # exactly, without rounding
    anchor = None if chosen.anchor is None or not len(rated) else _place(names, rated, chosen.anchor[0])
    rank = ranks.order(ratings)
    best = worst = errors_of = lower = upper = None
    if covariance is not None and len(rated):
        apart = ranks.differences(covariance)
        if threshold is None:
            threshold = ranks.critical(covariance, chosen.level, apart=apart, drawing_of=drawing)
        best, worst = ranks.sets(strengths, covariance, threshold, apart=apart)
        errors_of = points * two_way.errors_of(covariance, anchor)
        lower, upper = _limits(chosen, ratings, errors_of, zero, drawn, anchor)
        if parts is not None:
            rated_names = [names[model] for model in rated]
            details = {**(details or {}), "two_way": two_way.note(parts, covariance, anchor, rated_names, points)}
    tally = tallies(votes.counts) if tally is None else tally
    models = rated.tolist()
    sequence = numpy.argsort(-ratings, kind="stable").tolist()  # equal ratings stay in the order of the names
    unknown = [None] * len(models)
    columns = zip(
        models,
        ratings.tolist(),
        unknown if errors_of is None else errors_of.tolist(),
        unknown if lower is None else _finite(lower),
        unknown if upper is None else _finite(upper),
        rank.tolist(),
        unknown if best is None else best.tolist(),
        unknown if worst is None else worst.tolist(),
        strict=True,
    )
    unsorted = [
        board.Entry(
            model=names[model],
            rating=rating,
            se=se,
            lower=low,
            upper=high,
            rank=place,
            rank_best=first,
            rank_worst=last,
            **tally[model],
        )
        for model, rating, se, low, high, place, first, last in columns
    ]
    entries = [unsorted[i] for i in sequence]
    unbounded = []
    for model in sorted(outside, key=lambda index: names[index]):
        low, high = bounds.get(model, (None, None))
        least = None if low is None else float(zero + POINTS * low)
        most = None if high is None else float(zero + POINTS * high)
        unbounded.append(board.Unbounded(model=names[model], direction=outside[model], lower=least, upper=most))
        entries.append(
            board.Entry(
                model=names[model],
                rating=None,
                se=None,
                lower=least,
                upper=most,
                rank=None,
                rank_best=None,
                rank_worst=None,
                **tally[model],
            )
        )
    return board.Board(
        method=chosen.method,
        ties=chosen.ties,
        both_bad=chosen.both_bad,
        scale=scale,
        interval=board.Interval(kind=chosen.interval, level=chosen.level, cluster=chosen.cluster or None),
        controls=chosen.controls,
        ridge=chosen.ridge,
        weights=chosen.weights,
        votes=votes.total,
        entries=tuple(entries),
        unbounded=tuple(unbounded),
        tie_parameter=tie_parameter,
        log_likelihood=log_likelihood,
        critical=threshold,
        spread=covariance,
        counted=votes.counts,
        details=dict(details or {}),
        raters=dict(raters or {}),
        fit=fit,
        rated_models=tuple(names[model] for model in rated),
    )


def _zero(
    chosen: settings.Settings, names: tuple[str, ...], rated: counts.Integers, strengths: Floats
) -> tuple[float, board.Scale]:
    """The rating of strength zero, and the scale that says so."""
    if chosen.anchor is None:
        return 1000.0, board.Scale()
    model, rating = chosen.anchor
    if model not in names:
        raise errors.InputError(
            f"The anchor {errors.quoted(model)} is not among the models; {errors.nearest(model, names)}"
        )
    place = _place(names, rated, model)
    return rating - POINTS * float(strengths[place]), board.Scale(mean=None, anchor=chosen.anchor)


def _place(names: tuple[str, ...], rated: counts.Integers, model: str) -> int:
    found = numpy.flatnonzero(rated == names.index(model))
    if not len(found):
        raise errors.InputError(
            f'The anchor "{model}" has no finite rating, so nothing can be fixed to it; choose a model that has both '
            "won and lost."
        )
    return int(found[0])


def _limits(
    chosen: settings.Settings, ratings: Floats, errors_of: Floats, zero: float, drawn: Floats | None, anchor: int | None
) -> tuple[Floats, Floats]:
    """Lower and upper ends of the intervals."""
    if drawn is None:
        reach = float(scipy.special.ndtri((1 + chosen.level) / 2)) * errors_of
        return ratings - reach, ratings + reach
    if anchor is None:
        low, high = bootstrap.limits(drawn, chosen.level)
        return zero + POINTS * low, zero + POINTS * high
    low, high = bootstrap.limits(drawn - drawn[:, [anchor]], chosen.level)
    return ratings[anchor] + POINTS * low, ratings[anchor] + POINTS * high


def _finite(ends: Floats) -> list[float | None]:
    """Ends of intervals; None where one is open."""
    listed: list[float | None] = ends.tolist()
    return [None if open_here else end for end, open_here in zip(listed, ~numpy.isfinite(ends), strict=True)]


def tallies(table: counts.Counts) -> list[dict[str, int]]:
    """votes, wins, losses, ties and both_bad of each model."""
    size = len(table.models)
    by_first, by_second = (
        numpy.column_stack([numpy.bincount(side, votes, size) for votes in table.votes.T])
        for side in (table.first, table.second)
    )
    summed = by_first + by_second[:, outcomes.SWAPPED]  # a win of the other side is a loss
    order = [outcomes.WIN_A, outcomes.WIN_B, outcomes.TIE, outcomes.BOTH_BAD]
    columns = numpy.column_stack([summed.sum(axis=1), summed[:, order]])
    listed = numpy.rint(columns).astype(numpy.int64).tolist()
    return [dict(zip(("votes", "wins", "losses", "ties", "both_bad"), row, strict=True)) for row in listed]
