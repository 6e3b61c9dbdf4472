"""One model that is asked a great deal, by a real HTTP server that misbehaves on command."""

import asyncio
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from arena import settings
from arena.domain.battle import Message
from arena.domain.generation import AnswerKey, GeneratedAnswer, Question, Unanswered
from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.inference import bulk, client, retries
from arena.inference.bulk import Asker, AskingLimit
from arena.inference.retries import Patience
from tests.inference import misbehaving

DEADLINES = settings.Deadlines(connect=0.5, first_token=5, silence=5, total=10)
QUICK = Patience(first=0.01, longest=0.02, total=0.4)
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


def model(endpoint: str, served_name: str, **changes: object) -> Model:
    name = ModelName("slug-under-test")
    return Model(name=name, endpoint=endpoint, served_name=served_name, **changes)  # type: ignore[arg-type]


def questions(count: int, sample: int = 0) -> list[Question]:
    messages = (Message.of_text(role="user", text="Why is the sky blue?"),)
    return [
        Question(key=AnswerKey(f"p{number}", ModelName("slug-under-test"), sample), messages=messages)
        for number in range(count)
    ]


async def asked(
    asks: Model, wanted: list[Question], *, concurrency: int = 8, patience: Patience = QUICK
) -> list[GeneratedAnswer | Unanswered]:
    async with (
        client.ModelClient(DEADLINES) as models,
        Asker(
            models,
            asks,
            concurrency=concurrency,
            patience=patience,
            chance=random.Random(1),
            now=lambda: NOW,
            look_seconds=0.02,
        ) as asker,
    ):
        return list(await asyncio.gather(*(asker.ask(question) for question in wanted)))


async def test_an_answer_carries_what_a_row_needs(server: misbehaving.Server) -> None:
    asks = model(server.endpoint, "lines")
    [answer] = await asked(asks, questions(1))
    assert isinstance(answer, GeneratedAnswer)
    assert answer.text == misbehaving.LINES
    assert (answer.finish_reason, answer.generated_at, answer.fingerprint) == ("stop", NOW, asks.fingerprint())
    assert answer.completion_tokens
    assert answer.seconds


async def test_a_busy_server_is_asked_again_until_it_answers(server: misbehaving.Server) -> None:
    [answer] = await asked(model(server.endpoint, "busy-7"), questions(1), patience=Patience(first=0.01, longest=0.02))
    assert isinstance(answer, GeneratedAnswer)
    assert sum(one.served_name == "busy-7" for one in server.requests) == 8


@pytest.mark.parametrize("served_name", ["status-503", "status-429", "die-after-2", "reset", "hang-up"])
async def test_what_may_pass_is_asked_again_until_patience_ends(server: misbehaving.Server, served_name: str) -> None:
    [left] = await asked(model(server.endpoint, served_name), questions(1))
    assert isinstance(left, Unanswered)
    assert sum(one.served_name == served_name for one in server.requests) > 2


@pytest.mark.parametrize("served_name", ["overflow", "refused-content", "empty", "unauthorized", "html"])
async def test_what_will_not_pass_is_asked_no_more_than_a_rater_asks(
    server: misbehaving.Server, served_name: str
) -> None:
    [left] = await asked(model(server.endpoint, served_name), questions(1))
    assert isinstance(left, Unanswered)
    assert left.asked
    assert sum(one.served_name == served_name for one in server.requests) <= 2


async def test_a_refused_prompt_is_left_and_the_others_are_answered(server: misbehaving.Server) -> None:
    wanted = questions(3)
    wanted[1] = Question(key=wanted[1].key, messages=(Message.of_text(role="user", text="word " * 60),))
    found = await asked(model(server.endpoint, "takes-50-words"), wanted)
    assert [isinstance(one, GeneratedAnswer) for one in found] == [True, False, True]


async def test_a_model_that_nobody_may_ask_is_asked_once(server: misbehaving.Server) -> None:
    before = len(server.requests)
    found = await asked(model(server.endpoint, "not-found"), questions(20), concurrency=1)
    assert len(server.requests) == before + 1
    assert [isinstance(one, Unanswered) and one.asked for one in found] == [True] + [False] * 19


async def test_a_server_that_is_gone_is_given_up_when_patience_ends() -> None:
    gone = model(misbehaving.closed_endpoint(), "lines")
    found = await asked(gone, questions(20), concurrency=2)
    assert sum(isinstance(one, Unanswered) and one.asked for one in found) == 2
    assert all(isinstance(one, Unanswered) and "no connection" in one.reason for one in found)


async def test_samples_of_a_seeded_model_differ(server: misbehaving.Server) -> None:
    asks = model(server.endpoint, "echo", sampling=Sampling(seed=7))
    before = len(server.requests)
    found = await asked(asks, [*questions(1), *questions(1, sample=1), *questions(1, sample=2)], concurrency=1)
    assert [request.body["seed"] for request in server.requests[before:]] == [7, 8, 9]
    assert {one.fingerprint for one in found if isinstance(one, GeneratedAnswer)} == {asks.fingerprint()}


async def test_no_more_questions_are_on_their_way_than_allowed(server: misbehaving.Server) -> None:
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, server.writing)
            await asyncio.sleep(0.005)

    watching = asyncio.create_task(watch())
    await asked(model(server.endpoint, "say:one two three-10ms"), questions(20), concurrency=4)
    watching.cancel()
    assert most == 4


async def test_places_shrink_with_the_queue_and_grow_back() -> None:
    places = AskingLimit(32)
    await places.heed(20)
    assert places.allowed == 12
    await places.heed(1000)
    assert places.allowed == 1
    for _ in range(40):
        await places.heed(0)
    assert places.allowed == 32


async def test_places_that_were_taken_back_are_not_given_out() -> None:
    places = AskingLimit(4)
    await places.heed(3)
    held: list[int] = []

    async def one(number: int) -> None:
        async with places.one():
            held.append(number)
            await asyncio.sleep(10)

    tasks = [asyncio.create_task(one(number)) for number in range(4)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(held) == 1
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(1), places.one():
        pass


async def test_while_others_wait_at_the_server_fewer_questions_are_on_their_way() -> None:
    """The queue of a real server's metrics is heeded; with it empty, all places are used."""
    seen: dict[int, int] = {}
    for waiting in (0, 7):
        with misbehaving.serve() as server:
            server.waiting = waiting
            most = 0
            working = asyncio.create_task(asked(model(server.endpoint, "say:one two-10ms"), questions(120)))
            while not working.done():
                await asyncio.sleep(0.005)
                if len(server.requests) > 40:  # the first ones began before anybody looked
                    most = max(most, server.writing)
            assert all(isinstance(one, GeneratedAnswer) for one in await working)
        seen[waiting] = most
    # One at a time; the server may still count an answer whose last byte has been read.
    assert seen[7] <= 2
    assert 6 <= seen[0] <= 8


def test_few_waiting_requests_are_no_queue() -> None:
    assert bulk.held_back(32, 32, 5) == 32
    assert bulk.held_back(32, 32, 6) == 26


def test_pauses_double_up_to_the_longest_and_are_drawn_at_random() -> None:
    """Those who failed together do not come back together."""
    patience = Patience(first=1, longest=8, total=100)
    drawn = [list(itertools.islice(retries.pauses(patience, random.Random(seed)), 6)) for seed in range(50)]
    for number, longest in enumerate((1, 2, 4, 8, 8, 8)):
        column = [pauses[number] for pauses in drawn]
        assert longest / 2 <= min(column) < max(column) <= longest
        assert len(set(column)) == 50
