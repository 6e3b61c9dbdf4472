"""`alpaca-eval`: what AlpacaEval's annotators said of two outputs: 1 for the first, 2 for the second, 1.5 or 0
for a draw.

A weighted annotator says a number between 1 and 2: the nearer one won, and how near is not kept.
"""

from collections.abc import Iterator

from arena.domain.battle import Message
from arena.domain.vote import RaterKind, Winner
from arena.imports import cells, messages
from arena.imports.fields import nothing
from arena.imports.imported_vote import ImportedVote, RowFault, UnvotedError
from arena.imports.shape import Row, Shape

DRAWS = (0, 1.5)


def entries(row: Row) -> Iterator[ImportedVote]:
    """The row's one vote."""
    model_a, model_b = (cells.name(row.get(column), column) for column in ("generator_1", "generator_2"))
    text_a, text_b = (cells.text(row.get(column), column) for column in ("output_1", "output_2"))
    asked = messages.prompt(row, ("instruction",))
    if not nothing(row.peek("input")):
        more = cells.text(row.get("input"), "input")
        asked = (*asked[:-1], Message.of_text(role="user", text=f"{asked[-1].text}\n\n{more}"))
    yield ImportedVote(
        messages=asked,
        text_a=text_a,
        text_b=text_b,
        model_a=model_a,
        model_b=model_b,
        winner=_winner(row),
        rater=cells.identity(row.get("annotator"), "annotator"),
        rater_kind=RaterKind.JUDGE if isinstance(row.peek("annotator"), str) else RaterKind.PERSON,
        category=cells.label(row, "dataset"),
    )


def _winner(row: Row) -> Winner:
    preference = row.get("preference")
    if nothing(preference):
        raise UnvotedError("preference is missing.")
    try:
        number = float(preference) if isinstance(preference, str | int | float) else -1.0
    except (ValueError, OverflowError):
        number = -1.0
    if number in DRAWS:
        return Winner.TIE
    if not 1 <= number <= 2:
        raise RowFault(f"preference is {cells.shown(preference)}; it must be 0, or from 1 to 2.")
    if number not in (1, 2):
        row.lose("preference: how near it is to 1 or 2")
    return Winner.MODEL_A if number < 1.5 else Winner.MODEL_B


SHAPE = Shape(
    name="alpaca-eval",
    title="annotations of AlpacaEval",
    columns=(frozenset({"instruction", "output_1", "output_2", "generator_1", "generator_2", "preference"}),),
    entries=entries,
)
