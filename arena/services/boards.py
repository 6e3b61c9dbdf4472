"""Leaderboards of a workspace: counts from the store, ratings from `leaderboards`.

A board always answers and counts every acknowledged vote. Where no common scale exists there is one board for
each group of connected models; what cannot be fitted yet is null, with the reason.
"""

import asyncio
import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import pyarrow

import leaderboards
from arena.domain.ids import ModelName
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.vote import Counting
from arena.errors import Conflict, InvalidValue, NotFound
from arena.services.permitting import demand
from arena.services.pseudonyms import Pseudonyms
from arena.services.workspace_rules import WorkspaceRules
from arena.store import board_counts, tally
from arena.store.board_counts import BoardCounts
from arena.store.heads import WorkspaceHead
from arena.store.workspace import Workspace
from leaderboards.showing import diagnostics as reports
from leaderboards.showing import documents

OVERALL = "overall"
HELD = "There are no votes yet but on answers that said which model wrote them."


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The boards of a workspace after some votes."""

    board: leaderboards.Board
    """The common board; without a common scale every rating in it is null."""
    boards: tuple[leaderboards.Board, ...]
    """The boards that were fitted: the common one, or one for each group of models that shares no vote with the others,
    or none yet."""
    reason: str | None
    """Why there is no common board; None when there is one."""
    void_rates: Mapping[ModelName, float]
    """Share of each model's battles that are void because it did not answer."""
    head: str | None
    """Hash of the ledger line the counts go up to."""
    counting: Counting
    """Which votes were fitted."""
    held: int
    """Votes that are kept and held, because an answer said which model wrote it: fitted only where all are."""
    _texts: dict[str, str] = dataclasses.field(default_factory=dict, repr=False, compare=False)
    """Each form of the document once it was written, because it is asked for again and again."""

    @property
    def votes(self) -> int:
        """Votes that count."""
        return self.board.votes

    def document(self) -> dict[str, Any]:
        """The `leaderboard/1` document, with the reason and the void rates."""
        return {
            **self.board.to_dict(),
            "reason": self.reason,
            "void_rates": dict(self.void_rates),
            "ledger_head": self.head,
            "counting": {
                "votes": self.counting.value,
                "counted": self.votes if self.counting is Counting.COUNTED else self.votes - self.held,
                "held": self.held,
                "why": {"finding": 0, "probation": 0, "suspended": 0, "leak": self.held},
                "policy": None,
            },
        }

    def to_json(self) -> str:
        """The document as JSON text."""
        text = self._texts.get("json")
        if text is None:
            text = json.dumps(self.document(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            self._texts["json"] = text
        return text

    def to_csv(self) -> str:
        """One line a model."""
        return self.board.to_csv()

    def to_markdown(self) -> str:
        """A Markdown table, below the reason when there is no common board."""
        reason = f"{documents.escaped(self.reason)}\n\n" if self.reason else ""
        return reason + self.board.to_markdown()


class Boards:
    """Boards, brought up to date when something was written since."""

    def __init__(self, workspace: Workspace, pseudonyms: Pseudonyms, rules: WorkspaceRules) -> None:
        self._workspace = workspace
        self._pseudonyms = pseudonyms
        self._rules = rules
        self._counts: BoardCounts | None = None
        self._running: dict[Counting, leaderboards.Running] = {}
        """The votes counted so far, to which only newer votes are added."""
        self._kept: dict[Counting, tuple[WorkspaceHead, Ranking]] = {}
        """Each ranking, with the head of the workspace when it was made."""
        self._reports: dict[Counting, tuple[Ranking, reports.Report]] = {}
        """Each report, with the ranking that it describes."""
        self._lock = asyncio.Lock()

    async def overall(self, principal: Principal, counting: Counting = Counting.COUNTED) -> Ranking:
        """The board over every vote that counts. Held votes are left out, unless all votes are asked for."""
        if not self._rules.public_board:
            demand(principal, Permission.READ_BOARDS)
        async with self._lock:
            head, kept = self._workspace.head, self._kept.get(counting)
            if kept is not None and _same(kept[0], head):
                return kept[1]
            ranking = await asyncio.to_thread(self._fresh, counting)
            self._kept[counting] = (head, ranking)
            return ranking

    async def find(self, principal: Principal, name: str, votes: str = Counting.COUNTED) -> Ranking:
        """A board by its name."""
        if name != OVERALL:
            raise NotFound(f"There is no board {name!r}; `{OVERALL}` is always there.")
        return await self.overall(principal, _counting(votes))

    async def report(self, principal: Principal, name: str, votes: str = Counting.COUNTED) -> reports.Report:
        """The report of a board: which models are told apart, how many votes hold an order, how well one scale fits.

        The board is fitted again for each pair of neighbours, so the report is for labs only and is kept until a vote
        comes.
        """
        demand(principal, Permission.CONDUCT)
        ranking = await self.find(principal, name, votes)
        if ranking.board.fit is None:
            raise Conflict(f"There is no report on this board: {ranking.reason or 'its ratings are not fitted'}")
        kept = self._reports.get(ranking.counting)
        if kept is None or kept[0] is not ranking:
            kept = ranking, await asyncio.to_thread(reports.read, ranking.board)
            self._reports[ranking.counting] = kept
        return kept[1]

    async def votes(
        self, principal: Principal, measures: Sequence[str] = (), votes: str = Counting.COUNTED
    ) -> pyarrow.Table:
        """The table that `arena rank` fits: one row a vote, without texts. `measures` as in `tally`."""
        demand(principal, Permission.CONDUCT)
        counting = _counting(votes)
        unknown = [name for name in measures if name not in tally.MEASURES]
        if unknown:
            raise InvalidValue(f"measure is {unknown[0]!r}; accepted: {', '.join(tally.MEASURES)}.")

        def read() -> pyarrow.Table:
            with self._workspace.scanning() as connection:
                found = tally.votes(connection, tuple(dict.fromkeys(measures)), counting)
            at = found.column_names.index("rater")
            return found.set_column(at, "rater", self._pseudonyms.column(found.column("rater")))

        return await asyncio.to_thread(read)

    def _fresh(self, counting: Counting) -> Ranking:
        reading = self._workspace.scanning if self._counts is None else self._workspace.reading
        with reading() as connection:
            now = board_counts.read(connection, self._counts)
        if now.added is None:
            self._running.clear()
        for model_a, model_b, winner, holding, count in now.added or ():
            for chosen, running in self._running.items():
                if chosen is Counting.ALL or not holding:
                    running.add(model_a, model_b, winner, count)
        self._counts = now
        if counting not in self._running:
            self._running[counting] = _running(now, counting)
        rates = {rate.model: rate.failed / rate.battles for _, rate in sorted(now.rates.items())}
        return stand(self._running[counting], rates, now.hash, counting, sum(now.held.values()))


def _same(kept: WorkspaceHead, now: WorkspaceHead) -> bool:
    """Whether no board can have moved between two moments."""
    return (kept.hash, kept.voids) == (now.hash, now.voids)


def _running(now: BoardCounts, counting: Counting) -> leaderboards.Running:
    """A running fit of all votes up to now."""
    running = leaderboards.Running()
    for votes in (now.counted, now.held) if counting is Counting.ALL else (now.counted,):
        for (model_a, model_b, winner), count in votes.items():
            running.add(model_a, model_b, winner, count)
    return running


def stand(
    running: leaderboards.Running,
    void_rates: Mapping[ModelName, float],
    head: str | None,
    counting: Counting = Counting.COUNTED,
    held: int = 0,
) -> Ranking:
    """The ranking of the votes so far, with the reason where there is no common board."""
    boards: tuple[leaderboards.Board, ...] = ()
    reason = None
    votes = leaderboards.Votes(counts=running.tally(), name="the votes so far")
    if not votes.total:
        board, reason = _unvoted(), "There are no votes yet." if held == 0 else HELD
    else:
        try:
            board = running.fit()
            boards = (board,)
        except leaderboards.IslandsError as apart:
            boards = tuple(leaderboards.fit(votes.only(group)) for group in apart.groups)
            board, reason = _apart(boards, votes), str(apart)
    return Ranking(
        board=board,
        boards=boards,
        reason=reason,
        void_rates=void_rates,
        head=head,
        counting=counting,
        held=held,
    )


def _counting(votes: str) -> Counting:
    try:
        return Counting(votes)
    except ValueError:
        raise InvalidValue(f"votes is {votes!r}; accepted: {', '.join(Counting)}.") from None


def _apart(islands: tuple[leaderboards.Board, ...], votes: leaderboards.Votes) -> leaderboards.Board:
    """A board with every vote counted and every rating null, because these models share no scale."""
    entries = [
        dataclasses.replace(
            entry, rating=None, se=None, lower=None, upper=None, rank=None, rank_best=None, rank_worst=None
        )
        for island in islands
        for entry in island.entries
    ]
    return dataclasses.replace(
        islands[0],
        entries=tuple(sorted(entries, key=lambda entry: entry.model)),
        unbounded=(),
        islands=tuple(tuple(sorted(entry.model for entry in island.entries)) for island in islands),
        votes=votes.total,
        counted=votes.counts,
        spread=None,
        critical=None,
        log_likelihood=None,
    )


def _unvoted() -> leaderboards.Board:
    """The board before the first vote."""
    empty = numpy.zeros(0, dtype=numpy.int64)
    table = numpy.zeros((0, 4))
    return leaderboards.Board(
        method="bradley-terry",
        ties="half",
        both_bad="tie",
        scale=leaderboards.Scale(),
        interval=leaderboards.Interval(kind="sandwich", level=0.95),
        controls=(),
        votes=0,
        entries=(),
        unbounded=(),
        counted=leaderboards.reading.counts.Counts(
            models=(), first=empty, second=empty, votes=table, weight=table, weight_squared=table
        ),
    )
