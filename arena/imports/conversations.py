"""Two whole conversations, as vote logs hold them: what both models were asked, and their last answers."""

from arena.domain import wording
from arena.domain.battle import Message
from arena.imports import cells, messages
from arena.imports.imported_vote import RowFault
from arena.imports.shape import Row

Judged = tuple[tuple[Message, ...], str, str]
"""What both models were asked, and their answers."""


def both(row: Row, column_a: str = "conversation_a", column_b: str = "conversation_b", *, cut: bool = True) -> Judged:
    """What both models were asked, and their answers; with `cut`, up to the turn that was voted on.

    What was said after that turn does not belong to the vote, and is named as not kept.
    """
    said_a, said_b = messages.said(row, column_a), messages.said(row, column_b)
    turn = cells.identity(row.get("turn"), "turn") if cut else None
    if turn is not None:
        said_a, said_b = (_until(row, said, turn, column) for said, column in ((said_a, column_a), (said_b, column_b)))
    return judged(row, said_a, said_b, (column_a, column_b))


def judged(row: Row, said_a: tuple[Message, ...], said_b: tuple[Message, ...], columns: tuple[str, str]) -> Judged:
    """The common messages of two conversations, and their last answers. Raises `RowFault` where they differ before."""
    for said, column in zip((said_a, said_b), columns, strict=True):
        if said[-1].role != "assistant":
            raise RowFault(f"{column} does not end with an answer.")
    if said_a[:-1] != said_b[:-1]:
        pairs = enumerate(zip(said_a[:-1], said_b[:-1], strict=False), 1)
        place = next((number for number, (left, right) in pairs if left != right), min(len(said_a), len(said_b)))
        raise RowFault(f"the conversations part at message {place}, so the two answers share no prompt.")
    asked = messages.joined(messages.before(row), said_a[:-1])
    return messages.asked(asked, "the prompt"), said_a[-1].text, said_b[-1].text


def _until(row: Row, said: tuple[Message, ...], turn: str, column: str) -> tuple[Message, ...]:
    """A conversation up to the answer of a turn."""
    answers = [place for place, message in enumerate(said, 1) if message.role == "assistant"]
    if not turn.isdecimal() or not 1 <= int(turn) <= len(answers):
        raise RowFault(f"turn is {cells.shown(turn)} and {column} holds {wording.counted(len(answers), 'answer')}.")
    end = answers[int(turn) - 1]
    if end < len(said):
        row.lose(f"{column} after turn {turn}")
    return said[:end]
