"""Prompt sets: importing prompts and answers to them, and reading what there is.

A file is compared with the set as a whole, so nothing of one that is refused enters, and then enters a page at a time:
an import that was stopped or killed is continued by importing the same file again.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Container, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal, Self, TypeVar

from arena.domain import ids
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import SLUG
from arena.domain.parts import Media
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.prompt_set import PromptSetSummary, StoredAnswer, StoredPrompt
from arena.errors import Conflict, InvalidValue, NotFound, TooLarge, UnknownName
from arena.exports.filters import languages
from arena.imports import answer_rows, media_files, prompt_rows
from arena.imports.beside import Take
from arena.imports.imported_vote import Outside
from arena.imports.reading import Unkept
from arena.services.importing import BREATH_SECONDS, NAMED_OUTSIDE
from arena.services.jobs import Job, Jobs
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.workspace_rules import WorkspaceRules
from arena.settings.tables import Limits
from arena.store import prompt_sets, stored_answers
from arena.store.writing.commands import AddAnswers, AddPrompts

PAGE = 500
"""Prompts or answers in one transaction: raters who vote meanwhile wait for at most one page."""
NAME_LIMIT = 200

SENT = (".jsonl", ".json", ".csv", ".tsv")
"""Ends of names of files that are sent. What is packed, as Parquet is, may be a thousand times as large as it comes."""
SENT_ROWS = 20_000
"""Most rows of a file that is sent: short rows take a hundred times their bytes in memory."""
MOST_WAITING = 4
"""Imports of a workspace, and files that are being sent to it, while somebody may send one more."""
ASIDE = ".sent-"
WHAT_THEN = "Send or import the same file again; nothing enters twice."
"""Told of an import that failed, and not of one that was refused: the refusal says what to change."""

Kind = Literal["prompts", "responses"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFile:
    """A file for a set."""

    kind: Kind
    path: Path
    set_name: str
    model: str | None = None
    """Whose answers the file holds, whatever it says."""
    media_bytes: int = Limits().media_bytes
    """The largest picture, sound or film."""
    most_rows: int | None = None


@dataclass(slots=True, kw_only=True)
class SetImport(Job):
    """One import into a set, as far as it has come."""

    set_name: str
    entered: int = 0
    here: int = 0
    """Prompts or answers that were here already."""
    empty: int = 0
    """Answers of this file in which nothing can be seen: no pair is made of them."""
    outside: int = 0
    """Rows that were left outside. `told` has a sentence for each, up to `NAMED_OUTSIDE`."""
    unkept: dict[str, int] = field(default_factory=dict)
    """Fields that are not kept, and in how many of the read rows each was."""

    def breathe(self) -> None:
        """Raise `StoppingError` when it is to end, else let raters come first."""
        self.check()
        time.sleep(BREATH_SECONDS)

    def leave(self, path: Path, row: int, why: str) -> None:
        """Note that a row stays outside."""
        self.outside += 1
        if len(self.told) < NAMED_OUTSIDE:
            self.told.append(f"row {row:,} of {path.name}: {why}")


class PromptSets:
    """The sets of a workspace. Imports run one at a time, in a thread."""

    def __init__(self, here: OpenWorkspace, rules: WorkspaceRules) -> None:
        self._here = here
        self._rules = rules
        self._jobs = Jobs[SetImport](
            WHAT_THEN, "imports into sets", here.store.others, lambda told: SetImport(**told), refused_then=""
        )
        self._arriving = 0
        """Files that are being sent and have no job yet."""

    async def __aenter__(self) -> Self:
        for left in self._here.store.path.parent.glob(f"{ASIDE}*"):  # by an arena that was killed
            await asyncio.to_thread(shutil.rmtree, left)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._jobs.__aexit__()

    async def start(self, principal: Principal, file: SetFile) -> SetImport:
        """Begin to import a file on this machine."""
        demand(principal, Permission.ADMINISTER)
        if not file.path.is_absolute():
            raise InvalidValue(f"{str(file.path)!r} is not a whole path on the arena's machine.")
        refuse_name(file.set_name)
        file = replace(file, media_bytes=self._rules.media_bytes)
        begun = SetImport(job_id=ids.mint("imp", self._here.now(), self._here.chance), set_name=file.set_name)

        started = self._jobs.start(begun, lambda: import_once(self._here, begun, file, begun.breathe))
        did = (f"began import of {file.kind}", f"set {file.set_name}", file.path.name[:200])
        await asyncio.to_thread(self._here.note, principal, *did)
        return started

    async def take_sent(self, principal: Principal, content: AsyncIterator[bytes], file: SetFile) -> SetImport:
        """Begin to import a file that is sent; `file.path` is its name, as whoever sends it has it.

        Raises `Conflict` before any of it is read where too many wait. It lies on the disk until its turn is over."""
        demand(principal, Permission.CONDUCT)
        refuse_name(file.set_name)
        _refuse_sent(file.path)
        if len(self._jobs.running()) + self._arriving >= MOST_WAITING:
            raise Conflict(f"{MOST_WAITING} imports wait already; send this one when one of them is done.")
        self._arriving += 1  # nothing is awaited between the look and here, nor between the job's start and its end
        try:
            return await self._take_sent(principal, content, file)
        finally:
            self._arriving -= 1

    async def _take_sent(self, principal: Principal, content: AsyncIterator[bytes], file: SetFile) -> SetImport:
        name = file.path.name
        path = await asyncio.to_thread(_aside, self._here.store.path.parent, name)
        remove = partial(shutil.rmtree, path.parent, ignore_errors=True)
        try:
            async for part in content:
                await asyncio.to_thread(_append, path, part)
            begun = SetImport(job_id=ids.mint("imp", self._here.now(), self._here.chance), set_name=file.set_name)
            kept = replace(file, path=path, media_bytes=self._rules.media_bytes, most_rows=SENT_ROWS)
            did = (f"began import of {file.kind}", f"set {file.set_name}", name)
            await asyncio.to_thread(self._here.note, principal, *did)
        except BaseException:  # whoever sends it went away, too
            remove()
            raise
        return self._jobs.start(begun, lambda: import_once(self._here, begun, kept, begun.breathe), remove)

    def find(self, principal: Principal, set_name: str, import_id: str) -> SetImport:
        """An import of this run of the arena into a set, finished or not."""
        demand(principal, Permission.CONDUCT)
        found = self._jobs.find(import_id) or self._jobs.elsewhere(import_id)
        if found is None or found.set_name != set_name:
            raise NotFound(
                f"There is no import {import_id} into {set_name}; start one with "
                f"POST /api/v1/prompt-sets/{set_name}/imports."
            )
        return found

    async def summaries(self, principal: Principal) -> list[PromptSetSummary]:
        """Every set, counted."""
        demand(principal, Permission.CONDUCT)

        def load() -> list[PromptSetSummary]:
            with self._here.store.reading() as connection:
                return prompt_sets.summaries(connection)

        return await asyncio.to_thread(load)

    async def prompts(
        self, principal: Principal, set_name: str, after: int, limit: int
    ) -> list[tuple[int, StoredPrompt]]:
        """Some prompts of a set, each with its number, after a number."""
        demand(principal, Permission.CONDUCT)

        def load() -> list[tuple[int, StoredPrompt]]:
            with self._here.store.reading() as connection:
                if not prompt_sets.exists(connection, set_name):
                    raise NotFound(absent(set_name))
                return prompt_sets.prompts(connection, set_name, after=after, limit=limit)

        return await asyncio.to_thread(load)


def messages(here: OpenWorkspace, set_name: str) -> dict[str, tuple[Message, ...]]:
    """What the prompts of a set ask, by their ids, in its order. Raises `NotFound`."""
    with here.store.reading() as connection:
        found = prompt_sets.prompts(connection, set_name)
    if not found:
        raise NotFound(absent(set_name))
    return {prompt.prompt_id: prompt.messages for _, prompt in found}


def absent(set_name: str) -> str:
    """What is told of a set that is not there."""
    return f"There is no prompt set {set_name}; `arena import prompts FILE --set {set_name}` makes it, or name another."


def refuse_name(set_name: str) -> None:
    """Raise `InvalidValue` for what can name no set."""
    if SLUG.fullmatch(set_name) is None:
        raise InvalidValue(
            f"{set_name!r} cannot name a prompt set; it is 3 to 64 of a-z, 0-9, dot, dash and underscore."
        )


def _refuse_sent(file: Path) -> None:
    """Raise `InvalidValue` for what is no name of a file that may be sent."""
    name = file.name
    if str(file) != name or not name.isprintable() or len(name.encode()) > NAME_LIMIT:
        raise InvalidValue(f"file is {str(file)!r}; it is the name of a file, of at most {NAME_LIMIT} bytes.")
    if file.suffix.lower() not in SENT:
        raise InvalidValue(
            f"{name} cannot be sent; accepted: {', '.join(SENT)}. Packed files and Parquet come in with "
            "`arena import` on the arena's machine."
        )


def _aside(folder: Path, name: str) -> Path:
    """An empty file of this name in a new folder of its own."""
    path = Path(tempfile.mkdtemp(prefix=ASIDE, dir=folder)) / name
    path.touch()
    return path


def _append(path: Path, part: bytes) -> None:
    with path.open("ab") as kept:
        kept.write(part)


def import_once(here: OpenWorkspace, begun: SetImport, file: SetFile, between: Callable[[], None]) -> None:
    """Import a file and count in `begun`. `between` is called now and then; an error that it raises ends the import.

    Raises `InvalidValue` where the file says something else of what is here; then nothing of it enters.
    """
    refuse_name(file.set_name)
    if not file.path.is_file():
        raise InvalidValue(f"{file.path} is no file; check the name.")
    if file.kind == "prompts":
        _import_prompts(here, begun, file, between)
    else:
        _import_answers(here, begun, file, between)


def _import_prompts(here: OpenWorkspace, begun: SetImport, file: SetFile, between: Callable[[], None]) -> None:
    prompts = _prompts(here, begun, file, between)
    for first in range(0, len(prompts), PAGE):
        page = tuple(prompts[first : first + PAGE])
        command = AddPrompts(set_name=file.set_name, prompts=page, added_at=here.now())
        _count(begun, len(page), here.store.submit(command))
        between()


def _prompts(here: OpenWorkspace, begun: SetImport, file: SetFile, between: Callable[[], None]) -> list[StoredPrompt]:
    """The prompts of a whole file, each once. Raises where one is here, or twice in the file, with another content."""
    unkept, found = Unkept(), dict[str, StoredPrompt]()
    rows = dict[str, int]()
    with here.store.reading() as connection:
        stored = prompt_sets.digests(connection, file.set_name)
    entries = prompt_rows.entries(file.path, languages.detect, unkept, _take(here, file))
    for number, (row, prompt) in enumerate(_bounded(file, entries), 1):
        if number % PAGE == 0:
            between()
        if isinstance(prompt, Outside):
            begun.leave(file.path, row, prompt.why)
            continue
        known = found.setdefault(prompt.prompt_id, prompt)
        first = rows.setdefault(prompt.prompt_id, row)
        if known.digest != prompt.digest:
            raise InvalidValue(
                f"row {row:,} of {file.path.name}: prompt {prompt.prompt_id!r} has another content in row {first:,}, "
                "so nothing was entered; give each prompt its own prompt_id."
            )
        if stored.get(prompt.prompt_id, prompt.digest) != prompt.digest:
            raise InvalidValue(
                f"row {row:,} of {file.path.name}: prompt {prompt.prompt_id!r} is in set {file.set_name} with another "
                "content, so nothing was entered; give what changed a new prompt_id, or name another set."
            )
        begun.here += first != row
    begun.unkept = dict(unkept.rows)
    return list(found.values())


Row = TypeVar("Row")


def _bounded(file: SetFile, entries: Iterator[Row]) -> Iterator[Row]:
    """The rows of a file. Raises where there are more than it may have; nothing of it has entered then."""
    for number, entry in enumerate(entries, 1):
        if file.most_rows is not None and number > file.most_rows:
            raise InvalidValue(
                f"{file.path.name} has more than {file.most_rows:,} rows, so nothing was entered; send it as several "
                "files, one after another, for the same set."
            )
        yield entry


def _import_answers(here: OpenWorkspace, begun: SetImport, file: SetFile, between: Callable[[], None]) -> None:
    with here.store.reading() as connection:
        known = prompt_sets.digests(connection, file.set_name)
    if not known:
        raise UnknownName(absent(file.set_name))
    model = None if file.model is None else _model(file.model)
    take = _take(here, file)
    _compare(here, file, model, take, between)
    unkept, written = Unkept(), None
    for page in _pages(file, model, unkept, take):
        entering = _admitted(begun, file, page, known.keys())
        if written is not None:
            _count(begun, *written)
        command = AddAnswers(set_name=file.set_name, answers=tuple(entering), added_at=here.now())
        written = (len(entering), here.store.submit(command)) if entering else None
        begun.unkept = dict(unkept.rows)
        between()
    if written is not None:
        _count(begun, *written)


def _take(here: OpenWorkspace, file: SetFile) -> Take:
    """Takes pictures, sounds and films into the folder of a workspace."""

    def take(path: Path, name: str) -> Media:
        if path.stat().st_size > file.media_bytes:
            raise TooLarge(f"{name} has {path.stat().st_size:,} bytes; media_bytes allows {file.media_bytes:,}.")
        found = media_files.read(path.read_bytes(), name, file.media_bytes)
        here.media.keep(found)
        return found.media

    return take


def _compare(
    here: OpenWorkspace, file: SetFile, model: ModelName | None, take: Take, between: Callable[[], None]
) -> None:
    """Read the whole file once, and raise where one of its answers is here, or twice in the file, with another text."""
    said: dict[tuple[str, str, int], tuple[str, int]] = {}
    for page in _pages(file, model, Unkept(), take):
        between()
        answers = [(row, one) for row, one in page if isinstance(one, StoredAnswer)]
        asked = sorted({one.prompt_id for _, one in answers})
        with here.store.reading() as connection:
            stored = stored_answers.digests(connection, file.set_name, asked)
        for row, one in answers:
            digest, before = said.setdefault(one.key, (one.digest, row))
            other = f"in row {before:,}" if digest != one.digest else "here already"
            if one.digest != digest or stored.get(one.key, one.digest) != one.digest:
                raise InvalidValue(
                    f"row {row:,} of {file.path.name}: sample {one.sample} of {one.model} to prompt {one.prompt_id!r} "
                    f"is {other} with another text, so nothing was entered; number further answers by `sample`."
                )


Page = list[tuple[int, StoredAnswer | Outside]]


def _pages(file: SetFile, model: ModelName | None, unkept: Unkept, take: Take) -> Iterator[Page]:
    page: Page = []
    for row, found in _bounded(file, answer_rows.entries(file.path, model, unkept, take)):
        page.append((row, found))
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _admitted(begun: SetImport, file: SetFile, page: Page, known: Container[str]) -> list[StoredAnswer]:
    """The answers of a page to prompts of the set; the others are told by their rows."""
    entering = []
    for row, found in page:
        if isinstance(found, Outside):
            begun.leave(file.path, row, found.why)
        elif found.prompt_id not in known:
            begun.leave(file.path, row, f"set {file.set_name} has no prompt {found.prompt_id!r}.")
        else:
            begun.empty += not (found.text or found.media)
            entering.append(found)
    return entering


def _count(begun: SetImport, sent: int, written: Future[int]) -> None:
    entered = written.result()
    begun.entered += entered
    begun.here += sent - entered


def _model(name: str) -> ModelName:
    if not name.strip() or name != name.strip() or not name.isprintable() or len(name) > NAME_LIMIT:
        raise InvalidValue(f"model is {name!r}; a name is 1 to {NAME_LIMIT} visible characters.")
    return ModelName(name)
