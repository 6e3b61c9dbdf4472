"""A leaderboard: what was fitted, from what, with which settings, and every way to write it down."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leaderboards import errors
from leaderboards.fitting import bradley_terry
from leaderboards.reading import counts
from leaderboards.showing import documents, frames, notebook
from leaderboards.version import __version__

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

SCHEMA = "leaderboard/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How logits become ratings: rating = mean + factor * logits / ln(base), or the anchor's in place of the mean."""

    base: float = 10.0
    factor: float = 400.0
    mean: float | None = 1000.0
    """Mean over models with a finite rating; None when a model is the anchor."""
    anchor: tuple[str, float] | None = None
    """A model and the rating it is given."""
    rate: bool = False
    """A rating is a share between 0 and 1, not a logit: base and factor mean nothing and are null in documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """How the intervals were computed."""

    kind: str
    level: float
    cluster: tuple[str, ...] | None = None
    """The columns whose votes may depend on each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model's row. A figure that the votes do not decide yet is None."""

    model: str
    rating: float | None
    se: float | None
    """Standard error of the rating minus the mean, or minus the anchor's."""
    lower: float | None
    upper: float | None
    rank: int | None
    """Place by rating among the models that have one; equal ratings share the better place."""
    rank_best: int | None
    rank_worst: int | None
    """The rank sets of all models hold at once with the stated probability."""
    votes: int
    wins: int
    losses: int
    ties: int
    both_bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unbounded:
    """A model whose rating has no finite estimate, and the bound that is known."""

    model: str
    direction: str
    """above: it never lost on any way to the others; below: it never won; aside: no way of wins joins it to them."""
    lower: float | None
    upper: float | None
    """At most one of `lower` and `upper` is known: a one-sided bound at the board's level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A fitted leaderboard with every setting that made it."""

    method: str
    ties: str
    both_bad: str
    scale: Scale
    interval: Interval
    controls: tuple[str, ...]
    votes: int
    entries: tuple[Entry, ...]
    """Rated models from the highest to the lowest, then those without a rating by name."""
    unbounded: tuple[Unbounded, ...]
    islands: tuple[tuple[str, ...], ...] = ()
    """Groups that share no vote; only a board that was never fitted has them."""
    ridge: float = 0.0
    """The penalty asked for; 0 when nothing was shrunk."""
    weights: str = "none"
    """What a vote weighs besides its own weight, as `weighting` defines it."""
    tie_parameter: float | None = None
    """nu of Davidson or theta of Rao-Kupper."""
    log_likelihood: float | None = None
    critical: float | None = None
    """How many standard errors two models must be apart for their order to count as certain, all pairs at once."""
    spread: counts.Reals | None = field(default=None, repr=False, compare=False)
    """(rated, rated) covariance of the strengths before they were scaled and anchored, in the order of the fit."""
    fit: bradley_terry.Fit | None = field(default=None, repr=False, compare=False)
    """The fit over the rated models, where one can be redone; its models are `rated_models`."""
    rated_models: tuple[str, ...] = field(default=(), repr=False)
    """Names of the rated models by name, the order of the fit."""
    counted: counts.Counts = field(repr=False, compare=False)
    """The counts of the votes that were fitted."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What a method adds: coefficients of controls, settings of the bootstrap."""
    raters: Mapping[str, float] = field(default_factory=dict, repr=False)
    """Reliability by rater, for methods that fit it; never written into a document."""
    version: str = __version__

    @property
    def rated(self) -> tuple[Entry, ...]:
        """The entries with a rating, highest first."""
        return tuple(entry for entry in self.entries if entry.rating is not None)

    @property
    def covariance(self) -> counts.Reals | None:
        """(rated, rated) covariance of the ratings in the order of the entries, before any anchor."""
        if self.spread is None:
            return None
        number = {model: place for place, model in enumerate(self.rated_models)}
        order = [number[entry.model] for entry in self.rated]
        points = 1.0 if self.scale.rate else self.scale.factor / math.log(self.scale.base)
        return points**2 * self.spread.take(order, axis=0).take(order, axis=1)

    def __getitem__(self, model: str) -> Entry:
        """The entry of a model. Raises UnknownModel, which names the nearest."""
        for entry in self.entries:
            if entry.model == model:
                return entry
        if isinstance(model, int | slice):
            raise errors.InputError(
                'A board is asked for models by name, such as board["NAME"]; by place it is board.entries[0].'
            )
        raise errors.UnknownModel(model, [entry.model for entry in self.entries])

    def __iter__(self) -> Iterator[Entry]:
        """The entries, in their order."""
        return iter(self.entries)

    def __len__(self) -> int:
        """How many models."""
        return len(self.entries)

    def __contains__(self, model: object) -> bool:
        """Whether there is such a model, by its name or its entry."""
        return any(model in (entry.model, entry) for entry in self.entries)

    def __repr__(self) -> str:
        """One line: how many, and who leads."""
        leading = [f"{e.model[:40]} {documents.rating(e, documents.digits(self))}" for e in self.rated[:3]]
        said = documents.printable(", ".join(leading) or "nobody rated") + (", ..." if len(self.rated) > 3 else "")
        models, votes = documents.counted(len(self), "model"), documents.counted(self.votes, "vote")
        return f"<Board of {models}, {votes}, {self.method}: {said}>"

    def _repr_html_(self) -> str:
        """The table a notebook shows."""
        return notebook.board_table(self)

    def _repr_svg_(self) -> str | None:
        """Ratings with their intervals as a picture, where a notebook prefers one; None where nobody is rated."""
        from leaderboards.showing import plots  # noqa: PLC0415 - it draws boards, so it knows this module

        shown = replace(self, entries=self.entries[: notebook.SHOWN])
        return plots.ratings(shown).to_svg() if self.rated else None

    def to_dict(self) -> dict[str, Any]:
        """The document `leaderboard/1`."""
        return documents.as_dict(self)

    def to_json(self, path: str | Path | None = None) -> str:
        """The document as JSON text, also written to `path` if given."""
        return _written(documents.as_json(self.to_dict()), path)

    def to_csv(self, path: str | Path | None = None) -> str:
        """One line per model."""
        return _written(documents.as_csv(self), path)

    def to_markdown(self, path: str | Path | None = None) -> str:
        """A Markdown table."""
        return _written(documents.as_markdown(self), path)

    def to_table(self, path: str | Path | None = None) -> str:
        """A table for a terminal."""
        return _written(documents.as_table(self), path)

    def to_arrow(self) -> "pyarrow.Table":
        """The entries as an Arrow table, one row a model."""
        return documents.as_arrow(self)

    def to_pandas(self) -> "pandas.DataFrame":
        """The entries as a pandas frame; a rank that is not known is `<NA>`. Raises InputError without pandas."""
        frame: pandas.DataFrame = frames.as_pandas(self)
        return frame

    def to_polars(self) -> "polars.DataFrame":
        """The entries as a polars frame. Raises InputError without polars."""
        frame: polars.DataFrame = frames.as_polars(self)
        return frame


def demand(given: object) -> None:
    """Raise InputError where an object stands in the place of a board."""
    if isinstance(given, Board):
        return
    kind = type(given).__name__
    way = {
        "Boards": "give one of them, such as boards.boards[VALUE]",
        "Votes": "give the board of these votes, leaderboards.fit(votes)",
    }.get(kind, "make one of votes with leaderboards.fit(votes)")
    raise errors.InputError(f"This takes a board, and {errors.quoted(kind)} is none; {way}.")


def _written(text: str, path: str | Path | None) -> str:
    if path is not None:
        try:
            Path(path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise errors.InputError(f"{path} cannot be written: {error.strerror}; name a file.") from error
    return text
