"""What a vote weighs, so that a board does not depend on which pairs were drawn how often.

pair-frequency: a vote on a pair with n of the N votes over P pairs weighs N / (P n), so that every pair weighs the same
in total. draw-probability: a vote whose pair was drawn with probability q, in the column `draw_probability`, weighs
1 / q, divided by the mean of that over all votes (Horvitz & Thompson 1952, JASA 47, 663-685): adaptive drawing
then estimates what uniform drawing would. A vote's own `weight` multiplies; counts of votes stay what they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy
import pyarrow

from leaderboards import errors
from leaderboards.fitting import clusters
from leaderboards.reading import counting, source, sql, vote_log

COLUMN = "draw_probability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A part whose weights are divided by the draw probability; itself a `SourcePart`."""

    part: source.SourcePart
    weight: str
    """SQL of the new weight."""

    @property
    def name(self) -> str:
        """That of the part."""
        return self.part.name

    @property
    def columns(self) -> Mapping[str, str] | None:
        """Those of the part, and the weight."""
        return None if self.part.columns is None else {**self.part.columns, "weight": "DOUBLE"}

    def run(self, query: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer over the part with its new weights."""
        weighed = f"(SELECT * REPLACE ({self.weight} AS weight) FROM {source.VOTES}) AS weighed"
        return self.part.run(query.replace(source.VOTES, weighed), list(dict.fromkeys([*columns, "weight", COLUMN])))


def weighed(votes: vote_log.Votes, weights: str) -> vote_log.Votes:
    """The votes with the weights a board asks for. Raises InputError without draw probabilities to weigh by."""
    if weights == "pair-frequency":
        return _by_pair(votes)
    if weights == "draw-probability":
        return _by_draw(votes)
    return votes


def _by_pair(votes: vote_log.Votes) -> vote_log.Votes:
    table = votes.counts
    size = len(table.models)
    met = numpy.zeros((size, size))
    met[table.first, table.second] = table.votes.sum(axis=1)
    met += met.T
    heard = met > 0
    factors = numpy.zeros((size, size))
    factors[heard] = table.votes.sum() / (int(heard.sum()) / 2) / met[heard]
    factor = factors[table.first, table.second][:, None]
    changed = replace(table, weight=table.weight * factor, weight_squared=table.weight_squared * factor**2)
    return replace(votes, counts=changed, factors=factors)


def _by_draw(votes: vote_log.Votes) -> vote_log.Votes:
    rows = clusters.log(votes, "weights=draw-probability")
    if not rows.has(COLUMN):
        raise errors.InputError(f"{votes.name} has no column {COLUMN} to weigh votes by; log it when a pair is drawn.")
    drawn = sql.number(rows, COLUMN)
    wrong = rows.first(f"{drawn} IS NULL OR NOT ({drawn} > 0 AND {drawn} <= 1)", [COLUMN])
    if wrong is not None:
        raise errors.InputError(
            f'{wrong}: {COLUMN} is "{wrong.values[COLUMN]}"; it must be a number above 0 and at most 1.'
        )
    own = f"coalesce({sql.number(rows, 'weight')}, 1) / {drawn}"
    times = f"coalesce({sql.number(rows, 'count')}, 1)"
    query = f"SELECT CAST(sum({times}) AS DOUBLE) AS votes, sum({times} * {own}) AS mass FROM {source.VOTES}"
    sums = sql.together(rows.answers(query, ["count", "weight", COLUMN])).to_pydict()
    mean = sum(sums["mass"]) / sum(sums["votes"])
    heavier = source.Source([Weighed(part=part, weight=f"({own}) / {mean!r}") for part in rows.parts])
    counted = counting.counted(heavier)
    if counted.models != votes.models:  # the votes among some models only
        counted = counted.only(votes.models)
    return replace(votes, counts=counted, source=heavier)
