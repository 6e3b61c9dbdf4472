"""`trl`: preference pairs as TRL reads them, `prompt`, `chosen`, `rejected`, each a text or a list of messages.

Nobody says who preferred, nor which answer stood left: each pair is a vote of its own unnamed rater, and a coin that
falls the same way each time places the answers, so that the winning side says nothing.
"""

from collections.abc import Iterator

from arena.domain.battle import Message
from arena.domain.vote import Winner
from arena.imports import cells, entry
from arena.imports.entry import Entry, RowFault
from arena.imports.shape import Row, Shape

MODELS = {
    "chosen": ("chosen_model", "chosen-model", "model_chosen"),
    "rejected": ("rejected_model", "rejected-model", "model_rejected"),
}
"""Where data sets say who answered."""


def entries(row: Row) -> Iterator[Entry]:
    """The row's pair."""
    messages, chosen, rejected = _pair(row)
    models = {side: cells.first(row, columns) for side, columns in MODELS.items()}
    named = {side: None if model is None else cells.name(model, MODELS[side][0]) for side, model in models.items()}
    if named["chosen"] is not None and named["chosen"] == named["rejected"]:
        raise RowFault(f"{cells.shown(named['chosen'])} stands against itself.")
    better, worse = (chosen, named["chosen"]), (rejected, named["rejected"])
    left = entry.placed(chosen, rejected, messages[-1].content)
    (text_a, model_a), (text_b, model_b) = (better, worse) if left else (worse, better)
    yield Entry(
        messages=messages,
        text_a=text_a,
        text_b=text_b,
        model_a=model_a,
        model_b=model_b,
        winner=Winner.MODEL_A if left else Winner.MODEL_B,
        rater=None,
        item=cells.identity(cells.first(row, ("prompt_id", "id")), "prompt_id"),
        language=cells.label(row.get("language"), "language"),
        category=cells.label(row.get("category"), "category"),
    )


def _pair(row: Row) -> tuple[tuple[Message, ...], str, str]:
    prompt, chosen, rejected = row.get("prompt"), row.get("chosen"), row.get("rejected")
    if _listed(chosen) != _listed(rejected):
        raise RowFault("chosen and rejected must both be texts or both be lists of messages.")
    if not _listed(chosen):
        if prompt is None:
            raise RowFault("prompt is missing, and where two texts part nobody can say.")
        asked = _asked(prompt)
        texts = cells.text(chosen, "chosen"), cells.text(rejected, "rejected")
        return asked, *texts
    said, other = cells.conversation(chosen, "chosen"), cells.conversation(rejected, "rejected")
    for messages, column in ((said, "chosen"), (other, "rejected")):
        if messages[-1].role != "assistant":
            raise RowFault(f"{column} does not end with an answer.")
    if said[:-1] != other[:-1]:
        raise RowFault("chosen and rejected part before the last answer, so they share no prompt.")
    return _joined(prompt, said[:-1]), said[-1].content, other[-1].content


def _joined(prompt: object, before: tuple[Message, ...]) -> tuple[Message, ...]:
    """The prompt, which the conversations may repeat, as the only thing before the answer or as the last."""
    if prompt is None:
        return cells.asked(before, "chosen without its answer")
    asked = _asked(prompt)
    if not before or before == asked:
        return asked
    if not _listed(prompt) and asked[-1] in (before[-1], before[0]):
        return cells.asked(before, "chosen without its answer")
    raise RowFault("prompt is not what chosen and rejected begin with.")


def _asked(prompt: object) -> tuple[Message, ...]:
    if _listed(prompt):
        return cells.asked(cells.conversation(prompt, "prompt"), "prompt")
    return cells.asked([Message(role="user", content=cells.text(prompt, "prompt"))], "prompt")


def _listed(value: object) -> bool:
    """Whether a value is a list of messages, or the JSON of one as CSV files hold it."""
    return isinstance(value, list) or (isinstance(value, str) and value.startswith('[{"'))


SHAPE = Shape(
    name="trl",
    title="preference pairs: prompt, chosen, rejected",
    columns=(frozenset({"chosen", "rejected"}),),
    entries=entries,
)
