"""The table of the ledger: its lines, however they are asked for."""

import re
from pathlib import Path

import pytest

import arena.store
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


def test_no_other_module_reads_or_writes_the_table() -> None:
    folder = Path(arena.store.__file__).parent
    table = re.compile(r"\b(FROM|INTO|JOIN|UPDATE) ledger\b")
    naming = [path.name for path in sorted(folder.rglob("*.py")) if table.search(path.read_text())]
    assert naming == ["ledger_rows.py"]
