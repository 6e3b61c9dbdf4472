"""Run the trainers' own programs, each in its environment, without a network."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from arena.exports.folder.manifest import Manifest
from arena.exports.writing import release
from tests.exports import making
from tests.soak import voted

ROOT = Path(__file__).resolve().parents[2]
TRL, FACTORY, AXOLOTL = (ROOT / name for name in (".venv-soak", ".venv-soak-factory", ".venv-soak-axolotl"))
"""TRL · LLaMA-Factory, verl and torchtune · Axolotl and OpenRLHF."""
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "CUDA_VISIBLE_DEVICES": "",
    "DO_NOT_TRACK": "1",
    "AXOLOTL_DO_NOT_TRACK": "1",
    "DISABLE_VERSION_CHECK": "1",
}
MODEL_OF_THE_COMMANDS = "Qwen/Qwen2.5-0.5B-Instruct"
END = "<|im_end|>\n"


def needs(environment: Path) -> pytest.MarkDecorator:
    """Skip where the environment was not made."""
    return pytest.mark.skipif(
        not (environment / ".ready").exists(), reason=f"{environment.name} is not here; `make soak` makes it."
    )


def write(folder: Path, format_name: str) -> Manifest:
    """A release of what was voted."""
    return release.write(folder, format_name, voted.records(), making.facts())


def run(environment: Path, command: list[str] | str, work: Path, folder: Path, **variables: str) -> str:
    """What a program prints. A command line runs in a shell that finds the environment's programs first."""
    path = f"{environment / 'bin'}:{os.environ['PATH']}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HF_"))}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**inherited, **QUIET, "HF_HOME": str(work / "home"), "PATH": path, **variables},
        shell=isinstance(command, str),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def load(environment: Path, program: str, arguments: list[str], work: Path, folder: Path, **variables: str) -> Any:
    """What one of the programs beside this file prints as its last line: JSON."""
    command = [str(environment / "bin" / "python"), str(Path(__file__).with_name(program)), *arguments]
    return json.loads(run(environment, command, work, folder, **variables).splitlines()[-1])


def chat(messages: tuple[tuple[str, str], ...]) -> str:
    """A conversation in ChatML."""
    return "".join(f"<|im_start|>{role}\n{content}{END}" for role, content in messages)


def asked(messages: tuple[tuple[str, str], ...]) -> str:
    """A prompt in ChatML, up to where the answer begins."""
    return chat(messages) + "<|im_start|>assistant\n"


def dealt(rows: list[Any]) -> list[Any]:
    """Rows of battles, two each, in the order in which a small release for KTO holds them."""
    units = list(zip(rows[::2], rows[1::2], strict=True))
    return [unit[(place + turn) % 2] for turn in (0, 1) for place, unit in enumerate(units)]
