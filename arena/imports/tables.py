"""A prompt and two answers in columns of their own, and what `--map` makes of any other file.

A prompt and its answers are texts, or lists of texts, one a turn, as LMSYS published them for Kaggle. Columns that a
file calls otherwise are read as they are meant; see `mapping`.
"""

from collections.abc import Iterator
from typing import Any

from arena.domain.battle import Message
from arena.imports import cells, conversations, messages, outcomes, preferences
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from arena.imports.shape import Row


def entries(row: Row) -> Iterator[ImportedVote | Outside]:
    """The row's one vote."""
    if "chosen" in row and "rejected" in row:
        yield from preferences.entries(row)
        return
    model_a, model_b = (_model(row, column) for column in ("model_a", "model_b"))
    winner = outcomes.judged(row, model_a, model_b)
    asked, text_a, text_b = _judged(row)
    yield ImportedVote(
        messages=asked,
        text_a=text_a,
        text_b=text_b,
        model_a=model_a,
        model_b=model_b,
        winner=winner,
        rater=cells.identity(cells.first(row, ("rater", "judge")), "rater"),
        item=cells.identity(cells.first(row, ("question_id", "id")), "question_id"),
        language=cells.label(row, "language"),
        category=cells.label(row, "category"),
        cast_at=cells.moment(row.get("tstamp"), "tstamp"),
    )


def _model(row: Row, column: str) -> str | None:
    value = cells.first(row, (column,))
    return None if value is None else cells.name(value, column)


def _judged(row: Row) -> conversations.Judged:
    if "conversation_a" in row and "conversation_b" in row:
        return conversations.both(row)
    prompt, answers = row.peek("prompt"), (row.peek("response_a"), row.peek("response_b"))
    if not all(isinstance(value, list) for value in (prompt, *answers)) or messages.listed_messages(prompt):
        asked = messages.prompt(row, ("prompt",))
        text_a, text_b = (cells.text(row.get(column), column) for column in ("response_a", "response_b"))
        return asked, text_a, text_b
    said_a, said_b = (_turns(row, column) for column in ("response_a", "response_b"))
    return conversations.judged(row, said_a, said_b, ("response_a", "response_b"))


def _turns(row: Row, column: str) -> tuple[Message, ...]:
    """A conversation of what was asked and answered, one text a turn."""
    asked, answered = row.get("prompt"), row.get(column)
    if len(asked) != len(answered) or not asked:
        raise RowFault(f"prompt holds {len(asked)} texts and {column} {len(answered)}; each prompt has one answer.")
    turns: list[tuple[Any, Any]] = list(zip(asked, answered, strict=True))
    return tuple(
        Message.of_text(role=role, text=cells.text(said, f"turn {number} of {name}"))
        for number, turn in enumerate(turns, 1)
        for role, name, said in zip(("user", "assistant"), ("prompt", column), turn, strict=True)
    )
