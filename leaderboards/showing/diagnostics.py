"""The report below a board, which `arena rank --report` adds.

Tiers, what would settle each pair of neighbours and how few votes hold it, and how well one scale describes the votes.
Each part is computed where its formula stands: `tiers`, `influence` and `matrix`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from leaderboards import board, errors, progress
from leaderboards.reading import vote_log
from leaderboards.showing import documents, influence, matrix, tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A board and its report."""

    board: board.Board
    separation: tiers.Tiers
    flips: tuple[influence.Flip, ...]
    """The votes that hold each pair of neighbours in order."""
    diagnosis: matrix.Diagnosis
    tie_models: tuple[dict[str, Any], ...]
    """Davidson and Rao-Kupper by AIC, the better first; empty where there are no ties, or too few other votes."""

    def to_dict(self) -> dict[str, Any]:
        """The document `leaderboard/1` with the report in it."""
        neighbours = [
            {**asdict(gap), "told_apart": gap.told_apart, "votes_that_hold": flip.votes}
            for gap, flip in zip(self.separation.neighbours, self.flips, strict=True)
        ]
        fit = {name: _finite(value) for name, value in asdict(self.diagnosis).items()}
        return {
            **self.board.to_dict(),
            "report": {
                "tiers": [list(tier) for tier in self.separation.tiers],
                "neighbours": [{name: _finite(value) for name, value in row.items()} for row in neighbours],
                "fit": fit,
                "tie_models": list(self.tie_models),
            },
        }

    def to_json(self) -> str:
        """The document as JSON text."""
        return documents.as_json(self.to_dict())

    def to_csv(self) -> str:
        """Refused: a report is no table."""
        raise errors.InputError(
            "A report has no CSV form; use --format json, markdown or table, or leave --report out."
        )

    def to_markdown(self) -> str:
        """The board, its neighbours as a table, and sentences."""
        lines = [f"| {' | '.join(map(documents.escaped, row))} |" for row in self._neighbours()]
        lines.insert(1, "|---|---|---:|---:|---:|")
        return "\n".join(
            [self.board.to_markdown(), *lines, "", *(f"{documents.escaped(text)}\n" for text in self._sentences())]
        )

    def to_table(self) -> str:
        """The same for a terminal."""
        columns = documents.aligned(self._neighbours(), (str.ljust, str.ljust, str.rjust, str.rjust, str.rjust))
        return "\n".join([self.board.to_table(), *columns, "", *self._sentences(), ""])

    def _neighbours(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [
            ("higher", "lower", "difference", "votes to tell apart", "votes that hold the order")
        ]
        for gap, flip in zip(self.separation.neighbours, self.flips, strict=True):
            needed = "told apart" if gap.told_apart else "-" if gap.votes_needed is None else f"{gap.votes_needed:,}"
            held = "-" if flip.votes is None else f"{flip.votes:,}"
            rows.append((gap.higher, gap.lower, f"{gap.difference:.1f}", needed, held))
        return rows

    def _sentences(self) -> Iterable[str]:
        tiers = "; ".join(f"{k}: {', '.join(tier)}" for k, tier in enumerate(self.separation.tiers, 1))
        yield f"Tiers, between which every pair is told apart: {tiers}."
        fit = self.diagnosis
        triples = documents.counted(fit.triples, "triple")
        circles = f"{documents.counted(fit.circles, 'circle')} among {triples} of decided pairs"
        if fit.degrees > 0:
            degrees = f"{fit.degrees:,} {'degree' if fit.degrees == 1 else 'degrees'} of freedom"
            yield f"One scale: chi-square {fit.chi_square:,.1f} on {degrees}, p = {fit.p_value:.2g}; {circles}."
        else:
            yield f"One scale: nothing to test, as pairs without a circle fit one whatever was voted; {circles}."
        if fit.side_bias_se < float("inf"):
            yield f"Advantage of side a: {fit.side_bias:+.3f} logits, standard error {fit.side_bias_se:.3f}."
        if self.tie_models:
            listed = ", ".join(f"{row['ties']} AIC {row['aic']:,.1f} BIC {row['bic']:,.1f}" for row in self.tie_models)
            yield f"Models of ties, the better first: {listed}."


def read(ranked: board.Board) -> Report:
    """The report of a board. Raises InputError for a board without a fit that can be redone."""
    with progress.step("votes that hold an order"):
        flips = influence.fewest(ranked)
    return Report(
        board=ranked,
        separation=tiers.read(ranked),
        flips=flips,
        diagnosis=matrix.diagnose(ranked),
        tie_models=tuple(_tie_models(ranked)),
    )


def _tie_models(ranked: board.Board) -> Sequence[dict[str, Any]]:
    if not any(entry.ties for entry in ranked.rated):
        return []
    try:
        return matrix.tie_models(vote_log.Votes(counts=ranked.counted.only(ranked.rated_models)))
    except errors.InputError:  # so few votes, or so many ties, that no model of them has an end
        return []


def _finite(value: Any) -> Any:
    """A number that JSON can hold; what has no limit is null."""
    return None if isinstance(value, float) and not abs(value) < float("inf") else value
