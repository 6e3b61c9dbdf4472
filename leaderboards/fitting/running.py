"""A board that keeps up: counts are kept, and a vote moves the board by a warm Newton step.

    running = leaderboards.Running(votes)
    running.add("alpha", "beta", "model_a")
    board = running.fit()

The board is the one `fit` gives for all votes so far. Only the critical value of the rank sets is kept between boards,
and computed again when the votes have grown by a hundredth: one vote among thousands does not move it.
"""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pyarrow

from leaderboards import board, errors, settings
from leaderboards.fitting import assembly, blas, bounds, bradley_terry, connectivity, zero_variance
from leaderboards.reading import counts, outcomes, vote_log

_GROWTH = 1.01

_NEAR = 0.5
"""Logits; a longer step is left to Newton's method, which checks that it climbs."""

_CLOSELY = 1e-8
"""Relative accuracy of such a step."""

_SHARES = (1.0, 0.0, 0.5, 0.5)
"""What side a won, by outcome."""

_COLUMNS = {
    outcomes.WIN_A: ("wins", "losses"),
    outcomes.WIN_B: ("losses", "wins"),
    outcomes.TIE: ("ties", "ties"),
    outcomes.BOTH_BAD: ("both_bad", "both_bad"),
}
"""What a vote adds to, for the model on side a and for that on side b."""


class Running:
    """Counts that votes are added to, and the last fit, where the next one starts. Not safe between threads."""

    def __init__(self, votes: Any = None, **given: Any) -> None:
        """Start from votes, or from nothing. Settings are those of `fit`, without clusters and controls."""
        self.settings = settings.chosen(given)
        if self.settings.method != "bradley-terry" or self.settings.cluster or self.settings.controls:
            raise errors.InputError("A running board is Bradley-Terry on counts: no clusters, no controls.")
        if self.settings.weights != "none":
            raise errors.InputError("A running board counts votes; leave weights at none.")
        start = None if votes is None else vote_log.read(votes).counts
        if start is not None and start.weighted:
            raise errors.InputError("A running board counts votes; it takes no weights.")
        self._votes: dict[tuple[str, str], list[float]] = {}
        if start is not None:
            for a, b, row in zip(start.first.tolist(), start.second.tolist(), start.votes.tolist(), strict=True):
                self._votes[start.models[a], start.models[b]] = row
        self._arrays: _Arrays | None = None
        self._strengths: dict[str, float] = {}
        self._last: bradley_terry.Fit | None = None
        self._pull: dict[str, float] = {}
        self._threshold: tuple[int, int, float] | None = None

    def add(self, model_a: str, model_b: str, winner: str, count: int = 1) -> None:
        """Count a vote, or `count` equal ones. Raises InputError and counts nothing when it is none."""
        if winner not in outcomes.SPELLINGS:
            raise errors.InputError(f'winner is "{winner}"; accepted: {outcomes.ACCEPTED}.')
        if model_a == model_b:
            raise errors.InputError(f'"{model_a}" meets itself; model_a and model_b must differ.')
        if not model_a.strip() or not model_b.strip() or count < 0:
            raise errors.InputError("A vote needs two named models and a count of 0 or more.")
        outcome = outcomes.SPELLINGS[winner]
        row = self._votes.get((model_a, model_b))
        if row is None:
            row = self._votes[model_a, model_b] = [0.0] * 4
            self._arrays = None
        row[outcome] += count
        self._pulled(model_a, model_b, outcome, count)
        if self._arrays is not None and not self._arrays.added(model_a, model_b, outcome, count):
            self._arrays = None

    def tally(self) -> counts.Counts:
        """All votes so far."""
        return self._now().counted()

    def save(self, path: str | Path) -> None:
        """Write the counts as Parquet, one row per pair; `Running(path)` and `read(path)` continue from it."""
        from pyarrow import parquet  # noqa: PLC0415 - takes a while to import, and nothing else needs it

        now = self.tally()
        columns: dict[str, Any] = {
            "model_a": [now.models[place] for place in now.first],
            "model_b": [now.models[place] for place in now.second],
        }
        for name, place in outcomes.TABLE_COLUMNS.items():
            columns[name] = now.votes[:, place].astype(numpy.int64)
        parquet.write_table(pyarrow.table(columns), path)

    def fit(self) -> board.Board:
        """The board of all votes so far. Raises InputError and IslandsError as `fit` does."""
        now = self._now()
        log = vote_log.Votes(counts=now.counted(), name="the running counts")
        if not log.total:
            raise errors.InputError("There are no votes yet.")
        with blas.single_threaded():
            return self._fitted(log, now.folded())

    def _now(self) -> "_Arrays":
        if self._arrays is None:
            self._arrays = _Arrays(self._votes, self.settings)
        return self._arrays

    def _fitted(self, log: vote_log.Votes, pairs: counts.Pairs) -> board.Board:
        chosen = self.settings
        shape = self._shape(pairs, log)
        strengths, extra, value, spread, found = numpy.zeros(0), None, None, None, None
        if len(shape.core):
            names = [log.models[model] for model in shape.core]
            start = numpy.array([self._strengths.get(name, 0.0) for name in names]) + self._step(names)
            found = bradley_terry.fit(pairs.among(shape.core), ties=chosen.ties, start=start, ridge=chosen.ridge)
            strengths, extra, value = found.strengths, found.extra, found.log_likelihood
            spread = zero_variance.spread(found) if chosen.interval == "sandwich" else None
            self._strengths = dict(zip(names, strengths.tolist(), strict=True))
            self._last, self._pull = found, {}
        known = self._threshold
        fresh = known is None or known[0] != len(shape.core) or log.total > known[1] * _GROWTH
        ranked = assembly.assembled(
            log,
            chosen,
            rated=shape.core,
            strengths=strengths,
            covariance=None if spread is None else spread.covariance,
            drawing=None if spread is None else spread.drawn,
            outside=shape.outside,
            bounds=bounds.bounds(pairs, shape, strengths, chosen.level),
            tie_parameter=None if extra is None else float(numpy.exp(extra)),
            log_likelihood=value,
            threshold=None if fresh or known is None else known[2],
            fit=found,
            tally=self._now().tally(),
        )
        if fresh and ranked.critical is not None:
            self._threshold = (len(shape.core), log.total, ranked.critical)
        return ranked

    def _pulled(self, model_a: str, model_b: str, outcome: int, count: int) -> None:
        """Keep the score of new votes at the last strengths: a Newton step from there answers it."""
        counted = outcome < outcomes.TIE or (
            self.settings.ties_count if outcome == outcomes.TIE else self.settings.both_bad_count
        )
        if counted and model_a in self._strengths and model_b in self._strengths:
            gap = self._strengths[model_b] - self._strengths[model_a]
            pull = count * (_SHARES[outcome] - 1 / (1 + math.exp(min(gap, 700.0))))
            self._pull[model_a] = self._pull.get(model_a, 0.0) + pull
            self._pull[model_b] = self._pull.get(model_b, 0.0) - pull

    def _step(self, names: list[str]) -> counts.Floats:
        """Where new votes move the last strengths: so near the maximum that one Newton step ends there."""
        last = self._last
        still = numpy.zeros(len(names))
        if last is None or last.extra is not None or list(self._strengths) != names:
            return still
        pull = numpy.array([self._pull.get(name, 0.0) for name in names])
        step = last.hessian.step(pull, _CLOSELY)
        return step if float(numpy.abs(step).max()) < _NEAR else still

    def _shape(self, pairs: counts.Pairs, log: vote_log.Votes) -> connectivity.Connectivity:
        """Which models the votes connect. Once all are strongly connected, more votes cannot separate them."""
        if len(self._strengths) == len(log.models):
            return connectivity.everybody(len(log.models))
        shape = connectivity.shape(pairs)
        if len(shape.islands) > 1:
            raise errors.IslandsError([[log.models[model] for model in group] for group in shape.islands])
        return connectivity.everybody(len(log.models)) if self.settings.ridge else shape


class _Arrays:
    """The votes as arrays that are changed in place while no new pair appears."""

    def __init__(self, votes: dict[tuple[str, str], list[float]], chosen: settings.Settings) -> None:
        keys = sorted(key for key, row in votes.items() if any(row))
        self.models = tuple(sorted({name for key in keys for name in key}))
        number = self._number = {name: place for place, name in enumerate(self.models)}
        self._row = {key: place for place, key in enumerate(keys)}
        self._first = numpy.array([number[a] for a, _ in keys], dtype=numpy.int64)
        self._second = numpy.array([number[b] for _, b in keys], dtype=numpy.int64)
        self._table = numpy.array([votes[key] for key in keys], dtype=float).reshape(-1, 4)
        self._chosen = chosen
        self._tally = assembly.tallies(self.counted())
        self._pairs = counts.folded(self.counted(), ties=chosen.ties_count, both_bad=chosen.both_bad_count)
        at = zip(self._pairs.low.tolist(), self._pairs.high.tolist(), strict=True)
        self._pair = {(self.models[low], self.models[high]): place for place, (low, high) in enumerate(at)}

    def added(self, model_a: str, model_b: str, outcome: int, count: int) -> bool:
        """Count votes of a known pair; False when the pair is new and the arrays have to be made again."""
        row = self._row.get((model_a, model_b))
        pair = self._pair.get((min(model_a, model_b), max(model_a, model_b)))
        if row is None or pair is None:
            return False
        self._table[row, outcome] += count
        for model, column in zip((model_a, model_b), _COLUMNS[outcome], strict=True):
            mine = self._tally[self._number[model]]
            mine["votes"] += count
            mine[column] += count
        if outcome >= outcomes.TIE:
            counts_as_tie = self._chosen.ties_count if outcome == outcomes.TIE else self._chosen.both_bad_count
            self._pairs.weight[pair, 2] += count * counts_as_tie
        else:
            self._pairs.weight[pair, outcome if model_a < model_b else 1 - outcome] += count
        return True

    def counted(self) -> counts.Counts:
        """A copy that later votes leave alone."""
        votes = self._table.copy()
        return counts.Counts(
            models=self.models, first=self._first, second=self._second, votes=votes, weight=votes, weight_squared=votes
        )

    def tally(self) -> list[dict[str, int]]:
        """votes, wins, losses, ties and both_bad of each model."""
        return self._tally

    def folded(self) -> counts.Pairs:
        """A copy that later votes leave alone."""
        weight = self._pairs.weight.copy(order="K")
        return replace(self._pairs, weight=weight, weight_squared=weight)
