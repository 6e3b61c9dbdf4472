"""The client against a real vLLM server: what it was written for."""

import asyncio
import time

import pytest

from arena import errors, settings
from arena.domain.battle import Message, Response
from arena.domain.model import Model, Sampling
from arena.inference.client import ModelClient
from tests.vllm.conftest import VllmServer

pytestmark = pytest.mark.vllm

PROMPT = (Message.of_text(role="user", text="Name three colours."),)
STORY = (Message.of_text(role="user", text="Tell me a very long story about the sea, and do not stop."),)
ENDLESS = 1500
"""Tokens of an answer that nobody waits for."""
DEADLINES = settings.Deadlines(first_token=120, silence=60, total=300)


async def complete(model: Model, messages: tuple[Message, ...] = PROMPT) -> tuple[list[str], Response]:
    async with ModelClient(DEADLINES) as client, client.stream(model, messages) as answer:
        pieces = [piece async for piece in answer]
        return pieces, answer.response


async def test_an_answer_streams_with_usage_and_finish_reason(vllm: VllmServer) -> None:
    pieces, response = await complete(vllm.model())
    assert len(pieces) > 5
    assert "".join(pieces) == response.text
    assert response.finish_reason in {"stop", "length"}
    assert response.prompt_tokens is not None
    assert response.prompt_tokens > 5
    assert response.completion_tokens is not None
    assert 5 < response.completion_tokens <= 24
    assert 0 < response.first_token_seconds < response.total_seconds


async def test_the_system_prompt_and_the_history_reach_the_model(vllm: VllmServer) -> None:
    history = (
        Message.of_text(role="user", text="Hello."),
        Message.of_text(role="assistant", text="Hi there."),
        *PROMPT,
    )
    _, plain = await complete(vllm.model())
    _, longer = await complete(vllm.model(system_prompt="You are a painter. " * 20), history)
    assert plain.prompt_tokens is not None
    assert longer.prompt_tokens is not None
    assert longer.prompt_tokens > plain.prompt_tokens + 60


async def test_every_sampling_parameter_is_accepted(vllm: VllmServer) -> None:
    sampling = Sampling(
        max_tokens=8, temperature=0.9, top_p=0.9, top_k=40, min_p=0.01, repetition_penalty=1.05, seed=11
    )
    _, first = await complete(vllm.model(sampling=sampling))
    _, second = await complete(vllm.model(sampling=sampling))
    assert first.text == second.text


async def test_many_answers_are_written_at_once(vllm: VllmServer) -> None:
    async with ModelClient(DEADLINES) as client:

        async def ask(number: int) -> str:
            prompt = (Message.of_text(role="user", text=f"Count from {number}."),)
            async with client.stream(vllm.model(), prompt) as answer:
                return "".join([piece async for piece in answer])

        answers = await asyncio.gather(*(ask(number) for number in range(16)))
    assert all(answers)


async def test_the_probe_passes(vllm: VllmServer) -> None:
    async with ModelClient(DEADLINES) as client:
        await client.probe(vllm.model())


async def test_a_wrong_model_name_is_rejected_by_the_probe_and_by_the_server(vllm: VllmServer) -> None:
    wrong = vllm.model(served_name="no-such-model")
    async with ModelClient(DEADLINES) as client:
        with pytest.raises(errors.Rejected, match=f"serves {vllm.served_name}, not no-such-model") as probed:
            await client.probe(wrong)
    with pytest.raises(errors.Rejected, match="status 404: The model `no-such-model` does not exist") as asked:
        await complete(wrong)
    assert (probed.value.status, asked.value.status) == (404, 404)


async def test_a_prompt_beyond_the_context_is_rejected_with_the_reason(vllm: VllmServer) -> None:
    long = (Message.of_text(role="user", text="word " * (vllm.max_model_len + 100)),)
    with pytest.raises(errors.PromptRefused, match=r"status 400: .*maximum context length"):
        await complete(vllm.model(), long)


async def test_a_sampling_that_cannot_be_is_rejected(vllm: VllmServer) -> None:
    with pytest.raises(errors.Rejected) as caught:
        await complete(vllm.model(sampling=Sampling(max_tokens=8, min_tokens=9)))
    assert caught.value.status == 400


async def test_a_server_behind_the_wrong_path_is_rejected(vllm: VllmServer) -> None:
    with pytest.raises(errors.Rejected) as caught:
        await complete(vllm.model(endpoint=vllm.endpoint.replace("/v1", "/v0")))
    assert caught.value.status == 404


async def test_leaving_an_answer_aborts_it_on_the_server(vllm: VllmServer) -> None:
    before = written(vllm), finished(vllm)
    async with ModelClient(DEADLINES) as client:
        async with client.stream(endless(vllm), STORY) as answer:
            await anext(answer)
            await _running(vllm, 1)
        await _running(vllm, 0)
    assert finished(vllm) == before[1]
    assert written(vllm) - before[0] < ENDLESS / 2
    stopped = written(vllm)
    await asyncio.sleep(2)
    assert written(vllm) == stopped


async def test_an_answer_that_is_read_goes_on(vllm: VllmServer) -> None:
    """The control: without leaving, the server would have gone on writing."""
    async with ModelClient(DEADLINES) as client, client.stream(endless(vllm), STORY) as answer:
        await anext(answer)
        await _running(vllm, 1)
        began = written(vllm)
        await asyncio.sleep(2)
        assert running(vllm) == 1
        assert written(vllm) > began


async def test_cancelling_the_reader_aborts_on_the_server(vllm: VllmServer) -> None:
    before = finished(vllm)
    reading = asyncio.create_task(complete(endless(vllm), STORY))
    await _running(vllm, 1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await _running(vllm, 0)
    assert finished(vllm) == before


def endless(vllm: VllmServer) -> Model:
    """A contestant that would write for a minute: the hottest vLLM takes, which hardly ever draws the end."""
    return vllm.model(sampling=Sampling(max_tokens=ENDLESS, temperature=2.0))


def running(vllm: VllmServer) -> float:
    """Answers being written on the server."""
    return vllm.metric("vllm:num_requests_running")


def written(vllm: VllmServer) -> float:
    """Tokens written by the server so far."""
    return vllm.metric("vllm:generation_tokens_total")


def finished(vllm: VllmServer) -> float:
    """Answers that the server finished; one whose reader left is not among them."""
    return sum(vllm.metric("vllm:request_success_total", finished_reason=reason) for reason in ("stop", "length"))


async def _running(vllm: VllmServer, wanted: int, seconds: float = 15.0) -> None:
    """Wait until this many answers are being written on the server."""
    deadline = time.monotonic() + seconds
    while (found := await asyncio.to_thread(running, vllm)) != wanted:
        assert time.monotonic() < deadline, (
            f"{found} answers are being written after {seconds:.0f} s, not {wanted}; "
            f"{written(vllm)} tokens and {finished(vllm)} whole answers were written so far"
        )
        await asyncio.sleep(0.1)
