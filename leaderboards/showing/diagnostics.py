"""The report below a board, which `arena rank --report` adds.

Tiers, what would settle each pair of neighbours and how few votes hold it, how firmly each model stands, and how well
one scale describes the votes. Each part is computed where its formula stands: `tiers`, `influence`, `robustness` and
`matrix`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from leaderboards import board, errors, progress
from leaderboards.reading import vote_log
from leaderboards.showing import documents, influence, matrix, robustness, tiers

_FLOOR = 10
"""Accounts for which a table gives ranks; documents have all of `robustness.ACCOUNTS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A board and its report."""

    board: board.Board
    separation: tiers.Tiers
    flips: tuple[influence.Flip, ...]
    """The votes that hold each pair of neighbours in order."""
    robustness: robustness.Robustness
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
                "robustness": self.robustness.to_dict(),
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
        """The board, its neighbours and how firmly models stand as tables, and sentences."""
        tables = [
            line
            for rows, numbers in ((self._neighbours(), 3), (self._firmness(), 4))
            for line in (*_as_markdown(rows, len(rows[0]) - numbers), "")
        ]
        said = (f"{documents.escaped(text)}\n" for text in self._sentences())
        return "\n".join([self.board.to_markdown(), *tables, *said])

    def to_table(self) -> str:
        """The same for a terminal."""
        neighbours = documents.aligned(self._neighbours(), (str.ljust, str.ljust, str.rjust, str.rjust, str.rjust))
        firmness = documents.aligned(self._firmness(), (str.ljust, str.rjust, str.rjust, str.rjust, str.rjust))
        return "\n".join([self.board.to_table(), *neighbours, "", *firmness, "", *self._sentences(), ""])

    def _neighbours(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [
            ("higher", "lower", "difference", "votes to tell apart", "votes that hold the order")
        ]
        for gap, flip in zip(self.separation.neighbours, self.flips, strict=True):
            needed = "told apart" if gap.told_apart else "-" if gap.votes_needed is None else f"{gap.votes_needed:,}"
            held = "-" if flip.votes is None else f"{flip.votes:,}"
            rows.append((gap.higher, gap.lower, f"{gap.difference:.1f}", needed, held))
        return rows

    def _firmness(self) -> list[tuple[str, ...]]:
        """One row a model; what needs raters is a dash where they are not known."""
        digits = documents.digits(self.board)
        rows: list[tuple[str, ...]] = [
            (
                "model",
                "votes that change its rank",
                "without 1 rater",
                f"without the worst {robustness.WORST:.0%}",
                f"rank with {_FLOOR} unseen accounts",
            )
        ]
        for row in self.robustness.models:
            most = row.raters[0] if row.raters else None
            floor = next((floor for floor in row.floors if floor.accounts == _FLOOR), None)
            ends = row.dropped.lower, row.dropped.upper
            rows.append(
                (
                    row.model,
                    "-" if row.votes_that_change is None else f"{row.votes_that_change:,}",
                    "-" if most is None or most.moved is None else f"{most.moved:+.{digits}f}, rank {most.rank}",
                    " to ".join("-" if end is None else f"{end:.{digits}f}" for end in ends),
                    "-" if floor is None else f"{floor.rank_best}-{floor.rank_worst}",
                )
            )
        return rows

    def _sentences(self) -> Iterable[str]:
        tiers = "; ".join(f"{k}: {', '.join(tier)}" for k, tier in enumerate(self.separation.tiers, 1))
        yield f"Tiers, between which every pair is told apart: {tiers}."
        yield from self._floor()
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

    def _floor(self) -> Iterable[str]:
        firm = self.robustness
        if firm.taste is None or not firm.models:
            return
        digits = documents.digits(self.board)
        moves = ", ".join(f"{floor.accounts:,} by {floor.points:.{digits}f}" for floor in firm.models[0].floors)
        yield (
            f"Accounts that vote like honest people cannot be told from them. Beside {firm.raters:,} raters, whose "
            f"tastes differ by {firm.taste:.{digits}f}, so many could move a model at most: {moves}."
        )


def _as_markdown(rows: Sequence[Sequence[str]], texts: int) -> list[str]:
    """A table whose first columns are texts and whose others are numbers."""
    lines = [f"| {' | '.join(map(documents.escaped, row))} |" for row in rows]
    lines.insert(1, f"|{'---|' * texts}{'---:|' * (len(rows[0]) - texts)}")
    return lines


def read(ranked: board.Board, votes: vote_log.Votes | None = None) -> Report:
    """The report of a board, with what raters could do where its votes say who cast them.

    Raises InputError for a board without a fit that can be redone.
    """
    with progress.step("votes that hold an order"):
        flips = influence.fewest(ranked)
    with progress.step("how firmly models stand"):
        firmness = robustness.read(ranked, votes, flips)
    return Report(
        board=ranked,
        separation=tiers.read(ranked),
        flips=flips,
        robustness=firmness,
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
