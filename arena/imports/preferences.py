"""Preference pairs: `chosen` and `rejected`, each a text, a message, a list of messages, or a whole transcript.

The prompt stands beside them under one of several names, or is what both begin with. TRL, OpenRLHF, LLaMA-Factory,
Axolotl, torchtune, verl, Intel's orca pairs, UltraFeedback's binarized pairs and Anthropic's HH are read so.

Such files do not say who voted, nor which answer was shown left. So each pair is a vote of an unnamed rater of its own,
and a coin that always falls the same way for the same pair places the answers, so that the winning side says nothing.
"""

from collections.abc import Iterator

from arena.domain.battle import Message
from arena.domain.vote import Strength, Winner
from arena.imports import cells, imported_vote, messages, transcripts
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, RowFault
from arena.imports.shape import Row

PROMPTS = ("prompt", "question", "instruction", "conversations", "messages")
"""Columns that hold what was asked, the first with a value is taken."""
MODELS = {
    "chosen": ("chosen_model", "chosen-model", "model_chosen"),
    "rejected": ("rejected_model", "rejected-model", "model_rejected"),
}
"""Where data sets say who answered."""
MARGINS = {1 / 3: Strength.SLIGHTLY, 1.0: Strength.CLEARLY}
"""Margins that a release of an arena says in place of a strength."""


def entries(row: Row) -> Iterator[ImportedVote]:
    """The row's pair."""
    asked, chosen, rejected = _pair(row)
    models = {side: cells.first(row, columns) for side, columns in MODELS.items()}
    named = {side: None if model is None else cells.name(model, MODELS[side][0]) for side, model in models.items()}
    better, worse = (chosen, named["chosen"]), (rejected, named["rejected"])
    left = imported_vote.placed(chosen, rejected, asked[-1].text)
    (text_a, model_a), (text_b, model_b) = (better, worse) if left else (worse, better)
    yield ImportedVote(
        messages=asked,
        text_a=text_a,
        text_b=text_b,
        model_a=model_a,
        model_b=model_b,
        winner=Winner.MODEL_A if left else Winner.MODEL_B,
        rater=None,
        item=cells.identity(cells.first(row, ("prompt_id", "id")), "prompt_id"),
        language=cells.label(row, "language"),
        category=cells.label(row, "category"),
        strength=_strength(row),
        edit=_edit(row),
    )


def _pair(row: Row) -> tuple[tuple[Message, ...], str, str]:
    for side in ("chosen", "rejected"):
        if isinstance(row.peek(side), Fields) and {"role", "from"} & set(row.peek(side)):
            row.opened(side, [row.peek(side)])
    chosen, rejected = row.get("chosen"), row.get("rejected")
    if messages.listed(chosen) != messages.listed(rejected):
        raise RowFault("chosen and rejected must both be texts or both be lists of messages.")
    column = next((name for name in PROMPTS if not nothing(row.peek(name))), None)
    if messages.listed(chosen):
        said, other = messages.said(row, "chosen"), messages.said(row, "rejected")
    elif column is None and transcripts.begins(chosen) and transcripts.begins(rejected):
        said, other = transcripts.said(chosen, "chosen"), transcripts.said(rejected, "rejected")
    elif column is None:
        raise RowFault("prompt is missing, and where two texts part nobody can say.")
    else:
        texts = cells.text(chosen, "chosen"), cells.text(rejected, "rejected")
        return _asked(row, column), *texts
    for found, name in ((said, "chosen"), (other, "rejected")):
        if found[-1].role != "assistant":
            raise RowFault(f"{name} does not end with an answer.")
    if said[:-1] != other[:-1]:
        raise RowFault("chosen and rejected part before the last answer, so they share no prompt.")
    return _joined(row, column, said[:-1]), said[-1].text, other[-1].text


def _joined(row: Row, column: str | None, begins: tuple[Message, ...]) -> tuple[Message, ...]:
    """The prompt, which the conversations may repeat, as the only thing before the answer or as the last."""
    if column is None:
        return messages.asked(messages.joined(messages.before(row), begins), "chosen without its answer")
    asked = _asked(row, column)
    if not begins or begins == asked or begins == asked[-len(begins) :]:
        return asked
    told = messages.before(row, taken=(column,))
    if not messages.listed(row.peek(column)) and asked[-1] in (begins[-1], begins[0]):
        return messages.asked(messages.joined(told, begins), "chosen without its answer")
    raise RowFault(f"{column} is not what chosen and rejected begin with.")


def _asked(row: Row, column: str) -> tuple[Message, ...]:
    """What a column asks: an instruction with its input below a blank line, too."""
    text = row.peek(column)
    if isinstance(text, str) and transcripts.begins(text):
        row.get(column)
        asked = transcripts.said(text, column)
        return messages.asked(messages.joined(messages.before(row, taken=(column,)), asked), column)
    asked = messages.prompt(row, (column,))
    if column != "instruction" or nothing(row.peek("input")):
        return asked
    more = cells.text(row.get("input"), "input")
    return (*asked[:-1], Message.of_text(role="user", text=f"{asked[-1].text}\n\n{more}"))


def _strength(row: Row) -> Strength | None:
    """What a release of an arena says as a margin; any other margin stays unread."""
    margin = row.peek("margin")
    if margin == 0 and not isinstance(margin, bool):
        row.get("margin")
    found = MARGINS.get(margin) if isinstance(margin, float) else None
    if found is not None:
        row.get("margin")
    return found


def _edit(row: Row) -> str | None:
    """The chosen answer as a rater corrected it, which TPO calls the reference."""
    if not messages.listed(row.peek("reference")):
        return None
    corrected = messages.said(row, "reference")
    if len(corrected) != 1 or corrected[0].role != "assistant":
        raise RowFault("reference is no single message by the assistant.")
    return corrected[0].text
