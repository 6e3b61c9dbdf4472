"""Every server of the configurations that ship, as vLLM's own parser reads its command line."""

import json
import subprocess
from pathlib import Path

import pytest

from arena import settings
from arena.serving import gpus, plan
from tests.vllm.conftest import Vllm

pytestmark = pytest.mark.vllm

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
WRONG = [["--max-model-length", "5"], ["--reasoning-parser", "no-such-parser"], ["--max-model-len", "many"]]


def parsed(vllm_program: Vllm, lines: list[list[str]]) -> list[dict[str, object]]:
    program = [vllm_program.python, Path(__file__).with_name("parse_serve.py")]
    run = subprocess.run(
        program, input=json.dumps(lines), env=vllm_program.environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return list(json.loads(run.stdout.splitlines()[-1]))


def test_vllm_takes_every_command_line_of_the_recipes(vllm_program: Vllm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "present", lambda visible: list(range(8)))
    served, lines = [], []
    for file in sorted(set(CONFIGS.glob("*.toml")) - {CONFIGS / "policy.toml"}):  # a policy
        loaded = settings.load(file)
        if any(model.serve is not None for model in loaded.models):
            by_name = {model.name: model for model in loaded.models}
            for one in plan.planned(loaded, {}, "vllm", {}):
                served.append(by_name[one.model])
                lines.append(list(one.command[1:]))
    answers = parsed(vllm_program, [*lines, *([*lines[0], *wrong] for wrong in WRONG)])
    for model, answer in zip(served, answers, strict=False):
        assert "error" not in answer, (model.name, answer)
        assert model.serve is not None
        assert answer["model"] == model.serve.model
        assert answer["served"] == [model.served_name]
        assert answer["adapters"] == list(model.serve.lora)
    assert {"enable_thinking": True} in [answer.get("told") for answer in answers]
    assert len(lines) >= 10
    assert all("error" in answer for answer in answers[len(lines) :]), "the control: wrong lines are refused"
