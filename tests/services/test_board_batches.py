"""Public boards that move in batches: nobody sees what one vote moves, labs see every vote."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arena.domain.campaign import CampaignState
from arena.domain.ids import ModelName
from arena.domain.standing import VoteHold
from arena.domain.vote import Winner
from arena.services import board_settings
from arena.services.boards import Boards
from arena.services.campaigns import Campaigns
from arena.services.workspace_rules import WorkspaceRules
from arena.settings import Settings
from arena.store import board_votes
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.services import making as at_hand
from tests.services.tasking import Clock, principal
from tests.store import making

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
RATER, LAB = principal("rater"), principal("lab")
OVERALL = board_settings.PLAIN
OF_WRITING = board_settings.read({"campaign": "writing"})
OF_OTHERS = board_settings.read({"campaign": "other"})


@dataclass(frozen=True, kw_only=True)
class Hall:
    """A workspace with two campaigns; the boards of `writing` move every two hours."""

    store: Workspace
    clock: Clock
    campaigns: Campaigns
    boards: Boards

    def vote(self, campaign: str = "writing", winner: Winner = Winner.MODEL_A) -> None:
        record = making.completed(self.store, campaign=campaign, model_a=ModelName("one"), model_b=ModelName("two"))
        vote = making.vote(record.battle.battle_id, winner=winner, cast_at=self.clock.now)
        self.store.submit(commands.CastVote(vote=vote, record=record)).result()

    async def document(self, who: Any, asked: board_settings.BoardSettings = OVERALL) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((await self.boards.find(who, "overall", asked)).to_json())
        return found


@pytest.fixture(params=[2.0, 0.0], ids=["in batches", "at once"])
def hall(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hall]:
    clock = Clock(NOON)
    with Workspace.open(tmp_path / "ours.duckdb") as store, Instance.open(tmp_path / "instance.duckdb") as instance:
        here = at_hand.here(store, tmp_path, now=clock)
        made = making.campaign_change(CampaignState.RUNNING, board_batch=request.param)
        store.submit(commands.AddCampaign(change=made)).result()
        campaigns = Campaigns(here)
        rules = WorkspaceRules(instance, "default", Settings())
        boards = Boards(store, here.pseudonyms, rules, batched=lambda: campaigns.batched(clock()))
        yield Hall(store=store, clock=clock, campaigns=campaigns, boards=boards)


@pytest.mark.parametrize("asked", [OVERALL, OF_WRITING], ids=["overall", "of the campaign"])
async def test_a_rater_sees_a_vote_after_the_next_batch_and_a_lab_at_once(
    hall: Hall, asked: board_settings.BoardSettings
) -> None:
    in_batches = bool(hall.campaigns.batched(NOON))
    hall.vote()
    hall.clock.pass_by(2 * 3600 + 60)
    before = await hall.document(RATER, asked)
    assert before["votes"] == 1
    assert before["as_of"] == ("2026-03-04T14:00:00+00:00" if in_batches else None)
    hall.vote(winner=Winner.MODEL_B)
    after = await hall.document(RATER, asked)
    if in_batches:
        assert after == before, "what one vote moves is not to be seen"
    else:
        assert (after["votes"], after != before) == (2, True), "the control: without batches it is"
    live = await hall.document(LAB, asked)
    assert (live["votes"], live["as_of"]) == (2, None)
    hall.clock.pass_by(2 * 3600)
    later = await hall.document(RATER, asked)
    assert (later["votes"], later["entries"]) == (2, live["entries"])


async def test_a_board_of_another_campaign_waits_for_nothing(hall: Hall) -> None:
    hall.clock.pass_by(60)
    hall.vote("other")
    found = await hall.document(RATER, OF_OTHERS)
    assert (found["votes"], found["as_of"]) == (1, None)


async def test_the_line_of_a_batch_gives_the_votes_of_the_batch(hall: Hall) -> None:
    hall.vote()
    hall.clock.pass_by(2 * 3600 + 60)
    hall.vote()
    found = await hall.document(RATER)
    assert f"--head={found['ledger_head']}" in found["command"]
    with hall.store.scanning() as connection:
        assert board_votes.one_by_one(connection, head=found["ledger_head"]).num_rows == found["votes"]


@pytest.mark.parametrize("hall", [2.0], indirect=True)
async def test_a_closed_campaign_ends_its_batches_with_the_next(hall: Hall) -> None:
    hall.clock.pass_by(60)
    hall.vote()
    await hall.campaigns.change(LAB, "writing", {"state": "closed"})
    assert (await hall.document(RATER))["as_of"] == NOON.isoformat()
    hall.clock.pass_by(2 * 3600)
    assert hall.campaigns.batched(hall.clock()) == {}
    assert (await hall.document(RATER))["votes"] == 1


async def test_a_board_names_the_policy_that_holds_votes(hall: Hall) -> None:
    hall.vote()
    assert (await hall.document(LAB))["counting"]["policy"] is None
    found = making.finding(1, policy="7")
    rater = "r_asker"
    hold = making.decision(rater, None, hold=VoteHold(), finding=found.finding_id, decided_by="policy 7")
    use = making.policy_use("7")
    audit = commands.RecordAudit(weighed_at=1_000, use=use, findings=(found,), decisions=(hold,))
    hall.store.submit(audit).result()
    for asked in (OVERALL, OF_WRITING):
        counting = (await hall.document(LAB, asked))["counting"]
        assert (counting["policy"], counting["why"]["finding"], counting["counted"]) == ("7", 1, 0)
    hall.clock.pass_by(timedelta(days=1).total_seconds())
    assert (await hall.document(RATER))["counting"]["held"] == 1
