"""Work that one process at a time does, and jobs that every process knows."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena.errors import NotFound
from arena.services.sole_work import SoleWork
from arena.store import opening
from tests import postgres
from tests.store.conftest import Opener
from tests.store.postgres.test_others import wait_until

pytestmark = pytest.mark.postgres

HOLDER = """
import sys
from pathlib import Path
from arena.store.postgres import shared_transactions
from arena.store.postgres.shared import open_shared
shared_transactions.UNTIL, shared_transactions.RENEWAL_SECONDS = "clock_timestamp() + INTERVAL '2 seconds'", 0.2
with open_shared(sys.argv[1], sys.argv[2], Path(sys.argv[3])) as workspace:
    print(workspace.others.take("exports"), flush=True)
    workspace.others.note("exports", "rel_1", '{"state": "running"}')
    print("noted", flush=True)
    sys.stdin.readline()
"""
"""A process that takes a work and keeps it. Its signs last two seconds."""


@pytest.fixture
def holder(server: postgres.Server, name: str, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    made = subprocess.Popen(
        [sys.executable, "-c", HOLDER, server.url(), name, str(tmp_path / "holder")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[3],
    )  # fmt: skip
    assert made.stdout is not None
    assert [made.stdout.readline(), made.stdout.readline()] == ["True\n", "noted\n"]
    yield made
    made.kill()
    made.communicate()


def test_a_work_is_one_process_s_until_it_lets_go(process: Opener) -> None:
    one, other = process().others, process().others
    assert (one.take("exports"), other.take("exports"), one.take("exports")) == (True, False, True)
    assert other.take("audits"), "another work is another matter"
    other.free("exports")
    assert not other.take("exports"), "who does not have it frees nothing"
    one.free("exports")
    assert (other.take("exports"), one.take("exports")) == (True, False)


def test_the_work_of_a_process_that_ended_is_anybody_s_at_once(process: Opener) -> None:
    one, other = process(), process()
    assert one.others.take("exports")
    one._writer.close()
    one.others.close()
    assert other.others.take("exports")


def test_the_work_of_a_process_that_was_killed_is_anybody_s_when_its_signs_run_out(
    process: Opener, holder: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import shared_transactions  # noqa: PLC0415 - of an extra

    monkeypatch.setattr(shared_transactions, "RENEWAL_SECONDS", 0.2)
    others = process().others
    assert not others.take("exports"), "the control: it lives"
    (noted,) = others.noted("exports")
    assert noted.alive
    holder.kill()
    wait_until(lambda: others.take("exports"))
    assert others.find("exports", "rel_1") is not None
    wait_until(lambda: not any(one.alive for one in others.noted("exports")))


def test_who_has_just_come_takes_no_work_from_one_whose_signs_ran_out(
    process: Opener, holder: "subprocess.Popen[str]"
) -> None:
    """As where the database was away for a minute: all signs ran out, and those who live give new ones first."""
    others = process().others
    holder.kill()
    wait_until(lambda: not any(one.alive for one in others.noted("exports")))
    assert not others.take("exports")


async def test_a_round_is_done_once_by_all_of_them(process: Opener) -> None:
    works = [SoleWork(process().others, "audits") for _ in range(3)]
    at_it, done = 0, []

    async def do(work: SoleWork, number: int) -> None:
        nonlocal at_it
        async with work.round(number) as wanted:
            at_it += 1
            assert at_it == 1
            await asyncio.sleep(0.01)
            done.extend([number] * wanted)
            at_it -= 1

    await asyncio.gather(*(do(work, 7) for work in works))
    await asyncio.gather(*(do(work, 8) for work in works))
    await do(works[0], 7)
    assert done == [7, 8]


def test_a_round_that_ends_late_takes_no_later_one_back(process: Opener) -> None:
    one, other = process().others, process().others
    assert one.take("audits")
    other.finish("audits", 8)
    one.finish("audits", 7)
    assert one.done("audits") == 8


async def test_a_round_that_failed_is_done_by_the_next(process: Opener) -> None:
    one, other = (SoleWork(process().others, "audits") for _ in range(2))

    async def fail() -> None:
        async with one.round(7):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with other.round(7) as wanted:
        assert wanted


def test_two_processes_that_take_a_work_at_once_do_not_both_have_it(
    process: Opener, server: postgres.Server, name: str
) -> None:
    """One of them came after the other asked: what the other sees of who is there is older than that."""
    first = process()
    assert first.others.take("exports")
    with server.session() as session:
        session.execute(f"""UPDATE "workspace_{name}".works SET process_id = 'gone'""")
        session.execute(
            "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF NEW.process_id = '{first.others._process}' THEN PERFORM pg_sleep(2); END IF; "  # type: ignore[attr-defined]
            "RETURN NEW; END $$"
        )
        session.execute(
            f'CREATE TRIGGER slow BEFORE INSERT ON "workspace_{name}".works FOR EACH ROW EXECUTE FUNCTION slowly()'
        )
    with ThreadPoolExecutor(1) as pool, server.session() as looking:
        asked = pool.submit(first.others.take, "exports")
        sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        wait_until(lambda: looking.execute(sleeping).fetchall() == [(1,)])
        later = process().others.take("exports")
        assert [asked.result(), later] == [True, False]


def test_nothing_of_a_workspace_that_was_removed_reaches_the_next_of_its_name(
    process: Opener, server: postgres.Server, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import failures  # noqa: PLC0415 - of an extra

    (file := tmp_path / "file").write_bytes(b"text")
    removed = process()
    assert removed.others.take("exports")
    with closing(opening.instance(tmp_path / "instance", server.url())) as instance:
        assert instance.shared is not None
        instance.shared.put_aside(name)
    following = process()
    following.others.note("exports", "rel_1", "{}")
    for ask in (
        lambda: removed.files.put("media/a", file),
        lambda: removed.files.names(""),
        lambda: removed.others.take("audits"),
        lambda: removed.others.noted("exports"),
    ):
        with pytest.raises(NotFound, match="was removed"):
            ask()
    assert not following.files.names("")
    assert following.others.take("audits")
    monkeypatch.setattr(failures, "refuse_other", lambda *_: None)
    removed.files.put("media/a", file)
    assert [*following.files.names("")] == ["media/a"], "the control: a name finds the tables of today"


def test_the_jobs_that_ended_last_are_known_to_every_process(process: Opener) -> None:
    from arena.store.postgres import shared_work  # noqa: PLC0415 - of an extra

    one, other = process().others, process().others
    for number in range(shared_work.KEPT + 2):
        one.note("imports", f"imp_{number:03}", str(number), over=True)
    one.note("imports", "imp_065", "done", over=True)
    assert [job.document for job in other.noted("imports")] == [*map(str, range(2, shared_work.KEPT + 1)), "done"]
    assert other.find("imports", "imp_000") is None
    assert (other.find("exports", "imp_065"), other.noted("exports")) == (None, [])
    assert not one.asked_to_stop("imp_065")
    other.ask_to_stop("imp_065")
    assert one.asked_to_stop("imp_065")


def test_no_job_is_forgotten_while_it_waits_or_runs(process: Opener) -> None:
    from arena.store.postgres import shared_work  # noqa: PLC0415 - of an extra

    one, leaving = process().others, process()
    leaving.others.note("imports", "imp_000", "{}", ["of a process that leaves"])
    for number in range(1, shared_work.KEPT + 3):
        one.note("imports", f"imp_{number:03}", "{}", ["waits"])
    for number in range(100, 100 + shared_work.KEPT + 1):
        one.note("imports", f"imp_{number}", "{}", over=True)
    known = {job_id: one.find("imports", job_id) for job_id in ("imp_000", "imp_001", "imp_066", "imp_100", "imp_101")}
    assert [job_id for job_id, job in known.items() if job is None] == ["imp_100"], "what ended first"
    assert known["imp_001"] is not None
    assert known["imp_001"].told == ["waits"]

    one.note("imports", "imp_001", '{"votes": 1}', over=True)
    ended = one.find("imports", "imp_001")
    assert ended is not None, "it ended last, long as it waited"
    assert ended.document == '{"votes": 1}'
    assert one.find("imports", "imp_101") is None
    leaving._writer.close()
    leaving.others.close()
    one.note("imports", "imp_002", "{}", over=True)
    assert one.find("imports", "imp_000") is None, "nobody is at it any more"


def test_what_a_job_says_is_noted_in_parts_and_forgotten_with_it(
    process: Opener, server: postgres.Server, name: str
) -> None:
    from arena.store.postgres import shared_work  # noqa: PLC0415 - of an extra

    one, other = process().others, process().others
    for before, told in ((0, ["a", "b"]), (2, ["c"]), (2, ["c", "d"])):  # the third again, with one more
        one.note("imports", "imp_1", "{}", told, before)
    one.note("imports", "imp_1", '{"votes": 1}')
    found = other.find("imports", "imp_1")
    assert found is not None
    assert (found.document, found.told) == ('{"votes": 1}', ["a", "b", "c", "d"])
    one.note("imports", "imp_1", "{}", over=True)
    for number in range(shared_work.KEPT):
        one.note("imports", f"imp_2{number:03}", "{}", ["z"], over=True)
    assert other.find("imports", "imp_1") is None
    with server.session() as session:
        for table in ("jobs", "job_sentences", "job_ends"):
            left = session.execute(f'SELECT DISTINCT job_id FROM "workspace_{name}".{table}').fetchall()
            assert len(left) == shared_work.KEPT


def test_what_a_job_says_before_it_is_noted_is_not_forgotten_by_another_process(
    process: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres.shared_work import SharedWork  # noqa: PLC0415 - of an extra

    one, other = process().others, process().others
    assert isinstance(one, SharedWork)
    asked, between = one._asked, iter([True])

    def asking(query: str, parameters: Any, **more: Any) -> Any:
        found = asked(query, parameters, **more)
        if next(between, False):  # the sentences are written, the job is not
            other.note("imports", "imp_2", "{}", over=True)
        return found

    monkeypatch.setattr(one, "_asked", asking)
    one.note("imports", "imp_1", "{}", ["a", "b"])
    found = other.find("imports", "imp_1")
    assert found is not None
    assert found.told == ["a", "b"]


def test_a_session_whose_first_statement_fails_is_closed(
    server: postgres.Server, name: str, process: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arena.store.postgres import asking, schema, sessions  # noqa: PLC0415 - of an extra

    process()
    made: list[sessions.DatabaseSession] = []

    def connect(url: str, schema_name: str) -> sessions.DatabaseSession:
        made.append(sessions.connect(url, schema_name))
        return made[-1]

    def fail(session: sessions.DatabaseSession) -> None:
        if len(made) == 1:
            raise ValueError("nobody thought of this")

    monkeypatch.setattr(asking, "sessions", mock.Mock(connect=connect))
    with server.session() as session:
        ((identity,),) = session.execute(f'SELECT identity FROM "workspace_{name}".workspace_identity').fetchall()
    asked = asking.Asking(server.url(), schema.name_of(name), identity, fail)
    with pytest.raises(ValueError, match="nobody thought"):
        asked.asked("SELECT 1")
    assert asked.asked("SELECT 1") == [(1,)]
    assert [one.broken for one in made] == [True, False]
    asked.close()
