"""Rankings from votes: the common board, one for each island, or nulls with the reason why there is none yet."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy

import leaderboards
from arena.domain.cut import Cut
from arena.domain.ids import ModelName
from arena.domain.standing import HeldFor
from arena.errors import DoesNotFit, UnknownName
from arena.services.board_settings import PLAIN, BoardSettings
from arena.services.cut_votes import NAME, NO_VALUE, CutVotes
from arena.services.ranking import Ranking
from leaderboards.fitting import assembly
from leaderboards.reading.counts import Counts

UNVOTED = "There are no votes yet."
HELD = "There are no votes yet but those that are held."
CUT_BY = ("language", "category", "campaign", "prompt")
"""Columns whose one value is a cut, too."""
MOST_VALUES = 500
"""Boards that one answer holds."""

Fitted = tuple[leaderboards.Board, tuple[leaderboards.Board, ...], str | None]
"""The common board, those that were fitted, and why there is no common one."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The votes of a cut, with what a board says besides."""

    votes: CutVotes
    void_rates: Mapping[ModelName, float]
    head: str | None
    workspace: str
    policy: str | None = None


def narrowed(asked: BoardSettings) -> Cut:
    """The cut whose votes the ranking of one value is made of, or more: no other votes need to be read for it."""
    by, value = asked.by or "", asked.value
    if by not in CUT_BY or value in (None, NO_VALUE) or getattr(asked.cut, by) is not None:
        return asked.cut
    one: dict[str, Any] = {by: value}
    return dataclasses.replace(asked.cut, **one)


def of_table(table: Table, asked: BoardSettings) -> Ranking:
    """The one ranking that is asked for. Raises `InvalidValue` for an anchor that is no model of it."""
    if asked.by is None:
        held = {reason: votes.number for reason, votes in table.votes.why().items()}
        return _ranking(table, asked, votes_of(table, asked), held)
    found = by_value(table, dataclasses.replace(asked, value=None), only=asked.value)
    return found[str(asked.value)]


def votes_of(table: Table, asked: BoardSettings) -> leaderboards.Votes | None:
    """The votes of the one ranking that is asked for; None where there are none."""
    counted = table.votes.counted(asked.counting)
    return counted.votes() if asked.by is None else _parts(counted, asked).get(str(asked.value))


def by_value(table: Table, asked: BoardSettings, only: str | None = None) -> dict[str, Ranking]:
    """The ranking of each value, or of one: also of one that nobody voted on, with the nearest that there is."""
    by, counted = str(asked.by), table.votes.counted(asked.counting)
    parts = _parts(counted, asked)
    held = {reason: _parts(votes, asked, counted) for reason, votes in table.votes.why().items()}
    if only is None and len(parts) > MOST_VALUES:
        raise DoesNotFit(
            f"by {by} makes {len(parts):,} boards, and one answer holds {MOST_VALUES}; name one with value, or make "
            "them all with `arena rank`."
        )
    rankings = {}
    for value in sorted(parts) if only is None else [only]:
        why = {reason: found[value].total for reason, found in held.items() if value in found}
        one = dataclasses.replace(table, void_rates=_rates(table, by, parts.get(value), alone=only is not None))
        ranking = _ranking(one, asked.of_value(value), parts.get(value), why, one_of_many=only is None)
        if value not in parts and parts:
            near = leaderboards.errors.nearest(value, sorted(parts))
            reason = f"There are no votes with {by} {leaderboards.errors.quoted(value)}; {near}"
            ranking = dataclasses.replace(ranking, reason=reason)
        rankings[value] = ranking
    return rankings


def fitted(
    running: leaderboards.Running,
    void_rates: Mapping[ModelName, float],
    head: str | None,
    asked: BoardSettings = PLAIN,
    why: Mapping[HeldFor, int] = MappingProxyType({}),
    workspace: str | None = None,
    policy: str | None = None,
) -> Ranking:
    """The ranking of the votes that were counted so far."""
    votes = leaderboards.Votes(counts=running.tally(), name=NAME)
    found: Fitted = _unrated(votes.counts), (), UNVOTED if not why else HELD
    if votes.total:
        try:
            board = running.fit()
            found = board, (board,), None
        except leaderboards.IslandsError as apart:
            found = _apart(votes, asked, apart)
    return Ranking(
        board=found[0],
        boards=found[1],
        reason=found[2],
        void_rates=void_rates,
        head=head,
        asked=asked,
        why=why,
        policy=policy,
        workspace=workspace,
    )


def _ranking(
    table: Table,
    asked: BoardSettings,
    votes: leaderboards.Votes | None,
    why: Mapping[HeldFor, int],
    *,
    one_of_many: bool = False,
) -> Ranking:
    held = {reason: number for reason, number in why.items() if number}
    found: Fitted = _unrated(None if votes is None else votes.counts), (), UNVOTED if not held else HELD
    if votes is not None and votes.total:
        if asked.anchor is not None and asked.anchor[0] not in votes.models and not one_of_many:
            near = leaderboards.errors.nearest(asked.anchor[0], votes.models)
            raise UnknownName(f"The anchor {asked.anchor[0]!r} is not among the models; {near}")
        try:
            board = leaderboards.fit(votes, **asked.fit)
            found = board, (board,), None
        except leaderboards.IslandsError as apart:
            found = _apart(votes, asked, apart)
        except leaderboards.InputError as refused:
            found = found[0], (), str(refused)
    return Ranking(
        board=found[0],
        boards=found[1],
        reason=found[2],
        void_rates=table.void_rates,
        head=table.head,
        asked=asked,
        why=held,
        policy=table.policy,
        workspace=table.workspace,
    )


def _parts(votes: CutVotes, asked: BoardSettings, counted: CutVotes | None = None) -> Mapping[str, leaderboards.Votes]:
    """The votes of each value; those of an island of `counted` where that is what they are split by."""
    if asked.by != leaderboards.boards.ISLAND:
        return votes.by(asked) if votes.number else {}
    found = votes.votes()
    if found is None:
        return {}
    if counted is None:
        return leaderboards.parts_by(found, leaderboards.boards.ISLAND, **asked.fit)
    islands = _parts(counted, asked)
    return {
        value: found.only([model for model in found.models if model in island.models])
        for value, island in islands.items()
    }


def _rates(table: Table, by: str, part: leaderboards.Votes | None, *, alone: bool) -> Mapping[ModelName, float]:
    """How often models did not answer in the battles of a part, where the table says it of these battles."""
    if alone and by in CUT_BY:
        return table.void_rates
    if by != leaderboards.boards.ISLAND or part is None:
        return {}
    return {model: rate for model, rate in table.void_rates.items() if model in part.models}


def _apart(votes: leaderboards.Votes, asked: BoardSettings, apart: leaderboards.IslandsError) -> Fitted:
    """Every vote counted and every rating null, because these models share no scale, and a board for each group."""
    islands = []
    for group in apart.groups:
        known = asked if asked.anchor is None or asked.anchor[0] in group else dataclasses.replace(asked, anchor=None)
        try:
            islands.append(leaderboards.fit(votes.only(group), **known.fit))
        except leaderboards.InputError:
            islands.append(_unrated(votes.counts.only(group)))
    groups = tuple(tuple(sorted(group)) for group in apart.groups)
    return dataclasses.replace(_unrated(votes.counts), islands=groups), tuple(islands), str(apart)


def _unrated(counts: Counts | None) -> leaderboards.Board:
    """A board with its votes counted and no rating."""
    empty = numpy.zeros(0, dtype=numpy.int64)
    table = numpy.zeros((0, 4))
    known = counts or Counts(models=(), first=empty, second=empty, votes=table, weight=table, weight_squared=table)
    unknown: dict[str, Any] = dict.fromkeys(("rating", "se", "lower", "upper", "rank", "rank_best", "rank_worst"))
    tallies = assembly.tallies(known) if known.models else []
    return leaderboards.Board(
        method="bradley-terry",
        ties="half",
        both_bad="tie",
        scale=leaderboards.Scale(),
        interval=leaderboards.Interval(kind="sandwich", level=0.95),
        controls=(),
        votes=known.total,
        entries=tuple(
            leaderboards.Entry(model=model, **unknown, **tally)
            for model, tally in zip(known.models, tallies, strict=True)
        ),
        unbounded=(),
        counted=known,
    )
