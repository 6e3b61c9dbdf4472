"""Logs with other names of columns or other values, seen as model_a, model_b and winner.

`Meaning` maps columns to our names and values to outcomes, and says what happens to rows without a vote. `forms` knows
some other layouts without being told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow

from leaderboards import errors
from leaderboards.reading import forms, outcomes, sides, source

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
"""The names to which a column can be mapped. Some are needed only by an import and change no board."""
NONE = "none"
"""The meaning of a value that stands for no vote."""
UNVOTED = ("refuse", "skip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How the columns and values of a log are to be read."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """For each of our names the column of the log, or a path into a column, with dots."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """For each value of the log the outcome it stands for, or `none`."""
    unvoted: str = "refuse"
    """`refuse` or `skip` rows without a vote."""

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
    """Both sides of the first or the last equals sign of each option. Raises InputError where there is none."""
    for text in given:
        left, equals, right = text.rpartition("=") if last else text.partition("=")
        if not equals or not left or not right:
            form = "VALUE=OUTCOME, such as A=model_a" if last else "TARGET=COLUMN, such as winner=label"
            raise errors.InputError(f'{option} is "{text}"; it must be {form}.')
        yield left, right


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A part as it is meant; itself a `SourcePart`."""

    part: source.SourcePart
    meaning: Meaning
    form: forms.Form | None = None
    """The form of the part, where its columns are not the usual ones."""

    @property
    def name(self) -> str:
        """The name of the part."""
        return self.part.name

    @property
    def skips(self) -> bool:
        """Whether rows without a vote are skipped."""
        return self.meaning.unvoted == "skip" or self.form is not None

    @property
    def columns(self) -> Mapping[str, str] | None:
        """The columns of the part, and our names for some of them."""
        declared = self.part.columns
        if declared is None:
            return None
        made = dict.fromkeys(() if self.form is None else self.form.columns, "VARCHAR")
        renamed = {target: declared.get(path, "VARCHAR") for target, path in self.meaning.columns.items()}
        told = {"winner": "VARCHAR"} if self.meaning.outcomes and "winner" in {*declared, *made, *renamed} else {}
        return {**declared, **made, **renamed, **told}

    def run(self, sql: str, columns: Sequence[str]) -> pyarrow.Table:
        """The answer to `sql` over the rows with our names. Rows keep the numbers that they have in the part."""
        skipping = self.meaning.unvoted == "skip"
        asked = list(dict.fromkeys([*columns, "winner"] if skipping else columns))
        listed = ", ".join(f"{self._expression(column)} AS {source.quoted(column)}" for column in asked)
        seen = (
            f"SELECT {listed}, row_of_part FROM {self._rows()}"
            if self.skips
            else f"SELECT {listed} FROM {source.VOTES}"
        )
        if skipping:
            seen = f"SELECT * FROM ({seen}) WHERE {VOTED}"
        if self.skips:
            sql = sql.replace(source.ROW, "row_of_part")
        reads = [column for name in asked for column in self._reads(name)]
        if self.form is not None:
            reads += self.form.reads
        return self.part.run(sql.replace(source.VOTES, f"({seen}) AS meant"), list(dict.fromkeys(reads)))

    def unvoted(self) -> int:
        """How many rows without a vote are skipped."""
        passed = 0
        if self.form is not None:
            where = f"coalesce({self.form.votes}, false)"
            counted = self.part.run(f"SELECT count(*) AS n FROM {source.VOTES} WHERE NOT {where}", self.form.reads)
            passed += int(counted["n"][0].as_py())
        if self.meaning.unvoted == "skip":
            whole = replace(self, meaning=replace(self.meaning, unvoted="refuse"))
            counted = whole.run(
                f"SELECT count(*) AS n FROM {source.VOTES} WHERE NOT coalesce({VOTED}, false)", ["winner"]
            )
            passed += int(counted["n"][0].as_py())
        return passed

    def _rows(self) -> str:
        """SQL for the rows of the part that are votes, each with its number in the part."""
        numbered = f"(SELECT *, {source.ROW} AS row_of_part FROM {source.VOTES}) AS numbered"
        if self.form is None:
            return numbered
        each = "" if self.form.each is None else f", unnest({self.form.each}) AS each"
        return f"(SELECT *{each} FROM {numbered} WHERE {self.form.votes}) AS voted"

    def _reads(self, column: str) -> Sequence[str]:
        if column in self.meaning.columns:
            return [self._root(self.meaning.columns[column])]
        return [] if self.form is not None and column in self.form.columns else [column]

    def _root(self, path: str) -> str:
        """The column that a path begins with. A column whose name has dots may be the whole path."""
        declared = self.part.columns
        return path if declared is not None and path in declared else path.partition(".")[0]

    def _expression(self, column: str) -> str:
        if column in self.meaning.columns:
            value = self._inside(self.meaning.columns[column])
        elif self.form is not None and column in self.form.columns:
            value = self.form.columns[column]
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
        """SQL for the value at a path."""
        root = self._root(path)
        if root == path:
            return source.quoted(root)
        names = path.removeprefix(f"{root}.").split(".")
        keys = "".join(f'."{name}"' for name in names)
        places = "".join(f"[{name}]" if name.isdecimal() else f'."{name}"' for name in names)
        kind = (self.part.columns or {}).get(root, "VARCHAR")
        whole = f"TRY_CAST({source.quoted(root)} AS JSON)" if kind == "VARCHAR" else f"to_json({source.quoted(root)})"
        found = f"json_extract_string({whole}, {source.text('$' + keys)})"
        if places == keys:
            return found
        return f"coalesce({found}, json_extract_string({whole}, {source.text('$' + places)}))"


VOTED = "winner IS NOT NULL AND lower(trim(CAST(winner AS VARCHAR))) NOT IN ('', 'nan')"
"""SQL that is true in rows with a vote."""


def meant(part: source.SourcePart, meaning: Meaning) -> source.SourcePart:
    """A part seen with our names; the part itself where nothing is mapped. Raises InputError for an unknown column."""
    declared = part.columns
    if declared is not None:
        for path in meaning.columns.values():
            if path not in declared and path.partition(".")[0] not in declared:
                raise errors.InputError(
                    f"{part.name} has no column {path}, which map names; it has {', '.join(list(declared)[:20])}."
                )
    form = None if "winner" in meaning.columns else forms.form(part)
    return part if form is None and meaning == AS_IT_IS else Meant(part=part, meaning=meaning, form=form)
