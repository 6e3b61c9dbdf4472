"""Two vLLM servers under `arena models up`: an adapter, a thinker, and a battle whose server is killed."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena import errors, settings
from arena.inference.client import ModelClient
from arena.services import roster
from tests import arenas
from tests.cli.conftest import PROGRAM
from tests.serving import making
from tests.vllm.conftest import Vllm
from tests.vllm.test_vllm_client import DEADLINES, PROMPT, complete

pytestmark = pytest.mark.vllm

SERVED = """
data_dir = "{folder}/data"
port = 0
[deadlines]
first_token = 180
silence = 120
total = 400
[[models]]
name = "river"
endpoint = "http://127.0.0.1:{river}/v1"
served_name = "river"
sampling = {{ max_tokens = 900, min_tokens = 900, temperature = 2.0 }}
[models.serve]
model = "{folder}/made/model"
gpus = 0
args = [
  "--max-model-len", "1024", "--dtype", "bfloat16", "--enforce-eager", "--reasoning-parser", "deepseek_v3",
  "--reasoning-config", '{{"reasoning_start_str": "<think>", "reasoning_end_str": "</think>"}}',
]
lora = {{ river-adapted = "{folder}/made/adapter" }}
[[models]]
name = "lake"
endpoint = "http://127.0.0.1:{lake}/v1"
served_name = "lake"
sampling = {{ max_tokens = 900, min_tokens = 900, temperature = 2.0 }}
[models.serve]
model = "{folder}/made/model"
gpus = 0
args = ["--max-model-len", "1024", "--dtype", "bfloat16", "--enforce-eager"]
"""
CONTESTANTS = """
[[models]]
name = "plain"
served_by = "river"
served_name = "river"
sampling = {{ max_tokens = 24, min_tokens = 20, temperature = 0.0 }}
[[models]]
name = "adapted"
served_by = "river"
served_name = "river-adapted"
sampling = {{ max_tokens = 24, min_tokens = 20, temperature = 0.0 }}
[[models]]
name = "noted"
served_by = "river"
served_name = "river"
chat_template_kwargs = {{ note = "{note}" }}
sampling = {{ max_tokens = 24, min_tokens = 20, temperature = 0.0 }}
[[models]]
name = "thinker"
served_by = "river"
served_name = "river"
chat_template_kwargs = {{ thinking = true }}
extra_body = {{ thinking_token_budget = 12 }}
sampling = {{ max_tokens = 40, min_tokens = 30, temperature = 0.0 }}
[[models]]
name = "shore"
served_by = "lake"
served_name = "lake"
sampling = {{ max_tokens = 900, min_tokens = 900, temperature = 2.0 }}
[[models]]
name = "ponderer"
served_by = "river"
served_name = "river"
chat_template_kwargs = {{ thinking = true }}
sampling = {{ max_tokens = 24, min_tokens = 20, temperature = 0.0 }}
"""


@dataclass
class Served:
    """What runs: the file, and the process of `arena models up`."""

    config: Path
    up: subprocess.Popen[bytes]
    said: Path
    environment: dict[str, str]

    def status(self, name: str) -> dict[str, Any]:
        """The status of one server."""
        command = [PROGRAM, "models", "status", "--config", self.config, "--format", "json"]
        run = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return dict(next(one for one in json.loads(run.stdout)["servers"] if one["name"] == name))

    def eventually(self, fact: Callable[[], bool], seconds: float = 400) -> None:
        """Wait for a fact."""
        deadline = time.monotonic() + seconds
        while not fact():
            assert self.up.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.5)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, vllm_program: Vllm) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    make = [vllm_program.python, Path(__file__).with_name("make_model.py"), vllm_program.model, folder / "made"]
    subprocess.run(make, env=vllm_program.environment, check=True)
    config, said = folder / "served.toml", folder / "said"
    text = SERVED + CONTESTANTS
    config.write_text(text.format(folder=folder, river=making.free_port(), lake=making.free_port(), note="word " * 60))
    environment = {
        **vllm_program.environment,
        "PATH": f"{vllm_program.written_to(folder / 'bin')}{os.pathsep}{os.environ['PATH']}",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "ARENA_TEST_CELL": str(folder),
    }
    with said.open("wb") as output:
        up = subprocess.Popen([PROGRAM, "models", "up", "--config", config], env=environment, stderr=output)
    running = Served(config, up, said, environment)
    try:
        running.eventually(lambda: "All servers answer (2)." in said.read_text())
        yield running
        up.terminate()
        assert up.wait(90) == 0
        assert making.left(str(folder)) == []
    finally:
        up.kill()
        for pid in making.left(str(folder)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def contestant(served: Served, name: str) -> Any:
    loaded = settings.load(served.config)
    return next(model for model in roster.configured(loaded) if model.name == name)


async def test_an_adapter_is_a_contestant_of_its_own(served: Served) -> None:
    _, plain = await complete(contestant(served, "plain"))
    _, adapted = await complete(contestant(served, "adapted"))
    _, again = await complete(contestant(served, "plain"))
    assert plain.text == again.text
    assert adapted.text != plain.text


async def test_what_the_chat_template_is_told_changes_the_prompt(served: Served) -> None:
    _, plain = await complete(contestant(served, "plain"))
    _, noted = await complete(contestant(served, "noted"))
    assert plain.prompt_tokens is not None
    assert noted.prompt_tokens is not None
    assert 55 <= noted.prompt_tokens - plain.prompt_tokens <= 70


def deltas(served: Served, name: str) -> tuple[str, str]:
    """What the server itself streams: thinking, and text."""
    model = contestant(served, name)
    body = {
        "model": model.served_name,
        "messages": [{"role": "user", "content": PROMPT[0].text}],
        "stream": True,
        "max_tokens": model.sampling.max_tokens,
        "temperature": 0,
        "min_tokens": model.sampling.min_tokens,
        "chat_template_kwargs": model.chat_template_kwargs,
        **model.extra_body,
    }
    thought, text = "", ""
    with httpx.stream("POST", f"{model.endpoint}/chat/completions", json=body, timeout=180, trust_env=False) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: {"):
                event = json.loads(line[6:])
                assert "choices" in event, event
                for choice in event["choices"]:
                    thought += choice["delta"].get("reasoning") or ""
                    text += choice["delta"].get("content") or ""
    return thought, text


async def test_what_a_model_thinks_is_never_shown(served: Served) -> None:
    thought, text = deltas(served, "thinker")
    assert len(thought) > 10, "the control: the server does send thinking"
    pieces, response = await complete(contestant(served, "thinker"))
    assert "".join(pieces) == response.text == text
    assert thought.strip() not in response.text
    assert "think>" not in response.text


async def test_a_budget_that_thinking_ate_leaves_no_answer(served: Served) -> None:
    thought, text = deltas(served, "ponderer")
    assert thought
    assert text == ""
    pieces: list[str] = []
    model = contestant(served, "ponderer")
    async with ModelClient(DEADLINES) as client, client.stream(model, PROMPT) as answer:
        with pytest.raises(errors.Incomplete):
            pieces.extend([piece async for piece in answer])
    assert pieces == []


def test_a_server_killed_mid_stream_voids_the_battle_and_comes_back(served: Served) -> None:
    """Both sides come from one server, so that neither is written while the other still waits for its first word."""
    loaded = settings.load(served.config)
    sides = tuple(model for model in loaded.models if model.name in ("lake", "shore"))
    two = loaded.model_copy(update={"models": sides})
    with arenas.running(two) as arena, arena.rater() as rater:
        rater.timeout = httpx.Timeout(300)
        before = served.status("lake-1")
        battle_id = rater.post("/api/v1/battles", json={"prompt": "Tell me a very long story."}).json()["battle_id"]
        state = lambda: rater.get(f"/api/v1/battles/{battle_id}").json()["state"]  # noqa: E731
        with rater.stream("GET", f"/api/v1/battles/{battle_id}/stream") as stream:
            shown = (json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: "))
            next(texts for texts in shown if texts.get("a") and texts.get("b"))
            assert state() == "open", "the control: it is killed while it writes"
            os.kill(before["pid"], signal.SIGKILL)
        served.eventually(lambda: state() == "void", seconds=60)
        served.eventually(lambda: "lake-1 answers" in served.said.read_text().partition("ended by SIGKILL")[2])
        served.eventually(lambda: served.status("lake-1")["state"] == "healthy")
        after = served.status("lake-1")
        assert after["crashes"] == 1
        assert after["pid"] != before["pid"]
        assert served.status("river-1")["crashes"] == 0
        assert rater.get("/readyz").status_code == 200
        again = arenas.battle(rater, "What is a lake?")
        assert arenas.vote(rater, again, "tie").status_code == 201
    assert "lake-1 was ended by SIGKILL" in served.said.read_text()
