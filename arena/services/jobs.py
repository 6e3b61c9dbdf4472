"""Work that takes a while: done in a thread, one at a time, asked after until it is over and forgotten some time later.

Exports and imports each have their `Jobs`; what a job has done so far stands on the job itself, for whoever asks.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

from arena.errors import ArenaError, Conflict, InvalidValue

log = logging.getLogger(__name__)

FINISHED_KEPT = 32
"""Jobs that are over and can still be asked after; an import keeps up to 10,000 sentences."""
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

    def check(self) -> None:
        """Raise `StoppingError` when the job is to end; its work asks this between its steps."""
        if self.stopping is not None:
            raise StoppingError(self.stopping)


SomeJob = TypeVar("SomeJob", bound=Job)


class Jobs(Generic[SomeJob]):
    """The jobs of one kind; leaving it ends those that run."""

    def __init__(self, what_then: str) -> None:
        """`what_then` is what the person who asked for a job is told to do when it failed."""
        self._what_then = what_then
        self._jobs: dict[str, SomeJob] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for job in self.running():
            job.stopping = job.stopping or ARENA_STOPPED
        await asyncio.gather(*self._tasks)

    def start(self, job: SomeJob, work: Callable[[], None]) -> SomeJob:
        """Have work done for a job when its turn comes, in a thread. What it raises becomes the job's problem."""
        self._jobs[job.job_id] = job
        task = asyncio.create_task(self._run(job, work), name=job.job_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def find(self, job_id: str) -> SomeJob | None:
        """A job of this run of the arena; None for one that is unknown or forgotten."""
        return self._jobs.get(job_id)

    def all(self) -> list[SomeJob]:
        """Those that can be asked after, oldest first."""
        return list(self._jobs.values())

    def running(self) -> list[SomeJob]:
        """Those that are not over."""
        return [job for job in self._jobs.values() if job.state is JobState.RUNNING]

    def stop(self, job: Job) -> None:
        """Ask for an end of a job; it is over when its state says so. Raises `Conflict` when it is over already."""
        if job.state is not JobState.RUNNING:
            raise Conflict(f"{job.job_id} is {job.state} already, so there is nothing to stop.")
        job.stopping = job.stopping or ASKED_TO_STOP

    def between(self) -> asyncio.Lock:
        """Held while no job is at work."""
        return self._one_at_a_time

    async def _run(self, job: SomeJob, work: Callable[[], None]) -> None:
        async with self._one_at_a_time:
            try:
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
        job.problem = f"{why} {self._what_then}"
        job.state = JobState.FAILED

    def _forget(self) -> None:
        """Let go of the jobs that have been over for longest."""
        over = [job.job_id for job in self._jobs.values() if job.state is not JobState.RUNNING]
        for job_id in over[: max(0, len(over) - FINISHED_KEPT)]:
            del self._jobs[job_id]
