"""What was done to models is in the ledger: each change once, in an order that can be, and no change of it unseen."""

import hashlib
import json
from pathlib import Path

import pytest

from arena import errors
from arena.domain.model import imported
from arena.domain.model_state import FOLLOWING, ModelState
from arena.store import database, ledger, model_changes
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

ACTIVE, PAUSED, RETIRED, ANNOUNCED = (
    ModelState.ACTIVE,
    ModelState.PAUSED,
    ModelState.RETIRED,
    ModelState.ANNOUNCED,
)


def add(workspace: Workspace, name: str, state: ModelState = ACTIVE) -> commands.ModelChanged:
    change = making.model_change(name, added=True, state=state)
    return workspace.submit(commands.AddModel(model=making.model(name), change=change)).result()


def become(workspace: Workspace, name: str, state: ModelState) -> commands.ModelChanged:
    return workspace.submit(commands.ChangeModel(change=making.model_change(name, state=state))).result()


def test_each_change_is_a_line_and_the_same_state_again_is_none(workspace: Workspace) -> None:
    lines = [add(workspace, "one").line, become(workspace, "one", PAUSED).line, become(workspace, "one", ACTIVE).line]
    assert [line.sequence if line else None for line in lines] == [1, 2, 3]
    assert become(workspace, "one", ACTIVE).line is None
    with workspace.reading() as connection:
        found = model_changes.recorded(connection)
    assert [(one.sequence, one.change.state, one.change.added) for one in found] == [
        (1, ACTIVE, True),
        (2, PAUSED, False),
        (3, ACTIVE, False),
    ]
    assert workspace.verify() == ledger.VerifyReport(lines=3, problems=())


@pytest.mark.parametrize("now", list(FOLLOWING))
@pytest.mark.parametrize("then", [ANNOUNCED, ACTIVE, PAUSED, RETIRED])
def test_a_state_follows_only_where_it_can(workspace: Workspace, now: ModelState, then: ModelState) -> None:
    if now is ModelState.STORED:
        workspace.submit(commands.AddModels(models=(imported(making.model("one").name),))).result()
    else:
        add(workspace, "one", ANNOUNCED if now is ANNOUNCED else ACTIVE)
        become(workspace, "one", now)
    if then in FOLLOWING[now] or then is now:
        become(workspace, "one", then)
    else:
        with pytest.raises(errors.Conflict, match=f"is {now} and cannot become {then}"):
            become(workspace, "one", then)


def test_a_name_is_given_once_and_an_imported_name_becomes_a_model(workspace: Workspace) -> None:
    add(workspace, "one")
    with pytest.raises(errors.Conflict, match="never given twice"):
        add(workspace, "one")
    workspace.submit(commands.AddModels(models=(imported(making.model("two").name),))).result()
    assert add(workspace, "two").line is not None
    with making.holding(workspace):  # both in one transaction
        first, second = (
            workspace.submit(
                commands.AddModel(model=making.model("three"), change=making.model_change("three", added=True))
            )
            for _ in range(2)
        )
    assert first.exception() is None
    assert isinstance(second.exception(), errors.Conflict)
    with pytest.raises(errors.NotFound, match="no model four"):
        become(workspace, "four", PAUSED)


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", "retired"), ("reason", "Else."), ("changed_by", "t_other"), ("model", "two"), ("salt", "zz")],
)
def test_a_change_that_was_changed_is_found(tmp_path: Path, column: str, value: str) -> None:
    path = tmp_path / "a.duckdb"
    with Workspace.open(path) as workspace:
        add(workspace, "one")
        become(workspace, "one", PAUSED)
    with database.connect(path) as connection:
        connection.execute(f"UPDATE model_changes SET {column} = ? WHERE sequence = 2", [value])
    problems = ledger.verify(path).problems
    assert len(problems) == 1
    assert "is not what ledger line 2 commits to" in problems[0]


def test_a_change_past_the_writer_and_one_that_is_gone_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with Workspace.open(path) as workspace:
        add(workspace, "one")
        become(workspace, "one", PAUSED)
    with database.connect(path) as connection:
        connection.execute("UPDATE model_changes SET sequence = 9, change_id = 'mc_new' WHERE sequence = 2")
    problems = " ".join(ledger.verify(path).problems)
    assert "mc_new of a model has no line in the ledger" in problems
    assert "Ledger line 2 commits to" in problems


def test_the_commitment_is_what_the_documentation_says() -> None:
    """Spelt out here a second time, with nothing of the program but the names."""
    change = making.model_change()
    told = {
        "added": False,
        "change_id": change.change_id,
        "changed_at": round(change.changed_at.timestamp() * 1_000_000),
        "changed_by": "t_lab",
        "fingerprint": change.fingerprint,
        "model": "smol-terse",
        "reason": "It rests.",
        "state": "paused",
    }
    spelt = json.dumps(told, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    assert change.commitment("00" * 16) == hashlib.sha256(bytes(16) + spelt).hexdigest()
