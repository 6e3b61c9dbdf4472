"""`battles`: what `arena export --format battles` writes, here or in another arena. Nothing of a vote is lost.

Ids stay what they are, so that a removal list of the other arena names the same votes. Raters come under the pseudonyms
of that release: a vote that is here already is known by its id, whatever its rater is called this time. Columns that an
earlier arena did not write may be missing. Whether a vote is held is for this arena to say.
"""

from collections.abc import Iterator

from arena.domain import ids, wording
from arena.domain.battle import Message
from arena.domain.campaign import CRITERION_WINNERS
from arena.domain.vote import RaterKind, Strength, Tag, Winner
from arena.imports import cells, conversations, outcomes
from arena.imports.imported_vote import ImportedVote, RowFault
from arena.imports.shape import Row, Shape


def entries(row: Row) -> Iterator[ImportedVote]:
    """The row's one vote."""
    model_a, model_b = (cells.name(row.get(column), column) for column in ("model_a", "model_b"))
    winner = outcomes.winner(row.get("winner"))
    strength, tags, edit = _strength(row), _tags(row), cells.optional(row.get("edit"), "edit")
    if not winner.decided and (strength is not None or edit is not None):
        raise RowFault(f"winner is {winner}, and a strength or an edit goes only with a winning side.")
    messages, text_a, text_b = _judged(row)
    if row.peek("held") is False:
        row.get("held")
    battle_id, vote_id, conversation_id = (_id(row, column) for column in ("question_id", "vote_id", "conversation_id"))
    judge = cells.identity(row.get("judge"), "judge")
    yield ImportedVote(
        messages=messages,
        text_a=text_a,
        text_b=text_b,
        model_a=model_a,
        model_b=model_b,
        winner=winner,
        rater=judge,
        rater_kind=_rater_kind(row),
        criteria=_criteria(row),
        item=battle_id,
        conversation=conversation_id,
        language=cells.label(row, "language"),
        category=cells.label(row, "category"),
        cast_at=cells.moment(row.get("tstamp"), "tstamp"),
        strength=strength,
        tags=tags,
        reason=cells.optional(row.get("reason"), "reason"),
        edit=edit,
        campaign=cells.identity(row.get("campaign"), "campaign"),
        draw_probability=cells.share(row.get("draw_probability"), "draw_probability"),
        finish_reason_a=cells.identity(row.get("finish_reason_a"), "finish_reason_a"),
        finish_reason_b=cells.identity(row.get("finish_reason_b"), "finish_reason_b"),
        battle_id=battle_id,
        vote_id=vote_id,
        author=judge,
    )


def _judged(row: Row) -> tuple[tuple[Message, ...], str, str]:
    """What was asked, and both answers: the last messages, also where user and assistant do not take turns."""
    messages, text_a, text_b = conversations.both(row, cut=False)
    turn, asked = cells.identity(row.get("turn"), "turn"), sum(message.role == "user" for message in messages)
    if turn is not None and turn != str(asked):
        raise RowFault(f"turn is {cells.shown(turn)} and the user says something {wording.counted(asked, 'time')}.")
    return messages, text_a, text_b


def _id(row: Row, column: str) -> str:
    found = row.get(column)
    if not isinstance(found, str) or not ids.ours(found):
        raise RowFault(f"{column} is {cells.shown(found)}; it must be an id that an arena minted.")
    return found


def _strength(row: Row) -> Strength | None:
    found = row.get("strength")
    if found is None or found == "":
        return None
    if found not in list(Strength):  # a list: what a row holds may be no key of a set
        raise RowFault(f"strength is {cells.shown(found)}; accepted: {', '.join(Strength)}.")
    return Strength(found)


def _tags(row: Row) -> tuple[Tag, ...]:
    found = row.get("tags")
    if found is None:
        return ()
    if not isinstance(found, list) or any(tag not in list(Tag) for tag in found):
        raise RowFault(f"tags is {cells.shown(found)}; accepted: a list of {', '.join(Tag)}.")
    return tuple(Tag(tag) for tag in found)


def _rater_kind(row: Row) -> RaterKind:
    found = row.get("rater_kind")
    if found is None or found == "":
        return RaterKind.PERSON
    if found not in list(RaterKind):
        raise RowFault(f"rater_kind is {cells.shown(found)}; accepted: {', '.join(RaterKind)}.")
    return RaterKind(found)


def _criteria(row: Row) -> tuple[tuple[str, Winner], ...]:
    found = row.get("criteria")
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise RowFault(f"criteria is {cells.shown(found)}; it must be a list of objects with a name and a winner.")
    given = [(cells.text(one.get("name"), "criteria.name"), one.get("winner")) for one in found]
    for name, won in given:
        if not 1 <= len(name) <= cells.NAME_LIMIT:
            raise RowFault(f"criteria.name is {cells.shown(name)}; it has 1 to {cells.NAME_LIMIT} characters.")
        if won not in list(CRITERION_WINNERS):
            raise RowFault(f"{name} in criteria is {cells.shown(won)}; accepted: {', '.join(CRITERION_WINNERS)}.")
    if len({name for name, _ in given}) < len(given):
        raise RowFault("criteria names one criterion twice.")
    return tuple((name, Winner(won)) for name, won in given)


SHAPE = Shape(
    name="battles",
    title="the `battles` format of an arena's release",
    columns=(
        frozenset(
            {"question_id", "vote_id", "conversation_id", "draw_probability", "conversation_a", "conversation_b"}
        ),
    ),
    entries=entries,
)
