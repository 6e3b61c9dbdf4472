"""What a tie says about two strengths: one likelihood per way of counting it.

With d = strength(low) - strength(high) and F the logistic function, the probabilities are

    half, drop    win F(d), loss F(-d); a tie is half a win and half a loss (or was left out before)
    davidson      win : loss : tie = exp(d/2) : exp(-d/2) : nu         Davidson (1970), JASA 65, 317-328
    rao-kupper    win F(d - a), loss F(-d - a), tie the rest           Rao & Kupper (1967), JASA 62, 194-204

The extra parameter is log nu (Davidson) or a = log theta > 0 (Rao-Kupper): in these both likelihoods are concave.
Every function takes arrays over pairs, and returns derivatives of the log-likelihood of one vote per outcome (low
wins, high wins, tie): all that the solver and the sandwich need.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy
import scipy

from leaderboards.reading import counts

Floats = counts.Floats

_LARGEST = 700.0
"""The exponential of more has no number."""
_OUTSIDE = -1e200
"""Log-likelihood where a parameter is out of its range: a step there is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Terms:
    """Log-likelihood of one vote per outcome and its derivatives; arrays are (pairs, 3)."""

    value: Floats
    slope: Floats
    """With respect to d."""
    curve: Floats
    """Second derivative with respect to d."""
    slope_extra: Floats | None = None
    """With respect to the extra parameter e."""
    curve_extra: Floats | None = None
    cross: Floats | None = None
    """Mixed second derivative."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairSums:
    """The same, summed over the votes of each pair."""

    value: float
    slope: Floats
    curve: Floats
    slope_extra: float = 0.0
    curve_extra: float = 0.0
    cross: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TieModel:
    """One way of counting ties."""

    terms: Callable[[Floats, float], Terms]
    sums: Callable[[Floats], Callable[[Floats, float], PairSums]]
    """Of the weights (pairs, 3), once: a function of d and of the extra parameter."""
    start: float | None
    """The first value of the extra parameter; None for a model without one."""


def _half(d: Floats, extra: float) -> Terms:
    odds = numpy.exp(numpy.clip(d, -_LARGEST, _LARGEST))
    high = 1 / (1 + odds)
    low = odds * high
    won = numpy.log(low)
    return Terms(
        value=_columns(won, won - d, won - d / 2),
        slope=_columns(high, -low, (high - low) / 2),
        curve=numpy.broadcast_to(-low * high, (3, len(d))).T,
    )


def _columns(*columns: Floats) -> Floats:
    """(pairs, 3), each column in one piece."""
    return numpy.array(columns).T


def _half_sums(weight: Floats) -> Callable[[Floats, float], PairSums]:
    # A tie is half a win, so games and losses are all that counts: log F(d) = -log(1 + exp(-d)) = log F(-d) + d.
    games = weight @ numpy.ones(3)
    won = weight @ numpy.array([1.0, 0.0, 0.5])
    lost = games - won

    def sums(d: Floats, extra: float) -> PairSums:
        both = 1 + numpy.exp(numpy.minimum(-d, _LARGEST))
        low = 1 / both
        expected = games * low
        value = -(lost @ d) - games @ numpy.log(both)
        return PairSums(value=float(value), slope=won - expected, curve=expected * (low - 1))

    return sums


def _summed(terms: Callable[[Floats, float], Terms]) -> Callable[[Floats], Callable[[Floats, float], PairSums]]:
    def prepared(weight: Floats) -> Callable[[Floats, float], PairSums]:
        return lambda d, extra: _weighed(weight, terms(d, extra))

    return prepared


def _weighed(weight: Floats, here: Terms) -> PairSums:
    """Derivatives of one vote per outcome, summed over votes."""
    if here.slope_extra is None or here.curve_extra is None or here.cross is None:
        return PairSums(value=_OUTSIDE, slope=numpy.zeros(len(weight)), curve=numpy.zeros(len(weight)))
    return PairSums(
        value=float((weight * here.value).sum()),
        slope=(weight * here.slope).sum(axis=1),
        curve=(weight * here.curve).sum(axis=1),
        slope_extra=float((weight * here.slope_extra).sum()),
        curve_extra=float((weight * here.curve_extra).sum()),
        cross=(weight * here.cross).sum(axis=1),
    )


def _davidson(d: Floats, extra: float) -> Terms:
    logits = _columns(d / 2, -d / 2, numpy.full_like(d, extra))
    value = logits - scipy.special.logsumexp(logits, axis=1, keepdims=True)
    win, loss, tie = numpy.exp(value).T
    lean = (win - loss) / 2
    one = numpy.ones((1, 3))
    return Terms(
        value=value,
        slope=numpy.array([[0.5, -0.5, 0.0]]) - lean[:, None],
        curve=-((win + loss) / 4 - lean**2)[:, None] * one,
        slope_extra=numpy.array([[0.0, 0.0, 1.0]]) - tie[:, None],
        curve_extra=-(tie * (1 - tie))[:, None] * one,
        cross=(lean * tie)[:, None] * one,
    )


def _rao_kupper(d: Floats, extra: float) -> Terms:
    # log P(tie) = log(exp(2a) - 1) + log F(d - a) + log F(-d - a)
    a = extra
    if a <= 0:
        nothing = numpy.zeros((len(d), 3))
        return Terms(value=nothing + _OUTSIDE, slope=nothing, curve=nothing, slope_extra=nothing)
    up, down = d - a, -d - a
    log_win, log_loss = -numpy.logaddexp(0, -up), -numpy.logaddexp(0, -down)
    win, loss = numpy.exp(log_win), numpy.exp(log_loss)
    gap = float(numpy.log(numpy.expm1(2 * a)))
    gap_slope = float(2 / -numpy.expm1(-2 * a))
    gap_curve = float(-(gap_slope**2) * numpy.exp(-2 * a))
    rest_win, rest_loss = 1 - win, 1 - loss
    bend_win, bend_loss = win * rest_win, loss * rest_loss
    by_a = _columns(-rest_win, -rest_loss, gap_slope - rest_win - rest_loss)
    by_a_twice = _columns(-bend_win, -bend_loss, gap_curve - bend_win - bend_loss)
    return Terms(
        value=_columns(log_win, log_loss, gap + log_win + log_loss),
        slope=_columns(rest_win, -rest_loss, rest_win - rest_loss),
        curve=_columns(-bend_win, -bend_loss, -bend_win - bend_loss),
        slope_extra=by_a,
        curve_extra=by_a_twice,
        cross=_columns(bend_win, -bend_loss, bend_win - bend_loss),
    )


MODELS: dict[str, TieModel] = {
    "half": TieModel(terms=_half, sums=_half_sums, start=None),
    "drop": TieModel(terms=_half, sums=_half_sums, start=None),
    "davidson": TieModel(terms=_davidson, sums=_summed(_davidson), start=0.0),
    "rao-kupper": TieModel(terms=_rao_kupper, sums=_summed(_rao_kupper), start=0.5),
}
"""Ways of counting ties, by the name `--ties` takes."""
