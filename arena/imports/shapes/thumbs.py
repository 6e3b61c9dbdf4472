"""`thumbs`: single answers with a thumb up or down, as KTO trains on them.

A thumb compares nothing by itself. Where answers to one prompt have thumbs up and down, each that is up is better than
each that is down; and two that are both down, with none up, are both bad, which is how an arena's own release of such a
battle comes back. A prompt whose thumbs compare nothing stays outside.

    TRL, Axolotl     prompt, completion, label
    LLaMA-Factory    conversations, kto_tag
"""

from collections.abc import Iterator, Sequence

from arena.domain.vote import Winner
from arena.imports import cells, imported_vote, messages
from arena.imports.fields import nothing
from arena.imports.imported_vote import ImportedVote, Outside, RowFault, Thumb, UnvotedError
from arena.imports.shape import Row, Shape

UP, DOWN = (True, 1, "true", "True", "1"), (False, 0, "false", "False", "0")


def entries(row: Row) -> Iterator[Thumb]:
    """The row's one thumb."""
    column = "kto_tag" if "kto_tag" in row else "label"
    label = row.get(column)
    if nothing(label):
        raise UnvotedError(f"{column} is missing.")
    if label not in (*UP, *DOWN):
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
        up=label in UP,
        model=None if model is None else cells.name(model, "model"),
        rater=cells.identity(cells.first(row, ("rater", "user_id")), "rater"),
        language=cells.label(row, "language"),
        category=cells.label(row, "category"),
    )


def compared(thumbs: Sequence[Thumb]) -> Iterator[ImportedVote | Outside]:
    """What the thumbs on one prompt compare."""
    ups, downs = ([one for one in thumbs if one.up is up] for up in (True, False))
    if not ups and len(downs) == 2:
        yield _entry(downs[0], downs[1], Winner.BOTH_BAD)
        return
    if not ups or not downs:
        said = "up" if ups else "down"
        yield Outside(why=f"every thumb on this prompt is {said}, so nothing is compared.")
        return
    for better in ups:
        for worse in downs:
            if better.model is not None and better.model == worse.model:
                yield Outside(why=f"{cells.shown(better.model)} stands against itself.")
                continue
            left = imported_vote.placed(better.text, worse.text, better.messages[-1].text)
            sides = (better, worse) if left else (worse, better)
            yield _entry(*sides, Winner.MODEL_A if left else Winner.MODEL_B)


def _entry(left: Thumb, right: Thumb, winner: Winner) -> ImportedVote:
    return ImportedVote(
        messages=left.messages,
        text_a=left.text,
        text_b=right.text,
        model_a=left.model,
        model_b=right.model,
        winner=winner,
        rater=left.rater if left.rater == right.rater else None,
        language=left.language,
        category=left.category,
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
    together=compared,
)
