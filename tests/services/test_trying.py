"""What the flag is called that takes thoughts out of the text."""

import pytest

from arena.services import trying


@pytest.mark.parametrize(
    ("served_name", "parser"),
    [
        ("Qwen/Qwen3.6-35B-A3B", "qwen3"),
        ("qwq-32b", "deepseek_r1"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", "deepseek_r1"),
        ("deepseek-v3.1", "deepseek_v3"),
        ("openai/gpt-oss-120b", "openai_gptoss"),
        ("gemma-4-31b", "gemma4"),
        ("mistralai/Magistral-Small", "mistral"),
        ("my-own-model", "NAME"),
    ],
)
def test_a_family_has_its_parser_and_an_unknown_one_none(served_name: str, parser: str) -> None:
    assert trying.parser(served_name) == parser
