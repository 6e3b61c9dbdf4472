"""The configurations that ship: they load, they name every setting, and what they say of servers is true."""

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

import pydantic
import pytest

from arena import settings
from arena.inference import embedded

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
FILES = sorted(CONFIGS.glob("*.toml"))


@pytest.fixture(autouse=True)
def without_data_dir(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARENA_DATA_DIR", raising=False)


def test_the_three_configurations_are_there() -> None:
    assert {"arena.toml", "demo.toml", "vllm-gpu.toml"} <= {file.name for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_configuration_loads_and_has_models_to_compare(file: Path) -> None:
    assert len(settings.load(file).models) >= 2


def test_the_commented_configuration_names_every_setting() -> None:
    text = (CONFIGS / "arena.toml").read_text(encoding="utf-8")
    written = set(re.findall(r"^(?:# )?([a-z_]+) = ", text, re.MULTILINE)) | {
        "deadlines",
        "limits",
        "models",
        "sampling",
        "serve",
    }
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


def test_each_model_for_gpus_has_its_serve_line() -> None:
    text = (CONFIGS / "vllm-gpu.toml").read_text(encoding="utf-8").replace("\\\n#", "")
    served = {
        (served_name, port)
        for served_name, port in re.findall(r"vllm serve \S+ --served-model-name (\S+) .*?--port (\d+)", text)
    }
    models = settings.load(CONFIGS / "vllm-gpu.toml").models
    asked = {(model.served_name, str(model.endpoint and model.endpoint.port)) for model in models}
    assert asked == served


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
