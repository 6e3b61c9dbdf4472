"""`arena generate`: every answer once, whatever ends the process."""

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena.services.answer_parts import ROWS
from tests import arenas
from tests.cli.conftest import PROGRAM, Command, refused
from tests.forking import Forking
from tests.inference import misbehaving

CONCURRENCY = 8
SEED = 1129


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


def configuration(folder: Path, endpoint: str, *served_names: str) -> Path:
    path = folder / "arena.toml"
    path.write_text(
        "".join(
            f'[[models]]\nname = "canary-{number}"\nendpoint = "{endpoint}"\nserved_name = "{name}"\n'
            for number, name in enumerate(served_names)
        )
    )
    return path


def stored_prompts(arena: Command, folder: Path, count: int) -> set[str]:
    """A set `asked` of so many prompts; their ids."""
    path = folder / "prompts.jsonl"
    ids = [f"p{number}" for number in range(count)]
    path.write_text(
        "".join(json.dumps({"prompt_id": one, "prompt": f"Say {one}.", "language": "en"}) + "\n" for one in ids)
    )
    assert arena("import", "prompts", path, "--set", "asked").returncode == 0
    return set(ids)


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(folder.glob("part-*.jsonl")) for line in path.read_text().splitlines()]


def keys(folder: Path) -> Counter[tuple[str, str, int]]:
    return Counter((row["prompt_id"], row["model"], row["sample"]) for row in rows(folder))


def test_answers_of_two_models_are_imported_as_they_are(
    arena: Command, tmp_path: Path, server: misbehaving.Server
) -> None:
    ids = stored_prompts(arena, tmp_path, 30)
    asked = ("--config", configuration(tmp_path, server.endpoint, "echo", "lines"), "--out", tmp_path / "out")
    done = arena("generate", "--set", "asked", "--models", "canary-0,canary-1", "--samples", "2", *asked)
    assert done.returncode == 0, done.stderr
    assert keys(tmp_path / "out") == Counter(
        {(one, model, sample): 1 for one in ids for model in ("canary-0", "canary-1") for sample in (0, 1)}
    )
    assert "canary-1: 60 of 60 answers" in done.stderr
    assert "tokens/s" in done.stderr
    taken = arena("import", "responses", tmp_path / "out" / "part-00000.jsonl", "--set", "asked")
    assert taken.stdout == "120 answers entered, 0 here already, 0 left outside\n", taken.stderr


def test_a_second_run_asks_nothing(arena: Command, tmp_path: Path, server: misbehaving.Server) -> None:
    stored_prompts(arena, tmp_path, 5)
    asked = ("--config", configuration(tmp_path, server.endpoint, "echo"), "--out", tmp_path / "out")
    assert arena("generate", "--set", "asked", "--models", "canary-0", *asked).returncode == 0
    before = len(server.requests)
    again = arena("generate", "--set", "asked", "--models", "canary-0", *asked)
    assert (again.returncode, len(server.requests)) == (0, before)
    assert "0 answers to make, 5 in" in again.stderr


def test_what_is_left_is_named_and_the_status_is_1(arena: Command, tmp_path: Path, server: misbehaving.Server) -> None:
    stored_prompts(arena, tmp_path, 3)
    asked = ("--config", configuration(tmp_path, server.endpoint, "echo", "overflow"), "--out", tmp_path / "out")
    done = arena("generate", "--set", "asked", "--models", "canary-0,canary-1", *asked)
    assert done.returncode == 1
    assert keys(tmp_path / "out") == Counter({(f"p{number}", "canary-0", 0): 1 for number in range(3)})
    for number in range(3):
        assert f"Not answered: p{number}, sample 0, by canary-1. canary-1 at " in done.stderr
    assert done.stderr.splitlines()[-1] == "arena: 3 answers of 6 left to ask; start the same command again."


def test_the_prompts_come_from_the_arena_that_runs(arena: Command, tmp_path: Path, server: misbehaving.Server) -> None:
    ids = stored_prompts(arena, tmp_path, 5)
    asked = ("--config", configuration(tmp_path, server.endpoint, "echo"), "--out", tmp_path / "out")
    settings = arenas.settings_for(tmp_path / "data", server.endpoint, ["echo", "lines"])
    with arenas.running(settings, pages=False):
        done = arena("generate", "--set", "asked", "--models", "canary-0", *asked)
        absent = arena("generate", "--set", "nothing", "--models", "canary-0", *asked)
    assert done.returncode == 0, done.stderr
    assert {prompt for prompt, _, _ in keys(tmp_path / "out")} == ids
    refused(absent, 2, "There is no prompt set nothing")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"--set": "absent"}, "There is no prompt set absent"),
        ({"--models": "canary-0,unknown"}, "has no model unknown; it has canary-0"),
        ({"--models": ","}, "has no model"),
    ],
)
def test_what_is_not_there_is_said(
    arena: Command, tmp_path: Path, server: misbehaving.Server, changed: dict[str, str], words: str
) -> None:
    stored_prompts(arena, tmp_path, 1)
    config = configuration(tmp_path, server.endpoint, "echo")
    options = {"--set": "asked", "--models": "canary-0", "--config": str(config), "--out": "out"} | changed
    refused(arena("generate", *[word for pair in options.items() for word in pair]), 2, words)


def test_a_signal_keeps_what_came(arena: Command, ready: Forking, tmp_path: Path, server: misbehaving.Server) -> None:
    stored_prompts(arena, tmp_path, 60)
    served = "say:one two three-10ms"
    arguments = _arguments(tmp_path, configuration(tmp_path, server.endpoint, served), "canary-0")
    pid = ready.start(arguments, tmp_path, _environment(tmp_path))
    _wait_for(server, served, 30)
    os.kill(pid, signal.SIGTERM)
    stopped = ready.ended(arguments)
    assert stopped.returncode == 1, stopped.stderr
    assert "left to ask" in stopped.stderr
    found = keys(tmp_path / "out")
    assert 20 < len(found) < 60
    assert ready.run(arguments, tmp_path, _environment(tmp_path)).returncode == 0
    assert len(keys(tmp_path / "out")) == 60
    assert set(keys(tmp_path / "out").values()) == {1}


@pytest.mark.slow
def test_a_process_killed_twenty_times_loses_one_part_at_most_and_asks_nothing_twice(
    arena: Command, ready: Forking, tmp_path: Path, server: misbehaving.Server
) -> None:
    """200 prompts, 4 models. Every renamed row is kept; what is asked again was in an unfinished part or on its way."""
    ids, names = stored_prompts(arena, tmp_path, 200), ["say:a b", "say:c d", "say:e f", "say:g h"]
    models = [f"canary-{number}" for number in range(4)]
    arguments = _arguments(tmp_path, configuration(tmp_path, server.endpoint, *names), ",".join(models))
    chance, wanted = random.Random(SEED), len(ids) * len(models)
    kept, finished_in_a_killed_run = Counter[tuple[str, str, int]](), 0
    for kill in range(20):
        left = wanted - len(kept)
        before = len(server.requests)
        pid = ready.start(arguments, tmp_path, _environment(tmp_path))
        # the first kills may come late, so that some parts are finished; each comes before all is done
        _wait_for_any(server, before + chance.randint(1, max(1, left - 1)))
        os.kill(pid, signal.SIGKILL)
        assert ready.ended(arguments).returncode in (-signal.SIGKILL, 0), kill
        after = keys(tmp_path / "out")
        assert after & kept == kept
        assert set(after.values()) <= {1}
        finished_in_a_killed_run += len(after) > len(kept)
        lost = len(server.requests) - before - (len(after) - len(kept))
        assert lost <= ROWS + len(models) * CONCURRENCY
        kept = after
    assert finished_in_a_killed_run
    before = len(server.requests)
    assert ready.run(arguments, tmp_path, _environment(tmp_path)).returncode == 0
    assert len(server.requests) - before == wanted - len(kept)
    assert keys(tmp_path / "out") == Counter({(one, model, 0): 1 for one in ids for model in models})
    assert all(row["text"] for row in rows(tmp_path / "out"))


@pytest.mark.model
def test_the_embedded_model_answers_twenty_prompts_and_a_kill_costs_no_finished_row(
    arena: Command, ready: Forking, tmp_path: Path
) -> None:
    ids = stored_prompts(arena, tmp_path, 20)
    config = tmp_path / "arena.toml"
    config.write_text(
        '[[models]]\nname = "embedded-one"\nserved_name = "smollm2-135m-instruct"\n[models.sampling]\nmax_tokens = 8\n'
    )
    arguments = _arguments(tmp_path, config, "embedded-one")
    for seconds in (1.0, 2.5):
        pid = ready.start(arguments, tmp_path, _environment(tmp_path))
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):  # it was quicker
            os.kill(pid, signal.SIGKILL)
        ready.ended(arguments)
    done = ready.run(arguments, tmp_path, _environment(tmp_path))
    assert done.returncode == 0, done.stderr
    assert keys(tmp_path / "out") == Counter({(one, "embedded-one", 0): 1 for one in ids})


def _arguments(folder: Path, config: Path, models: str) -> list[str]:
    options = {
        "--set": "asked",
        "--models": models,
        "--config": str(config),
        "--out": str(folder / "out"),
        "--concurrency": str(CONCURRENCY),
    }
    return [str(PROGRAM), "generate", *[word for pair in options.items() for word in pair]]


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "ARENA_DATA_DIR": str(folder / "data")}


def _wait_for(server: misbehaving.Server, served_name: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while sum(asked.served_name == served_name for asked in server.requests) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _wait_for_any(server: misbehaving.Server, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(server.requests) < count:
        assert time.monotonic() < deadline
        time.sleep(0.002)
