"""What was done to campaigns is in the ledger: each change once, in an order that can be, and none goes unseen."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain import campaign_change
from arena.domain.campaign import FOLLOWING, Campaign, CampaignState
from arena.store import campaigns, database, ledger
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.store import making

DRAFT, RUNNING, PAUSED, CLOSED = CampaignState


def add(workspace: Workspace, **keys: Any) -> commands.CampaignChanged:
    return workspace.submit(commands.AddCampaign(change=making.campaign_change(**keys))).result()


def become(workspace: Workspace, state: CampaignState, version: int = 1, **keys: Any) -> commands.CampaignChanged:
    return workspace.submit(commands.ChangeCampaign(change=making.campaign_change(state, version, **keys))).result()


def test_each_change_is_a_line_and_the_same_again_is_none(workspace: Workspace) -> None:
    lines = [add(workspace).line, become(workspace, RUNNING).line, become(workspace, RUNNING, 2, overlap=2).line]
    assert [line.sequence if line else None for line in lines] == [1, 2, 3]
    assert become(workspace, RUNNING, 2, overlap=2).line is None
    with workspace.reading() as connection:
        found = campaigns.changes(connection)
    assert [(one.version, one.state) for one in found] == [(1, DRAFT), (1, RUNNING), (2, RUNNING)]
    assert found[-1].campaign(making.NOW).overlap == 2
    assert workspace.verify() == ledger.VerifyReport(lines=3, problems=())


@pytest.mark.parametrize("now", list(CampaignState))
@pytest.mark.parametrize("then", list(CampaignState))
def test_a_state_follows_only_where_it_can(workspace: Workspace, now: CampaignState, then: CampaignState) -> None:
    add(workspace)
    for state in {DRAFT: (), RUNNING: (RUNNING,), PAUSED: (RUNNING, PAUSED), CLOSED: (RUNNING, CLOSED)}[now]:
        become(workspace, state)
    if then is now or then in FOLLOWING[now]:
        assert (become(workspace, then).line is None) is (then is now)
    else:
        with pytest.raises(errors.Conflict):
            become(workspace, then)


def test_a_name_is_given_once(workspace: Workspace) -> None:
    add(workspace)
    with pytest.raises(errors.Conflict, match="There is a campaign writing already"):
        add(workspace)


def test_two_who_change_the_same_version_do_not_undo_each_other(workspace: Workspace) -> None:
    add(workspace)
    become(workspace, DRAFT, 2, overlap=2)
    with pytest.raises(errors.Conflict, match="meanwhile"):
        become(workspace, DRAFT, 2, overlap=3)


def test_a_closed_campaign_stays_as_it_is(workspace: Workspace) -> None:
    add(workspace)
    become(workspace, RUNNING)
    become(workspace, CLOSED)
    with pytest.raises(errors.Conflict, match="closed"):
        become(workspace, CLOSED, 2, overlap=3)


def test_a_changed_row_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with Workspace.open(path) as workspace:
        add(workspace)
    with database.connect(path) as connection:
        connection.execute("UPDATE campaigns SET state = 'running'")
    with Workspace.open(path) as workspace:
        assert len(workspace.verify().problems) == 1


def test_keys_are_read_as_they_were_told() -> None:
    made = dataclasses.replace(
        Campaign(name="writing"), starts=making.NOW, languages=("en",), reward=0.25, guidelines="# Read"
    )
    assert campaign_change.of_keys(campaign_change.told_keys(made)) == made
