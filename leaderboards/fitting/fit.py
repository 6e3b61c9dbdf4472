"""`fit`: votes and settings to a board."""

from collections.abc import Iterable, Mapping
from typing import Any, Never

from leaderboards import board, progress, settings
from leaderboards.fitting import blas, connectivity, methods, weighting
from leaderboards.reading import counts, vote_log

METHODS = methods.METHODS
"""Rating methods by the name `--method` takes."""


def fit(
    votes: Any,
    method: settings.Method = "bradley-terry",
    *,
    ties: settings.Ties = "half",
    both_bad: settings.BothBad = "tie",
    interval: settings.Kind = "sandwich",
    level: float = 0.95,
    cluster: str | Iterable[str] | None = None,
    controls: str | Iterable[str] | None = (),
    anchor: str | tuple[str, float] | Mapping[str, float] | None = None,
    ridge: float = 0.0,
    weights: settings.Weights = "none",
    replicates: int = 1000,
    seed: int = 0,
    k: float = 4.0,
    orders: int = 1,
    **misspelt: Never,
) -> board.Board:
    """A board of these votes.

    votes: what `read` gives, or anything it takes: a path, a frame, a list of dicts.
    method: "bradley-terry" (maximum likelihood), "elo" (online, in the order of `tstamp`), "win-rate" (share of votes
        won) or "crowd-bt" (Bradley-Terry with a reliability for each rater).
    ties: a tie is "half" a win for each side, is left out with "drop", or has a parameter of its own with "davidson"
        or "rao-kupper".
    both_bad: a vote that calls both answers bad is a "tie", is left out with "drop", or with "separate" is left out and
        each model's rate of them is in `details`.
    interval: "sandwich" (robust standard errors), "bootstrap" (refits of resampled votes) or "none" (fastest).
    level: confidence of the intervals and of the sets of ranks, between 0 and 1.
    cluster: one or two columns, such as "rater"; votes that share a value may depend on each other.
    controls: columns to control for; of a column x the log has x_a and x_b, or it is a built-in quantity of the answers
        such as "length".
    anchor: a model and the rating it is given, as "MODEL=1000" or ("MODEL", 1000); otherwise the mean is 1000.
    ridge: penalty on squared strengths in logits; 0 shrinks nothing, and above it every model has a rating.
    weights: "pair-frequency" (each pair weighs the same in total) or "draw-probability" (a vote weighs one over that
        column).
    replicates, seed: how often the bootstrap refits, and the seed of everything drawn at random.
    k, orders: online Elo's step in rating points, and over how many shuffled orders it averages (1: the votes' own).

    Raises InputError for votes or settings that cannot be used, IslandsError when there is no common scale.
    """
    chosen = settings.chosen(
        {
            "method": method,
            "ties": ties,
            "both_bad": both_bad,
            "interval": interval,
            "level": level,
            "cluster": cluster,
            "controls": controls,
            "anchor": anchor,
            "ridge": ridge,
            "weights": weights,
            "replicates": replicates,
            "seed": seed,
            "k": k,
            "orders": orders,
            **misspelt,
        }
    )
    log = vote_log.read(votes)
    with blas.single_threaded(), progress.step("fitting"):
        return METHODS[chosen.method](weighting.weighed(log, chosen.weights), chosen)


def islands(
    votes: Any, *, ties: settings.Ties = "half", both_bad: settings.BothBad = "tie"
) -> tuple[tuple[str, ...], ...]:
    """Groups of models that share no vote, largest first; one group when a common board exists."""
    log = vote_log.read(votes)
    chosen = settings.Settings(ties=ties, both_bad=both_bad)
    pairs = counts.folded(log.counts, ties=chosen.ties_count, both_bad=chosen.both_bad_count)
    return methods.named(log.models, connectivity.shape(pairs).islands)
