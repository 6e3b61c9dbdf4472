"""`argilla`: records with their responses, as Argilla exports them: nested, flat, or as its first version did.

    nested   {id, fields: {...}, metadata: {...}, responses: {question: [{value, user_id}]}}
    flat     {id, _server_id, <field>, ..., <question>.responses: [...], ...responses.users, ...responses.status}
    first    {external_id, metadata, <field>, ..., <question>: [{user_id, value, status}]}

A project names its fields and questions as it likes. Taken are the prompt and the answers by the names that Argilla's
templates use, and the one question whose responses rank those answers or choose one. Two ranked answers are a pair.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeGuard

from arena.domain.vote import Winner
from arena.imports import cells, ranking
from arena.imports.entry import Entry, Outside, RowFault
from arena.imports.ranking import Ranked
from arena.imports.shape import Row, Shape

PROMPTS = ("prompt", "instruction", "question", "input", "request", "context")
ANSWER = re.compile(r"(response|reply|answer|generation|completion|output|text)[-_ ]?(\d{1,2}|[ab])")
RESPONSES = ".responses"
LAST_RANK = 1000


class Response(NamedTuple):
    """What one person answered to one question."""

    question: str
    value: Any
    user: Any
    status: str | None


def entries(row: Row) -> Iterator[Entry | Outside]:
    """One vote a person and pair of answers."""
    fields = row["fields"] if isinstance(row.get("fields"), dict) else row
    messages, answers = cells.prompt(fields, PROMPTS), _answers(fields)
    votes = [(one, ranks) for one in _responses(row) if (ranks := _ranks(one.value, answers)) is not None]
    questions = sorted({one.question for one, _ in votes})
    if len(questions) > 1:
        raise RowFault(f"several questions compare the answers: {', '.join(questions)}; keep one of them.")
    if not votes:
        raise RowFault(f"no response ranks or chooses among {', '.join(answers)}.")
    item = cells.identity(cells.first(row, ("id", "external_id", "_server_id")), "id")
    metadata = row["metadata"] if isinstance(row.get("metadata"), dict) else {}
    for response, ranks in votes:
        if response.status not in (None, "submitted"):
            yield Outside(why=f"the response of {cells.shown(response.user)} is {response.status}, not submitted.")
            continue
        ranked = [
            Ranked(name=name, text=text, rank=rank, model=_model(name, row, metadata))
            for (name, text), rank in zip(answers.items(), ranks, strict=True)
        ]
        for left, right, winner in ranking.pairs(ranked):
            if left.model is not None and left.model == right.model:
                yield Outside(why=f"{cells.shown(left.model)} stands against itself.")
                continue
            yield Entry(
                messages=messages,
                text_a=left.text,
                text_b=right.text,
                model_a=left.model,
                model_b=right.model,
                winner=Winner.BOTH_BAD if ranks[0] == -1 else winner,
                rater=cells.identity(response.user, "user_id"),
                item=item,
                language=cells.label(cells.first(metadata, ("language",)) or row.get("language"), "language"),
                category=cells.label(cells.first(metadata, ("category",)) or row.get("category"), "category"),
            )


def _answers(fields: Mapping[str, Any]) -> dict[str, str]:
    """The answers by the names of their fields, in the order of their numbers or letters."""
    families: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for name in fields:
        found = ANSWER.fullmatch(name)
        if found is not None and fields[name] is not None:
            family, place = found[1], found[2]
            families[family].append((len(place), place, name))
    several = [sorted(members) for members in families.values() if len(members) > 1]
    if len(several) != 1:
        raise RowFault("no two fields are the answers; accepted: names such as response_1 and response_2.")
    return {name: cells.text(fields[name], name) for _, _, name in several[0]}


def _responses(row: Row) -> Iterator[Response]:
    nested = row.get("responses")
    if isinstance(nested, dict):
        for question, given in nested.items():
            for one in _listed(given):
                yield Response(question, one.get("value"), one.get("user_id"), one.get("status"))
        return
    for column, given in row.items():
        if column.endswith(RESPONSES) and isinstance(given, list):
            beside = [row.get(f"{column}{end}") or [None] * len(given) for end in (".users", ".status")]
            if not all(isinstance(one, list) for one in beside):
                raise RowFault(f"{column}.users and {column}.status must be lists, like {column}.")
            users, states = beside
            for value, user, status in zip(given, users, states, strict=False):
                yield Response(column.removesuffix(RESPONSES), value, user, status)
            continue
        for one in _listed(given):
            if "user_id" in one and "value" in one:
                yield Response(column, one["value"], one["user_id"], one.get("status"))


def _listed(given: object) -> list[dict[str, Any]]:
    """Objects in a list; also from an object of lists, as some data sets turn them."""
    if isinstance(given, dict) and given and all(isinstance(column, list) for column in given.values()):
        return [dict(zip(given, values, strict=True)) for values in zip(*given.values(), strict=False)]
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def _ranks(value: Any, answers: Mapping[str, str]) -> list[float] | None:
    """The rank of each answer; None where the value is about something else. Both bad is -1 for either."""
    names = list(answers)
    if isinstance(value, str):
        if value in answers:
            return [float(name != value) for name in names]
        if len(names) != 2 or value not in cells.WINNERS:
            return None
        winner = cells.WINNERS[value]
        both = -1.0 if winner is Winner.BOTH_BAD else 0.0
        return [float(winner is Winner.MODEL_B), float(winner is Winner.MODEL_A)] if winner.decided else [both, both]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [float(value.index(name)) for name in names] if sorted(value) == sorted(names) else None
    ranked = {str(one.get("value")): one.get("rank") for one in _listed(value)}
    ranks = [float(rank) for name in names if _is_rank(rank := ranked.get(name))]
    return ranks if len(ranks) == len(names) == len(ranked) else None


def _is_rank(rank: object) -> TypeGuard[int | float]:
    """Whether something is a number that puts answers in order; NaN stands before nothing and after nothing."""
    return isinstance(rank, int | float) and not isinstance(rank, bool) and abs(rank) <= LAST_RANK


def _model(name: str, row: Row, metadata: Mapping[str, Any]) -> str | None:
    columns = (f"{name}_model", f"{name}-model", f"model_{name}")
    found = cells.first(metadata, columns) or cells.first(row, columns)
    return None if found is None else cells.name(found, columns[0])


SHAPE = Shape(
    name="argilla",
    title="records with responses, exported by Argilla",
    columns=(
        frozenset({"fields", "responses"}),
        frozenset({"id", "_server_id"}),
        frozenset({"external_id", "metadata"}),
    ),
    entries=entries,
)
