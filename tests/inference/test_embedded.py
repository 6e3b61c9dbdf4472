"""The embedded server: real answers from a child process that is never left behind."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from arena import errors, settings
from arena.domain.battle import Message, Response
from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling
from arena.inference import client, embedded, weights

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
DEADLINES = settings.Deadlines(first_token=120, silence=60, total=300)


@pytest.fixture(scope="module")
def server() -> Iterator[embedded.EmbeddedServer]:
    with embedded.EmbeddedServer(weights.fetch(print)) as running:
        yield running


def contestant(server: embedded.EmbeddedServer, **sampling: object) -> Model:
    return Model(
        name=ModelName("smollm2-135m-tested"),
        endpoint=server.endpoint,
        served_name=embedded.SERVED_NAME,
        sampling=Sampling(**({"max_tokens": 24, "temperature": 0.0} | sampling)),  # type: ignore[arg-type]
    )


async def complete(model: Model, prompt: str) -> Response:
    messages = (Message.of_text(role="user", text=prompt),)
    async with client.ModelClient(DEADLINES) as models, models.stream(model, messages) as answer:
        async for _ in answer:
            pass
        return answer.response


def gone(pid: int, seconds: float = 10.0) -> bool:
    """Whether a process ends within some seconds; a zombie has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.model
async def test_a_real_model_answers(server: embedded.EmbeddedServer) -> None:
    response = await complete(contestant(server, max_tokens=80), "What is the capital of France, and why is it famous?")
    assert "Paris" in response.text
    assert response.finish_reason == "stop"
    assert response.prompt_tokens is not None
    assert response.completion_tokens is not None


@pytest.mark.model
async def test_a_long_answer_ends_with_its_token_limit(server: embedded.EmbeddedServer) -> None:
    response = await complete(contestant(server, max_tokens=5), "Tell me a story about a ship.")
    assert response.finish_reason == "length"
    assert response.completion_tokens == 5


@pytest.mark.model
async def test_the_probe_knows_the_name_it_serves(server: embedded.EmbeddedServer) -> None:
    async with client.ModelClient(DEADLINES) as models:
        await models.probe(contestant(server))


@pytest.mark.model
async def test_many_answers_at_once_are_all_whole(server: embedded.EmbeddedServer) -> None:
    prompts = [f"Say something about the number {number}." for number in range(20)]
    responses = await asyncio.gather(*(complete(contestant(server, max_tokens=8), prompt) for prompt in prompts))
    assert all(response.text.strip() for response in responses)


@pytest.mark.model
async def test_the_server_says_that_it_is_alive_while_many_wait(server: embedded.EmbeddedServer) -> None:
    endless = contestant(server, max_tokens=1000, temperature=1.0)
    waiting = [asyncio.create_task(complete(endless, f"Write novel {number}.")) for number in range(48)]
    await asyncio.sleep(1)
    async with client.ModelClient(settings.Deadlines()) as models:
        await models.probe(contestant(server))
    for task in waiting:
        task.cancel()
    assert {type(ended) for ended in await asyncio.gather(*waiting, return_exceptions=True)} == {asyncio.CancelledError}


@pytest.mark.model
async def test_no_answer_of_many_in_a_row_is_lost(server: embedded.EmbeddedServer) -> None:
    async with client.ModelClient(DEADLINES) as models:
        for number in range(40):
            messages = (Message.of_text(role="user", text=f"Say {number}."),)
            async with models.stream(contestant(server, max_tokens=2), messages) as answer:
                async for _ in answer:
                    pass


@pytest.mark.model
async def test_a_prompt_beyond_the_context_is_rejected(server: embedded.EmbeddedServer) -> None:
    with pytest.raises(errors.PromptRefused, match=r"status 400.*context size"):
        await complete(contestant(server), "word " * 9000)


@pytest.mark.model
async def test_leaving_an_answer_frees_the_model(server: embedded.EmbeddedServer) -> None:
    endless = contestant(server, max_tokens=4000, temperature=1.0)
    async with client.ModelClient(DEADLINES) as models:
        for _ in range(2 * 8):  # twice the slots: were they still writing, the next answer would wait for minutes
            async with models.stream(endless, (Message.of_text(role="user", text="Write a long novel."),)) as answer:
                await anext(answer)
    began = time.monotonic()
    await complete(contestant(server, max_tokens=8), "Hello.")
    assert time.monotonic() - began < 20


@pytest.mark.model
async def test_the_contestants_of_the_demo_answer_differently(server: embedded.EmbeddedServer) -> None:
    demo = settings.load(CONFIGS / "demo.toml").models
    models = [
        Model(
            name=ModelName(model.name),
            endpoint=server.endpoint,
            served_name=model.served_name,
            system_prompt=model.system_prompt,
            sampling=Sampling(**(model.sampling.model_dump() | {"seed": 1, "max_tokens": 40})),
        )
        for model in demo
    ]
    responses = await asyncio.gather(*(complete(model, "How do I make pancakes?") for model in models))
    texts = [response.text for response in responses]
    assert len(set(texts)) == len(texts)
    assert not any(model.name in text for model in models for text in texts)


@pytest.mark.model
def test_stopping_leaves_no_process_and_no_port() -> None:
    server = embedded.EmbeddedServer(weights.fetch(print))
    server.start()
    pid, port = server.pid, httpx.URL(server.endpoint).port
    server.stop()
    assert gone(pid, 0.1)
    with socket.socket() as connection:
        assert connection.connect_ex(("127.0.0.1", port)) != 0
    server.stop()
    with pytest.raises(RuntimeError):
        _ = server.endpoint


@pytest.mark.model
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_server_dies_with_its_parent(ending: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    told = json.loads(parent.stdout.readline())
    assert httpx.get(told["endpoint"] + "/models", trust_env=False).status_code == 200
    parent.send_signal(ending)
    assert gone(told["pid"])
    parent.wait(10)
    parent.stdout.close()


@pytest.mark.model
def test_the_server_outlives_the_thread_that_started_it() -> None:
    """The control for how it dies: with the process, not with a thread of it."""
    with embedded.EmbeddedServer(weights.fetch(print)) as server:
        pass
    asyncio.run(_start_in_a_thread(server))
    time.sleep(1.5)
    try:
        assert not gone(server.pid, 0.1)
    finally:
        server.stop()


@pytest.mark.model
def test_a_port_that_is_taken_is_named(server: embedded.EmbeddedServer) -> None:
    taken = httpx.URL(server.endpoint).port
    assert taken is not None
    second = embedded.EmbeddedServer(weights.fetch(print), port=taken)
    with pytest.raises(errors.Unreachable, match=f"port: {taken}"):
        second.start()


def test_weights_that_are_none_are_named(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"not a model")
    with pytest.raises(errors.Unreachable, match=r"ended with status 1 over .*broken\.gguf; its log ends: .*\w"):
        embedded.EmbeddedServer(broken).start()


def test_without_its_package_the_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(errors.SettingsError, match="pip install xllamacpp, or give"):
        embedded.EmbeddedServer(tmp_path / "weights.gguf").start()


async def _start_in_a_thread(server: embedded.EmbeddedServer) -> None:
    await asyncio.to_thread(server.start)


PARENT = """
import json, sys, time
from arena.inference import embedded, weights
server = embedded.EmbeddedServer(weights.path())
server.start()
print(json.dumps({"pid": server.pid, "endpoint": server.endpoint}), flush=True)
time.sleep(600)
"""
