"""Importing votes that were cast elsewhere: page after page, each in one transaction, with progress.

An import that was killed is continued by importing the same files again: votes that are here already are skipped.
"""

import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Self

from arena import imports
from arena.domain import ids
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Conflict, DoesNotFit, InvalidValue, NotFound
from arena.imports import reading
from arena.imports.imported_vote import ImportedVote, Outside
from arena.imports.mapping import AS_IT_IS, Meaning
from arena.imports.shape import Shape
from arena.services import import_duplicates
from arena.services.import_duplicates import Admitted
from arena.services.jobs import Job, Jobs
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand

WORK = "imports"
"""The name under which processes take turns at it."""
PAGE = 500
"""Votes in one transaction: raters who vote meanwhile wait for at most one page."""
NAMED_OUTSIDE = 10_000
"""How many rows are reported one by one; the rest is counted."""
ATTEMPTS = 3
"""How often a page is tried, when the stored battles change before it is written."""
BROKEN = sys.maxsize
"""The number given instead of a row where the rest of the file cannot be read."""
SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
WHAT_THEN = "Import the same files again."
"""Told of an import that failed."""
BREATH_SECONDS = 0.005
"""Pause between pages in a running arena, so that raters come first."""


@dataclass(slots=True, kw_only=True)
class Import(Job):
    """One import, as far as it has come."""

    votes: int = 0
    """Votes entered."""
    battles: int = 0
    """Battles entered."""
    here: int = 0
    """Votes that were here already."""
    outside: int = 0
    """Rows, or votes of a row, that were left outside. `told` has a sentence for each, up to `NAMED_OUTSIDE`."""
    unvoted: int = 0
    """Rows without a vote that were skipped, where the import asked to skip them."""
    unnamed: int = 0
    """Votes entered whose source names no model: they train, and are on no board that compares models of that name."""
    unkept: dict[str, int] = field(default_factory=dict)
    """Fields that are not kept, by path, and in how many of the entered rows each was."""
    broken: list[str] = field(default_factory=list)
    """Names of files that could not be read to their end."""

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


class Importing:
    """Imports into the workspace of a running arena, one at a time, in a thread."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._here = here
        self._jobs = Jobs[Import](WHAT_THEN, WORK, here.store.others, lambda told: Import(**told))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._jobs.__aexit__()

    async def start(
        self,
        principal: Principal,
        paths: Sequence[Path],
        shape: str | None,
        source: str | None,
        meaning: Meaning = AS_IT_IS,
    ) -> Import:
        """Begin an import of files on this machine. Raises `InvalidValue` before any vote is entered."""
        demand(principal, Permission.ADMINISTER)
        if relative := next((path for path in paths if not path.is_absolute()), None):
            raise InvalidValue(f"{str(relative)!r} is not a whole path on the arena's machine.")
        sources = await asyncio.to_thread(recognise, paths, shape, source, meaning)
        begun = Import(job_id=ids.mint("imp", self._here.now(), self._here.chance))

        def breathe() -> None:
            begun.check()
            time.sleep(BREATH_SECONDS)

        started = self._jobs.start(begun, lambda: import_once(self._here, begun, sources, breathe))
        await asyncio.to_thread(self._here.note, principal, f"began import {begun.job_id}", named(paths))
        return started

    def find(self, principal: Principal, import_id: str) -> Import:
        """An import of this run of the arena, finished or not."""
        demand(principal, Permission.ADMINISTER)
        found = self._jobs.find(import_id) or self._jobs.elsewhere(import_id)
        if found is None:
            raise NotFound(f"There is no import {import_id}; start one with POST /api/v1/imports.")
        return found


def named(paths: Sequence[Path]) -> str:
    """What the audit log calls the files of an import."""
    return ", ".join(path.name for path in paths)[:200]


def recognise(
    paths: Sequence[Path], shape: str | None, source: str | None, meaning: Meaning = AS_IT_IS
) -> list[ImportedFile]:
    """Find the shape of each file, and drop files without rows. `InvalidValue` for the first unknown file."""
    if not paths:
        raise InvalidValue("No file is named; name the files to import.")
    if source is not None and SOURCE.fullmatch(source) is None:
        raise InvalidValue(f"source is {source!r}; it is the data set's name, such as lmsys/chatbot_arena.")
    if shape is not None:
        imports.named(shape)
    try:
        found = [(path, reading.shape_of(path, shape, meaning)) for path in paths]
    except InvalidValue as error:  # the request was in range: it is what the file is
        raise DoesNotFit(str(error)) from error
    sources = [
        ImportedFile(path=path, shape=known, name=source or known.name, skip_unvoted=meaning.unvoted == "skip")
        for path, known in found
        if known is not None
    ]
    if not sources:
        raise DoesNotFit(f"{paths[0]} has no rows; name a file that holds votes, one a row.")
    return sources


def import_once(
    here: OpenWorkspace, begun: Import, sources: Sequence[ImportedFile], between: Callable[[], None]
) -> None:
    """Import files and count in `begun`. `between` is called after each page; an error that it raises ends the
    import."""
    unkept = reading.Unkept()
    for source in sources:
        entering = _Entering(here, begun, source)
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

    def __init__(self, here: OpenWorkspace, begun: Import, source: ImportedFile) -> None:
        self._here = here
        self._begun = begun
        self._source = source
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
        here = self._here
        with here.store.reading() as connection:
            self._admitted = import_duplicates.admit(connection, self._source.name, entries, here.now(), here.chance)
        self._written = here.store.submit(self._admitted.command()) if self._admitted.votes else None

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
