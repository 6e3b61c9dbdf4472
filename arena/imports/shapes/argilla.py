"""`argilla`: records with their responses, as Argilla exports them: nested, flat, or as its first version did.

    nested   {id, fields: {...}, metadata: {...}, responses: {question: [{value, user_id}]}}
    flat     {id, _server_id, <field>, ..., <question>.responses: [...], ...responses.users, ...responses.status}
    first    {external_id, metadata, <field>, ..., <question>: [{user_id, value, status}]}

A project names its fields and questions as it likes. Taken are the prompt and the answers by the names that Argilla's
templates use, and what compares the answers: one question that ranks them or chooses one, or a rating of each, by
questions with the answers' numbers. Each two answers are a pair.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeGuard

from arena.domain.vote import Winner
from arena.imports import cells, messages, outcomes, ranking
from arena.imports.fields import Fields, nothing
from arena.imports.imported_vote import ImportedVote, Outside, RowFault
from arena.imports.ranking import Ranked
from arena.imports.shape import Row, Shape

PROMPTS = ("prompt", "instruction", "question", "input", "request", "context")
ANSWER = re.compile(r"(response|reply|answer|generation|completion|output|text)[-_ ]?(\d{1,2}|[ab])")
RATED = re.compile(r"(.*?)[-_ ]?(\d{1,2}|[ab])")
RESPONSES = ".responses"
LAST_RANK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonsAnswer:
    """What one person answered to one question."""

    question: str
    value: Any
    user: Any
    status: str | None
    read: Callable[[], None]
    """Marks it as read; a response about something else is not."""


def entries(row: Row) -> Iterator[ImportedVote | Outside]:
    """One vote a person and pair of answers."""
    fields = row.get("fields") if isinstance(row.peek("fields"), Fields) else row
    asked, answers = messages.prompt(fields, PROMPTS), _answers(fields)
    responses = list(_responses(row))
    votes = [RankedAnswers(one, ranks) for one in responses if (ranks := _ranks(one.value, answers)) is not None]
    votes = votes or list(_rated(responses, answers))
    questions = sorted({vote.question for vote in votes})
    if len(questions) > 1:
        raise RowFault(f"several questions compare the answers: {', '.join(questions)}; keep one of them.")
    if not votes:
        raise RowFault(f"no response ranks, rates or chooses among {', '.join(answers)}.")
    metadata = row.get("metadata") if isinstance(row.peek("metadata"), Fields) else Fields({})
    told = {
        "item": cells.identity(cells.first(row, ("id", "external_id", "_server_id")), "id"),
        "language": cells.label(metadata, "language") or cells.label(row, "language"),
        "category": cells.label(metadata, "category") or cells.label(row, "category"),
    }
    models = {name: _model(name, row, metadata) for name in answers}
    for vote in votes:
        vote.response.read()
        if vote.response.status not in (None, "submitted"):
            user, status = vote.response.user, vote.response.status
            yield Outside(why=f"the response of {cells.shown(user)} is {status}, not submitted.")
            continue
        ranked = [
            Ranked(name=name, text=text, rank=rank, model=models[name])
            for (name, text), rank in zip(answers.items(), vote.ranks, strict=True)
        ]
        whose = {**told, "rater": cells.identity(vote.response.user, "user_id")}
        for found in ranking.entries(ranked, asked, whose, placed=True):
            bad = vote.ranks[0] == -1 and isinstance(found, ImportedVote)
            yield replace(found, winner=Winner.BOTH_BAD) if bad and isinstance(found, ImportedVote) else found


class RankedAnswers(NamedTuple):
    """How one person put the answers in order."""

    response: PersonsAnswer
    ranks: list[float]
    asked: str | None = None
    """The questions that rated the answers, by what their names have in common."""

    @property
    def question(self) -> str:
        """What was asked."""
        return self.asked or self.response.question


def _rated(responses: Sequence[PersonsAnswer], answers: Mapping[str, str]) -> Iterator[RankedAnswers]:
    """Votes by people who rated every answer, by questions that name the answers or end as their names do."""
    places = {name: found[2] for name in answers if (found := ANSWER.fullmatch(name)) is not None}
    by_person: dict[tuple[str, str], dict[str, PersonsAnswer]] = defaultdict(dict)
    for one in responses:
        if not _is_rank(one.value):
            continue
        for name, place in places.items():
            family = _family(one.question, name, place)
            if family is not None:
                by_person[family, repr(one.user)][name] = one
    for (family, _), given in by_person.items():
        if len(given) < len(answers):
            continue
        first = next(iter(given.values()))

        def read(rated: Sequence[PersonsAnswer] = tuple(given.values())) -> None:
            for one in rated:
                one.read()

        submitted = {one.status for one in given.values()} <= {None, "submitted"}
        status = first.status if submitted else "not submitted whole"
        ranks = [-float(given[name].value) + 0.0 for name in answers]
        lowest = min(ranks)
        whole = replace(first, read=read, status=status)
        yield RankedAnswers(whole, [rank - lowest for rank in ranks], family)


def _family(question: str, name: str, place: str) -> str | None:
    """What a question about one answer asks, without which one; None where it is about another."""
    if name in question:
        return question.replace(name, "")
    found = RATED.fullmatch(question)
    return found[1] if found is not None and found[2] == place else None


def _answers(fields: Fields) -> dict[str, str]:
    """The answers by the names of their fields, in the order of their numbers or letters."""
    families: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for name in fields:
        found = ANSWER.fullmatch(name)
        if found is not None and not isinstance(fields.peek(name), list) and not nothing(fields.peek(name)):
            family, place = found[1], found[2]
            families[family].append((len(place), place, name))
    several = [sorted(members) for members in families.values() if len(members) > 1]
    if len(several) != 1:
        raise RowFault("no two fields are the answers; accepted: names such as response_1 and response_2.")
    return {name: cells.text(fields[name], name) for _, _, name in several[0]}


def _responses(row: Row) -> Iterator[PersonsAnswer]:
    nested = row.peek("responses")
    if isinstance(nested, Fields):
        row.get("responses")
        for question, given in nested.items():
            yield from _of_objects(nested, question, given, ("value",))
        return
    for column, given in row.items():
        if not column.endswith(RESPONSES) or not isinstance(given, list):
            yield from _of_objects(row, column, given, ("value", "user_id"))
            continue
        names = [f"{column}{end}" for end in (".users", ".status")]
        beside = [row.peek(name) or [None] * len(given) for name in names]
        if not all(isinstance(one, list) for one in beside):
            raise RowFault(f"{column}.users and {column}.status must be lists, like {column}.")

        def read(columns: Sequence[str] = (column, *names)) -> None:
            for name in columns:
                row.get(name)

        question = column.removesuffix(RESPONSES)
        for value, user, status in zip(given, *beside, strict=False):
            yield PersonsAnswer(question=question, value=value, user=user, status=status, read=read)


def _of_objects(holder: Fields, question: str, given: object, known_by: Sequence[str]) -> Iterator[PersonsAnswer]:
    """The responses that a list of objects holds, or an object of lists, as some data sets turn them: those objects
    that have all the names a response is known by.
    """
    for one in _listed(given):
        if not set(known_by) <= set(one):
            continue

        def read(one: Fields = one) -> None:
            holder.get(question)
            if isinstance(given, Fields):
                given.seen.update(("value", "user_id", "status"))
            for name in ("value", "user_id", "status"):
                one.get(name)

        yield PersonsAnswer(
            question=question,
            value=one.peek("value"),
            user=one.peek("user_id"),
            status=one.peek("status"),
            read=read,
        )


def _listed(given: object) -> list[Fields]:
    """Objects in a list; also from an object of lists, as some data sets turn them."""
    if isinstance(given, Fields) and given and all(isinstance(column, list) for column in given.values()):
        return [Fields(dict(zip(given, values, strict=True))) for values in zip(*given.values(), strict=False)]
    return [one for one in given if isinstance(one, Fields)] if isinstance(given, list) else []


def _ranks(value: Any, answers: Mapping[str, str]) -> list[float] | None:
    """The rank of each answer; None where the value is about something else. Both bad is -1 for either."""
    names = list(answers)
    if isinstance(value, str):
        if value in answers:
            return [float(name != value) for name in names]
        if len(names) != 2 or value not in outcomes.WINNERS:
            return None
        winner = outcomes.WINNERS[value]
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


def _model(name: str, row: Row, metadata: Fields) -> str | None:
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
