"""Who beat whom, what the fit expects, and where the two differ.

The residual of a pair is (won - expected) / sqrt(expected variance), won counting a tie as half; its square sums to a
chi-square statistic of the fit. A large share of circles (a beats b beats c beats a) would mean that no single scale
fits; side bias is the advantage of the answer shown as a, in logits.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy
import scipy

from leaderboards import board, errors
from leaderboards.fitting import blas, bradley_terry, connectivity, likelihood
from leaderboards.reading import counts, outcomes, vote_log

Floats = counts.Floats

_FEWEST = 10
"""Votes a pair needs before a circle is read from it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Matrix:
    """Win shares between rated models, highest first; nan where two never met."""

    models: tuple[str, ...]
    votes: Floats = field(repr=False)
    """(rated, rated)."""
    observed: Floats = field(repr=False)
    """Share of votes the row's model won against the column's; a tie is half."""
    fitted: Floats = field(repr=False)
    residual: Floats = field(repr=False)
    """In standard errors; beyond 3 or 4 a pair goes against the scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """How well one scale describes the votes."""

    chi_square: float
    degrees: int
    """0 where the pairs that met close no circle: any votes fit one scale then."""
    p_value: float
    """Small: pairs differ from the scale by more than chance."""
    circles: int
    """Triples in which each beats the next by observed majority."""
    triples: int
    """Triples that could be circles: every pair met often enough and is no draw."""
    side_bias: float
    """Logits in favour of side a."""
    side_bias_se: float
    """Of `side_bias`, votes taken as independent."""


@blas.single_threaded()
def read(ranked: board.Board) -> Matrix:
    """The win matrix of a board. Raises InputError for a method without strengths."""
    found = _fit(ranked)
    order = numpy.argsort([-found.strengths[place] for place in range(found.pairs.size)], kind="stable")
    size = found.pairs.size
    won, votes = numpy.zeros((size, size)), numpy.zeros((size, size))
    variance = numpy.zeros((size, size))
    pairs, weight = found.pairs, found.pairs.weight
    games = weight.sum(axis=1)
    share = weight[:, 0] + weight[:, 2] / 2
    probability = numpy.exp(found.terms.value[:, :2])
    if found.ties in ("half", "drop"):
        expected = probability[:, 0]
        # A tie counts half and so varies less than a win or a loss: by how much is measured over all votes.
        bend = expected * (1 - expected)
        spread = bend * games * float((weight * found.terms.slope**2).sum() / (bend * games).sum())
    else:
        expected = probability[:, 0] + (1 - probability.sum(axis=1)) / 2
        spread = games * (probability[:, 0] + (1 - probability.sum(axis=1)) / 4 - expected**2)
    fitted = numpy.full((size, size), 0.5)
    for one, other, mine, of_mine in (
        (pairs.low, pairs.high, share, expected),
        (pairs.high, pairs.low, games - share, 1 - expected),
    ):
        won[one, other], votes[one, other], fitted[one, other] = mine, games, of_mine
        variance[one, other] = spread
    everywhere = scipy.special.expit(found.strengths[:, None] - found.strengths[None, :])
    fitted = numpy.where(votes > 0, fitted, everywhere)
    numpy.fill_diagonal(fitted, numpy.nan)
    with numpy.errstate(invalid="ignore", divide="ignore"):
        observed = won / votes
        residual = (won - votes * fitted) / numpy.sqrt(variance)
    chosen = numpy.ix_(order, order)
    return Matrix(
        models=tuple(ranked.rated_models[place] for place in order),
        votes=votes[chosen],
        observed=observed[chosen],
        fitted=fitted[chosen],
        residual=residual[chosen],
    )


@blas.single_threaded()
def diagnose(ranked: board.Board) -> Diagnosis:
    """Fit, circles and side bias of a board."""
    found = _fit(ranked)
    table = read(ranked)
    upper = numpy.triu_indices(len(table.models), 1)
    residual = table.residual[upper]
    chi_square = float((residual[numpy.isfinite(residual)] ** 2).sum())
    degrees = int((table.votes[upper] > 0).sum()) - found.pairs.size + 1  # ties alone vary by nothing, and still met
    beats = (table.observed > 0.5) & (table.votes >= _FEWEST)
    decided = (beats | beats.T).astype(float)
    wins = beats.astype(float)
    bias, error = _side_bias(ranked, found)
    return Diagnosis(
        chi_square=chi_square,
        degrees=degrees,
        p_value=float(scipy.special.gammaincc(degrees / 2, chi_square / 2)) if degrees > 0 else 1.0,
        circles=round(float(numpy.trace(wins @ wins @ wins)) / 3),
        triples=round(float(numpy.trace(decided @ decided @ decided)) / 6),
        side_bias=bias,
        side_bias_se=error,
    )


@blas.single_threaded()
def tie_models(votes: Any) -> list[dict[str, Any]]:
    """Davidson and Rao-Kupper compared on the same votes: log-likelihood, AIC, BIC; best AIC first.

    Half-win ties are no probability of ties and so cannot be compared by likelihood.
    """
    log = vote_log.read(votes)
    pairs = counts.folded(log.counts, ties=True, both_bad=True)
    shape = connectivity.shape(pairs)
    if len(shape.islands) > 1 or not len(shape.core):
        raise errors.InputError("Tie models are compared on votes that join all models; rank each island alone.")
    core = pairs.among(shape.core)
    rows = []
    for name in ("davidson", "rao-kupper"):
        found = bradley_terry.fit(core, ties=name)
        parameters = core.size
        rows.append(
            {
                "ties": name,
                "log_likelihood": found.log_likelihood,
                "parameters": parameters,
                "aic": 2 * parameters - 2 * found.log_likelihood,
                "bic": parameters * float(numpy.log(core.weight.sum())) - 2 * found.log_likelihood,
            }
        )
    return sorted(rows, key=lambda row: float(row["aic"]))


def log_loss(ranked: board.Board, held_out: Any) -> float:
    """Mean surprise per held-out vote among rated models, in nats; a tie counts as half of each side's."""
    found = _fit(ranked)
    log = vote_log.read(held_out).only([m for m in vote_log.read(held_out).models if m in ranked.rated_models])
    number = {name: place for place, name in enumerate(ranked.rated_models)}
    pairs = counts.folded(log.counts, ties=found.ties != "drop", both_bad=ranked.both_bad == "tie")
    if not pairs.weight.sum() > 0:
        raise errors.InputError("No held-out vote is between two rated models.")
    place = numpy.array([number[name] for name in log.models])
    gap = found.strengths[place[pairs.low]] - found.strengths[place[pairs.high]]
    terms = likelihood.MODELS[found.ties].terms(gap, found.extra or 0.0)
    return float(-(pairs.weight * terms.value).sum() / pairs.weight.sum())


def _fit(ranked: board.Board) -> bradley_terry.Fit:
    board.demand(ranked)
    if ranked.fit is None:
        raise errors.InputError("Only Bradley-Terry boards without controls have a fitted win matrix.")
    return ranked.fit


def _side_bias(ranked: board.Board, found: bradley_terry.Fit) -> tuple[float, float]:
    """The constant b in P(a wins) = F(s_a - s_b + b), strengths held at the fit, decided votes only."""
    table = ranked.counted
    number = {name: place for place, name in enumerate(ranked.rated_models)}
    place = numpy.array([number.get(name, -1) for name in table.models])
    first, second = place[table.first], place[table.second]
    inside = (first >= 0) & (second >= 0)
    gap = found.strengths[first[inside]] - found.strengths[second[inside]]
    won = table.weight[inside, outcomes.WIN_A]
    games = won + table.weight[inside, outcomes.WIN_B]
    if not games.sum() or not 0 < won.sum() < games.sum():
        return 0.0, float("inf")

    def score(bias: float) -> float:
        return float((won - games * scipy.special.expit(gap + bias)).sum())

    bias = float(scipy.optimize.brentq(score, -20, 20))
    chance = scipy.special.expit(gap + bias)
    return bias, float(1 / numpy.sqrt((games * chance * (1 - chance)).sum()))
