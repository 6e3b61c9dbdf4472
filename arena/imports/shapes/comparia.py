"""`comparia`: the votes that compar:IA publishes; who won is the name of the chosen model, or that both are equal."""

from collections.abc import Iterator

from arena.domain.vote import Winner
from arena.imports import cells, conversations
from arena.imports.fields import nothing
from arena.imports.imported_vote import ImportedVote, RowFault, UnvotedError
from arena.imports.shape import Row, Shape

YES, NO = (True, 1, "1", "true", "True"), (False, 0, "0", "false", "False", None, "")


def entries(row: Row) -> Iterator[ImportedVote]:
    """The row's one vote."""
    model_a, model_b = (cells.name(row.get(column), column) for column in ("model_a_name", "model_b_name"))
    winner = _winner(row, model_a, model_b)
    asked, text_a, text_b = conversations.both(row, cut=False)
    if row.peek("opening_msg") == next((said.text for said in asked if said.role == "user"), None):
        row.get("opening_msg")
    if row.peek("conv_turns") == sum(said.role == "user" for said in asked):
        row.get("conv_turns")
    reasons = [(name, row.get(f"conv_comments_{name}")) for name in "ab"]
    yield ImportedVote(
        messages=asked,
        text_a=text_a,
        text_b=text_b,
        model_a=model_a,
        model_b=model_b,
        winner=winner,
        rater=cells.identity(cells.first(row, ("visitor_id", "session_hash")), "visitor_id"),
        item=cells.identity(cells.first(row, ("conversation_pair_id", "id")), "conversation_pair_id"),
        category=cells.label(row, "selected_category"),
        cast_at=cells.moment(cells.first(row, ("timestamp", "tstamp")), "timestamp"),
        reason="\n".join(f"{name}: {cells.text(said, 'a comment')}" for name, said in reasons if not nothing(said))
        or None,
    )


def _winner(row: Row, model_a: str, model_b: str) -> Winner:
    equal, chosen = row.get("both_equal"), row.get("chosen_model_name")
    if equal in YES:
        return Winner.TIE
    if equal not in NO:
        raise RowFault(f"both_equal is {cells.shown(equal)}; it must be true or false.")
    if nothing(chosen):
        raise UnvotedError("chosen_model_name is missing, and the two are not called equal.")
    said = cells.name(chosen, "chosen_model_name")
    if said not in (model_a, model_b):
        raise RowFault(f"chosen_model_name is {cells.shown(chosen)}, and neither model is called so.")
    return Winner.MODEL_A if said == model_a else Winner.MODEL_B


SHAPE = Shape(
    name="comparia",
    title="votes of compar:IA",
    columns=(frozenset({"model_a_name", "model_b_name", "chosen_model_name", "conversation_a", "conversation_b"}),),
    entries=entries,
)
