"""NUL, which no database keeps, is found in tables from elsewhere, and nothing else is taken for it."""

from typing import Any

import pytest

from arena import settings
from arena.errors import DoesNotFit, InvalidValue
from arena.settings import campaigns
from arena.settings.section import holds_nul

MODEL = {"name": "rivers-1", "served_name": "rivers"}
CAMPAIGN = {"name": "rivers", "kind": "open"}
WRITTEN_OUT = r"Write \u0000 where a NUL is."


@pytest.mark.parametrize("given", ["\0", ["a", "b\0"], {"a": {"\0": 1}}, {"a": [{"b": ("c", "\0")}]}])
def test_nul_is_found_wherever_a_text_can_be(given: Any) -> None:
    assert holds_nul(given)


@pytest.mark.parametrize("given", [WRITTEN_OUT, {WRITTEN_OUT: [0, None, True, 1.5, {}]}, []])
def test_nothing_else_is_taken_for_nul(given: Any) -> None:
    assert not holds_nul(given)


def test_a_value_may_be_nested_as_deep_as_it_can_be_sent() -> None:
    deep: Any = "\0"
    for _ in range(100_000):
        deep = [deep]
    assert holds_nul(deep)


def test_how_nul_is_written_is_a_text_like_any_other() -> None:
    assert settings.model(MODEL | {"system_prompt": WRITTEN_OUT}).system_prompt == WRITTEN_OUT
    assert campaigns.parsed(CAMPAIGN | {"guidelines": WRITTEN_OUT}).guidelines == WRITTEN_OUT
    for table in (MODEL | {"system_prompt": "\0"}, MODEL | {"sampling": {"stop": ["\0"]}}):
        with pytest.raises(InvalidValue, match="holds NUL") as refused:
            settings.model(table)
        assert not isinstance(refused.value, DoesNotFit)
    with pytest.raises(DoesNotFit, match="holds NUL"):
        settings.model(MODEL | {"extra_body": {"a": "\0"}})
    with pytest.raises(InvalidValue, match="holds NUL"):
        campaigns.parsed(CAMPAIGN | {"guidelines": "\0"})
