"""Leaderboards of a workspace: votes from the store, ratings from `leaderboards`.

A board always answers and counts every acknowledged vote. Where no common scale exists there is one board for
each group of connected models; what cannot be fitted yet is null, with the reason.
"""

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow

import leaderboards
from arena.domain import permission
from arena.domain.cut import Cut
from arena.domain.finding import PolicyUse
from arena.domain.ledger import Line
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.vote import Counting
from arena.errors import Conflict, DoesNotFit, Forbidden, InvalidValue, NotFound
from arena.services import board_courses, board_fitting, column_votes, one_campaign, ranking
from arena.services.board_courses import Course
from arena.services.board_settings import PLAIN, BoardSettings
from arena.services.cut_votes import CutVotes, TableVotes
from arena.services.kept_columns import KeptColumns
from arena.services.paths import DEFAULT_WORKSPACE as DEFAULT
from arena.services.permitting import demand
from arena.services.pseudonyms import Pseudonyms
from arena.services.publication import Publication
from arena.services.ranking import Ranking, Rankings
from arena.services.remembered import Remembered
from arena.services.workspace_rules import WorkspaceRules
from arena.store import board_counts, board_votes, findings, held_votes, ledger_rows, tally
from arena.store.board_counts import BoardCounts
from arena.store.board_votes import MEASURES, PROMPT, RATER
from arena.store.connections import Analytical
from arena.store.held_votes import HeldVotes
from arena.store.workspace import Workspace
from leaderboards.showing import diagnostics as reports

OVERALL = "overall"
KEPT = 64
"""How many boards are kept."""
KEPT_NUMBERS = 16_000_000
"""Numbers that they hold together; 128 MB."""
AT_ONCE = 2
"""Boards that are made beside each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """A report with the memory it takes."""

    report: reports.Report
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBeside:
    """What a board leaves out because it is held."""

    held: HeldVotes
    head: str | None
    """Hash of the ledger line the counts go up to."""
    size: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnValues:
    """The values of columns."""

    columns: Mapping[str, tuple[str, ...]]
    size: int = 1


class Boards:
    """Boards, brought up to date when something was written since."""

    def __init__(
        self,
        workspace: Workspace,
        pseudonyms: Pseudonyms,
        rules: WorkspaceRules,
        name: str = DEFAULT,
        batched: Callable[[], Mapping[str, datetime]] = dict,
        publication: Publication | None = None,
    ) -> None:
        """`batched` gives the campaigns whose boards move in batches, each with the moment of its last one. Without
        `publication` nothing is published."""
        self._workspace = workspace
        self._publication = publication or Publication(workspace, lambda _: ())
        self._batched = batched
        self._name = name
        self._pseudonyms = pseudonyms
        self._rules = rules
        self._counts: BoardCounts | None = None
        self._running: dict[Counting, leaderboards.Running] = {}
        """The votes counted so far, to which only newer votes are added."""
        self._counting = threading.Lock()
        """Held by the thread that brings them up to date; whoever waited for it may be gone by then."""
        self._columns = KeptColumns()
        self._rankings: Remembered[Ranking] = Remembered(most=KEPT, size=KEPT_NUMBERS, at_once=AT_ONCE)
        self._each: Remembered[Rankings] = Remembered(most=KEPT, size=KEPT_NUMBERS, at_once=1)
        self._courses: Remembered[Course] = Remembered(most=KEPT, size=KEPT_NUMBERS, at_once=1)
        self._held: Remembered[HeldBeside] = Remembered(most=KEPT, size=KEPT_NUMBERS, at_once=1)
        self._values: Remembered[ColumnValues] = Remembered(most=1, size=1, at_once=1)
        self._reports: Remembered[KeptReport] = Remembered(most=KEPT, size=KEPT_NUMBERS, at_once=1)

    async def overall(self, principal: Principal) -> Ranking:
        """The board over every vote that counts, less those held."""
        return await self.find(principal, OVERALL)

    async def find(self, principal: Principal, name: str, asked: BoardSettings = PLAIN) -> Ranking:
        """One board by its name, as its settings say."""
        asked = self._allowed(principal, name, asked)
        await self._of_shown_prompts(principal, asked)
        make = self._fresh if asked.of_counts and asked.cut == PLAIN.cut else self._made
        found = await self._rankings.get(asked, lambda: self._version(asked), lambda: make(asked))
        self._columns.watch()
        return found

    async def each(self, principal: Principal, name: str, asked: BoardSettings) -> Rankings:
        """A board for each value of what they are made by."""
        asked = self._allowed(principal, name, asked)
        await self._of_shown_prompts(principal, asked)
        found = await self._each.get(asked, lambda: self._version(asked), lambda: self._made_each(asked))
        self._columns.watch()
        return found

    async def history(self, principal: Principal, name: str, asked: BoardSettings) -> Course:
        """The board after each window of time."""
        asked = board_courses.checked(self._allowed(principal, name, asked))

        def make() -> Course:
            with self._workspace.scanning() as connection:
                by_day = dataclasses.replace(asked, by=board_courses.DAYS)
                days, last = self._rows(connection, by_day, asked.cut), self._last(connection, asked)
            return board_courses.read(days, last.hash if last else None, asked)

        return await self._courses.get(asked, lambda: self._version(asked), make)

    async def held(self, principal: Principal, name: str, asked: BoardSettings) -> HeldBeside:
        """The votes that a board of a cut leaves out because they are held."""
        if asked.by is not None:
            raise DoesNotFit("What is held is told of one board; leave by out, and name its campaign or category.")
        asked = self._allowed(principal, name, BoardSettings(cut=asked.cut))

        def make() -> HeldBeside:
            with self._workspace.scanning() as connection:
                last = self._last(connection, asked)
                upto = None if asked.as_of is None else last.sequence if last else 0
                found = held_votes.read(connection, board_fitting.narrowed(asked), upto)
            return HeldBeside(held=found, head=last.hash if last else None)

        return await self._held.get(asked, lambda: self._version(asked), make)

    async def values(self, principal: Principal) -> Mapping[str, tuple[str, ...]]:
        """The values of each column that a cut may name."""
        self._allowed(principal, OVERALL, PLAIN)
        kept = await self._values.get(OVERALL, lambda: self._version(PLAIN), self._values_now)
        of_one = {} if principal.campaign is None else {"campaign": (principal.campaign,)}
        return {**kept.columns, **of_one}

    async def policies(self, principal: Principal) -> list[tuple[int, PolicyUse]]:
        """Since when votes are held by which policy, each with the number of its line in the ledger."""
        self._allowed(principal, OVERALL, PLAIN)

        def read() -> list[tuple[int, PolicyUse]]:
            with self._workspace.reading() as connection:
                return findings.policy_uses(connection)

        return await asyncio.to_thread(read)

    async def report(self, principal: Principal, name: str, asked: BoardSettings = PLAIN) -> reports.Report:
        """The report of a board: which models are told apart, how firmly each stands, how well one scale fits.

        The board is fitted again for each pair of neighbours, so the report is for labs only and is kept until a vote
        comes.
        """
        demand(principal, Permission.CONDUCT)
        if asked.each:
            raise DoesNotFit("A report is about one board; name its value beside by.")
        found = await self.find(principal, name, asked)
        if found.board.fit is None:
            raise Conflict(f"There is no report on this board: {found.reason or 'its ratings are not fitted again'}")

        def make() -> KeptReport:
            return KeptReport(report=reports.read(found.board, self._log(asked)), size=found.size)

        return (await self._reports.get(asked, lambda: found.head, make)).report

    async def votes(
        self,
        principal: Principal,
        measures: Sequence[str] = (),
        asked: BoardSettings = PLAIN,
        head: str | None = None,
    ) -> pyarrow.Table:
        """The table that `arena rank` fits: one row a vote of a cut, without texts. `head`: up to the line of the
        ledger with this hash."""
        demand(principal, Permission.CONDUCT)
        unknown = [name for name in measures if name not in MEASURES]
        if unknown:
            raise InvalidValue(f"measure is {unknown[0]!r}; accepted: {', '.join(MEASURES)}.")

        def read() -> pyarrow.Table:
            with self._workspace.scanning() as connection:
                found = board_votes.one_by_one(
                    connection, tuple(dict.fromkeys(measures)), asked.counting, asked.cut, head
                )
            return self._named(found)

        return await asyncio.to_thread(read)

    def _allowed(self, principal: Principal, name: str, asked: BoardSettings) -> BoardSettings:
        """What is asked for, as far as this principal may see it."""
        asked = dataclasses.replace(asked, cut=one_campaign.within_cut(principal, asked.cut))
        if not self._rules.public_board:
            demand(principal, Permission.READ_BOARDS)
        if not asked.cut.whole_days and not permission.may(principal, Permission.READ_BOARDS):
            # around one's own vote, it would tell whether the vote counts: gold and repeats do not
            raise Forbidden(f"since and until are whole days for a {principal.role}; leave the time out.")
        if asked.by == RATER:
            demand(principal, Permission.CONDUCT)  # what one rater prefers is for who conducts the campaigns
        if name != OVERALL:
            raise NotFound(f"There is no board {name!r}; `{OVERALL}` is always there.")
        if not permission.may(principal, Permission.READ_BOARDS):
            asked = dataclasses.replace(asked, as_of=self._last_batch(asked.cut.campaign))
        return asked

    async def _of_shown_prompts(self, principal: Principal, asked: BoardSettings) -> None:
        """Raise for the board of a prompt that a principal is not shown."""
        if asked.by == PROMPT:
            await asyncio.to_thread(self._publication.refuse_hidden, principal, asked.value)

    def votes_by_prompt(self, found: Ranking) -> pyarrow.Table:
        """The votes that a board was fitted from by `model_a, model_b, winner, prompt`, with their `count`."""
        asked = dataclasses.replace(found.asked, by=PROMPT)
        with self._workspace.scanning() as connection:
            return self._rows(connection, asked, board_fitting.narrowed(asked)).counted(asked.counting).rows

    def _last_batch(self, campaign: str | None) -> datetime | None:
        """The moment up to which a board of a campaign, or of all, is public; None where nothing of it waits."""
        batched = self._batched()
        return min(batched.values(), default=None) if campaign is None else batched.get(campaign)

    def _version(self, asked: BoardSettings) -> tuple[str, int]:
        """No board can have moved while this is the same. One of a batch stays as it is."""
        if asked.as_of is not None:
            return asked.as_of.isoformat(), 0
        head = self._workspace.head
        return head.hash, head.voids

    def _fresh(self, asked: BoardSettings) -> Ranking:
        """The board over all votes, by adding those that came since."""
        with self._counting:
            reading = self._workspace.scanning if self._counts is None else self._workspace.reading
            with reading() as connection:
                now = board_counts.read(connection, self._counts)
                policy = findings.policy_version(connection)
            if now.added is None:
                self._running.clear()
            for model_a, model_b, winner, held_for, count in now.added or ():
                for chosen, running in self._running.items():
                    if chosen is Counting.ALL or held_for is None:
                        running.add(model_a, model_b, winner, count)
            self._counts = now
            running = self._running.get(asked.counting) or _running(now, asked.counting)
            self._running[asked.counting] = running
            rates = {rate.model: rate.failed / rate.battles for _, rate in sorted(now.rates.items())}
            return board_fitting.fitted(running, rates, now.hash, asked, now.why, self._name, policy)

    def _values_now(self) -> ColumnValues:
        with self._workspace.scanning() as connection:
            return ColumnValues(columns=board_votes.values(connection))

    def _made(self, asked: BoardSettings) -> Ranking:
        return board_fitting.of_table(self._table(asked), asked)

    def _made_each(self, asked: BoardSettings) -> Rankings:
        table = self._table(asked)
        found = board_fitting.by_value(table, asked)
        return ranking.together(str(asked.by), found, asked, table.head, self._name)

    def _log(self, asked: BoardSettings) -> leaderboards.Votes | None:
        """The votes of one board, with who cast them."""
        return board_fitting.votes_of(self._table(dataclasses.replace(asked, clustered=True), scanned=True), asked)

    def _table(self, asked: BoardSettings, *, scanned: bool = False) -> board_fitting.Table:
        """What a board is made of: from the columns that are kept, or read as rows where a fit needs more of them."""
        cut = opened = board_fitting.narrowed(asked)
        scanned = scanned or asked.weighed or asked.by == PROMPT or cut.prompt is not None
        scanned = scanned or not self._columns.holds(self._workspace.head.votes)
        with self._columns.alone(), self._workspace.scanning() as connection:
            last = self._last(connection, asked)
            if asked.as_of is not None:
                opened = dataclasses.replace(cut, until=min(cut.until or asked.as_of, asked.as_of))
            found = None if scanned else self._of_columns(connection, asked, cut, last.sequence if last else 0)
            votes: CutVotes = found or self._rows(connection, asked, cut)
            rates = tally.void_rates(connection, opened)
            policy = findings.policy_version(connection)
        return board_fitting.Table(
            votes=votes,
            void_rates={rate.model: rate.failed / rate.battles for rate in rates},
            head=last.hash if last else None,
            workspace=self._name,
            policy=policy,
        )

    def _last(self, connection: Analytical, asked: BoardSettings) -> Line | None:
        """The last line of the ledger that a board knows of."""
        if asked.as_of is None:
            return ledger_rows.last(connection)
        upto = board_votes.last_before(connection, asked.as_of)
        return next(iter(ledger_rows.between(connection, upto, upto)), None)

    def _rows(self, connection: Analytical, asked: BoardSettings, cut: Cut) -> TableVotes:
        upto = None if asked.as_of is None else board_votes.last_before(connection, asked.as_of)
        votes = board_votes.table(connection, asked.columns, asked.controls, cut, asked.window, upto)
        return TableVotes(rows=self._named(votes))

    def _of_columns(
        self, connection: Analytical, asked: BoardSettings, cut: Cut, upto: int
    ) -> column_votes.ColumnVotes | None:
        columns = self._columns.read(connection, asked.controls)
        if not column_votes.fits(columns):
            return None
        return column_votes.of_cut(columns, cut, asked, upto, self._pseudonyms.name)

    def _named(self, table: pyarrow.Table) -> pyarrow.Table:
        """Raters by the names that answers show."""
        if RATER not in table.column_names:
            return table
        at = table.column_names.index(RATER)
        return table.set_column(at, RATER, self._pseudonyms.column(table.column(RATER)))


def _running(now: BoardCounts, counting: Counting) -> leaderboards.Running:
    """A running fit of all votes up to now."""
    running = leaderboards.Running()
    for votes in (now.counted, now.held) if counting is Counting.ALL else (now.counted,):
        for (model_a, model_b, winner), count in votes.items():
            running.add(model_a, model_b, winner, count)
    return running
