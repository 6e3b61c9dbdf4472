"""`store.lines`: the line of each vote, however it is asked for."""

import random
from pathlib import Path

import pytest

from arena import errors
from arena.domain.ids import VoteId
from arena.store import lines
from arena.store.workspace import Workspace

from . import making


def test_lines_are_found_in_any_order_and_read_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "AHEAD", 7)
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        cast = [making.cast(workspace) for _ in range(30)]
        expected = {one.vote.vote_id: one.line for one in cast}
        with workspace.reading() as connection:
            assert list(lines.all(connection)) == [one.line for one in cast]
            assert lines.of_votes(connection, list(expected)) == expected
            assert lines.of_votes(connection, []) == {}
            asked = list(expected)
            for order in (asked, asked[::-1], random.Random(1).sample(asked, 30)):
                reader = lines.Reader(connection)
                for start in range(0, 30, 4):
                    page = order[start : start + 4]
                    found = reader(page)
                    assert {vote_id: found[vote_id] for vote_id in page} == {
                        vote_id: expected[vote_id] for vote_id in page
                    }
            with pytest.raises(errors.StoreCorrupt, match="v_none has no line"):
                lines.Reader(connection)([VoteId("v_none")])
