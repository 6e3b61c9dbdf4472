"""What a release would hold, counted without writing it: what each filter takes, and how many votes each value has."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from arena.domain.battle import BattleRecord
from arena.domain.ids import ModelName
from arena.domain.selection import Duplicates, Selection
from arena.exports import personal, split
from arena.exports.filters import filters, sifting
from arena.exports.filters.doubles import Doubles
from arena.exports.filters.filters import FilterInputs
from arena.exports.filters.sifting import Sieve
from arena.exports.folder import files
from arena.exports.format import Context, Format, LeftOut, Reason, Taken, Unit
from arena.exports.personal import PersonalKind, Recogniser
from arena.exports.split import Split


class BattleGroup(NamedTuple):
    """Battles that no filter and no format can tell apart."""

    record: BattleRecord
    """One of them."""
    battles: int
    models: Mapping[ModelName, int]
    """How many of the battles each model is in."""

    @classmethod
    def alone(cls, record: BattleRecord) -> Self:
        """A group of one battle."""
        return cls(record=record, battles=1, models={record.battle.model_a: 1, record.battle.model_b: 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterCounts:
    """What one filter of a selection took out."""

    key: str
    """The key of the selection."""
    reason: Reason
    votes: int
    """Votes that this filter took out."""
    battles: int
    """Battles with no vote left after this filter."""
    votes_remain: int
    battles_remain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatCounts:
    """What a format makes of what is selected: `units` = `taken` + the sum of `left_out`."""

    unit: Unit
    units: int
    taken: int
    left_out: Mapping[Reason, int]
    rows: Mapping[Split, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A selection in figures: `counted` = `votes` + the votes that the filters took out."""

    counted: int
    """Votes that count, before the selection."""
    counted_battles: int
    filters: tuple[FilterCounts, ...]
    votes: int
    """Votes that are selected."""
    battles: int
    private: int
    """Selected votes that may not be published."""
    values: Mapping[str, Mapping[str, int]]
    """By key, then value: the votes with this value that the filters of all other keys leave, most first. Filters on
    several votes together and caps on duplicates are ignored, because they depend on what else is selected. A vote is
    counted for both of its models."""
    format: FormatCounts | None


class Values:
    """Counts votes by each value that a selection can name."""

    def __init__(self, selection: Selection, inputs: FilterInputs, without: Container[str] = ()) -> None:
        self._filters = tuple(filters.of_record(selection, inputs))
        self._of_battle = {
            "campaigns": filters.campaign,
            "sources": filters.source,
            "categories": filters.category,
            "languages": inputs.language,
        }
        keys = (*self._of_battle, "models", "strengths")
        self.counts: dict[str, Counter[str]] = {key: Counter() for key in keys if key not in without}

    def add(self, group: BattleGroup) -> None:
        """Count the votes of a group. A vote that only one filter takes out is counted for the key of that filter."""
        record = group.record
        refused: dict[str, set[str]] = {vote.vote_id: set() for vote in record.votes}
        for filter_ in self._filters:
            stayed = {vote.vote_id for vote in filter_.stays(record)}
            for vote_id, keys in refused.items():
                if vote_id not in stayed:
                    keys.add(filter_.key)
        for vote in record.votes:
            keys = refused[vote.vote_id]
            if len(keys) <= 1:
                for key in keys & self.counts.keys() if keys else self.counts:
                    if key == "models":
                        for model, battles in group.models.items():
                            self.counts[key][model] += battles
                    else:
                        value = filters.strength(vote) if key == "strengths" else self._of_battle[key](record)
                        self.counts[key][value] += group.battles


def count(
    groups: Iterable[BattleGroup],
    selection: Selection,
    inputs: FilterInputs,
    form: Format | None = None,
    seed: int = 0,
    without: Container[str] = (),
    names: Recogniser | None = None,
) -> Counted:
    """Count what a selection takes, and what a format makes of it. Values of the keys in `without` are not counted.
    `names` finds names of people, where the selection masks them.

    Where the selection caps duplicates, every group must hold one battle, in the order of the ledger.
    """
    sieve, values = Sieve(selection, inputs, seed), Values(selection, inputs, without)
    made = _Rows(form, selection, seed, names)
    private, asked = 0, selection.to_mapping()
    for group in groups:
        values.add(group)
        sifted = sieve.sift(group.record, group.battles)
        if sifted.record is not None:
            private += group.battles * _private(sifted.record, inputs)
            made.add(sifted.record, sifted.position, group.battles)
    taken_out = []
    votes, battles = sieve.votes, sieve.battles
    for filter_ in sieve.filters:
        if filter_.key not in asked and not sieve.left_votes[filter_.reason]:
            continue  # nobody asked, and nothing is held
        votes -= sieve.left_votes[filter_.reason]
        battles -= sieve.left_battles[filter_.reason]
        taken_out.append(
            FilterCounts(
                key=filter_.key,
                reason=filter_.reason,
                votes=sieve.left_votes[filter_.reason],
                battles=sieve.left_battles[filter_.reason],
                votes_remain=votes,
                battles_remain=battles,
            )
        )
    return Counted(
        counted=sieve.votes,
        counted_battles=sieve.battles,
        filters=tuple(taken_out),
        votes=votes,
        battles=battles,
        private=private,
        values={key: dict(sorted(found.items(), key=_most_first)) for key, found in values.counts.items()},
        format=made.counts(),
    )


def _private(record: BattleRecord, inputs: FilterInputs) -> int:
    """How many votes of a record may not be published."""
    return len(record.votes) - len(filters.published(record, inputs.private)) if inputs.private else 0


class _Rows:
    """Counts the rows that a format would write."""

    def __init__(self, form: Format | None, selection: Selection, seed: int, names: Recogniser | None) -> None:
        self._form = form
        self._names = names
        self._doubles = Doubles(first_only=True) if selection.duplicates is Duplicates.FIRST else None
        self._selection = selection
        self._seed = seed
        self._context = Context(pseudonym=lambda _: "")
        self._taken = 0
        self._left_out: Counter[Reason] = Counter()
        self._rows: Counter[Split] = Counter(dict.fromkeys(Split, 0))

    def add(self, record: BattleRecord, position: int | None, battles: int) -> None:
        if self._form is None:
            return
        part = split.split_of(record.battle, test_share=self._selection.test_share, seed=self._seed, position=position)
        for judged in sifting.judged(self._masked(record), self._selection.several):
            for outcome in self._form.convert(judged, self._context):
                reason = outcome.reason if isinstance(outcome, LeftOut) else self._refused(outcome)
                if reason is not None:
                    self._left_out[reason] += battles
                elif isinstance(outcome, Taken):
                    self._taken += battles
                    self._rows[part] += battles * len(outcome.rows)

    def _masked(self, record: BattleRecord) -> BattleRecord:
        """A record with its personal data masked, where that decides which rows are the same."""
        kinds = tuple(kind for kind in PersonalKind if kind in self._selection.mask)
        return personal.masked_record(record, kinds, self._names)[0] if kinds and self._doubles else record

    def _refused(self, taken: Taken) -> Reason | None:
        """The reason why the rows of a format are not written, if there is one."""
        try:
            lines = [files.json_line(row) for row in taken.rows]
        except files.NotUnicodeError:
            return Reason.NOT_UNICODE
        return Reason.DOUBLE_ROW if self._doubles and not self._doubles.new(lines) else None

    def counts(self) -> FormatCounts | None:
        if self._form is None:
            return None
        return FormatCounts(
            unit=sifting.unit(self._form, self._selection.several),
            units=self._taken + self._left_out.total(),
            taken=self._taken,
            left_out=dict(sorted(self._left_out.items())),
            rows=dict(self._rows),
        )


def _most_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
