"""`read`: any kind of vote log becomes `Votes`, counted once, with the source kept for questions that need rows."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from leaderboards import counting, counts, databases, errors, files, progress, relations
from leaderboards import source as sources

Floats = counts.Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Votes:
    """A vote log, counted."""

    counts: counts.Counts
    source: sources.Source | None = field(default=None, repr=False)
    """Where the votes are, one by one; None when there are only counts."""
    name: str = "the counts"
    """What a refusal calls the log."""
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


def read(source: Any, name: str | None = None) -> Votes:
    """Votes from a path or several, a DuckDB database or relation, or a pandas, polars or Arrow frame.

    Columns: model_a, model_b, winner, and if there are any count and weight; or counts per pair as model_a, model_b,
    win_a, win_b, tie, tie_bothbad. Raises InputError, which names the file and the row, for an outcome or a number
    that is not accepted, a model against itself, and an empty log. `name` is what a refusal calls a frame or relation.
    """
    if isinstance(source, Votes):
        return source
    if isinstance(source, str | os.PathLike):
        paths: list[str | Path] = [Path(source)]
    elif isinstance(source, list | tuple) and source and all(isinstance(path, str | os.PathLike) for path in source):
        paths = [Path(path) for path in source]
    else:
        opened = relations.opened(source)
        return _counted(sources.Source([opened if name is None else replace(opened, name=name)]))
    return _counted(sources.Source([_opened(Path(path)) for path in paths]))


def _opened(path: Path) -> sources.Part:
    return databases.opened(path) if path.suffix.lower() in databases.KINDS else files.opened(path)


def _counted(source: sources.Source) -> Votes:
    with progress.step(f"reading {source.name}"):
        counted = counting.counted(source)
    return Votes(counts=counted, source=source if counting.holds_votes(source) else None, name=source.name)
