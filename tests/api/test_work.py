"""Open work over HTTP: what each campaign asks of one rater, what is open, and what has to be agreed to first."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.domain.principal import Principal, Role
from tests import arenas
from tests.arenas import Arena
from tests.services import tasking

LAB = Principal(id="t_lab", role=Role.ADMIN, workspace="default")
ABSENT = {"models", "pairs", "pairing", "focus", "gold", "gold_set", "repeats", "prompt_set", "raters", "target_votes"}
"""What is the lab's alone."""


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with arenas.running(arenas.settings_for(tmp_path, "http://127.0.0.1:9/v1", ()), pages=False) as running:
        tasking.fill(running.services.workspace, 3)
        for keys in (
            {"name": "rivers", "consent": "Items may upset.", "guidelines": "# Read\n\nBoth.", "min_width": 900},
            {"name": "lakes", "daily_limit": 1, "reward": 3},
        ):
            table = tasking.campaign(anonymous=True, **keys)
            asyncio.run(running.services.campaigns.create(LAB, table, start=True))
        asyncio.run(running.services.campaigns.create(LAB, tasking.campaign(name="drafted")))
        yield running


def work(rater: httpx.Client) -> dict[str, dict[str, Any]]:
    listed = rater.get("/api/v1/me/work").raise_for_status().json()["work"]
    return {one["campaign"]: one for one in listed}


def take(rater: httpx.Client, campaign: str) -> httpx.Response:
    return rater.post(f"/api/v1/campaigns/{campaign}/tasks")


def test_a_rater_finds_the_campaigns_that_run_and_nothing_that_is_the_labs(arena: Arena) -> None:
    with arena.rater() as rater:
        found = work(rater)
        assert list(found) == ["default", "lakes", "rivers"]
        assert all(ABSENT.isdisjoint(one) for one in found.values())
        rivers = found["rivers"]
        assert (rivers["open"], rivers["done"], rivers["of"], rivers["begun"], rivers["agreed"]) == (
            3,
            0,
            3,
            False,
            False,
        )
        assert (rivers["state"], rivers["code"], rivers["min_width"], rivers["seconds"]) == ("open", None, 900, None)
        assert (found["lakes"]["open"], found["lakes"]["of"], found["lakes"]["reward"]) == (1, 1, 3)
        assert (found["default"]["kind"], found["default"]["open"]) == ("open", None)


def test_what_is_done_is_counted_and_a_limit_locks(arena: Arena) -> None:
    with arena.rater() as rater:
        battle_id = take(rater, "lakes").raise_for_status().json()["battle_id"]
        assert work(rater)["lakes"]["begun"]
        assert arenas.vote(rater, battle_id).status_code == 201
        lakes = work(rater)["lakes"]
        assert (lakes["open"], lakes["done"], lakes["state"], lakes["code"]) == (0, 1, "locked", "limit")
        assert lakes["reason"].startswith("You have done all 1 items for today.")
        assert lakes["seconds"] is not None
    with arena.rater() as other:
        assert (work(other)["lakes"]["state"], work(other)["lakes"]["seconds"]) == ("open", lakes["seconds"])


def test_what_is_to_be_agreed_to_first_locks_nothing_and_is_told(arena: Arena) -> None:
    with arena.rater() as rater:
        assert take(rater, "rivers").json()["code"] == "consent"
        rivers = work(rater)["rivers"]
        assert (rivers["state"], rivers["open"], rivers["agreed"]) == ("open", 3, False)
        agreed = rater.put("/api/v1/campaigns/rivers/consent", json={"consent": rivers["consent"]})
        assert agreed.status_code == 204
        assert work(rater)["rivers"]["agreed"]
        assert take(rater, "rivers").status_code == 201
        asyncio.run(arena.services.campaigns.change(LAB, "rivers", {"consent": "Items may upset you."}))
        assert work(rater)["rivers"]["agreed"] is False


def test_who_is_not_let_in_is_told_why(arena: Arena) -> None:
    table = tasking.campaign(name="named", raters=["r_somebody"])
    asyncio.run(arena.services.campaigns.create(LAB, table, start=True))
    with arena.rater() as rater:
        named = work(rater)["named"]
        assert (named["state"], named["code"], named["open"]) == ("locked", "account_needed", 0)
        assert "Sign in" in named["reason"]
