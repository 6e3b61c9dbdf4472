"""Who won: an outcome, one of the two names, or the column of 0 and 1 that holds 1."""

import shlex

from arena.domain.vote import Strength, Winner
from arena.imports import cells
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import RowFault, UnvotedError
from leaderboards.reading import forms, proposals, sides

WINNERS = {
    **{winner.value: winner for winner in Winner},
    **dict.fromkeys(("tie (bothbad)", "tie_bothbad", "bothbad"), Winner.BOTH_BAD),
}
"""The accepted spellings of an outcome, and no others."""
STRENGTHS = {1: Strength.SLIGHTLY, 3: Strength.CLEARLY}
"""What a score of HelpSteer's says of how much, by its size; 2 says nothing of it."""
ONE_HOT = {column: Winner(outcome) for column, outcome in forms.ONE_HOT.items()}


def winner(value: object, column: str = "winner") -> Winner:
    """An outcome. Raises `UnvotedError` where nothing stands."""
    if nothing(value):
        raise UnvotedError(f"{column} is missing.")
    found = WINNERS.get(value) if isinstance(value, str) else None
    if found is None:
        accepted = ", ".join(winner.value for winner in Winner)
        meant = proposals.outcome(str(value)) if column == "winner" else proposals.UNKNOWN
        way = "" if meant == proposals.UNKNOWN else f"; say what it means: --outcome {shlex.quote(str(value))}={meant}"
        raise RowFault(f"{column} is {cells.shown(value)}; accepted: {accepted}{way}.")
    return found


def judged(row: Fields, model_a: str | None, model_b: str | None) -> Winner:
    """Who won: an outcome, one of the two names, or the column of 0 and 1 that holds 1."""
    if "winner" not in row and {"winner_model_a", "winner_model_b"} <= set(row):
        return _one_hot(row)
    value = row.get("winner")
    if isinstance(value, str | int | float) and not isinstance(value, bool) and value not in WINNERS:
        said = sides.plain(str(value))
        if said in (model_a, model_b):
            return Winner.MODEL_A if said == model_a else Winner.MODEL_B
    return winner(value)


def _one_hot(row: Fields) -> Winner:
    said = {column: row.get(column) for column in ONE_HOT if column in row}
    spelt = {column: str(value).lower().removesuffix(".0") for column, value in said.items() if not nothing(value)}
    if odd := next((column for column, word in spelt.items() if word not in ("0", "1", "false", "true")), None):
        raise RowFault(f"{odd} is {cells.shown(said[odd])}; it must be 0 or 1.")
    won = [column for column, word in spelt.items() if word in ("1", "true")]
    if not won:
        raise UnvotedError(f"none of {', '.join(said)} is 1.")
    if len(won) > 1:
        raise RowFault(f"{' and '.join(won)} are both 1, and one of them can have won.")
    return ONE_HOT[won[0]]
