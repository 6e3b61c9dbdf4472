"""What a board is asked for: which votes, and how they are fitted, in the words of a query.

One place reads and writes these words, for the API, the page and the line of `arena rank` below each board. What a fit
takes is checked by `leaderboards`, so that the command refuses the same with the same sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import leaderboards
from arena.domain import selection_values as values
from arena.domain.cut import WHOLE, Cut
from arena.domain.vote import Counting
from arena.errors import DoesNotFit, InvalidValue
from arena.store.board_votes import DRAWN, MEASURES, PROMPT, RATER
from leaderboards import boards, errors
from leaderboards import settings as fits

CUTS = ("campaign", "language", "category", "since", "until")
COLUMNS = ("language", "category", "campaign", "field", RATER, PROMPT)
BY = (*COLUMNS, *boards.WINDOWS, boards.ISLAND)
CLUSTERS = (fits.NO_CLUSTER, RATER)
WORDS = ("by", "value", "ties", "both_bad", "controls", "cluster", "anchor", *CUTS, "votes")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSettings:
    """Everything that decides a board besides the votes there are."""

    cut: Cut = WHOLE
    counting: Counting = Counting.COUNTED
    by: str | None = None
    value: str | None = None
    """With `by`: the one board of this value."""
    ties: fits.Ties = "half"
    both_bad: fits.BothBad = "tie"
    controls: tuple[str, ...] = ()
    clustered: bool = False
    """Whether votes of one rater may depend on each other."""
    anchor: tuple[str, float] | None = None
    weighed: bool = False
    """Whether a vote weighs what makes up for how likely its pair was drawn. No word of a query: it is laid beside a
    board."""
    as_of: datetime | None = None
    """UTC; the board as it stood then, whatever was cast since. No word of a query: who may ask sees what moves in
    batches, so."""

    @property
    def each(self) -> bool:
        """Whether a board for each value is asked for."""
        return self.by is not None and self.value is None

    @property
    def of_counts(self) -> bool:
        """Whether the votes of each pair and outcome are all that it takes, and the fit is the usual one."""
        return self == BoardSettings(cut=self.cut, counting=self.counting)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it is made by, beside models and outcomes."""
        by = (self.by if self.by in COLUMNS else "tstamp",) if self.by not in (None, boards.ISLAND) else ()
        more = ((RATER,) if self.clustered else ()) + ((DRAWN,) if self.weighed else ())
        return tuple(dict.fromkeys((*(one for one in by if one), *more)))

    @property
    def window(self) -> str:
        """The window of time it is made by; a day where it is none."""
        return self.by if self.by in boards.WINDOWS else "day"

    @property
    def fit(self) -> dict[str, Any]:
        """The arguments of `leaderboards.fit`."""
        return {
            "ties": self.ties,
            "both_bad": self.both_bad,
            "controls": self.controls,
            "cluster": RATER if self.clustered else None,
            "anchor": self.anchor,
            "weights": "draw-probability" if self.weighed else "none",
        }

    def of_value(self, value: str) -> "BoardSettings":
        """The one board of a value."""
        return replace(self, value=value)

    @property
    def words(self) -> dict[str, str]:
        """What is not as by default, as a query says it."""
        told = {name: getattr(self.cut, name) for name in CUTS}
        usual = BoardSettings()
        said = {
            **{name: value if isinstance(value, str) else value and value.isoformat() for name, value in told.items()},
            "votes": None if self.counting is usual.counting else self.counting.value,
            "by": self.by,
            "value": self.value,
            "ties": None if self.ties == usual.ties else self.ties,
            "both_bad": None if self.both_bad == usual.both_bad else self.both_bad,
            "controls": ",".join(self.controls) or None,
            "cluster": RATER if self.clustered else None,
            "anchor": None if self.anchor is None else f"{self.anchor[0]}={self.anchor[1]!r}",
        }
        return {name: value for name, value in said.items() if value is not None}


def read(given: Mapping[str, str | None]) -> BoardSettings:
    """Settings from the words of a query. Raises `InvalidValue`, which names what is nearest."""
    words = {name: value for name, value in given.items() if value not in (None, "")}
    for name in words:
        if name not in WORDS:
            raise InvalidValue(f"A board has no setting {errors.quoted(name)}; {errors.nearest(name, WORDS)}")
    controls = fits.columns(words.get("controls"), "controls")
    for control in controls:
        _one_of("controls", control, MEASURES)
    _one_of("cluster", words.get("cluster", fits.NO_CLUSTER), CLUSTERS)
    _one_of("by", words.get("by", COLUMNS[0]), BY)
    if "value" in words and "by" not in words:
        raise DoesNotFit("value picks one board of those that by makes; say by, too.")
    if controls and words.get("ties") in ("davidson", "rao-kupper"):
        raise DoesNotFit(f"controls go with ties half or drop, not with {words['ties']}; leave one of them out.")
    try:
        fitted = fits.chosen({name: words[name] for name in ("ties", "both_bad", "anchor") if name in words})
    except leaderboards.InputError as error:
        raise InvalidValue(str(error)) from error
    return BoardSettings(
        cut=cut(words),
        counting=counting(words.get("votes")),
        by=words.get("by"),
        value=words.get("value"),
        ties=fitted.ties,
        both_bad=fitted.both_bad,
        controls=controls,
        clustered=words.get("cluster") == RATER,
        anchor=fitted.anchor,
    )


def cut(words: Mapping[str, str | None]) -> Cut:
    """The part of the votes that words name."""
    return Cut(
        campaign=words.get("campaign"),
        language=words.get("language"),
        category=words.get("category"),
        since=values.moment("since", words.get("since")),
        until=values.moment("until", words.get("until")),
    )


def counting(word: str | None) -> Counting:
    """Whether held votes are among them."""
    _one_of("votes", word or Counting.COUNTED.value, tuple(Counting))
    return Counting(word or Counting.COUNTED)


def _one_of(name: str, value: str | None, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise InvalidValue(
            f"{name} is {errors.quoted(value)}; accepted: {', '.join(accepted)}{errors.or_nearest(value, accepted)}"
        )


PLAIN = BoardSettings()
"""The board that is always there."""
