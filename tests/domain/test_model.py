"""What makes a model the same model."""

import dataclasses
from dataclasses import replace
from typing import Any

import pytest

from arena.domain.ids import ModelName
from arena.domain.model import Api, Model, Sampling

MODEL = Model(
    name=ModelName("smol-terse"),
    endpoint="http://127.0.0.1:8000/v1",
    served_name="smollm2",
    system_prompt="Be brief.",
    sampling=Sampling(max_tokens=64, temperature=0.3),
    api_key_env="KEY",
)


BARE = Model(name=ModelName("bare"), endpoint="http://127.0.0.1:8000/v1", served_name="bare")
FULL = Sampling(max_tokens=256, temperature=0.7, top_p=0.95, top_k=20, min_p=0.01, repetition_penalty=1.1, seed=7)
SET: list[dict[str, Any]] = [
    {"sampling": replace(MODEL.sampling, presence_penalty=0.5)},
    {"sampling": replace(MODEL.sampling, frequency_penalty=0.5)},
    {"sampling": replace(MODEL.sampling, stop=("END",))},
    {"sampling": replace(MODEL.sampling, min_tokens=8)},
    {"sampling": replace(MODEL.sampling, reasoning_effort="low")},
    {"sampling": replace(MODEL.sampling, max_tokens=0)},
    {"sampling": replace(MODEL.sampling, max_tokens_name="max_completion_tokens")},
    {"api": Api.COMPLETIONS, "plain_template": "dialogue"},
    {"api": Api.COMPLETIONS, "plain_template": "continuation"},
    {"chat_template_kwargs": {"enable_thinking": False}},
    {"extra_body": {"skip_special_tokens": False}},
]


@pytest.mark.parametrize(
    ("model", "fingerprint"),
    [
        (MODEL, "38bd9a2136b0435b2b9a5297b41c966e93352bab6b51237cdf94e07836c32924"),
        (BARE, "f267674423c053f886c2de741e05db25f75de5e317cf07e3621eab5d7c361522"),
        (replace(BARE, sampling=FULL), "9026d2b3fa61a3b4d57dd3f50bc93bd5671baee13a8ddcce27ff0813b48366f9"),
    ],
    ids=["some set", "nothing set", "all set"],
)
def test_the_fingerprint_of_a_model_is_what_it_was_in_earlier_versions(model: Model, fingerprint: str) -> None:
    """Each was computed by the arena that had no other settings than these."""
    assert model.fingerprint() == fingerprint


def test_each_setting_makes_another_model_once_it_is_set() -> None:
    prints = [MODEL.fingerprint(), *(replace(MODEL, **changes).fingerprint() for changes in SET)]
    assert len(set(prints)) == len(prints)


def test_no_setting_is_outside_the_fingerprint_unnoticed() -> None:
    """Whoever adds a setting decides here whether it shapes an answer."""
    assert {field.name for field in dataclasses.fields(Model)} == {
        *("name", "served_name", "system_prompt", "sampling", "api", "plain_template"),
        *("chat_template_kwargs", "extra_body"),
        *("endpoint", "api_key_env", "replicas", "strict_name", "images"),  # where it runs, and what it is asked
    }


def test_where_a_model_runs_and_how_strictly_it_is_named_is_not_part_of_it() -> None:
    moved = replace(MODEL, endpoint="http://x/v1", replicas=("http://y/v1",), api_key_env=None, strict_name=True)
    assert moved.fingerprint() == MODEL.fingerprint()
    assert replace(MODEL, system_prompt="Be brief!").fingerprint() != MODEL.fingerprint()
