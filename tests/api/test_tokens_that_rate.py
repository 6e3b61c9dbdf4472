"""A token that an account made rates as the account: one person, whatever they work with."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.domain.ids import RaterId
from arena.domain.removal import hashed
from tests import arenas
from tests.api.people import accept, browser, invited, sign_in
from tests.api.test_campaigns import CAMPAIGNS, made, refused, vote
from tests.api.test_tokens import token
from tests.arenas import Arena
from tests.services import tasking

ITEMS = 3


def served(folder: Path) -> Any:
    return arenas.running(tasking.settings(folder, overlap=5), pages=False)


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Arena]:
    with served(tmp_path) as running:
        tasking.fill(running.services.workspace, ITEMS)
        yield running


@pytest.fixture
def lab(arena: Arena) -> Iterator[httpx.Client]:
    """Somebody with an account, who may make tokens."""
    with arena.admin() as admin, browser(arena) as client:
        accept(client, invited(admin, "admin"), "ada@lab.example").raise_for_status()
        yield client


def told(client: httpx.Client, path: str) -> Any:
    return client.get(f"/api/v1/{path}").raise_for_status().json()


def voted(arena: Arena) -> list[tuple[str, int]]:
    """Who cast how many votes, by stored id."""
    with arena.services.workspace.reading() as connection:
        return connection.execute("SELECT rater_id, count(*) FROM votes GROUP BY ALL ORDER BY ALL").fetchall()


def test_what_a_token_rates_is_its_account_s(arena: Arena, lab: httpx.Client) -> None:
    made(lab, "asking", overlap=5, daily_limit=2)
    with arena.client(token(lab, "admin")) as program, arena.client(token(program, "lab")) as second:
        assert told(program, "me")["id"] == told(second, "me")["id"] == told(lab, "me")["id"]
        vote(program, "asking")
        vote(second, "asking")
        refused(lab.post(f"{CAMPAIGNS}/asking/tasks"), 409, "limit")
        for who in (lab, program, second):
            assert told(who, "me/credits")["earned"] == 2
            assert told(who, "me")["votes"] == 2
        assert [(one["rater_id"], one["votes"]) for one in told(lab, "raters")["raters"]] == [
            (told(lab, "me")["id"], 2)
        ]
    assert [votes for _, votes in voted(arena)] == [2]
    with arena.admin() as admin, arena.client(token(admin, "lab")) as apart:
        assert told(apart, "me")["id"] != told(lab, "me")["id"], "positive control: no account made this one"
        vote(apart, "asking")
    assert [votes for _, votes in voted(arena)] in ([1, 2], [2, 1])


def test_an_open_task_and_an_item_are_one_person_s(arena: Arena, lab: httpx.Client) -> None:
    with arena.client(token(lab, "lab")) as program:
        task = program.post(f"{CAMPAIGNS}/default/tasks").json()["battle_id"]
        assert lab.post(f"{CAMPAIGNS}/default/tasks").json()["battle_id"] == task
        vote(lab, "default")
        for _ in range(ITEMS - 1):
            vote(program, "default")
        refused(program.post(f"{CAMPAIGNS}/default/tasks"), 409, "done")
        refused(lab.post(f"{CAMPAIGNS}/default/tasks"), 409, "done")


def test_who_erases_themselves_takes_along_what_their_token_rated(arena: Arena, lab: httpx.Client) -> None:
    with arena.client(token(lab, "lab")) as program:
        vote(program, "default")
        before = told(program, "me")["id"]
        assert lab.delete("/api/v1/me").status_code == 200
        assert voted(arena) == []
        refused(program.post(f"{CAMPAIGNS}/default/tasks"), 409, "done")
        assert told(program, "me")["id"] == told(lab, "me")["id"] != before


def test_what_a_token_rated_under_its_own_id_becomes_its_account_s(tmp_path: Path) -> None:
    """As tokens of an earlier arena did."""
    with served(tmp_path) as arena:
        tasking.fill(arena.services.workspace, ITEMS)
        with arena.admin() as admin, browser(arena) as lab:
            accept(lab, invited(admin, "admin"), "ada@lab.example").raise_for_status()
            kept = token(lab, "lab")
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(arena.installation.memberships, "holder", lambda found, *_: found)
                with arena.client(kept) as program:
                    apart = told(program, "me")["id"]
                    vote(program, "default")
                    vote(program, "default")
                    assert apart != told(lab, "me")["id"]
            vote(lab, "default")
            assert told(lab, "me/credits")["earned"] == 1
        account = arena.installation.instance.accounts.named("ada@lab.example")
        token_id = next(
            one.token_id for one in arena.installation.instance.tokens() if one.made_by == account.account_id
        )
    with served(tmp_path) as arena, browser(arena) as lab, arena.client(kept) as program:
        sign_in(lab, "ada@lab.example").raise_for_status()
        assert told(lab, "me/credits")["earned"] == told(program, "me/credits")["earned"] == 3
        assert len(told(lab, "raters")["raters"]) == 1
        account = arena.installation.instance.accounts.named("ada@lab.example")
        member = arena.installation.instance.accounts.member(account.account_id, "default")
        assert member is not None
        assert member.others == (RaterId(token_id),)
        assert lab.delete("/api/v1/me").status_code == 200
        assert voted(arena) == []
        lab.get("/api/v1/me").raise_for_status()
        renewed = arena.installation.instance.accounts.member(account.account_id, "default")
        assert renewed is not None
        assert (renewed.others, set(renewed.former)) == ((), {hashed(token_id), hashed(member.rater_id)})
        arena.installation.instance.accounts.join(replace(renewed, former=()))
        arena.installation.memberships.gather("default", arena.services.withdrawing.rated)
        again = arena.installation.instance.accounts.member(account.account_id, "default")
        assert again is not None
        assert again.others == (), "what was erased is not brought along"
