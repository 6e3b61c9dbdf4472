"""Prompts enter a set by several commands, and are numbered in the order in which they came."""

import pytest

from arena.errors import InvalidValue
from arena.store import prompt_sets
from arena.store.workspace import Workspace
from arena.store.writing.commands import AddPrompts
from tests.store import making


def adding(*prompt_ids: str, text: str = "Why?") -> AddPrompts:
    prompts = tuple(making.stored_prompt(prompt_id, text) for prompt_id in prompt_ids)
    return AddPrompts(set_name="asked", prompts=prompts, added_at=making.NOW)


def test_pages_of_a_set_are_numbered_on_and_what_is_here_enters_once(workspace: Workspace) -> None:
    assert workspace.submit(adding("z", "y")).result() == 2
    together = [workspace.submit(adding("y", "b", "a")), workspace.submit(adding("a", "c", "z"))]
    assert [one.result() for one in together] == [2, 1]
    with pytest.raises(InvalidValue, match="'b' of set asked is here with another content, so it was not entered"):
        workspace.submit(adding("d", "b", text="Whither?")).result()
    assert workspace.submit(adding("d")).result() == 1
    with workspace.reading() as connection:
        found = prompt_sets.prompts(connection, "asked")
        assert [(number, one.prompt_id) for number, one in found] == list(enumerate("zybacd", 1))
        assert prompt_sets.size(connection, "asked") == 6
        assert prompt_sets.digests(connection, "asked", ["a", "x"]) == {"a": "digest of Why?"}
        assert prompt_sets.digests(connection, "asked", []) == {}
        assert len(prompt_sets.digests(connection, "asked")) == 6
