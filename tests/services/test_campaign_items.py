"""What is remembered of a campaign's items is what is found when all is looked up anew, whatever raters did between."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from arena.domain.principal import Principal
from arena.services.campaign_items import CampaignItems
from arena.store.writing.writer_cache import Marks
from tests.lengths import at_length
from tests.services import task_steps, tasking
from tests.services.task_steps import RATERS
from tests.services.tasking import Clock, rater

STEPS = 40


def seen(items: CampaignItems, who: Principal, clock: Clock) -> Sequence[Any]:
    """The items as one rater finds them, in no order."""
    found = items.found(who.raters, clock(), None)
    return (
        sorted((taken, one.battle_id) for taken, one in found.begun),
        sorted((one.prompt_id, sorted(one.pair), one.probability) for one in found.fresh),
        found.mine,
        items.count(),
    )


def differences(folder: Path, seed: int, **campaign: Any) -> int:
    """How often what is remembered differs from what is looked up anew, over random steps."""

    async def look() -> int:
        clock, dice, gone, found = Clock(), random.Random(seed), set[int](), 0
        async with tasking.opened(folder, clock, overlap=2, **campaign) as services:
            tasking.fill(services.workspace, 5, models=tasking.MODELS)
            kept = services.tasks.queue(services.campaigns.current())._items
            for _ in range(STEPS):
                await task_steps.step(services, clock, dice, gone)
                anew = CampaignItems(kept._store, kept._campaign, kept._key)
                who = rater(dice.randrange(RATERS))
                found += seen(kept, who, clock) != seen(anew, who, clock)
        return found

    return asyncio.run(look())


@pytest.mark.parametrize("seed", [0, *at_length(1, 2)])
def test_what_is_remembered_is_what_there_is(tmp_path: Path, seed: int) -> None:
    assert differences(tmp_path, seed, pairs_per_prompt=2) == 0


def test_pairs_that_votes_decide_are_remembered_as_they_were_drawn(tmp_path: Path) -> None:
    assert differences(tmp_path, 7, pairing="coverage", floor=2) == 0


def test_the_control_a_set_that_grows_a_report_or_a_rater_who_leaves_unseen_is_noticed(tmp_path: Path) -> None:
    """Were they not asked for, new prompts would be no items, and items stay complete whose votes count no more."""
    with mock.patch.object(Marks, "change"):
        assert differences(tmp_path, 1, pairs_per_prompt=2) > 0
