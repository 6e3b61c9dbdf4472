"""What raters do beside the votes that make the board: known answers, repeats, time, order, shared items, and skips.

Each kind gives an e-value of its own for each rater. The level is split over them: what is compared with the line of
`evidence.passing` is the mean over all kinds that there is something to read for, so that honest raters pass it with
the promised chance at most, however many kinds there are and however often one looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from numpy.typing import ArrayLike

from arena.quality import conduct_wording, evidence, records, skips, straight, strengths
from arena.quality.arrays import Flags, Floats, Integers
from arena.quality.findings import NOTED
from arena.quality.log import LEFT, RIGHT, Log
from arena.quality.records import Trials
from arena.quality.skips import Offers

LEVEL = 0.025
"""Expected share of false findings among those made here."""
_SECONDS = 1.0
"""Nobody reads two answers in less."""
_USUAL = 0.2
"""Of the median time of a campaign: where answers are a word each, people are quick."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KnownAnswers:
    """Votes on items whose outcome is known, one element each. Raters are named as in the log."""

    rater: ArrayLike
    moment: Floats
    item: Integers
    right: Flags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepeatedVotes:
    """Votes on items that the same rater had voted on before, sides swapped, one element each."""

    rater: ArrayLike
    moment: Floats
    same: Flags
    """Whether the outcome was the same."""
    same_side: Flags
    """Whether the same side won again, whichever answer stood there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """Battles that raters were given, whether they voted or not, one element each."""

    rater: ArrayLike
    moment: Floats
    left: ArrayLike
    right: ArrayLike
    """Models by name."""
    campaign: Integers
    skipped: Flags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conduct:
    """Everything that is known beside the votes; None where nothing is."""

    gold: KnownAnswers | None = None
    repeats: RepeatedVotes | None = None
    given: Given | None = None
    seconds: Floats | None = None
    """Of each vote of the log, in the order in which it was given: from when the rater had the battle; nan where nobody
    knows."""
    campaign: Integers | None = None
    """Of each vote likewise, where it was collected: votes of one campaign take alike. None: all in one."""
    item: Integers | None = None
    """Of each vote likewise: votes with the same number are on the same item; -1: nobody else was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One rater's conduct of one kind."""

    kind: str
    rater: int
    """In the log."""
    strength: float
    since: float
    """The moment it begins at; minus infinity: from the first."""
    model: str | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Weighed:
    """One kind, over all raters."""

    kind: str
    strength: Floats
    since: Floats
    model: Sequence[str | None]
    sentence: Sequence[str]


def signs(log: Log, conduct: Conduct) -> list[Sign]:
    """What passes the line, the strongest first."""
    kinds = [one for one in _weighed(log, conduct) if one is not None]
    if not kinds:
        return []
    apiece = numpy.array([one.strength for one in kinds]) - numpy.log(len(kinds))
    held = numpy.array([one.kind not in NOTED for one in kinds])
    found: list[Sign] = []
    for which in (held, ~held):
        if not which.any():
            continue
        passed = evidence.passing(numpy.logaddexp.reduce(apiece[which], axis=0), LEVEL)
        for rater in numpy.flatnonzero(passed):
            leading = apiece[which, rater].max()
            for kind, own in zip(numpy.flatnonzero(which), apiece[which, rater], strict=True):
                if own >= min(evidence.LEAST, leading):
                    found.append(_sign(kinds[kind], int(rater)))
    return sorted(found, key=lambda one: (-one.strength, one.rater, one.kind))


def _sign(one: _Weighed, rater: int) -> Sign:
    return Sign(
        kind=one.kind,
        rater=rater,
        strength=float(one.strength[rater]),
        since=float(one.since[rater]),
        model=one.model[rater],
        sentence=one.sentence[rater],
    )


def _weighed(log: Log, conduct: Conduct) -> list[_Weighed | None]:
    board = strengths.fit(
        strengths.wins(
            log.votes.left,
            log.votes.right,
            (log.votes.outcome == LEFT) + 0.5 * (log.votes.outcome > RIGHT),
            len(log.models),
        )
    )
    return [
        _gold(log, conduct.gold),
        _repeats(log, conduct.repeats),
        _quick(log, conduct.seconds, conduct.campaign),
        _straight(log, board.strengths),
        _skips(log, conduct.given),
        _apart(log, conduct.item),
    ]


def _gold(log: Log, gold: KnownAnswers | None) -> _Weighed | None:
    if gold is None:
        return None
    rater = _places(gold.rater, log.raters)
    kept = (rater >= 0) & records.known_to_others(gold.item, gold.right)
    return _recorded(log, "gold", Trials(rater=rater, moment=gold.moment, right=gold.right).where(kept))


def _repeats(log: Log, repeats: RepeatedVotes | None) -> _Weighed | None:
    if repeats is None:
        return None
    rater = _places(repeats.rater, log.raters)
    kept = rater >= 0
    trials = Trials(rater=rater, moment=repeats.moment, right=repeats.same)
    side = numpy.bincount(rater[kept & repeats.same_side & ~repeats.same], minlength=len(log.raters))
    return _recorded(log, "repeat", trials.where(kept), side=side)


def _quick(log: Log, seconds: Floats | None, campaign: Integers | None) -> _Weighed | None:
    """Votes that came before two answers can be read, by people who take their time as a rule."""
    if seconds is None:
        return None
    took = seconds[log.row]
    where = numpy.zeros(len(took), dtype=numpy.int64) if campaign is None else campaign[log.row]
    known = numpy.flatnonzero(~numpy.isnan(took))
    line = numpy.zeros(int(where.max(initial=0)) + 1)
    for one in numpy.unique(where[known]):
        line[one] = min(_SECONDS, _USUAL * float(numpy.median(took[known][where[known] == one])))
    slow = took[known] >= line[where[known]]
    trials = Trials(rater=log.votes.rater[known], moment=log.moment[known], right=slow)
    usual = float(numpy.median(took[known])) if len(known) else 0.0
    return _recorded(log, "quick", trials, foul=records.NEVER, seconds=(float(line.max()), usual))


def _apart(log: Log, item: Integers | None) -> _Weighed | None:
    """Votes beside what most others chose on the same item."""
    if item is None:
        return None
    votes, items = log.votes, item[log.row]
    shared = numpy.flatnonzero(items >= 0)
    _, code = numpy.unique(items[shared], return_inverse=True)
    first = numpy.where(votes.left < votes.right, votes.outcome, numpy.array([RIGHT, LEFT, 2])[votes.outcome])[shared]
    counts = numpy.bincount(code * 3 + first, minlength=3 * (int(code.max(initial=-1)) + 1)).reshape(-1, 3)
    others = counts[code]
    others[numpy.arange(len(code)), first] -= 1
    most = others.max(1)
    clear = (most > 0) & ((others == most[:, None]).sum(1) == 1)
    trials = Trials(rater=votes.rater[shared], moment=log.moment[shared], right=others.argmax(1) == first)
    return _recorded(log, "apart", trials.where(clear))


def _recorded(
    log: Log,
    kind: str,
    trials: Trials,
    *,
    foul: tuple[records.Beta, ...] = records.COIN,
    side: Integers | None = None,
    seconds: tuple[float, float] = (0.0, 0.0),
) -> _Weighed | None:
    if not len(trials):
        return None
    raters = len(log.raters)
    one = records.read(trials, raters, foul)
    told = conduct_wording.Told(usual=one.usual, seconds=seconds[0], median=seconds[1])
    sides = numpy.zeros(raters, dtype=numpy.int64) if side is None else side
    return _Weighed(
        kind=kind,
        strength=one.strength,
        since=one.since,
        model=[None] * raters,
        sentence=[
            conduct_wording.record(kind, int(right), int(seen), int(kept), told)
            for right, seen, kept in zip(one.right, one.seen, sides, strict=True)
        ],
    )


def _straight(log: Log, board: Floats) -> _Weighed:
    one = straight.read(log, board)
    return _Weighed(
        kind="straight",
        strength=one.strength,
        since=one.since,
        model=[None] * len(log.raters),
        sentence=[
            conduct_wording.straight(int(same), int(seen)) for same, seen in zip(one.same, one.seen, strict=True)
        ],
    )


def _skips(log: Log, given: Given | None) -> _Weighed | None:
    if given is None:
        return None
    rater, left, right = (
        _places(given.rater, log.raters),
        _places(given.left, log.models),
        _places(given.right, log.models),
    )
    kept = (rater >= 0) & (left >= 0) & (right >= 0)
    if not (kept & given.skipped).any():
        return None
    one = skips.read(
        Offers(
            rater=rater[kept],
            moment=given.moment[kept],
            left=left[kept],
            right=right[kept],
            campaign=given.campaign[kept],
            skipped=given.skipped[kept],
        ),
        *log.size,
    )
    counts = zip(one.skipped_with, one.met_with, one.skipped_without, one.met_without, strict=True)
    names = [log.models[model] for model in one.model]
    return _Weighed(
        kind="skip",
        strength=one.strength,
        since=numpy.full(len(log.raters), -numpy.inf),
        model=names,
        sentence=[
            conduct_wording.skips(model, *(int(count) for count in four))
            for model, four in zip(names, counts, strict=True)
        ],
    )


def _places(names: ArrayLike, known: Sequence[str]) -> Integers:
    """Where each name stands among those known; -1 for one that does not."""
    values, code = numpy.unique(numpy.asarray(names), return_inverse=True)
    place = {name: number for number, name in enumerate(known)}
    return numpy.array([place.get(str(value), -1) for value in values], dtype=numpy.int64)[code]
