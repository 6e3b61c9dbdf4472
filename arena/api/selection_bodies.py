"""Bodies of the requests about selections, and of their answers."""

from typing import Annotated, Any

from pydantic import Field

from arena.api import said
from arena.api.bodies import Body, Message
from arena.api.select_schema import Select
from arena.domain.battle import Side
from arena.exports import FORMATS
from arena.exports.filters.counting import FilterCounts, FormatCounts
from arena.exports.filters.examples import Example
from arena.exports.format import EXPLANATIONS, Reason
from arena.services import selecting


class CountsRequest(Body):
    """A selection, and the format its rows would be counted in."""

    select: Select = Field(default_factory=dict)
    format: Annotated[str, said.one_of(FORMATS)] | None = None
    by_language: bool = True
    """False for figures that do not wait until the languages of all prompts are found."""


class PreviewRequest(Body):
    """A selection, a format, and what the examples are drawn by."""

    select: Select = Field(default_factory=dict)
    format: Annotated[str, said.one_of(FORMATS)]
    seed: int = 0


class Stored(Body):
    """A selection under a name; `select` is null where its file is wrong, and `problem` says why."""

    name: str
    select: dict[str, Any] | None
    problem: str | None


class StoredList(Body):
    selections: list[Stored]
    next: str | None


class Promised(Body):
    """What every selection has to hold out, because earlier releases promised it; empty where none did."""

    select: dict[str, Any]
    releases: list[int]
    """Numbers of the releases that promised."""


class ReasonCount(Body):
    """How much left under one reason."""

    reason: str
    explanation: str
    count: int


class Filter(Body):
    """One filter, in the order in which filters take votes out."""

    key: str
    reason: str
    explanation: str
    votes: int
    """Votes that it took out: each vote counts under the first filter that takes it out."""
    battles: int
    votes_remain: int
    battles_remain: int


class Rows(Body):
    """What a format makes of the selection: units = taken + the sum of left_out."""

    unit: str
    units: int
    taken: int
    left_out: list[ReasonCount]
    rows: dict[str, int]
    """By split."""


class Counts(Body):
    """recorded - withdrawn = counted; counted - what the filters took = votes."""

    select: dict[str, Any]
    """The selection in its one spelling."""
    recorded: int
    withdrawn: int
    counted: int
    """Votes on the leaderboard."""
    counted_battles: int
    filters: list[Filter]
    votes: int
    battles: int
    private: int
    """Of these votes, those whose rater, or the writer of whose prompt, does not agree to publication."""
    values: dict[str, dict[str, int]]
    """By key of the selection and value: the votes that this value has, or would add. A vote counts for both of its
    models. Languages are left out while they are not known."""
    format: Rows | None


class Pair(Body):
    """One example. `chosen` and `rejected` are null where neither side won."""

    battle_id: str
    prompt: str
    history: list[Message]
    text_a: str
    text_b: str
    chosen: str | None
    rejected: str | None
    finish_reason_a: str | None
    """How each answer ended: `stop` by itself, `length` at its limit; null where nobody says so."""
    finish_reason_b: str | None
    winner: str
    strength: str | None
    tags: list[str]
    reason: str | None
    votes: int
    agreeing: int
    split: str
    rows: list[dict[str, Any]]
    """As the format writes them."""


class Preview(Body):
    """Examples; fewer than four where no more is selected."""

    pairs: list[Pair]


def stored(found: selecting.Stored) -> Stored:
    """A stored selection as it is sent."""
    select = None if found.selection is None else found.selection.to_mapping()
    return Stored(name=found.name, select=select, problem=found.problem)


def counts(found: selecting.SelectionCounts) -> Counts:
    """Figures as they are sent."""
    counted = found.counted
    return Counts(
        select=found.selection.to_mapping(),
        recorded=counted.counted + found.withdrawn,
        withdrawn=found.withdrawn,
        counted=counted.counted,
        counted_battles=counted.counted_battles,
        filters=[_filter(taken) for taken in counted.filters],
        votes=counted.votes,
        battles=counted.battles,
        private=counted.private,
        values={key: dict(values) for key, values in counted.values.items()},
        format=None if counted.format is None else _rows(counted.format),
    )


def preview(found: list[Example]) -> Preview:
    """Examples as they are sent."""
    return Preview(pairs=[_pair(example) for example in found])


def _filter(step: FilterCounts) -> Filter:
    return Filter(
        key=step.key,
        reason=step.reason.value,
        explanation=EXPLANATIONS[step.reason],
        votes=step.votes,
        battles=step.battles,
        votes_remain=step.votes_remain,
        battles_remain=step.battles_remain,
    )


def _rows(made: FormatCounts) -> Rows:
    return Rows(
        unit=made.unit.value,
        units=made.units,
        taken=made.taken,
        left_out=[_left(reason, count) for reason, count in made.left_out.items()],
        rows={part.value: rows for part, rows in made.rows.items()},
    )


def _left(reason: Reason, count: int) -> ReasonCount:
    return ReasonCount(reason=reason.value, explanation=EXPLANATIONS[reason], count=count)


def _pair(example: Example) -> Pair:
    record, vote = example.record, example.leading
    texts = {side: response.text for side in Side if (response := record.response(side)) is not None}
    text_a, text_b = texts.get(Side.A, ""), texts.get(Side.B, "")
    side = example.chosen_side
    return Pair(
        battle_id=record.battle.battle_id,
        prompt=record.battle.prompt,
        history=[Message(role=message.role, content=message.text) for message in record.battle.history],
        text_a=text_a,
        text_b=text_b,
        chosen=None if side is None else texts.get(side),
        rejected=None if side is None else (text_b if side is Side.A else text_a),
        finish_reason_a=None if record.response_a is None else record.response_a.finish_reason,
        finish_reason_b=None if record.response_b is None else record.response_b.finish_reason,
        winner=vote.winner.value,
        strength=None if vote.strength is None else vote.strength.value,
        tags=[tag.value for tag in vote.tags],
        reason=vote.reason,
        votes=len(record.votes),
        agreeing=example.agreeing,
        split=example.split.value,
        rows=list(example.rows),
    )
