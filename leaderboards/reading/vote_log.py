"""`read`: any kind of vote log becomes `Votes`, counted once, with the source kept for questions that need rows."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy
import pyarrow
from numpy.typing import NDArray

from leaderboards import errors, progress
from leaderboards.reading import coded_votes, counting, counts, databases, files, left_out, relations
from leaderboards.reading import meaning as meanings
from leaderboards.reading import source as sources

Floats = counts.Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Votes:
    """A vote log, counted."""

    counts: counts.Counts
    source: sources.Source | None = field(default=None, repr=False)
    """Where the votes are, one by one; None when there are only counts."""
    coded: coded_votes.CodedVotes | None = field(default=None, repr=False)
    """The votes one by one where they are numbers in memory and have no source."""
    name: str = "the counts"
    """What a refusal calls the log."""
    unvoted: int = 0
    """Rows that nobody voted on and that were passed over."""
    factors: Floats | None = field(default=None, repr=False)
    """(models, models): what `weighting` made a vote on each pair weigh, already in `counts`, not yet in `source`."""

    def __repr__(self) -> str:
        """One line: how many votes, on how many models, from where."""
        return f"<Votes: {self.total:,} on {len(self.models):,} models, from {self.name}>"

    @property
    def models(self) -> tuple[str, ...]:
        """All models, by name."""
        return self.counts.models

    @property
    def total(self) -> int:
        """Number of votes."""
        return self.counts.total

    def only(self, models: Sequence[str]) -> "Votes":
        """The votes among these models alone. Raises InputError for a name that is not in the log."""
        unknown = sorted(set(models) - set(self.models))
        if unknown:
            raise errors.InputError(f'{self.name} has no model "{unknown[0]}".')
        return replace(self, counts=self.counts.only(models))

    def rows(self, columns: Sequence[str] = (), moments: Sequence[str] = ()) -> pyarrow.Table:
        """Every vote in the order of rows: model_a, model_b, winner, `columns` as text, `moments` in seconds from 1970.

        What the log does not have is null. Raises InputError where there are only counts.
        """
        return left_out.rows(self._one_by_one(), columns, moments)

    def without(self, rows: NDArray[numpy.bool_]) -> "Votes":
        """The log without these rows, in the order of `rows`. Raises InputError where no vote is left."""
        source = left_out.without(self._one_by_one(), rows)
        return replace(self, counts=counting.counted(source), source=source)

    def _one_by_one(self) -> sources.Source:
        if self.source is None:
            raise errors.InputError(f"{self.name} has counts only; give the votes one by one.")
        return self.source


def read(
    source: Any,
    name: str | None = None,
    *,
    map: Mapping[str, str] | None = None,
    outcomes: Mapping[str, str] | None = None,
    unvoted: str = "refuse",
) -> Votes:
    """Votes from a path or several, a DuckDB database or relation, a pandas, polars (also lazy) or Arrow frame, a data
    set of Arrow's or of the package datasets, or rows as dicts, in a list or from a generator.

    Columns: model_a, model_b, winner, and if there are any count and weight; or counts per pair as model_a, model_b,
    win_a, win_b, tie, tie_bothbad. Raises InputError, which names the file and the row, for an outcome or a number
    that is not accepted, a model against itself, and an empty log. `name` is what a refusal calls a frame or relation.

    Where columns or values are called otherwise, `map={"model_a": "left", "winner": "label"}` says which column is
    meant, with dots for a path into an object, and `outcomes={"A": "model_a", "skipped": "none"}` which value; `none`
    is a row nobody voted on. `unvoted="skip"` passes over such rows and counts them.
    """
    if name is not None and not isinstance(name, str):
        raise errors.InputError(
            "read takes one log at a time, and the word by which a refusal calls it; give several files as a list of "
            "paths, and several frames as one: pandas.concat(frames)."
        )
    if isinstance(source, Votes):
        return source
    if isinstance(source, coded_votes.CodedVotes):
        return Votes(counts=source.counted(), coded=source, name=name or "the votes")
    if isinstance(source, str) and "\n" in source:
        raise errors.InputError(
            "Votes are read from files by their path, and this is a text of several lines; write it to a file first, "
            "or parse it: list(csv.DictReader(text.splitlines()))."
        )
    meaning = meanings.Meaning(columns=map or {}, outcomes=outcomes or {}, unvoted=unvoted)
    if isinstance(source, str | os.PathLike):
        paths: list[str | os.PathLike[str]] = [source]
    elif isinstance(source, list | tuple) and source and all(isinstance(path, str | os.PathLike) for path in source):
        paths = list(source)
    else:
        opened = relations.opened(source)
        return _counted([opened if name is None else replace(opened, name=name)], meaning)
    return _counted([_opened(path) for path in paths], meaning)


def _opened(given: str | os.PathLike[str]) -> sources.SourcePart:
    path = Path(given)
    return databases.opened(path) if path.suffix.lower() in databases.KINDS else files.opened(path)


def _counted(parts: Sequence[sources.SourcePart], meaning: meanings.Meaning) -> Votes:
    source = sources.Source([meanings.meant(part, meaning) for part in parts])
    with progress.step(f"reading {source.name}"):
        counted = counting.counted(source)
    skipped = sum(part.unvoted() for part in source.parts if isinstance(part, meanings.Meant) and part.skips)
    holds_votes = counting.holds_votes(source)
    return Votes(counts=counted, source=source if holds_votes else None, name=source.name, unvoted=skipped)
