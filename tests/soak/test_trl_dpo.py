"""An exported data set in TRL's hands: it loads, trains, and says to the trainer what the rater said to us."""

import json
import os
import subprocess
import sys
from importlib import util
from pathlib import Path
from typing import Any

import pytest

from arena.domain.battle import BattleRecord
from arena.domain.vote import Winner
from arena.exports.folder.manifest import Manifest
from arena.exports.writing import release
from tests.exports import making

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(util.find_spec("trl") is None, reason="TRL is not installed here; `make soak` installs it."),
]

OFFLINE = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": ""}
END = "<|im_end|>\n"
MODEL_OF_THE_COMMAND = "Qwen/Qwen2.5-0.5B-Instruct"


def records() -> list[BattleRecord]:
    """One of everything, answers that begin alike, and texts that break careless writers."""
    alike = making.record(50, prompt="Greet me.", text_a="Hello there, friend.", text_b="Hello there, stranger.")
    hostile = [
        making.record(20 + place, prompt=text, text_a=text + "!", text_b=text + "?", winners=[Winner.MODEL_B])
        for place, text in enumerate(making.HOSTILE)
    ]
    return [*making.assorted(), alike, *hostile]


def run(command: list[str] | str, work: Path, folder: Path) -> str:
    """What a program of the trainer prints, offline."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, **OFFLINE, "HF_HOME": str(work / "home"), "PATH": path}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        shell=isinstance(command, str),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trl")


@pytest.fixture(scope="module")
def manifest(work: Path) -> Manifest:
    return release.write(work / "release", "trl-dpo", records(), making.facts())


@pytest.fixture(scope="module")
def trained(work: Path, manifest: Manifest) -> dict[str, Any]:
    program = Path(__file__).with_name("train_trl.py")
    printed = run([sys.executable, str(program), "trl-dpo", str(work / "release"), str(work)], work, work)
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


def told(text: str) -> str:
    """The same text through a chat template, as the program spells it."""
    return text + END


def test_it_trains_three_steps(trained: dict[str, Any]) -> None:
    assert trained["steps"] == 3
    assert len(trained["losses"]) == 3
    assert trained["losses"][0] == pytest.approx(0.6931, abs=1e-3)  # ln 2: the model and its copy agree at first
    assert trained["losses"][2] != trained["losses"][0]
    assert trained["moved"] == 1.0


def test_both_files_load_with_the_same_rows(trained: dict[str, Any], manifest: Manifest) -> None:
    assert trained["same_by_card"]
    assert len(trained["rows"]) == manifest.counts.taken == 6 + len(making.HOSTILE)


def test_the_trainer_reads_every_answer_as_it_was_voted(trained: dict[str, Any]) -> None:
    rows = trained["rows"][-len(making.HOSTILE) :]
    for row, text in zip(rows, making.HOSTILE, strict=True):
        assert row["prompt"] == f"<|im_start|>user\n{text}{END}<|im_start|>assistant\n"
        assert (row["chosen"], row["rejected"]) == (told(text + "?"), told(text + "!"))


def test_the_trainer_reads_the_first_turn_in_the_prompt_of_the_second(trained: dict[str, Any]) -> None:
    row = trained["rows"][1]
    first = f"<|im_start|>user\nWhy is the sky blue?{END}<|im_start|>assistant\nLight scatters.{END}"
    assert row["prompt"] == f"{first}<|im_start|>user\nAnd at dusk?{END}<|im_start|>assistant\n"
    assert (row["chosen"], row["rejected"]) == (told("Black."), told("Red."))


def test_answers_that_begin_alike_keep_their_opening_words(trained: dict[str, Any]) -> None:
    (row,) = [row for row in trained["rows"] if "Greet me." in row["prompt"]]
    assert (row["chosen"], row["rejected"]) == (told("Hello there, friend."), told("Hello there, stranger."))


def test_without_an_explicit_prompt_they_would_lose_them(trained: dict[str, Any]) -> None:
    """Positive control: the same conversations as two plain texts, without a prompt."""
    (row,) = [row for row in trained["rows_with_implicit_prompt"] if "Greet me." in row["prompt"]]
    assert row["prompt"].endswith("Hello there,")
    assert "Hello" not in row["chosen"] + row["rejected"]


def test_the_command_of_the_manifest_trains_in_the_folder_of_the_release(
    work: Path, manifest: Manifest, trained: dict[str, Any]
) -> None:
    assert MODEL_OF_THE_COMMAND in manifest.command
    before = {path: path.stat().st_mtime_ns for path in (work / "release").rglob("*")}
    command = manifest.command.replace(MODEL_OF_THE_COMMAND, str(work / "model"))
    run(f"{command} --max_steps 3 --report_to none --use_cpu --bf16 false", work, work / "release")
    assert (work / "dpo-model" / "model.safetensors").exists()
    assert {path: path.stat().st_mtime_ns for path in (work / "release").rglob("*")} == before
