"""News of a workspace for who listens: votes counted, boards moved, models changed.

Every event says how things stand, and comes from the ledger: its number is that of a line, so that whoever comes back
with the last one they saw misses nothing, also after a restart. While somebody listens the workspace is looked at once
a second, for all listeners at once. What is found is told after the longest `feed_delay` of the campaigns.
"""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Self

from arena.domain import permission as permissions
from arena.domain.permission import Permission
from arena.domain.principal import Principal, Role
from arena.errors import InvalidValue
from arena.services.boards import OVERALL, Boards
from arena.services.campaigns import Campaigns
from arena.services.contestants import Contestants
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.workspace_rules import WorkspaceRules

LOOK_SECONDS = 1.0
AGAIN_SECONDS = 30.0
QUIET_SECONDS = 15.0
"""After so long without an event a listener is told that the arena is still there."""
KINDS = ("model", "votes", "board")
"""Of events, in the order in which those of one line are told."""

Number = tuple[int, int]
"""Of an event: the line of the ledger, and which of the events of that line."""
START: Number = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsEvent:
    """How one thing stands after a line of the ledger."""

    line: int
    kind: str
    """`votes`, `board` or `model`."""
    data: str
    """JSON."""

    @property
    def number(self) -> Number:
        """What it is ordered by."""
        return (self.line, KINDS.index(self.kind) + 1)

    @property
    def id(self) -> str:
        """The number as listeners send it back."""
        return f"{self.line}-{self.number[1]}"


def number(text: str | None) -> Number:
    """The number of the last event that a listener saw; `START` where it saw none."""
    if not text:
        return START
    line, _, of_line = text.partition("-")
    if not (line.isascii() and line.isdigit() and of_line.isascii() and of_line.isdigit() and len(text) <= 24):
        raise InvalidValue(f"Last-Event-ID is {text[:40]!r}; send the id of an event, such as 12-2, or leave it out.")
    return int(line), int(of_line)


class Feed:
    """The events of one workspace. An async context manager: leaving it ends every listener."""

    def __init__(
        self,
        here: OpenWorkspace,
        boards: Boards,
        contestants: Contestants,
        campaigns: Campaigns,
        rules: WorkspaceRules,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = here.store
        self._boards = boards
        self._contestants = contestants
        self._campaigns = campaigns
        self._rules = rules
        self._clock = clock
        self._name = here.name
        self._told: dict[str, NewsEvent] = {}
        """What was told last, `votes` and `board` once each and every change of a model."""
        self._waiting: deque[tuple[float, Sequence[NewsEvent]]] = deque()
        self._seen: object = None
        """The workspace when it was looked at last."""
        self._again = 0.0
        """When it is looked at although nothing was written: a board may move with the time."""
        self._news = asyncio.Condition()
        self._listeners = 0
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Tell nobody anything more; who listens is let go."""
        self._closed = True
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        async with self._news:
            self._news.notify_all()

    def demand(self, principal: Principal) -> None:
        """Refuse who may not read the board."""
        if not self._rules.public_board:
            demand(principal, Permission.READ_BOARDS)

    def may_read(self, principal: Principal) -> bool:
        """Whether somebody may read the board, as the rules are now."""
        return self._rules.public_board or permissions.may(principal, Permission.READ_BOARDS)

    async def listen(
        self, after: Number = START, may_go_on: Callable[[], bool] = lambda: True
    ) -> AsyncIterator[NewsEvent | None]:
        """Events after a number, as they come, in order; None where there was none for a while. Of votes and boards
        the newest: an older one is not told any more. Ends where it may not go on."""
        async with self._listening():
            while not self._closed and may_go_on():
                for event in self._newer(after):
                    after = event.number
                    yield event
                if not await self._more(after):
                    yield None

    def _newer(self, after: Number) -> list[NewsEvent]:
        return sorted((one for one in self._told.values() if one.number > after), key=lambda one: one.number)

    async def _more(self, after: Number) -> bool:
        """Wait for an event after a number. Returns whether there is one."""
        async with self._news:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(QUIET_SECONDS):
                    await self._news.wait_for(lambda: self._closed or self._newer(after))
        return self._closed or bool(self._newer(after))

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        """Inside it the workspace is looked at."""
        self._listeners += 1
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._listeners -= 1

    async def _watch(self) -> None:
        while self._listeners and not self._closed:
            await self._look()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        """Take in what was written since, and tell what has waited long enough."""
        head = self._store.head
        if head != self._seen or self._clock() >= self._again:
            found = await self._events()
            self._seen, self._again = head, self._clock() + AGAIN_SECONDS
            self._waiting.append((self._clock() + self._delay(), found))
        told = False
        while self._waiting and self._waiting[0][0] <= self._clock():
            for event in self._waiting.popleft()[1]:
                key = event.kind if event.kind != "model" else event.id
                before = self._told.get(key)
                if before is None or before.data != event.data:
                    self._told[key], told = event, True
        if told:
            async with self._news:
                self._news.notify_all()

    def _delay(self) -> float:
        """Seconds. One campaign's votes would be known from the others' if each were told at its own time."""
        return max(one.feed_delay for one in self._campaigns.every())

    async def _events(self) -> list[NewsEvent]:
        """How everything stands now, as the public sees it where it may."""
        reader = Principal(
            id="listeners", role=Role.RATER if self._rules.public_board else Role.READER, workspace=self._name
        )
        line = self._store.head.votes
        found = [
            NewsEvent(line=one.sequence, kind="model", data=_json(name=one.change.model, state=one.change.state.value))
            for one in await self._contestants.changes(reader)
        ]
        ranking = await self._boards.overall(reader)
        return [
            *found,
            NewsEvent(line=line, kind="votes", data=_json(counted=ranking.votes)),
            NewsEvent(line=line, kind="board", data=_json(board=OVERALL, ledger_head=ranking.head)),
        ]


def _json(**values: object) -> str:
    return json.dumps(values, ensure_ascii=False)
