"""The configurations that ship: they load, they name every setting, and what they say of servers is true."""

import itertools
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pydantic
import pytest

from arena import settings
from arena.inference import embedded
from arena.serving import gpus, plan
from arena.settings.models import ModelSettings
from arena.settings.serve import ServeSettings

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
FILES = sorted(set(CONFIGS.glob("*.toml")) - {CONFIGS / "policy.toml"})


@pytest.fixture(autouse=True)
def without_data_dir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARENA_DATA_DIR", raising=False)


def test_the_configurations_are_there() -> None:
    machines = {"vllm-gpu.toml", "vllm-one-gpu.toml", "vllm-two-machines.toml", "local-servers.toml", "hosted.toml"}
    assert {"arena.toml", "demo.toml", *machines} == {file.name for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_configuration_loads_and_has_models_to_compare(file: Path) -> None:
    assert len(settings.load(file).models) >= 2


def test_the_commented_configuration_names_every_setting() -> None:
    text = (CONFIGS / "arena.toml").read_text(encoding="utf-8")
    keys = re.findall(r"^(?:# )?([a-z_]+) = ", text, re.MULTILINE)
    tables = re.findall(r"^(?:# )?\[+(?:[a-z_]+\.)*([a-z_]+)\]", text, re.MULTILINE)
    written = {*keys, *tables}
    assert names(settings.Settings) - written == set()


def test_the_commented_configuration_gives_the_defaults() -> None:
    tree = tomllib.loads((CONFIGS / "arena.toml").read_text(encoding="utf-8"))
    del tree["models"]
    assert settings.Settings.model_validate(tree) == settings.Settings()


def test_every_setting_of_the_commented_configuration_has_a_comment() -> None:
    before, first_model, *_ = (CONFIGS / "arena.toml").read_text(encoding="utf-8").split("[[models]]")
    lines = (before + first_model).splitlines()
    bare = [line for above, line in itertools.pairwise(lines) if re.match(r"[a-z_]+ = ", line) and above[:1] != "#"]
    assert bare == []


def test_the_demo_has_four_models_that_all_run_embedded() -> None:
    models = settings.load(CONFIGS / "demo.toml").models
    assert len(models) >= 4
    assert {model.endpoint for model in models} == {None}
    assert {model.served_name for model in models} == {embedded.SERVED_NAME}
    assert len({(model.system_prompt, model.sampling) for model in models}) == len(models)


def test_a_machine_of_eight_gpus_is_used_whole_and_no_gpu_twice() -> None:
    models = settings.load(CONFIGS / "vllm-gpu.toml").models
    served = [model.serve for model in models if model.serve is not None]
    assert sorted(gpu for serve in served for gpu in serve.stated_gpus) == list(range(8))
    assert all(model.serve is not None or model.served_by is not None for model in models)


def test_the_recipe_has_what_labs_compare() -> None:
    models = settings.load(CONFIGS / "vllm-gpu.toml").models
    by_server: dict[str | None, list[ModelSettings]] = {}
    for model in models:
        by_server.setdefault(model.served_by or model.name, []).append(model)
    thinking = [
        pair for pair in by_server.values() if {"enable_thinking": False} in [m.chat_template_kwargs for m in pair]
    ]
    assert any({} in [model.chat_template_kwargs for model in pair] for pair in thinking)
    assert any(model.served_name in base.lora for model in models for base in [_serve(models, model)] if base)
    assert any(model.api == "completions" for model in models)


def test_a_gemma_that_is_to_think_is_told_to() -> None:
    """It does not by itself, whatever parser its server has."""
    for file in FILES:
        for model in settings.load(file).models:
            if model.serve is not None and "gemma-4" in model.serve.model and "--reasoning-parser" in model.serve.args:
                told = model.serve.args[model.serve.args.index("--default-chat-template-kwargs") + 1]
                assert json.loads(told) == {"enable_thinking": True}


def _serve(models: tuple[ModelSettings, ...], model: ModelSettings) -> ServeSettings | None:
    """What serves the model that this one is served by."""
    return next((base.serve for base in models if base.name == model.served_by), None)


def test_every_recipe_becomes_command_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpus, "present", lambda visible: list(range(8)))
    planned = {}
    for file in FILES:
        loaded = settings.load(file)
        if any(model.serve is not None for model in loaded.models):
            planned[file.name] = len(plan.planned(loaded, {}, "vllm", {}))
    assert planned == {"vllm-gpu.toml": 8, "vllm-one-gpu.toml": 1, "vllm-two-machines.toml": 1}


def test_the_package_brings_every_configuration(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=CONFIGS.parent, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        brought = {name for name in archive.namelist() if name.startswith("arena/configs/")}
    assert {f"arena/configs/{file.name}" for file in FILES} <= brought
    assert "arena/configs/selections/strict.toml" in brought


def names(model: type[pydantic.BaseModel]) -> set[str]:
    """The names of all fields, those of sections included."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(name)
        for kind in (field.annotation, *_arguments(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, pydantic.BaseModel):
                found |= names(kind)
    return found


def _arguments(annotation: Any) -> tuple[Any, ...]:
    return tuple(getattr(annotation, "__args__", ()))


def test_settings_are_read_back_from_what_they_are_written_as() -> None:
    """A program that starts an arena in another process hands them on so."""
    given = settings.Settings.model_validate(
        {"campaign": {"kind": "tasks", "answers": "stored", "prompt_set": "rivers"}}
    )
    for one in (settings.Settings.model_validate({}), given):
        assert settings.Settings.model_validate_json(one.model_dump_json()) == one


@pytest.mark.parametrize("key", ["prompt_set", "overlap"])
def test_what_only_tasks_follow_is_refused_elsewhere(key: str) -> None:
    with pytest.raises(ValueError, match=f"{key} is for kind"):
        settings.Settings.model_validate({"campaign": {key: "rivers" if key == "prompt_set" else 3}})
