"""`arena generate --engine ray` on one machine: the layout of the local engine, and what a killed driver costs."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from arena.services.answer_parts import ROWS
from arena.services.generating_on_ray import BLOCK
from tests.inference import misbehaving

pytestmark = pytest.mark.soak

PROGRAM = Path(sys.executable).parent / "arena"
CONCURRENCY = 8
MODELS = {"canary-0": "say:a b", "canary-1": "say:c d", "canary-2": "say:e f", "canary-3": "overflow"}
ANSWERING = 3
PROMPTS = 400
KILLS = 5
HELD_BY_RAY = ANSWERING * 4 * (CONCURRENCY + BLOCK)
"""Answers and questions that actors, and the queue before the driver, may hold."""


def started(folder: Path, endpoint: str) -> tuple[list[str], dict[str, str]]:
    (folder / "prompts.jsonl").write_text(
        "".join(
            json.dumps({"prompt_id": f"p{number}", "prompt": f"Say {number}.", "language": "en"}) + "\n"
            for number in range(PROMPTS)
        )
    )
    (folder / "arena.toml").write_text(
        "".join(
            f'[[models]]\nname = "{name}"\nendpoint = "{endpoint}"\nserved_name = "{served}"\n'
            for name, served in MODELS.items()
        )
    )
    environment = {**os.environ, "ARENA_DATA_DIR": str(folder / "data")}
    stored = [str(PROGRAM), "import", "prompts", "prompts.jsonl", "--set", "asked"]
    subprocess.run(stored, cwd=folder, env=environment, check=True)
    options = f"--set asked --models {','.join(MODELS)} --config arena.toml --out out --concurrency {CONCURRENCY}"
    return [str(PROGRAM), "generate", *options.split(), "--engine", "ray"], environment


def keys(folder: Path) -> Counter[tuple[str, str, int]]:
    rows: list[dict[str, Any]] = [
        json.loads(line) for path in folder.glob("part-*.jsonl") for line in path.read_text().splitlines()
    ]
    return Counter((row["prompt_id"], row["model"], row["sample"]) for row in rows)


def test_a_killed_driver_loses_a_part_and_what_is_left_is_asked_once(tmp_path: Path) -> None:
    """Run, killed at random, run to the end; what a model refuses is named and left, and the others are whole."""
    chance, wanted = random.Random(1129), ANSWERING * PROMPTS
    with misbehaving.serve() as server:
        command, environment = started(tmp_path, server.endpoint)
        kept: Counter[tuple[str, str, int]] = Counter()
        for _ in range(KILLS):
            before = answering(server)
            running = subprocess.Popen(command, cwd=tmp_path, env=environment)
            until = before + chance.randint(1, wanted - len(kept) - 1)
            while answering(server) < until and running.poll() is None:
                time.sleep(0.01)
            running.send_signal(signal.SIGKILL)
            running.wait()
            time.sleep(3)  # Ray notices that its driver is gone, and ends the actors
            after = keys(tmp_path / "out")
            assert after & kept == kept
            assert set(after.values()) <= {1}
            assert answering(server) - before - (len(after) - len(kept)) <= ROWS + HELD_BY_RAY
            kept = after
        assert kept, "no part was finished before a kill: the test shows nothing"
        before = answering(server)
        last = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert last.returncode == 1, last.stderr
        assert f"arena: {PROMPTS} answers of {wanted - len(kept) + PROMPTS} left to ask" in last.stderr
        assert answering(server) - before == wanted - len(kept)
        found = keys(tmp_path / "out")
        assert set(found.values()) == {1}
        assert Counter(model for _, model, _ in found) == dict.fromkeys(list(MODELS)[:ANSWERING], PROMPTS)


def answering(server: misbehaving.Server) -> int:
    """Requests to the models that answer."""
    return sum(asked.served_name != "overflow" for asked in server.requests)
