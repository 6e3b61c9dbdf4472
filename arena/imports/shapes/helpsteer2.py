"""`helpsteer2`: HelpSteer2's preferences, from -3, response 1 is much better, to 3, response 2 is.

The judgements that agree most are one vote each, as NVIDIA counts them; the one overall where they are not there.
"""

import re
from collections.abc import Iterator

from arena.domain.battle import Message
from arena.domain.vote import Strength, Winner
from arena.imports import cells, messages, outcomes
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, RowFault, UnvotedError
from arena.imports.shape import Row, Shape

SPEAKER = re.compile(r"\n?<extra_id_1>(User|Assistant)\n")
"""Between the turns of a prompt that holds several."""
ROLES = {"User": "user", "Assistant": "assistant"}


def entries(row: Row) -> Iterator[ImportedVote]:
    """One vote a judgement."""
    asked = _asked(row)
    text_a, text_b = (cells.text(row.get(column), column) for column in ("response_1", "response_2"))
    judgements = row.peek("three_most_similar_preferences")
    if isinstance(judgements, list) and judgements:
        row.get("three_most_similar_preferences")
        for column in ("preference_strength", "preference_statement", "preference_elaboration"):
            row.get(column)  # what the judgements say, put together
        votes = [_vote(one, ("strength", "statement", "elaboration")) for one in judgements]
    else:
        votes = [_vote(row, ("preference_strength", "preference_statement", "preference_elaboration"))]
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
            strength=strength,
            reason=reason,
        )


def _asked(row: Row) -> tuple[Message, ...]:
    first, *more = SPEAKER.split(cells.text(row.get("prompt"), "prompt"))
    said = [Message.of_text(role="user", text=first)]
    said += [Message.of_text(role=ROLES[who], text=text) for who, text in zip(more[::2], more[1::2], strict=True)]
    return messages.asked(messages.joined(messages.before(row), said), "prompt")


def _vote(one: object, columns: tuple[str, str, str]) -> tuple[Winner, Strength | None, str | None]:
    if not isinstance(one, Fields):
        raise RowFault(f"a judgement is {cells.shown(one)}; it must have a strength.")
    strength, *told = (one.get(column) for column in columns)
    if nothing(strength):
        raise UnvotedError(f"{columns[0]} is missing.")
    if isinstance(strength, bool) or not isinstance(strength, int) or not -3 <= strength <= 3:
        raise RowFault(f"{columns[0]} is {cells.shown(strength)}; it must be from -3 to 3.")
    reason = "\n".join(cells.text(text, "a reason") for text in told if not nothing(text)) or None
    if strength == 0:
        return Winner.TIE, None, reason
    return (Winner.MODEL_A if strength < 0 else Winner.MODEL_B), outcomes.STRENGTHS.get(abs(strength)), reason


SHAPE = Shape(
    name="helpsteer2",
    title="HelpSteer2's preferences",
    names_models=False,
    columns=(frozenset({"prompt", "response_1", "response_2", "preference_strength"}),),
    entries=entries,
)
