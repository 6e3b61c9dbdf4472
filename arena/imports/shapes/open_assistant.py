"""`open-assistant`: message trees whose replies are ranked; each two ranked replies to one prompt are a pair.

A rank is what several people agreed on, so a ranking has one rater, named after the prompt it is about. In which order
the replies were shown is not told; a coin that falls the same way each time places them.
"""

from collections.abc import Iterator

from arena.domain.battle import Message
from arena.domain.vote import Winner
from arena.imports import cells, imported_vote, ranking
from arena.imports.fields import Fields
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from arena.imports.ranking import Ranked
from arena.imports.shape import Row, Shape

ROLES = {"prompter": "user", "assistant": "assistant"}


def entries(row: Row) -> Iterator[ImportedVote | Outside]:
    """Every pair of the tree."""
    tree = cells.identity(row.get("message_tree_id"), "message_tree_id")
    root = row.get("prompt")
    if not isinstance(root, Fields):
        raise RowFault(f"prompt is {cells.shown(root)}; a message tree has its first message there.")
    found = False
    waiting: list[tuple[Fields, tuple[Message, ...]]] = [(root, ())]
    while waiting:
        node, before = waiting.pop()
        try:
            said = (*before, _message(node))
            replies = _replies(node)
            ranked = _ranked(node, replies)
        except RowFault as fault:
            found = True
            yield Outside(why=str(fault))
            continue
        for better, worse, winner in ranking.pairs(ranked):
            found = True
            yield (
                _entry(node, tree, said, better, worse)
                if winner.decided
                else Outside(why=f"replies {better.name} and {worse.name} have the same rank.")
            )
        waiting.extend((reply, said) for reply in reversed(replies))
    if not found:
        raise RowFault("no message of this tree has two ranked replies.")


def _entry(
    node: Fields, tree: str | None, said: tuple[Message, ...], better: Ranked, worse: Ranked
) -> ImportedVote | Outside:
    if better.model is not None and better.model == worse.model:
        return Outside(why=f"{cells.shown(better.model)} stands against itself in {better.name} and {worse.name}.")
    left = imported_vote.placed(better.name, worse.name, "")
    side_a, side_b = (better, worse) if left else (worse, better)
    return ImportedVote(
        messages=said,
        text_a=side_a.text,
        text_b=side_b.text,
        model_a=side_a.model,
        model_b=side_b.model,
        winner=Winner.MODEL_A if left else Winner.MODEL_B,
        rater=f"ranking of {node.get('message_id')}",
        item=f"{side_a.name} {side_b.name}",
        conversation=tree,
        language=cells.label(node, "lang"),
    )


def _message(node: Fields) -> Message:
    said = node.get("role")
    role = ROLES.get(said) if isinstance(said, str) else None
    where = f"message {cells.shown(node.get('message_id'))}"
    if role is None:
        raise RowFault(f"{where} has the role {cells.shown(node.get('role'))}; accepted: prompter, assistant.")
    return Message.of_text(role=role, text=cells.text(node.get("text"), f"the text of {where}"))


def _replies(node: Fields) -> list[Fields]:
    """Replies that stand: not deleted, and not refused in review."""
    replies = node.get("replies") or []
    if not isinstance(replies, list) or any(not isinstance(reply, Fields) for reply in replies):
        raise RowFault(f"the replies to {cells.shown(node.get('message_id'))} are no list of messages.")
    return [reply for reply in replies if not reply.get("deleted") and reply.get("review_result") is not False]


def _ranked(node: Fields, replies: list[Fields]) -> list[Ranked]:
    """The ranked answers to a message by a user, best first."""
    if node.get("role") != "prompter":
        return []
    ranked = []
    for reply in replies:
        rank, identity = reply.get("rank"), cells.identity(reply.get("message_id"), "message_id")
        if rank is None:
            continue
        if identity is None or isinstance(rank, bool) or not isinstance(rank, int):
            raise RowFault(f"the rank of reply {cells.shown(identity)} is {cells.shown(rank)}; it must be a number.")
        model = reply.get("model_name")
        ranked.append(
            Ranked(
                name=identity,
                text=cells.text(reply.get("text"), f"the text of {identity}"),
                rank=rank,
                model=None if model is None else cells.name(model, "model_name"),
            )
        )
    return sorted(ranked, key=lambda reply: reply.rank)


SHAPE = Shape(
    name="open-assistant",
    title="Open-Assistant's message trees with ranked replies",
    columns=(frozenset({"message_tree_id", "prompt"}),),
    entries=entries,
)
