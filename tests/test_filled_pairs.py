"""The workspace of pairs that benchmarks write by SQL is the one that the store would have written."""

from pathlib import Path

import pytest
from filled import pairs

from arena.store import selection
from arena.store.workspace import Workspace


def test_a_workspace_filled_by_sql_reads_as_its_records_and_verifies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs, "FILLED_TOGETHER", 20)  # the chain of lines goes on from one part to the next
    path = tmp_path / "default.duckdb"
    pairs.fill(path, 50)
    with Workspace.open(path) as workspace:
        report = workspace.verify()
        with workspace.reading() as connection:
            assert list(selection.voted(connection)) == list(pairs.records(50))
    assert (report.lines, report.problems) == (50, ())
