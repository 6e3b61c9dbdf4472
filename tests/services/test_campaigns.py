"""Campaigns: made of their keys, changed by versions, and each with items of its own."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain.assignment import Turn
from arena.domain.campaign import CampaignState, Publishing
from arena.domain.campaign_change import CampaignChange
from arena.domain.principal import Principal
from arena.services.voting import Ballot
from arena.services.workspace_services import Services
from arena.store import campaigns as stored_campaigns
from arena.store.connections import Connection
from arena.store.writing.commands import ChangeCampaign
from tests.services import tasking
from tests.services.tasking import Clock, principal, rater
from tests.store import making

LAB = principal("lab")


@asynccontextmanager
async def opened(data_dir: Path, clock: Clock | None = None) -> AsyncIterator[Services]:
    async with tasking.opened(data_dir, clock or Clock()) as services:
        if not services.workspace.head.models:
            tasking.fill(services.workspace)
        yield services


async def made(services: Services, name: str = "writing", **keys: Any) -> None:
    table = {"name": name, **tasking.campaign(), "anonymous": True, **keys}
    await services.campaigns.create(LAB, table, start=True)


async def take(services: Services, who: Principal, name: str = "writing") -> Turn:
    task = await services.tasks.next(who, name)
    return await services.tasks.turn(who, task.battle_id)


async def vote(services: Services, who: Principal, turn: Turn, **criteria: str) -> None:
    ballot = Ballot(winner="model_a", criteria=tuple(criteria.items()))
    await services.voting.cast(who, turn.record, ballot, f"key {turn.id}", turn.assignment)


async def test_a_campaign_is_a_draft_until_it_is_started(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        draft = await services.campaigns.create(LAB, {"name": "writing", **tasking.campaign()})
        assert (draft.state, draft.version) == (CampaignState.DRAFT, 1)
        with pytest.raises(errors.NotFound):
            services.campaigns.shown(rater(1), "writing")
        with pytest.raises(errors.NotFound):
            await services.tasks.next(rater(1), "writing")
        await services.campaigns.change(LAB, "writing", {"state": "running"})
        assert services.campaigns.shown(rater(1), "writing").state is CampaignState.RUNNING


async def test_two_campaigns_on_one_set_have_items_of_their_own(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        await made(services, "first-one")
        await made(services, "second-one", overlap=2)
        turns = [await take(services, rater(1), name) for name in ("first-one", "second-one", "default")]
        assert len({turn.record.battle.battle_id for turn in turns}) == 3
        assert [turn.record.battle.campaign for turn in turns] == ["first-one", "second-one", "default"]
        assert [turn.record.battle.campaign_version for turn in turns] == [1, 1, None]


async def test_a_battle_keeps_the_version_it_was_drawn_under(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        await made(services, criteria=["tone"])
        turn = await take(services, rater(1))
        changed = await services.campaigns.change(LAB, "writing", {"criteria": ["truth"]})
        assert changed.version == 2
        assert [one.name for one in services.voting.asked(turn.record)] == ["tone"]
        with pytest.raises(errors.InvalidValue, match="accepted: tone"):
            await vote(services, rater(1), turn, truth="model_a")
        await vote(services, rater(1), turn, tone="model_a")
        later = await take(services, rater(1))
        assert [one.name for one in services.voting.asked(later.record)] == ["truth"]


async def test_campaigns_are_there_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        await made(services, guidelines="# Read both")
        await services.campaigns.change(LAB, "writing", {"overlap": 3, "state": "paused", "reason": "Lunch."})
        before = services.campaigns.named("writing")
    async with opened(tmp_path) as services:
        assert services.campaigns.named("writing") == before
        assert (before.version, before.overlap, before.state) == (2, 3, CampaignState.PAUSED)
        assert services.workspace.verify().problems == ()


@pytest.mark.parametrize(("state", "code"), [("paused", "paused"), ("closed", "closed")])
async def test_a_campaign_that_does_not_run_gives_nothing_new_out_and_says_why(
    tmp_path: Path, state: str, code: str
) -> None:
    async with opened(tmp_path) as services:
        await made(services)
        begun = await take(services, rater(1))
        await services.campaigns.change(LAB, "writing", {"state": state})
        assert (await take(services, rater(1))).id == begun.id
        with pytest.raises(errors.NoTask) as refused:
            await services.tasks.next(rater(2), "writing")
        assert refused.value.code == code
        await vote(services, rater(1), begun)
        with pytest.raises(errors.NoTask):
            await services.tasks.next(rater(1), "writing")


@pytest.mark.parametrize(
    ("keys", "error", "says"),
    [
        ({"name": "default"}, errors.Conflict, "campaign of the configuration"),
        ({"name": "Upper"}, errors.InvalidValue, "no name of a campaign"),
        ({"surprise": 1}, errors.Malformed, "surprise"),
        ({"overlap": "2"}, errors.Malformed, "overlap"),
        ({"overlap": 0}, errors.InvalidValue, "overlap"),
        ({"gold": 0.6, "gold_set": "questions"}, errors.InvalidValue, "gold"),
        ({"gold": 0.1}, errors.InvalidValue, "gold_set"),
        ({"prompt_set": "absent"}, errors.InvalidValue, "absent"),
        ({"models": ["first", "unheard"]}, errors.InvalidValue, "unheard has no answer"),
        ({"focus": "unheard"}, errors.InvalidValue, "unheard has no answer"),
        ({"pairs": [["first", "first"]]}, errors.InvalidValue, "two different models"),
        ({"criteria": ["a", "b", "c", "d", "e"]}, errors.InvalidValue, "there are 5"),
        ({"criteria": [{"name": "tone", "colour": "red"}]}, errors.InvalidValue, "is no criterion: colour"),
        ({"criteria": ["x" * 61]}, errors.InvalidValue, "is no criterion: name"),
        ({"languages": ["English!"]}, errors.InvalidValue, "BCP 47"),
        ({"reward": 0.001}, errors.InvalidValue, "hundredths"),
        ({"guidelines": "half \ud800"}, errors.InvalidValue, "half a character"),
        ({"starts": "2026-02-02", "ends": "2026-02-01"}, errors.InvalidValue, "after starts"),
    ],
)
async def test_keys_that_cannot_be_are_refused_in_one_sentence(
    tmp_path: Path, keys: dict[str, Any], error: type[errors.ArenaError], says: str
) -> None:
    async with opened(tmp_path) as services:
        with pytest.raises(error, match=says):
            await made(services, **{"name": "writing", **keys})
        assert [one.name for one in services.campaigns.every()] == ["default"]


async def test_only_labs_make_and_change_campaigns(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        await made(services)
        for who in (rater(1), principal("reviewer"), principal("trainer"), principal("reader")):
            with pytest.raises(errors.Forbidden):
                await services.campaigns.create(who, {"name": "other", **tasking.campaign()})
            with pytest.raises(errors.Forbidden):
                await services.campaigns.change(who, "writing", {"state": "paused"})


async def test_what_a_campaign_is_about_stays_once_it_has_started(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        await made(services)
        with pytest.raises(errors.Conflict, match="prompt_set stays"):
            await services.campaigns.change(LAB, "writing", {"prompt_set": "others"})
        with pytest.raises(errors.InvalidValue, match="name is never changed"):
            await services.campaigns.change(LAB, "writing", {"name": "other"})


async def test_default_is_told_as_closed_while_its_rules_say_so(tmp_path: Path) -> None:
    clock = Clock()
    async with tasking.opened(tmp_path, clock, ends=making.NOW + timedelta(hours=1)) as services:
        assert [one.state for one in await services.campaigns.listed_now(rater(1))] == [CampaignState.RUNNING]
        clock.pass_by(3_600)
        assert await services.campaigns.listed_now(rater(1)) == []
        assert (await services.campaigns.shown_now(LAB, "default")).state is CampaignState.CLOSED
        with pytest.raises(errors.NotFound):
            await services.campaigns.shown_now(rater(1), "default")


async def test_a_campaign_that_has_ended_is_closed_by_a_line(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as services:
        await made(services, ends=(making.NOW + timedelta(hours=1)).isoformat())
        lines = services.workspace.head.votes
        clock.pass_by(3_600)
        with pytest.raises(errors.NoTask):
            await services.tasks.next(rater(1), "writing")
        assert services.campaigns.named("writing").state is CampaignState.CLOSED
        assert services.workspace.head.votes == lines + 1


@pytest.mark.parametrize("keys", [{"ends": "2026-12-01"}, {"target_votes": 9}, {"state": "running"}, {"reward": 3}])
@pytest.mark.parametrize("over", ["ends", "target_votes"])
@pytest.mark.parametrize("paused", [False, True])
async def test_a_campaign_that_is_over_is_not_reopened(
    tmp_path: Path, over: str, keys: dict[str, Any], paused: bool
) -> None:
    """Nobody has asked for it since, so no line says yet that it is closed."""
    clock = Clock()
    async with opened(tmp_path, clock) as services:
        limit = {"ends": (making.NOW + timedelta(hours=1)).isoformat(), "target_votes": 1}[over]
        await made(services, **{over: limit})
        await vote(services, rater(1), await take(services, rater(1)))
        if paused and over == "ends":
            await services.campaigns.change(LAB, "writing", {"state": "paused"})
        clock.pass_by(3_600)
        with pytest.raises(errors.Conflict, match="is closed, and stays as it is; make a new one"):
            await services.campaigns.change(LAB, "writing", keys)
        found = services.campaigns.named("writing")
        assert (found.state, found.version, getattr(found, over)) == (CampaignState.CLOSED, 1, told_limit(limit))
        await services.campaigns.change(LAB, "writing", {"state": "closed"})


def told_limit(limit: str | int) -> datetime | int:
    return datetime.fromisoformat(limit) if isinstance(limit, str) else limit


@pytest.mark.parametrize("keys", [{"ends": "2026-12-01"}, {"target_votes": 9}])
async def test_a_campaign_that_is_not_over_is_extended_by_a_version(tmp_path: Path, keys: dict[str, Any]) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as services:
        await made(services, ends=(making.NOW + timedelta(hours=1)).isoformat(), target_votes=2)
        await vote(services, rater(1), await take(services, rater(1)))
        clock.pass_by(3_599)
        found = await services.campaigns.change(LAB, "writing", keys)
        assert (found.state, found.version) == (CampaignState.RUNNING, 2)


async def test_battles_that_others_may_still_vote_on_are_not_published(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        await made(services, "alone", publish="battles")
        await made(services, "together", publish="battles", overlap=2)
        assert services.campaigns.publishing(Publishing.BATTLES) == ("alone",), "its battles have one vote each"
        assert services.campaigns.publishing(Publishing.PROMPTS) == ("alone", "together")
        await services.campaigns.change(LAB, "together", {"state": "closed"})
        assert services.campaigns.publishing(Publishing.BATTLES) == ("alone", "together")


async def test_a_change_is_known_though_a_thread_read_the_campaigns_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path) as services:
        await made(services)
        campaigns, read = services.campaigns, threading.Event()
        after = replace(campaigns.named("writing"), publish=Publishing.PROMPTS, version=2)
        stored = stored_campaigns.changes

        def slowly(connection: Connection) -> list[CampaignChange]:
            found = list(stored(connection))
            read.set()
            ends = time.monotonic() + 0.5  # for as long as the change would have time to be noted in between
            while len(campaigns._changes["writing"]) == 1 and time.monotonic() < ends:
                time.sleep(0.01)
            return found

        monkeypatch.setattr(stored_campaigns, "changes", slowly)
        services.workspace.marks.change("campaigns")  # as another process's change does
        reading = asyncio.create_task(asyncio.to_thread(campaigns.publishing, Publishing.PROMPTS))
        await asyncio.to_thread(read.wait)
        await campaigns._submit(ChangeCampaign(change=campaigns._change("lab", after, "")))
        await reading
        assert campaigns.publishing(Publishing.PROMPTS) == ("writing",)
