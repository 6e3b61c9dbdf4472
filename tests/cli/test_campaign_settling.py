"""`arena campaigns settle`, with an arena that runs and in its data alone."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests import arenas
from tests.cli.conftest import Command, refused
from tests.services import tasking
from tests.store import making


def vote(store: Workspace, *raters: str) -> None:
    for rater in raters:
        record = making.completed(store, campaign="default", rater_id=rater)
        cast = making.vote(record.battle.battle_id, rater)
        store.submit(commands.CastVote(vote=cast, record=record)).result()


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """A workspace whose arena does not run."""
    path = data_dir / "workspaces" / "default" / "workspace.duckdb"
    path.parent.mkdir(parents=True)
    with Workspace.open(path) as store:
        vote(store, "r_1", "r_1", "r_2")
    yield


@contextmanager
def running(data_dir: Path) -> Iterator[None]:
    """The same with an arena that runs."""
    with arenas.running(tasking.settings(data_dir), pages=False) as found:
        vote(found.services.workspace, "r_1", "r_1", "r_2")
        yield


@pytest.mark.parametrize("kept", [alone, running])
def test_a_campaign_is_settled_exactly_and_once(
    arena: Command, tmp_path: Path, kept: Callable[[Path], AbstractContextManager[None]]
) -> None:
    with kept(tmp_path / "data"):
        refused(arena("campaigns", "payments", "default"), 2, "was not settled yet")
        planned = arena("campaigns", "settle", "default", "1000", "--print-only")
        assert planned.returncode == 0, planned.stderr
        assert "largest remainders" in planned.stderr
        paid = arena("campaigns", "settle", "default", "1000")
        rows = list(csv.DictReader(io.StringIO(paid.stdout)))
        assert [(one["credits"], one["amount"], one["unit"]) for one in rows] == [
            ("2", "667", "EUR-cent"),
            ("1", "333", "EUR-cent"),
        ]
        assert paid.stderr.endswith(f"2 parts in lines {rows[0]['line']} to {rows[1]['line']} of the ledger\n")
        assert [one | {"line": ""} for one in rows] == list(csv.DictReader(io.StringIO(planned.stdout)))
        assert arena("campaigns", "payments", "default").stdout == paid.stdout
        again = arena("campaigns", "settle", "default", "1000")
        assert "nothing is to be paid" in again.stderr
        assert len(again.stdout.splitlines()) == 1
        refused(arena("campaigns", "settle", "default", "999"), 1, "in all")
        refused(arena("campaigns", "settle", "default", "2000", "--unit", "points"), 1, "EUR-cent")
        refused(arena("campaigns", "settle", "absent", "1"), 2, "no campaign absent")
        verified = arena("verify")
        assert verified.returncode == 0, verified.stderr
