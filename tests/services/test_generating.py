"""Answers of several models to many prompts, from real model servers, and what is left when one does not answer."""

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from arena import errors, settings
from arena.domain.battle import Message
from arena.domain.ids import ModelName
from arena.domain.model import Model
from arena.inference.client import ModelClient
from arena.inference.retries import Patience
from arena.services import answer_parts, generating
from arena.services.answer_parts import AnswerParts
from arena.services.generating import BulkRun, CountsByModel, Manner, Work
from tests.inference import misbehaving

DEADLINES = settings.Deadlines(connect=0.5, first_token=5, silence=5, total=10)
PROMPTS = {f"p{number}": (Message.of_text(role="user", text=f"Say {number}."),) for number in range(30)}


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


def models(server: misbehaving.Server, *served_names: str) -> list[Model]:
    return [
        Model(name=ModelName(f"canary-{number}"), endpoint=server.endpoint, served_name=name)
        for number, name in enumerate(served_names)
    ]


def manner() -> Manner:
    return Manner(
        concurrency=4,
        patience=Patience(first=0.01, longest=0.02, total=0.2),
        now=lambda: datetime(2026, 11, 29, 12, tzinfo=UTC),
        chance=random.Random(1),
        load=lambda media: b"",
    )


def bulk_run(
    asked: list[Model], work: Work, parts: AnswerParts, counts: CountsByModel, tell: Callable[[], None]
) -> BulkRun:
    return BulkRun(models=asked, work=work, parts=parts, manner=manner(), counts=counts, tell=tell)


async def generated(folder: Path, asked: list[Model], samples: int = 1) -> CountsByModel:
    async with ModelClient(DEADLINES) as client:
        with answer_parts.filling(folder) as parts:
            work = generating.missing(PROMPTS, asked, samples, parts)
            counts = generating.begun(work)
            await generating.generate(client, bulk_run(asked, work, parts, counts, lambda: None))
            return counts


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for path in sorted(folder.glob("part-*.jsonl")) for line in path.read_text().splitlines()]


def keys(folder: Path) -> list[tuple[object, object, object]]:
    return sorted((row["prompt_id"], row["model"], row["sample"]) for row in rows(folder))  # type: ignore[type-var]


async def test_every_model_answers_every_prompt_as_often_as_asked(server: misbehaving.Server, tmp_path: Path) -> None:
    asked = models(server, "echo", "lines")
    counts = await generated(tmp_path, asked, samples=2)
    assert keys(tmp_path) == sorted(
        (prompt, model.name, sample) for prompt in PROMPTS for model in asked for sample in range(2)
    )
    assert [account.answered for account in counts.values()] == [60, 60]
    texts = {row["prompt_id"]: row["text"] for row in rows(tmp_path) if row["model"] == "canary-0"}
    assert texts == {f"p{number}": f"Say {number}." for number in range(30)}


async def test_a_second_run_asks_only_for_what_is_missing(server: misbehaving.Server, tmp_path: Path) -> None:
    await generated(tmp_path, models(server, "echo"))
    before = len(server.requests)
    await generated(tmp_path, models(server, "echo"), samples=2)
    assert len(server.requests) == before + 30
    await generated(tmp_path, models(server, "echo"), samples=2)
    assert len(server.requests) == before + 30
    assert len(keys(tmp_path)) == len(set(keys(tmp_path))) == 60


async def test_what_failed_is_left_and_asked_again_on_the_next_run(server: misbehaving.Server, tmp_path: Path) -> None:
    """A model that refuses costs the others nothing."""
    counts = await generated(tmp_path, models(server, "echo", "refused-content"))
    assert counts[ModelName("canary-0")].answered == 30
    assert len(counts[ModelName("canary-1")].unanswered) == 30
    assert {one.key.prompt_id for one in counts[ModelName("canary-1")].unanswered} == set(PROMPTS)
    assert {model for _, model, _ in keys(tmp_path)} == {"canary-0"}
    before = len(server.requests)
    await generated(tmp_path, models(server, "echo", "refused-content"))
    assert {asked.served_name for asked in server.requests[before:]} == {"refused-content"}


async def test_a_run_that_is_stopped_keeps_what_came(server: misbehaving.Server, tmp_path: Path) -> None:
    running = asyncio.create_task(generated(tmp_path, models(server, "say:one two-20ms")))
    while not server.writing:  # noqa: ASYNC110 - the server runs in a thread
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.15)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert 0 < len(keys(tmp_path)) < 30
    await generated(tmp_path, models(server, "say:one two-20ms"))
    assert keys(tmp_path) == sorted((prompt, "canary-0", 0) for prompt in PROMPTS)


async def test_a_slow_model_holds_up_no_other(server: misbehaving.Server, tmp_path: Path) -> None:
    asked = models(server, "echo", "say:one two three four five-100ms")
    order: list[int] = []
    async with ModelClient(DEADLINES) as client:
        with answer_parts.filling(tmp_path) as parts:
            work = generating.missing(PROMPTS, asked, 1, parts)
            counts = generating.begun(work)
            await generating.generate(
                client,
                bulk_run(asked, work, parts, counts, lambda: order.append(counts[asked[0].name].answered)),
            )
    assert 30 in order[:45]


async def test_a_changed_setting_under_the_same_name_is_refused(server: misbehaving.Server, tmp_path: Path) -> None:
    await generated(tmp_path, models(server, "echo"))
    with pytest.raises(errors.InvalidValue, match="a changed setting is a new model"):
        await generated(tmp_path, models(server, "lines"))


async def test_an_error_of_the_disk_ends_the_run_as_it_is(
    server: misbehaving.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_parts, "ROWS", 5)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(errors.ArenaError, match="No space left on device"):
        await generated(tmp_path, models(server, "echo", "lines"))


def test_tokens_a_second_are_those_of_the_last_half_minute() -> None:
    account = generating.RowCounts(wanted=3)
    answer = answer_of(40)
    account.enter(answer, 0.0, 0.0)
    account.enter(answer, 100.0, 0.0)
    account.enter(answer, 110.0, 0.0)
    assert account.tokens_a_second(110.0) == pytest.approx(8.0)
    assert account.tokens_a_second(200.0) == 0.0
    assert account.tokens == 120


def answer_of(tokens: int) -> generating.GeneratedAnswer:
    return generating.GeneratedAnswer(
        key=generating.AnswerKey("p1", ModelName("canary-0"), 0),
        text="Yes.",
        finish_reason="stop",
        prompt_tokens=1,
        completion_tokens=tokens,
        seconds=1.0,
        generated_at=datetime(2026, 11, 29, 12, tzinfo=UTC),
        fingerprint="f1",
    )
