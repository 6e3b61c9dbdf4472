"""Work that takes a while: done in a thread, one at a time, asked after until it is over and forgotten some time later.

Exports and imports each have their `Jobs`; what a job has done so far stands on the job itself, for whoever asks.
Processes that share a workspace do one at a time together, and each notes how far its jobs have come, so that whoever
is asked knows, and may end them.
"""

import asyncio
import contextlib
import dataclasses
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Self, TypeVar

from arena.errors import ArenaError, Conflict, InvalidValue, Overloaded
from arena.services.sole_work import SoleWork
from arena.store.other_processes import NotedJob, OtherProcesses

log = logging.getLogger(__name__)

FINISHED_KEPT = 32
"""Jobs that are over and can still be asked after; an import keeps up to 10,000 sentences."""
NOTED_SECONDS = 0.5
"""How often a job is noted for other processes while it runs."""
LAST_TRIES = 40
"""How often its end is noted anew where the database is away: until then others hold it for running."""
ARENA_STOPPED = "The arena stopped."
ASKED_TO_STOP = "It was stopped."
FAULT = "The arena could not do that; its log says why."


class JobState(StrEnum):
    """Where a job is."""

    RUNNING = "running"
    """Or waiting for its turn."""
    DONE = "done"
    FAILED = "failed"


class StoppingError(Exception):
    """The job is asked to end."""


@dataclass(slots=True, kw_only=True)
class Job:
    """One job, as far as it has come."""

    job_id: str
    state: JobState = JobState.RUNNING
    stopping: str | None = None
    """Why it is to end before it is done."""
    problem: str | None = None
    """Why it failed, and what to do."""
    refused: bool = False
    """Whether it failed because of what was asked for."""
    told: list[str] = field(default_factory=list)
    """Sentences, such as one for each row that it left outside. More are added; none is changed."""

    def check(self) -> None:
        """Raise `StoppingError` when the job is to end; its work asks this between its steps."""
        if self.stopping is not None:
            raise StoppingError(self.stopping)

    def document(self) -> dict[str, Any]:
        """What other processes are told of it, as JSON has it; its sentences are told apart, each once."""
        return {one.name: getattr(self, one.name) for one in dataclasses.fields(self) if one.name != "told"}


SomeJob = TypeVar("SomeJob", bound=Job)


class Jobs(Generic[SomeJob]):
    """The jobs of one kind; leaving it ends those that run."""

    def __init__(
        self,
        what_then: str,
        kind: str,
        others: OtherProcesses,
        read: Callable[[Mapping[str, Any]], SomeJob],
        *,
        refused_then: str | None = None,
    ) -> None:
        """`what_then` is what the person who asked for a job is told to do when it failed, `refused_then` when it was
        refused, if that is something else; `read` makes a job of what another process told of it."""
        self._what_then = what_then
        self._refused_then = what_then if refused_then is None else refused_then
        self._kind = kind
        self._others = others
        self._read = read
        self._jobs: dict[str, SomeJob] = {}
        self._known: dict[str, tuple[str, int]] = {}
        """What the others know of those that run: the document, and how many sentences."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = SoleWork(others, kind)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for job in self.running():
            job.stopping = job.stopping or ARENA_STOPPED
        await asyncio.gather(*self._tasks)

    def start(self, job: SomeJob, work: Callable[[], None], after: Callable[[], None] | None = None) -> SomeJob:
        """Have work done for a job when its turn comes, in a thread. What it raises becomes the job's problem.

        `after` is called once the job is over, also where its turn never came."""
        self._jobs[job.job_id] = job
        task = asyncio.create_task(self._noted(job, work), name=job.job_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if after is not None:
            task.add_done_callback(lambda _: after())
        return job

    def find(self, job_id: str) -> SomeJob | None:
        """A job of this run of the arena; None for one that is unknown or forgotten."""
        return self._jobs.get(job_id)

    def elsewhere(self, job_id: str) -> SomeJob | None:
        """A job of another process."""
        found = self._others.find(self._kind, job_id) if job_id.isascii() and job_id.isprintable() else None
        return None if found is None else self._of(found)

    def all(self) -> list[SomeJob]:
        """Those that can be asked after, oldest first."""
        noted = {job.job_id: job for job in map(self._of, self._others.noted(self._kind))}
        return [job for _, job in sorted((noted | self._jobs).items())] if noted else list(self._jobs.values())

    def running(self) -> list[SomeJob]:
        """Those of this process that are not over."""
        return [job for job in self._jobs.values() if job.state is JobState.RUNNING]

    def stop(self, job: Job) -> None:
        """Ask for an end of a job; it is over when its state says so. Raises `Conflict` when it is over already."""
        if job.state is not JobState.RUNNING:
            raise Conflict(f"{job.job_id} is {job.state} already, so there is nothing to stop.")
        job.stopping = job.stopping or ASKED_TO_STOP
        if job.job_id not in self._jobs:
            self._others.ask_to_stop(job.job_id)

    def between(self) -> AbstractAsyncContextManager[None]:
        """Held while no job is at work, at any process."""
        return self._one_at_a_time.turn()

    def _of(self, noted: NotedJob) -> SomeJob:
        document = json.loads(noted.document)
        told = [*document.pop("told", ()), *noted.told]  # an earlier arena has them in the document
        job = self._read({**document, "told": told, "state": JobState(document["state"])})
        if job.state is JobState.RUNNING and not noted.alive:
            self._fail(job, ARENA_STOPPED)
        return job

    async def _noted(self, job: SomeJob, work: Callable[[], None]) -> None:
        """Do it, and let the others know meanwhile and at its end."""
        if not self._others.shared:
            await self._run(job, work)
            return
        over = asyncio.Event()
        telling = asyncio.create_task(self._tell(job, over))
        try:
            await self._run(job, work)
        finally:
            over.set()
            await telling  # a thread that is at it cannot be stopped, and would write over what is told last
            for _ in range(LAST_TRIES):
                if await self._note(job):
                    break
                await asyncio.sleep(NOTED_SECONDS)
            self._known.pop(job.job_id, None)

    async def _tell(self, job: SomeJob, over: asyncio.Event) -> None:
        while not over.is_set():
            await self._note(job)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), NOTED_SECONDS)

    async def _note(self, job: SomeJob) -> bool:
        """Let other processes know how far a job is. Returns whether they do."""

        def note() -> None:
            before, count = self._known.get(job.job_id, ("", 0))
            noted, told = job.document(), job.told[count:]
            document, over = json.dumps(noted), noted["state"] is not JobState.RUNNING
            if document != before or told:
                self._others.note(self._kind, job.job_id, document, told, count, over=over)
                self._known[job.job_id] = document, count + len(told)
            if self._others.asked_to_stop(job.job_id):
                job.stopping = job.stopping or ASKED_TO_STOP

        try:
            await asyncio.to_thread(note)
        except Overloaded as error:
            log.warning("other processes do not know how far %s is: %s", job.job_id, error)
        except Exception:  # the job itself goes on
            log.exception("other processes do not know how far %s is", job.job_id)
        else:
            return True
        return False

    async def _run(self, job: SomeJob, work: Callable[[], None]) -> None:
        try:
            async with self._one_at_a_time.turn(job.check):
                job.check()
                await asyncio.to_thread(work)
        except StoppingError as error:
            self._fail(job, str(error))
        except InvalidValue as error:  # what was asked for, not what the arena did
            log.warning("%s was refused: %s", job.job_id, error)
            job.refused = True
            self._fail(job, str(error))
        except (ArenaError, OSError) as error:
            log.exception("%s failed", job.job_id)
            self._fail(job, str(error))
        except Exception:
            log.exception("%s failed", job.job_id)
            self._fail(job, FAULT)
        else:
            job.state = JobState.DONE
        self._forget()

    def _fail(self, job: SomeJob, why: str) -> None:
        job.problem = f"{why} {self._refused_then if job.refused else self._what_then}".rstrip()
        job.state = JobState.FAILED

    def _forget(self) -> None:
        """Let go of the jobs that have been over for longest."""
        over = [job.job_id for job in self._jobs.values() if job.state is not JobState.RUNNING]
        for job_id in over[: max(0, len(over) - FINISHED_KEPT)]:
            del self._jobs[job_id]
