"""Work that takes a while: one at a time, told how far it is, stopped, and forgotten some time after it is over."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence

import pytest

from arena.errors import ArenaError, Conflict, InvalidValue
from arena.services import jobs
from arena.services.jobs import Job, Jobs, JobState
from arena.store.other_processes import ALONE, NoOthers, NotedJob

THEN = "Do this then."


def made() -> Jobs[Job]:
    return Jobs[Job](THEN, "tests", ALONE, lambda told: Job(**told))


async def over(jobs: Jobs[Job]) -> None:
    """Wait until all jobs are over."""
    await asyncio.gather(*jobs._tasks)


async def test_jobs_are_done_one_at_a_time_in_the_order_they_came() -> None:
    seen: list[str] = []
    async with made() as all_jobs:

        def work(name: str) -> None:
            seen.extend((f"{name} begins", f"{name} ends"))

        started = [all_jobs.start(Job(job_id=name), lambda name=name: work(name)) for name in "abc"]  # type: ignore[misc]
        assert [job.state for job in started] == [JobState.RUNNING] * 3
        assert all_jobs.running() == started
        await over(all_jobs)
        assert [job.state for job in started] == [JobState.DONE] * 3
    assert seen == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (InvalidValue("This cannot be."), "This cannot be. Do this then."),
        (ArenaError("The disk broke."), "The disk broke. Do this then."),
        (OSError(28, "No space left"), "[Errno 28] No space left Do this then."),
        (KeyError("a fault of ours"), f"{jobs.FAULT} Do this then."),
    ],
)
async def test_a_job_that_fails_says_why_and_what_to_do_and_holds_up_nobody(error: Exception, problem: str) -> None:
    def fail() -> None:
        raise error

    async with made() as all_jobs:
        failed, after = all_jobs.start(Job(job_id="1"), fail), all_jobs.start(Job(job_id="2"), lambda: None)
        await over(all_jobs)
        assert (failed.state, failed.problem) == (JobState.FAILED, problem)
        assert after.state is JobState.DONE


async def test_what_was_refused_may_be_told_something_else_than_what_failed() -> None:
    def fail(error: Exception) -> None:
        raise error

    async with Jobs[Job](THEN, "tests", ALONE, lambda told: Job(**told), refused_then="") as all_jobs:
        refused = all_jobs.start(Job(job_id="1"), lambda: fail(InvalidValue("This cannot be.")))
        failed = all_jobs.start(Job(job_id="2"), lambda: fail(ArenaError("The disk broke.")))
        await over(all_jobs)
    assert (refused.problem, failed.problem) == ("This cannot be.", "The disk broke. Do this then.")


async def test_what_comes_after_a_job_is_done_also_where_its_turn_never_came() -> None:
    begun, seen = threading.Event(), list[str]()
    first = Job(job_id="1")

    def work() -> None:
        begun.set()
        while True:
            first.check()

    async with made() as all_jobs:
        all_jobs.start(first, work, lambda: seen.append("first"))
        second = all_jobs.start(Job(job_id="2"), lambda: seen.append("never"), lambda: seen.append("second"))
        await asyncio.to_thread(begun.wait)
        assert seen == [], "not before it is over"
        for job in (second, first):
            all_jobs.stop(job)
        await over(all_jobs)
    assert sorted(seen) == ["first", "second"]


async def test_a_job_is_stopped_while_it_runs_and_while_it_waits_and_never_afterwards() -> None:
    begun = threading.Event()
    first = Job(job_id="1")

    def work() -> None:
        begun.set()
        while True:
            first.check()

    async with made() as all_jobs:
        all_jobs.start(first, work)
        second = all_jobs.start(Job(job_id="2"), lambda: pytest.fail("it was stopped before its turn"))
        await asyncio.to_thread(begun.wait)
        for job in (second, first):
            all_jobs.stop(job)
            all_jobs.stop(job)
        await over(all_jobs)
        for job in (first, second):
            assert (job.state, job.problem) == (JobState.FAILED, "It was stopped. Do this then.")
            with pytest.raises(Conflict, match=f"{job.job_id} is failed already"):
                all_jobs.stop(job)


async def test_the_end_of_the_arena_ends_what_runs() -> None:
    job = Job(job_id="1")

    def work() -> None:
        while True:
            job.check()

    async with made() as all_jobs:
        all_jobs.start(job, work)
        await asyncio.sleep(0)
    assert (job.state, job.problem) == (JobState.FAILED, "The arena stopped. Do this then.")


async def test_the_oldest_finished_jobs_are_forgotten_and_those_that_run_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "FINISHED_KEPT", 2)
    go = threading.Event()

    def wait() -> None:
        assert go.wait(60)

    async with made() as all_jobs:
        started = [all_jobs.start(Job(job_id=str(number)), lambda: None) for number in range(4)]
        await over(all_jobs)
        last = all_jobs.start(Job(job_id="running"), wait)
        await asyncio.sleep(0)
        assert [job.job_id for job in all_jobs.all()] == ["2", "3", "running"]
        assert (all_jobs.find("0"), all_jobs.find("3")) == (None, started[3])
        go.set()
        await over(all_jobs)
        assert last.state is JobState.DONE
        assert [job.job_id for job in all_jobs.all()] == ["3", "running"]


async def test_between_jobs_nothing_is_at_work() -> None:
    async with made() as all_jobs:
        async with all_jobs.between():
            job = all_jobs.start(Job(job_id="1"), lambda: None)
            await asyncio.sleep(0.01)
            assert job.state is JobState.RUNNING
        await over(all_jobs)
        assert job.state is JobState.DONE


def waited(holds: Callable[[], bool]) -> None:
    """Wait for a fact."""
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.001)


class Noting(NoOthers):
    """Another process, which keeps what it is told and asks for no end."""

    shared = True

    def __init__(self) -> None:
        self.notes: list[tuple[str, int, int]] = []
        """Each document, with how many sentences came with it and how many were known."""
        self.told: list[str] = []
        self.overs: list[bool] = []
        """Whether it was over, of each note."""

    def note(
        self, kind: str, job_id: str, document: str, told: Sequence[str] = (), before: int = 0, *, over: bool = False
    ) -> None:
        self.overs.append(over)
        self.notes.append((document, len(told), before))
        self.told[before:] = told

    def find(self, kind: str, job_id: str) -> NotedJob | None:
        return NotedJob(document=self.notes[-1][0], alive=True, told=self.told)


async def test_each_sentence_of_a_job_is_noted_once_and_nothing_while_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "NOTED_SECONDS", 0.001)
    others = Noting()
    job, sentences = Job(job_id="1"), 2000

    def work() -> None:
        for number in range(sentences):
            job.told.append(f"row {number}: it says nothing.")
            if number % 100 == 0:
                waited(lambda number=number: len(others.told) > number)  # type: ignore[misc]
        waited(lambda: len(others.told) == sentences)

    async with Jobs[Job](THEN, "tests", others, lambda told: Job(**told)) as all_jobs:
        all_jobs.start(job, work)
        await over(all_jobs)
        found = all_jobs.elsewhere("1")
    assert others.told == job.told
    assert sum(told for _, told, _ in others.notes) == sentences, "none is sent again"
    assert len({(document, before + told) for document, told, before in others.notes}) == len(others.notes)
    assert found is not None
    assert (found.state, found.told) == (JobState.DONE, job.told)
    assert all("says nothing" not in document for document, _, _ in others.notes)


async def test_what_is_told_last_is_how_a_job_ended() -> None:
    """Also where its end comes while a thread still tells that it runs."""
    telling, ended = threading.Event(), threading.Event()

    class Slow(Noting):
        def note(
            self,
            kind: str,
            job_id: str,
            document: str,
            told: Sequence[str] = (),
            before: int = 0,
            *,
            over: bool = False,
        ) -> None:
            if not telling.is_set():
                telling.set()
                ended.wait(0.5)  # until the job's end was told: never, where that waits for this
            super().note(kind, job_id, document, told, before, over=over)
            ended.set()

    def work() -> None:
        telling.wait(60)

    others = Slow()
    async with Jobs[Job](THEN, "tests", others, lambda told: Job(**told)) as all_jobs:
        all_jobs.start(Job(job_id="1"), work)
        await over(all_jobs)
        await asyncio.to_thread(lambda: waited(lambda: len(others.notes) == 2))
        found = all_jobs.elsewhere("1")
    assert others.overs == [False, True]
    assert found is not None
    assert found.state is JobState.DONE
