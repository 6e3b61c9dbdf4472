"""Pictures, sounds and films through the command line: taken in with prompts and answers, sent to models, verified."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.imports import media_samples as samples
from tests.inference import misbehaving

SET = ("--set", "questions")
PAGE = b"<script>alert(1)</script>"


@pytest.fixture
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve() as running:
        yield running


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "data/workspaces/default/media").glob("*"))


def test_answers_by_file_enter_once_and_what_is_hostile_stays_outside(arena: Command, tmp_path: Path) -> None:
    files = {
        "sky.png": samples.photograph("PNG"),
        "wave.wav": samples.wav(),
        "film.webm": samples.webm(),
        "evil.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "renamed.png": b"<!doctype html>" + PAGE,
        "two.gif": samples.image("GIF") + PAGE,
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    prompts = lines(tmp_path / "p.jsonl", {"prompt_id": "p1", "prompt": "A sky."})
    assert arena("import", "prompts", prompts, *SET).returncode == 0
    answers = [{"prompt_id": "p1", "model": f"model-{name}", "file": name} for name in files]
    answers[0]["media_type"] = "image/png"
    answers.append({"prompt_id": "p1", "model": "lies", "file": "sky.png", "media_type": "image/svg+xml"})
    first = arena("import", "responses", lines(tmp_path / "a.jsonl", *answers), *SET)
    assert first.stdout == "3 answers entered, 0 here already, 4 left outside\n", first.stderr
    told = first.stderr
    assert 'row 4 of a.jsonl: "evil.svg" is none of PNG' in told
    assert 'row 5 of a.jsonl: "renamed.png" is none of PNG' in told
    assert 'row 6 of a.jsonl: "two.gif" goes on for 25 bytes' in told
    assert "row 7 of a.jsonl: media_type is" in told
    assert sorted(path.suffix for path in kept(tmp_path)) == [".png", ".wav", ".webm"]
    assert all(b"canary" not in path.read_bytes() for path in kept(tmp_path))
    again = arena("import", "responses", tmp_path / "a.jsonl", *SET)
    assert again.stdout == "0 answers entered, 3 here already, 4 left outside\n", again.stderr
    (tmp_path / "sky.png").write_bytes(samples.image("PNG", colour="red"))
    other = arena("import", "responses", tmp_path / "a.jsonl", *SET)
    assert other.returncode == 2
    assert "with another text" in other.stderr
    assert arena("verify").returncode == 0


def test_a_picture_in_a_prompt_is_sent_to_models_that_take_it_and_to_no_other(
    arena: Command, tmp_path: Path, server: misbehaving.Server
) -> None:
    picture = samples.image("PNG", colour="gold")
    (tmp_path / "sky.png").write_bytes(picture)
    prompts = lines(tmp_path / "p.jsonl", {"prompt_id": "p1", "prompt": "What is this?", "image": "sky.png"})
    assert arena("import", "prompts", prompts, *SET).returncode == 0
    config = tmp_path / "arena.toml"
    config.write_text(
        "".join(
            f'[[models]]\nname = "{name}"\nendpoint = "{server.endpoint}"\nserved_name = "say:Gold."\nimages = {sees}\n'
            for name, sees in (("sees-all", "true"), ("sees-none", "false"))
        )
    )
    options = ("--models", "sees-all,sees-none", "--out", tmp_path / "out", "--config", config)
    done = arena("generate", *SET, *options)
    assert done.returncode == 1
    assert "Not answered: p1, sample 0, by sees-none." in done.stderr
    assert "Set images = true where it does." in done.stderr
    (asked,) = server.requests
    (message,) = asked.body["messages"]
    shown, words = message["content"]
    assert words == {"type": "text", "text": "What is this?"}
    begins, _, sent = shown["image_url"]["url"].partition(",")
    assert (shown["type"], begins) == ("image_url", "data:image/png;base64")
    assert base64.b64decode(sent) == kept(tmp_path)[0].read_bytes()
