"""`thumbs`: single answers with a thumb up or down, as KTO trains on them.

A thumb compares nothing by itself. Where answers to one prompt have thumbs up and down, each that is up is better than
each that is down; and two that are both down, with none up, are both bad, which is how an arena's own release of such a
battle comes back. A prompt whose thumbs compare nothing stays outside.

    TRL, Axolotl     prompt, completion, label
    LLaMA-Factory    conversations, kto_tag
"""

from collections.abc import Iterator

from arena.imports import cells, messages, thumbs
from arena.imports.fields import nothing
from arena.imports.imported_vote import RowFault, Thumb, UnvotedError
from arena.imports.shape import Row, Shape


def entries(row: Row) -> Iterator[Thumb]:
    """The row's one thumb."""
    column = "kto_tag" if "kto_tag" in row else "label"
    label = row.get(column)
    if nothing(label):
        raise UnvotedError(f"{column} is missing.")
    if label not in (*thumbs.UP, *thumbs.DOWN):
        raise RowFault(f"{column} is {cells.shown(label)}; it must be true or false.")
    if column == "kto_tag":
        said = messages.joined(messages.before(row), messages.said(row, "conversations"))
        if said[-1].role != "assistant":
            raise RowFault("conversations does not end with an answer.")
        asked, text = messages.asked(said[:-1], "conversations without its answer"), said[-1].text
    else:
        asked, text = messages.prompt(row, ("prompt",)), _completion(row)
    model = cells.first(row, ("model",))
    yield Thumb(
        messages=asked,
        text=text,
        up=label in thumbs.UP,
        model=None if model is None else cells.name(model, "model"),
        rater=cells.identity(cells.first(row, ("rater", "user_id")), "rater"),
        language=cells.label(row, "language"),
        category=cells.label(row, "category"),
    )


def _completion(row: Row) -> str:
    if not messages.listed(row.peek("completion")):
        return cells.text(row.get("completion"), "completion")
    said = messages.said(row, "completion")
    if len(said) != 1 or said[0].role != "assistant":
        raise RowFault("completion is no single message by the assistant.")
    return said[0].text


SHAPE = Shape(
    name="thumbs",
    title="single answers with a thumb up or down, as KTO has them",
    names_models=False,
    columns=(frozenset({"prompt", "completion", "label"}), frozenset({"conversations", "kto_tag"})),
    entries=entries,
    together=thumbs.compared,
)
