"""`helpsteer3`: two responses and every judgement on them, in HelpSteer3's columns.

Scores run from -3, response 1 is much better, to 3, response 2 is. 1 is slightly, 3 is clearly, and 2 says nothing of
how much. A judgement that calls both responses bad stands there as 0 with that feedback on each, when this arena wrote
it. Who judged is not told: each judgement is a vote of its own unnamed rater.
"""

from collections.abc import Iterator
from typing import Any

from arena.domain.vote import Strength, Winner
from arena.imports import cells, messages, outcomes
from arena.imports.imported_vote import ImportedVote, RowFault
from arena.imports.shape import Row, Shape

BOTH_BAD = "both bad"
"""The feedback on either response by a rater who found so, in an arena's release."""


def entries(row: Row) -> Iterator[ImportedVote]:
    """One vote a judgement; the overall preference where there is none."""
    asked = messages.prompt(row, ("context",))
    text_a, text_b = (cells.text(row.get(column), column) for column in ("response1", "response2"))
    judgements = row.get("individual_preference")
    if not judgements:
        judgements = [{"score": row.get("overall_preference")}]
    if not isinstance(judgements, list):
        raise RowFault(f"individual_preference is {cells.shown(judgements)}; it must be a list of judgements.")
    votes = [_vote(judgement, number) for number, judgement in enumerate(judgements, 1)]
    for number, (winner, strength, reason) in enumerate(votes, 1):
        yield ImportedVote(
            messages=asked,
            text_a=text_a,
            text_b=text_b,
            model_a=None,
            model_b=None,
            winner=winner,
            rater=None,
            nth=number,
            language=cells.label(row, "language"),
            category=cells.label(row, "domain"),
            strength=strength,
            reason=reason,
        )


def _vote(judgement: Any, number: int) -> tuple[Winner, Strength | None, str | None]:
    if not isinstance(judgement, dict):
        raise RowFault(f"judgement {number} is {cells.shown(judgement)}; it must have a score.")
    score = judgement.get("score")
    if isinstance(score, bool) or not isinstance(score, int) or not -3 <= score <= 3:
        raise RowFault(f"the score of judgement {number} is {cells.shown(score)}; it must be from -3 to 3.")
    reason = cells.optional(judgement.get("reasoning"), f"the reasoning of judgement {number}")
    if score == 0:
        bad = judgement.get("feedback1") == BOTH_BAD == judgement.get("feedback2")
        return (Winner.BOTH_BAD if bad else Winner.TIE), None, reason
    return (Winner.MODEL_A if score < 0 else Winner.MODEL_B), outcomes.STRENGTHS.get(abs(score)), reason


SHAPE = Shape(
    name="helpsteer3",
    title="rich rows in HelpSteer3's columns",
    names_models=False,
    columns=(frozenset({"context", "response1", "response2", "overall_preference"}),),
    entries=entries,
)
