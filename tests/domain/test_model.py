"""What makes a model the same model."""

from dataclasses import replace

from arena.domain.ids import ModelName
from arena.domain.model import Model, Sampling

MODEL = Model(
    name=ModelName("smol-terse"),
    endpoint="http://127.0.0.1:8000/v1",
    served_name="smollm2",
    system_prompt="Be brief.",
    sampling=Sampling(max_tokens=64, temperature=0.3),
    api_key_env="KEY",
)


def test_the_fingerprint_of_a_model_is_what_it_was_in_earlier_versions() -> None:
    assert MODEL.fingerprint() == "38bd9a2136b0435b2b9a5297b41c966e93352bab6b51237cdf94e07836c32924"


def test_where_a_model_runs_and_how_strictly_it_is_named_is_not_part_of_it() -> None:
    moved = replace(MODEL, endpoint="http://x/v1", replicas=("http://y/v1",), api_key_env=None, strict_name=True)
    assert moved.fingerprint() == MODEL.fingerprint()
    assert replace(MODEL, system_prompt="Be brief!").fingerprint() != MODEL.fingerprint()
