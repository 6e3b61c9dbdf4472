"""Two whole conversations, as vote logs hold them: what both models were asked, and their last answers."""

from arena.domain.battle import Message
from arena.imports import cells
from arena.imports.entry import RowFault
from arena.imports.shape import Row


def both(row: Row) -> tuple[tuple[Message, ...], str, str]:
    """What both models were asked, and their answers."""
    said_a = cells.conversation(row.get("conversation_a"), "conversation_a")
    said_b = cells.conversation(row.get("conversation_b"), "conversation_b")
    turn = cells.identity(row.get("turn"), "turn")
    if turn is not None:
        said_a, said_b = (_until(said, turn, column) for said, column in ((said_a, "a"), (said_b, "b")))
    for said, column in ((said_a, "conversation_a"), (said_b, "conversation_b")):
        if said[-1].role != "assistant":
            raise RowFault(f"{column} does not end with an answer.")
    if said_a[:-1] != said_b[:-1]:
        pairs = enumerate(zip(said_a[:-1], said_b[:-1], strict=False), 1)
        place = next((number for number, (left, right) in pairs if left != right), min(len(said_a), len(said_b)))
        raise RowFault(f"the conversations part at message {place}, so the two answers share no prompt.")
    return cells.asked(said_a[:-1], "the prompt"), said_a[-1].content, said_b[-1].content


def _until(said: tuple[Message, ...], turn: str, column: str) -> tuple[Message, ...]:
    """A conversation up to the answer of a turn."""
    answers = [place for place, message in enumerate(said, 1) if message.role == "assistant"]
    if not turn.isdecimal() or not 1 <= int(turn) <= len(answers):
        raise RowFault(f"turn is {cells.shown(turn)} and conversation_{column} holds {len(answers)} answers.")
    return said[: answers[int(turn) - 1]]
