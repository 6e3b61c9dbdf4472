"""Logs whose columns are called or filled otherwise, seen as model_a, model_b and winner.

`Meaning` says which column is meant by which name, which value by which outcome, and what becomes of rows nobody voted
on. One more form is known without being told: a column each for the outcomes, winner_model_a, winner_model_b,
winner_tie, of which one is 1 in every row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow

from leaderboards import errors, outcomes, sides, source

TARGETS = (
    "question_id",
    "model_a",
    "model_b",
    "winner",
    "prompt",
    "system",
    "response_a",
    "response_b",
    "conversation_a",
    "conversation_b",
    "chosen",
    "rejected",
    "turn",
    "rater",
    "tstamp",
    "language",
    "category",
    "weight",
    "count",
)
"""What a column can be meant as; those that only an import needs change no board."""
NONE = "none"
"""What a value is said to mean that stands where nobody voted."""
UNVOTED = ("refuse", "skip")
ONE_HOT = {
    "winner_model_a": "model_a",
    "winner_model_b": "model_b",
    "winner_tie": "tie",
    "winner_tie_bothbad": "both_bad",
    "winner_both_bad": "both_bad",
}
"""Columns that hold 1 in the rows of their outcome and 0 in all others."""
_YES, _NO = ("1", "1.0", "true", "True", "TRUE"), ("0", "0.0", "false", "False", "FALSE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How a log is meant."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Column, or path into one with dots, by what it is meant as."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """Outcome, or `none`, by the value that stands for it."""
    unvoted: str = "refuse"
    """Whether a row nobody voted on is refused or passed over."""

    def __post_init__(self) -> None:
        for target in self.columns:
            if target not in TARGETS:
                raise errors.InputError(f'map has the target "{target}"; accepted: {", ".join(TARGETS)}.')
        for outcome in self.outcomes.values():
            if outcome != NONE and outcome not in outcomes.SPELLINGS:
                raise errors.InputError(f'outcome is "{outcome}"; accepted: {outcomes.ACCEPTED}, {NONE}.')
        if self.unvoted not in UNVOTED:
            raise errors.InputError(f'unvoted is "{self.unvoted}"; accepted: {", ".join(UNVOTED)}.')


AS_IT_IS = Meaning()


def halves(option: str, given: Sequence[str], *, last: bool) -> Iterator[tuple[str, str]]:
    """What stands on either side of the first or the last equals sign of an option. Raises InputError without one."""
    for text in given:
        left, equals, right = text.rpartition("=") if last else text.partition("=")
        if not equals or not left or not right:
            form = "VALUE=OUTCOME, such as A=model_a" if last else "TARGET=COLUMN, such as winner=label"
            raise errors.InputError(f'{option} is "{text}"; it must be {form}.')
        yield left, right


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A part as it is meant; itself a `Part` of a source."""

    part: source.Part
    meaning: Meaning
    one_hot: tuple[str, ...] = ()
    """The columns of outcomes, where the part has them in place of a winner."""

    @property
    def name(self) -> str:
        """That of the part."""
        return self.part.name

    @property
    def skips(self) -> bool:
        """Whether rows nobody voted on are passed over."""
        return self.meaning.unvoted == "skip"

    @property
    def columns(self) -> Mapping[str, str] | None:
        """Those of the part, and what some of them are meant as."""
        declared = self.part.columns
        if declared is None:
            return None
        renamed = {target: self._kind(declared, path) for target, path in self.meaning.columns.items()}
        changed = bool(self.one_hot or self.meaning.outcomes) and (self.one_hot or "winner" in {*declared, *renamed})
        return {**declared, **renamed, **({"winner": "VARCHAR"} if changed else {})}

    def run(self, sql: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer to `sql` over the rows as they are meant; rows are numbered as they stand in the part."""
        asked = list(dict.fromkeys([*columns, "winner"] if self.skips else columns))
        listed = ", ".join(f"{self._expression(column)} AS {source.quoted(column)}" for column in asked)
        seen = f"SELECT {listed} FROM {source.VOTES}"
        if self.skips:
            seen = f"SELECT {listed}, {source.ROW} AS row_of_part FROM {source.VOTES}"
            seen = f"SELECT * FROM ({seen}) WHERE {VOTED}"
            sql = sql.replace(source.ROW, "row_of_part")
        reads = [column for name in asked for column in self._reads(name)]
        return self.part.run(sql.replace(source.VOTES, f"({seen}) AS meant"), list(dict.fromkeys(reads)))

    def unvoted(self) -> int:
        """How many rows nobody voted on."""
        whole = Meant(
            part=self.part,
            meaning=Meaning(columns=self.meaning.columns, outcomes=self.meaning.outcomes),
            one_hot=self.one_hot,
        )
        counted = whole.run(f"SELECT count(*) AS missing FROM {source.VOTES} WHERE NOT ({VOTED})", ["winner"])
        return int(counted["missing"][0].as_py())

    def _kind(self, declared: Mapping[str, str], path: str) -> str:
        return declared.get(path, "VARCHAR")

    def _reads(self, column: str) -> Sequence[str]:
        if column == "winner" and self.one_hot:
            return self.one_hot
        return [self._root(self.meaning.columns[column]) if column in self.meaning.columns else column]

    def _root(self, path: str) -> str:
        """The column that a path begins with: the whole path where that is one, dots and all."""
        declared = self.part.columns
        return path if declared is not None and path in declared else path.partition(".")[0]

    def _expression(self, column: str) -> str:
        if column == "winner" and self.one_hot:
            value = _hot(self.one_hot)
        elif column in self.meaning.columns:
            value = self._inside(self.meaning.columns[column])
        else:
            value = source.quoted(column)
        if column == "winner" and self.meaning.outcomes:
            spelt = sides.plainly(value)
            cases = " ".join(
                f"WHEN {source.text(said)} THEN {'NULL' if meant == NONE else source.text(meant)}"
                for said, meant in self.meaning.outcomes.items()
            )
            value = f"CASE {spelt} {cases} ELSE CAST({value} AS VARCHAR) END"
        return value

    def _inside(self, path: str) -> str:
        """SQL for what a path leads to."""
        root = self._root(path)
        if root == path:
            return source.quoted(root)
        keys = "".join(f'."{key}"' for key in path.removeprefix(f"{root}.").split("."))
        kind = (self.part.columns or {}).get(root, "VARCHAR")
        whole = f"TRY_CAST({source.quoted(root)} AS JSON)" if kind == "VARCHAR" else f"to_json({source.quoted(root)})"
        return f"json_extract_string({whole}, {source.text('$' + keys)})"


VOTED = "winner IS NOT NULL AND lower(trim(CAST(winner AS VARCHAR))) NOT IN ('', 'nan')"
"""SQL that holds in rows somebody voted on."""


def meant(part: source.Part, meaning: Meaning) -> source.Part:
    """A part as it is meant: itself where it needs no other names. Raises InputError for a column it does not have."""
    declared = part.columns
    if declared is not None:
        for path in meaning.columns.values():
            if path not in declared and path.partition(".")[0] not in declared:
                raise errors.InputError(
                    f"{part.name} has no column {path}, which map names; it has {', '.join(list(declared)[:20])}."
                )
    one_hot = () if "winner" in meaning.columns else _one_hot(part)
    if not one_hot and meaning == AS_IT_IS:
        return part
    return Meant(part=part, meaning=meaning, one_hot=one_hot)


def _one_hot(part: source.Part) -> tuple[str, ...]:
    """The columns that stand for outcomes, where the part has no other winner."""
    if part.columns is not None:
        found = tuple(column for column in ONE_HOT if column in part.columns)
        return found if "winner" not in part.columns and {"winner_model_a", "winner_model_b"} <= {*found} else ()
    alone = source.Source([part])
    if alone.first("winner IS NOT NULL OR win_a IS NOT NULL", ["winner", "win_a"]) is not None:
        return ()
    hot = alone.first("winner_model_a IS NOT NULL AND winner_model_b IS NOT NULL", ["winner_model_a", "winner_model_b"])
    return () if hot is None else tuple(ONE_HOT)


def _hot(columns: Sequence[str]) -> str:
    """SQL for the one outcome whose column holds 1; null where none does, and what is wrong where it is no such row."""
    listed = ", ".join(columns)
    spelt = {column: f"CAST({source.quoted(column)} AS VARCHAR)" for column in columns}
    yes, no = (", ".join(source.text(word) for word in words) for words in (_YES, _NO))
    odd = " ".join(
        f"WHEN {text} NOT IN ({yes}, {no}) THEN concat('{column} = ', {text})" for column, text in spelt.items()
    )
    held = " + ".join(f"coalesce(CAST({text} IN ({yes}) AS INTEGER), 0)" for text in spelt.values())
    won = " ".join(f"WHEN {text} IN ({yes}) THEN '{ONE_HOT[column]}'" for column, text in spelt.items())
    return f"CASE {odd} WHEN {held} > 1 THEN 'more than one of {listed}' {won} END"
