"""What raters choose that may be published: durable, last choice first, and nothing is changed past the ledger."""

from pathlib import Path

import duckdb
import pytest

from arena import errors
from arena.domain.consent import Choice, Scope
from arena.domain.ids import RaterId
from arena.domain.removal import RemovalKind
from arena.store import backup, consent_choices, ledger
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

ME = RaterId("r_me")


def choice(choice_id: str, scope: Scope = Scope.PRIVATE, rater_id: RaterId = ME) -> commands.Choose:
    made = Choice(choice_id=choice_id, rater_id=rater_id, scope=scope, chosen_at=making.NOW)
    return commands.Choose(choice=made)


def removal(kind: RemovalKind) -> commands.Remove:
    return commands.Remove(removal_id="x_1", rater_id=ME, kind=kind, removed_at=making.NOW)


def private(workspace: Workspace) -> set[RaterId]:
    with workspace.reading() as connection:
        return set(consent_choices.private(connection))


def test_the_last_choice_of_a_rater_holds_and_each_is_a_line_of_the_ledger(workspace: Workspace) -> None:
    assert private(workspace) == set()
    first = workspace.submit(choice("k_1")).result()
    assert first.line is not None
    assert (first.line.sequence, first.line.subject) == (1, "k_1")
    workspace.submit(choice("k_2", rater_id=RaterId("r_other"))).result()
    assert private(workspace) == {"r_me", "r_other"}
    workspace.submit(choice("k_3", Scope.PUBLIC)).result()
    assert private(workspace) == {"r_other"}
    with workspace.reading() as connection:
        assert [consent_choices.scope_of(connection, RaterId(name)) for name in ("r_me", "r_other", "r_never")] == [
            Scope.PUBLIC,
            Scope.PRIVATE,
            Scope.PUBLIC,
        ]
    assert workspace.verify() == ledger.VerifyReport(lines=3, problems=())


def test_choosing_the_same_again_adds_no_line(workspace: Workspace) -> None:
    assert workspace.submit(choice("k_1", Scope.PUBLIC)).result().line is None
    together = [workspace.submit(choice(f"k_{number}")) for number in (2, 3, 4)]
    assert [future.result().line is None for future in together] == [False, True, True]
    assert workspace.verify().lines == 1


def test_choices_survive_a_start_and_a_backup_with_its_way_back(path: Path, tmp_path: Path) -> None:
    with Workspace.open(path) as workspace:
        workspace.submit(choice("k_1")).result()
        backup.backup(workspace, tmp_path / "copy", "lab")
    with Workspace.open(path) as workspace:
        assert private(workspace) == {"r_me"}
        assert workspace.submit(choice("k_2")).result().line is None
    restored = backup.restore(tmp_path / "copy", "lab", tmp_path / "elsewhere" / path.name)
    with Workspace.open(restored) as workspace:
        assert private(workspace) == {"r_me"}
        assert workspace.verify() == ledger.VerifyReport(lines=1, problems=())


@pytest.mark.parametrize("kind", RemovalKind)
def test_who_has_left_chooses_no_more(workspace: Workspace, kind: RemovalKind) -> None:
    before, left, after = (workspace.submit(one) for one in (choice("k_1"), removal(kind), choice("k_2", Scope.PUBLIC)))
    assert before.result().line is not None
    left.result()
    for refused in (after, workspace.submit(choice("k_3", Scope.PUBLIC))):
        with pytest.raises(errors.Conflict):
            refused.result()
    assert workspace.verify().problems == ()


def test_of_an_erased_rater_no_choice_keeps_the_name(path: Path) -> None:
    with Workspace.open(path) as workspace:
        workspace.submit(choice("k_1")).result()
        making.cast(workspace, rater="r_stays")
        workspace.submit(removal(RemovalKind.ERASED)).result()
        assert private(workspace) == set()
    with Workspace.open(path) as workspace:
        assert workspace.verify().problems == ()
    assert b"r_me" not in path.read_bytes()
    assert b"r_stays" in path.read_bytes(), "positive control"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE scopes SET scope = 'public'", "Choice k_1 of what may be published is not what ledger line 1 commits"),
        ("UPDATE scopes SET rater_id = 'r_other'", "Choice k_1 of what may be published is not what ledger line 1"),
        ("DELETE FROM scopes", "Ledger line 1 commits to vote k_1, which is not stored as that line"),
        (
            "INSERT INTO scopes SELECT 2, 'k_2', 'r_you', '', 'private', chosen_at FROM scopes",
            "Choice k_2 of what may be published has no line in the ledger: it was added past the writer",
        ),
    ],
)
def test_a_choice_changed_past_the_writer_is_found(path: Path, change: str, told: str) -> None:
    with Workspace.open(path) as workspace:
        workspace.submit(choice("k_1")).result()
        assert workspace.verify().problems == ()
    with duckdb.connect(str(path)) as connection:
        connection.execute(change)
    with Workspace.open(path) as workspace:
        (problem,) = workspace.verify().problems
    assert told in problem
