"""Importing votes that were cast elsewhere: page after page, each in one transaction, with progress.

An import that was killed is continued by importing the same files again: votes that are here already are skipped.
"""

import asyncio
import logging
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from pathlib import Path
from typing import Self

from arena.domain import ids
from arena.domain.principal import Principal
from arena.errors import ArenaError, Conflict, InvalidValue, NotFound
from arena.imports import reading
from arena.imports.entry import ImportedVote, Outside
from arena.imports.mapping import AS_IT_IS, Meaning
from arena.imports.shape import Shape
from arena.services import import_duplicates
from arena.services.identity import demand
from arena.services.import_duplicates import Admitted
from arena.store.workspace import Workspace

log = logging.getLogger(__name__)

PAGE = 500
"""Votes in one transaction: raters who vote meanwhile wait for at most one page."""
NAMED_OUTSIDE = 10_000
"""How many rows are reported one by one; the rest is counted."""
ATTEMPTS = 3
"""How often a page is tried, when the stored battles change before it is written."""
BROKEN = sys.maxsize
"""The number given instead of a row where the rest of the file cannot be read."""
SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
BREATH_SECONDS = 0.005
"""Pause between pages in a running arena, so that raters come first."""


class ImportState(StrEnum):
    """Where an import is."""

    READING = "reading"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class Import:
    """One import, as far as it has come."""

    import_id: str
    state: ImportState = ImportState.READING
    votes: int = 0
    """Votes entered."""
    battles: int = 0
    """Battles entered."""
    here: int = 0
    """Votes that were here already."""
    outside: int = 0
    """Rows, or votes of a row, that were left outside."""
    unvoted: int = 0
    """Rows without a vote that were skipped, where the import asked to skip them."""
    unnamed: int = 0
    """Votes entered whose source names no model: they train, and are on no board that compares models of that name."""
    unkept: dict[str, int] = field(default_factory=dict)
    """Fields that are not kept, by path, and in how many of the entered rows each was."""
    told: list[str] = field(default_factory=list)
    """A sentence for each row left outside, up to `NAMED_OUTSIDE`."""
    broken: list[str] = field(default_factory=list)
    """Names of files that could not be read to their end."""
    problem: str | None = None
    """Why the import failed."""

    def leave(self, path: Path, row: int, why: str) -> None:
        """Note that a row, or a vote of it, stays outside."""
        self.outside += 1
        if row == BROKEN:
            self.broken.append(path.name)
        if len(self.told) < NAMED_OUTSIDE:
            self.told.append(why if row == BROKEN else f"row {row:,} of {path.name}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A readable file, with its shape and the name of its data set."""

    path: Path
    shape: Shape
    name: str
    skip_unvoted: bool = False
    """Whether rows without a vote are skipped and counted, and not reported."""


class ImportStopped(Exception):
    """The arena is stopping, and the import with it."""


class Importing:
    """Imports into the workspace of a running arena, one at a time, in a thread."""

    def __init__(self, workspace: Workspace, chance: random.Random, now: Callable[[], datetime]) -> None:
        self._workspace = workspace
        self._chance = chance
        self._now = now
        self._imports: dict[str, Import] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()
        self._stopping = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def start(
        self,
        principal: Principal,
        paths: Sequence[Path],
        shape: str | None,
        source: str | None,
        meaning: Meaning = AS_IT_IS,
    ) -> Import:
        """Begin an import of files on this machine. Raises `InvalidValue` before any vote is entered."""
        demand(principal)
        if relative := next((path for path in paths if not path.is_absolute()), None):
            raise InvalidValue(f"{str(relative)!r} is not a whole path on the arena's machine.")
        sources = await asyncio.to_thread(recognise, paths, shape, source, meaning)
        begun = Import(import_id=ids.mint("imp", self._now(), self._chance))
        self._imports[begun.import_id] = begun
        task = asyncio.create_task(self._run(begun, sources), name=begun.import_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return begun

    def find(self, principal: Principal, import_id: str) -> Import:
        """An import of this run of the arena, finished or not."""
        demand(principal)
        found = self._imports.get(import_id)
        if found is None:
            raise NotFound(f"There is no import {import_id}; start one with POST /api/v1/imports.")
        return found

    async def _run(self, begun: Import, sources: Sequence[ImportedFile]) -> None:
        def breathe() -> None:
            if self._stopping:
                raise ImportStopped
            time.sleep(BREATH_SECONDS)

        async with self._one_at_a_time:
            try:
                await asyncio.to_thread(run, self._workspace, begun, sources, self._chance, self._now, breathe)
                begun.state = ImportState.DONE
            except ImportStopped:
                begun.state, begun.problem = ImportState.FAILED, "The arena stopped. Import the same files again."
            except ArenaError as error:
                log.exception("import %s failed", begun.import_id)
                begun.state, begun.problem = ImportState.FAILED, f"{error} Import the same files again."


def recognise(
    paths: Sequence[Path], shape: str | None, source: str | None, meaning: Meaning = AS_IT_IS
) -> list[ImportedFile]:
    """Find the shape of each file, and drop files without rows. `InvalidValue` for the first unknown file."""
    if not paths:
        raise InvalidValue("No file is named; name the files to import.")
    if source is not None and SOURCE.fullmatch(source) is None:
        raise InvalidValue(f"source is {source!r}; it is the data set's name, such as lmsys/chatbot_arena.")
    found = [(path, reading.shape_of(path, shape, meaning)) for path in paths]
    sources = [
        ImportedFile(path=path, shape=known, name=source or known.name, skip_unvoted=meaning.unvoted == "skip")
        for path, known in found
        if known is not None
    ]
    if not sources:
        raise InvalidValue(f"{paths[0]} has no rows; name a file that holds votes, one a row.")
    return sources


def run(
    workspace: Workspace,
    begun: Import,
    sources: Sequence[ImportedFile],
    chance: random.Random,
    now: Callable[[], datetime],
    between: Callable[[], None],
) -> None:
    """Import files and count in `begun`. `between` is called after each page; an error that it raises ends the
    import."""
    unkept = reading.Unkept()
    for source in sources:
        entering = _Entering(workspace, begun, source, chance, now)
        for page in _pages(source, unkept):
            entering.submit(page)
            begun.unkept = dict(unkept.rows)
            between()
        entering.finish()


Page = list[tuple[int, ImportedVote | Outside]]
"""Votes, or reasons to leave them outside, each with the number of its row."""


def _pages(source: ImportedFile, unkept: reading.Unkept) -> Iterator[Page]:
    page: Page = []
    try:
        for row, found in reading.entries(source.path, source.shape, unkept):
            page.append((row, found))
            if len(page) == PAGE:
                yield page
                page = []
    except InvalidValue as broken:
        page.append((BROKEN, Outside(why=str(broken))))
    if page:
        yield page


class _Entering:
    """Enters the pages of one file: one page is written while the next is read. A page is compared with the workspace
    only after the page before it is written, because both may hold the same battle.
    """

    def __init__(
        self,
        workspace: Workspace,
        begun: Import,
        source: ImportedFile,
        chance: random.Random,
        now: Callable[[], datetime],
    ) -> None:
        self._workspace = workspace
        self._begun = begun
        self._source = source
        self._chance = chance
        self._now = now
        self._page: Page = []
        self._admitted = Admitted()
        self._written: Future[int] | None = None

    def submit(self, page: Page) -> None:
        """Have a page written, after the page before it."""
        self.finish()
        self._page = page
        self._admit()

    def finish(self) -> None:
        """Wait for the page that is being written, and count it."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                entered = 0 if self._written is None else self._written.result()
            except Conflict:
                if attempt == ATTEMPTS:
                    raise
                self._admit()
            else:
                self._count(entered)
                return

    def _admit(self) -> None:
        entries = [(row, found) for row, found in self._page if isinstance(found, ImportedVote)]
        with self._workspace.reading() as connection:
            self._admitted = import_duplicates.admit(connection, self._source.name, entries, self._now(), self._chance)
        self._written = self._workspace.submit(self._admitted.command()) if self._admitted.votes else None

    def _count(self, entered: int) -> None:
        begun, admitted = self._begun, self._admitted
        begun.votes += entered
        begun.battles += len(admitted.battles)
        begun.here += admitted.here
        outside = [(row, found) for row, found in self._page if isinstance(found, Outside)]
        passed = [found.unvoted and self._source.skip_unvoted for _, found in outside]
        begun.unvoted += sum(passed)
        read = [(row, found.why) for (row, found), skip in zip(outside, passed, strict=True) if not skip]
        begun.unnamed += admitted.unnamed
        for row, why in sorted([*read, *admitted.outside], key=itemgetter(0)):
            begun.leave(self._source.path, row, why)
        self._page, self._admitted, self._written = [], Admitted(), None
