"""What the two exports of a pairwise project of Label Studio share: the names of its templates, and of the sides."""

from arena.domain.vote import Winner
from arena.imports.fields import Fields
from arena.imports.imported_vote import RowFault

PROMPTS = ("prompt", "question", "instruction", "input")
ANSWERS = (("answer1", "answer2"), ("text1", "text2"), ("response1", "response2"), ("response_a", "response_b"))
SIDES = {"left": Winner.MODEL_A, "right": Winner.MODEL_B}


def columns(data: Fields, compared: list[str]) -> tuple[str, str]:
    """The columns with the left and the right text."""
    if len(compared) == 2 and all(name in data for name in compared):
        return compared[0], compared[1]
    found = [pair for pair in ANSWERS if all(name in data for name in pair)]
    if len(found) != 1:
        accepted = "; ".join(" and ".join(pair) for pair in ANSWERS)
        raise RowFault(f"data does not name the two answers; accepted: the names that were compared, or {accepted}.")
    return found[0]
