"""`prism`: PRISM's conversations, in which a person scored the answers of several models and chose one of them.

In each turn the chosen answer is better than every other one, and the others are ordered by their scores. Later turns
offer two answers of one model: those would stand against themselves, and stay outside.
"""

from collections.abc import Iterator
from itertools import groupby

from arena.domain.battle import Message
from arena.imports import cells, messages, ranking
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from arena.imports.ranking import Ranked
from arena.imports.shape import Row, Shape


def entries(row: Row) -> Iterator[ImportedVote | Outside]:
    """One vote each two answers of a turn."""
    history = row.get("conversation_history")
    if not isinstance(history, list) or not all(isinstance(one, Fields) for one in history):
        raise RowFault("conversation_history must be a list of what was said.")
    told = {
        "rater": cells.identity(row.get("user_id"), "user_id"),
        "conversation": cells.identity(row.get("conversation_id"), "conversation_id"),
        "category": cells.label(row, "conversation_type"),
        "cast_at": cells.moment(row.get("generated_datetime"), "generated_datetime"),
    }
    said = messages.before(row)
    for turn, group in groupby(history, key=lambda one: one.get("turn")):
        turns = list(group)
        asked, answers = _parted(turns, turn)
        said = (*said, asked)
        if row.peek("opening_prompt") == asked.text:
            row.get("opening_prompt")
        chosen = [one for one in answers if one.rank[0] == 0]
        ordered = sorted({one.rank for one in answers})
        ranked = [
            Ranked(name=one.name, text=one.text, rank=ordered.index(one.rank), model=one.model) for one in answers
        ]
        yield from ranking.entries(ranked, messages.asked(said, "conversation_history"), told)
        if len(chosen) != 1:
            yield Outside(
                why=f"turn {turn} has {len(chosen)} chosen answers, so what follows it continues none of them."
            )
            return
        said = (*said, Message.of_text(role="assistant", text=chosen[0].text))


class _Answer:
    def __init__(self, one: Fields, turn: object) -> None:
        place = one.get("within_turn_id")
        self.name = f"answer {place} of turn {turn}"
        self.text = cells.text(one.get("content"), self.name)
        model = cells.first(one, ("model_name",))
        self.model = None if model is None else cells.name(model, "model_name")
        score = one.get("score")
        known = 0.0 if nothing(score) else cells.number(score, f"the score of {self.name}")
        self.rank = (0 if one.get("if_chosen") is True else 1, -known)


def _parted(turn: list[Fields], number: object) -> tuple[Message, list[_Answer]]:
    """What the user said in a turn, and the answers to it."""
    for one in turn:
        messages.refuse_what_belongs(one, "")
    asked = [one for one in turn if one.get("role") == "user"]
    answers = [_Answer(one, number) for one in turn if one.get("role") == "model"]
    if len(asked) != 1 or len(asked) + len(answers) != len(turn):
        raise RowFault(f"turn {number} is not one message by the user and the models' answers.")
    return Message.of_text(role="user", text=cells.text(asked[0].get("content"), f"turn {number}")), answers


SHAPE = Shape(
    name="prism",
    title="conversations of PRISM",
    columns=(frozenset({"conversation_id", "conversation_history"}),),
    entries=entries,
)
