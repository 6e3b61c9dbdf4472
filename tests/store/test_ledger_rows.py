"""`store.lines`: the line of each vote, however it is asked for."""

from pathlib import Path

import pytest

from arena import errors
from arena.domain.ids import VoteId
from arena.store import ledger_rows
from arena.store.workspace import Workspace
from tests.store import making


def test_lines_are_found_by_vote_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_rows, "PAGE", 7)
    with Workspace.open(tmp_path / "a.duckdb") as workspace:
        cast = [making.cast(workspace) for _ in range(30)]
        expected = {one.vote.vote_id: one.line for one in cast}
        with workspace.reading() as connection:
            assert list(ledger_rows.lines(connection)) == [one.line for one in cast]
            assert ledger_rows.of_votes(connection, list(expected)) == expected
            assert ledger_rows.of_votes(connection, []) == {}
            with pytest.raises(errors.StoreCorrupt, match="v_none has no line"):
                ledger_rows.of_votes(connection, [VoteId("v_none")])
