"""The vLLM server under test."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling


@dataclass(frozen=True, slots=True, kw_only=True)
class VllmServer:
    """A running vLLM server with one model."""

    endpoint: str
    """Base URL ending in /v1."""
    served_name: str
    max_model_len: int
    """In tokens."""

    def model(self, **changes: Any) -> Model:
        """A contestant on this server."""
        settings = {"name": ModelName("vllm-under-test"), "endpoint": self.endpoint, "served_name": self.served_name}
        return Model(**({"sampling": Sampling(max_tokens=24, temperature=0.0)} | settings | changes))

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric of the server over all lines with these labels."""
        text = httpx.get(self.endpoint.removesuffix("/v1") + "/metrics", trust_env=False, timeout=10).text
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        lines = [line for line in text.splitlines() if line.startswith(name + "{") and all(w in line for w in wanted)]
        if not lines:
            raise AssertionError(f"the server has no metric {name} with {labels}")
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vllm:
    """vLLM itself, in its environment: what starts servers, and the small model beside it."""

    python: str
    model: str
    """Folder of a model."""

    @property
    def environment(self) -> dict[str, str]:
        """Variables of its processes: nothing is fetched."""
        return {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}

    def written_to(self, folder: Path) -> Path:
        """A folder with the program `vllm`; that of the CPU build, which has another name, does not start."""
        folder.mkdir()
        program = folder / "vllm"
        server = "vllm.entrypoints.openai.api_server"
        program.write_text(f'#!/bin/sh\nshift\nm=$1\nshift\nexec {self.python} -m {server} --model "$m" "$@"\n')
        program.chmod(0o755)
        return folder


@pytest.fixture(scope="session")
def vllm_program() -> Vllm:
    python, model = os.environ.get("ARENA_VLLM_PYTHON"), os.environ.get("ARENA_VLLM_MODEL")
    if not python or not model:
        pytest.skip("ARENA_VLLM_PYTHON and ARENA_VLLM_MODEL name no vLLM; run these with make test-vllm")
    return Vllm(python=python, model=model)


@pytest.fixture(scope="session")
def vllm() -> VllmServer:
    endpoint = os.environ.get("ARENA_VLLM_URL")
    if not endpoint:
        pytest.skip("ARENA_VLLM_URL names no vLLM server; run these with make test-vllm")
    card = httpx.get(f"{endpoint}/models", trust_env=False, timeout=10).json()["data"][0]
    return VllmServer(endpoint=endpoint, served_name=card["id"], max_model_len=card["max_model_len"])
