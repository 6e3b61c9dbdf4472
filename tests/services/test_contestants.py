"""Models added, paused and retired while the arena runs: no battle that is being written is touched, and all of it is
there again after a restart.
"""

import asyncio
import contextlib
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena import settings as configuration
from arena.domain.battle import BattleRecord, BattleState
from arena.domain.model import Model
from arena.domain.model_state import ModelChange, ModelState
from arena.domain.principal import Principal, Role
from arena.errors import Conflict, InvalidValue, NotFound, SettingsError
from arena.services import clock, installation, roster, workspaces
from arena.services.workspace_services import Services
from arena.settings import Settings
from arena.store.writing.commands import AddModel
from tests import arenas
from tests.inference import misbehaving

LONG = ("say:One two three four five six.", "say:Lanterns glow in the harbour now.")
LAB = Principal(id="t_lab", role=Role.LAB, workspace="default")
STREAMING = 20


@pytest.fixture(scope="module")
def server() -> Iterator[misbehaving.Server]:
    with misbehaving.serve(listed=(*LONG, "say:New.", "echo")) as running:
        yield running


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    with arenas.hurried():
        yield


def settings(folder: Path, server: misbehaving.Server, names: tuple[str, ...] = LONG, **changes: Any) -> Settings:
    return arenas.settings_for(folder / "data", server.endpoint, names, **changes)


def table(server: misbehaving.Server, name: str, served_name: str = "say:New.", **more: Any) -> dict[str, Any]:
    return {"name": name, "served_name": served_name, "endpoint": server.endpoint, **more}


def rater_of(services: Services) -> Principal:
    rater = services.identity.rater(services.identity.new_rater(clock.now()).token)
    assert rater is not None
    return rater


async def fought(services: Services) -> BattleRecord:
    rater = rater_of(services)
    record = await services.battling.record(rater, await services.battling.open(rater, "Tell me of rivers."))
    _ = [item async for item in services.battling.deltas(record)]
    return await services.battling.record(rater, record.battle.battle_id)


def drawn(services: Services) -> dict[str, Model]:
    """Who may be drawn, by name."""
    return {str(name): model for name, model in services.battling._roster.models.items()}


async def state(services: Services, name: str) -> ModelState | None:
    found = [one for one in await services.contestants.listed(LAB) if one.facts.model.name == name]
    return found[0].state if found else None


async def test_battles_that_are_being_written_are_not_touched(tmp_path: Path, server: misbehaving.Server) -> None:
    """A checkpoint is added, drawn, paused and retired while twenty battles stream; each ends as it began."""
    async with arenas.opened(settings(tmp_path, server)) as services:
        left = len(server.disconnects)
        with server.holding(2):
            writing = [asyncio.create_task(fought(services)) for _ in range(STREAMING)]
            await until(lambda: server.writing == 2 * STREAMING)
            await services.contestants.add(LAB, table(server, "checkpoint-1", LONG[0]), "active", "A new checkpoint.")
            later = [asyncio.create_task(fought(services)) for _ in range(STREAMING)]
            await until(lambda: server.writing == 4 * STREAMING)
            await services.contestants.change(LAB, "checkpoint-1", "paused", "Looking at it.")
            await services.contestants.change(LAB, "checkpoint-1", "retired", "Replaced.")
            assert services.battling.writing.live_count == 2 * STREAMING
        ended = await asyncio.gather(*writing, *later)
        assert [one.state for one in ended] == [BattleState.READY] * (2 * STREAMING)
        assert server.disconnects[left:] == []
        with_it = [one for one in ended if "checkpoint-1" in (one.battle.model_a, one.battle.model_b)]
        assert with_it
        assert not [one for one in ended[:STREAMING] if one in with_it]
        for one in with_it:
            given = one.response_a if one.battle.model_a == "checkpoint-1" else one.response_b
            assert given is not None
            assert given.text == "One two three four five six."
        assert await state(services, "checkpoint-1") is ModelState.RETIRED
        assert services.workspace.verify().problems == ()


async def until(there: Any) -> None:
    for _ in range(600):
        if there():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to that")


async def test_what_was_added_is_there_again_after_a_restart(tmp_path: Path, server: misbehaving.Server) -> None:
    given = settings(tmp_path, server, ("echo", "say:New."), endpoints={"allow": ["127.0.0.1:9"]})
    thinking = table(
        server,
        "thinker-1",
        endpoints=["http://127.0.0.1:9/v1"],
        strict_name=True,
        chat_template_kwargs={"enable_thinking": True},
        sampling={"stop": ["END"], "reasoning_effort": "low"},
    )
    async with arenas.opened(given) as services:
        await services.contestants.add(LAB, thinking, "active", "")
        await services.contestants.add(LAB, table(server, "paused-1"), "active", "")
        await services.contestants.change(LAB, "paused-1", "paused", "For now.")
        await services.contestants.change(LAB, "canary-0-echo", "retired", "It only echoes.")
        before = drawn(services)["thinker-1"]
    async with arenas.opened(given) as services:
        after = drawn(services)
        assert set(after) == {"canary-1-say-new", "thinker-1"}
        assert dataclasses.asdict(after["thinker-1"]) == dataclasses.asdict(before)
        assert after["thinker-1"].replicas == ("http://127.0.0.1:9/v1",)
        assert await state(services, "paused-1") is ModelState.PAUSED
        assert await state(services, "canary-0-echo") is ModelState.RETIRED
        await services.contestants.change(LAB, "paused-1", "active", "Again.")
        assert "paused-1" in drawn(services)


async def test_a_model_that_left_the_configuration_is_not_drawn_and_not_gone(
    tmp_path: Path, server: misbehaving.Server
) -> None:
    async with arenas.opened(settings(tmp_path, server, ("echo", "say:New.", LONG[1]))):
        pass
    async with arenas.opened(settings(tmp_path, server, ("echo", "say:New."))) as services:
        (gone,) = [one for one in await services.contestants.listed(LAB) if "lanterns" in one.facts.model.name]
        assert (gone.state, gone.since) == (ModelState.PAUSED, None)
        with pytest.raises(Conflict, match="put it back into the configuration"):
            await services.contestants.change(LAB, gone.facts.model.name, "active", "Please.")
        await services.contestants.change(LAB, gone.facts.model.name, "retired", "It left.")
        assert await state(services, gone.facts.model.name) is ModelState.RETIRED


async def test_a_model_that_is_no_longer_allowed_is_left_out_and_told(
    tmp_path: Path, server: misbehaving.Server, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = table(server, "elsewhere-1") | {"endpoint": "http://127.0.0.9:9/v1"}
    allowing = {"endpoints": {"allow": ["127.0.0.9"]}}
    async with arenas.opened(settings(tmp_path, server, ("echo", "say:New."))) as services:
        with pytest.raises(InvalidValue, match="not on this arena's list"):
            await services.contestants.add(LAB, elsewhere, "active", "")
    async with arenas.opened(settings(tmp_path, server, ("echo", "say:New."), **allowing)) as services:
        await services.contestants.add(LAB, elsewhere, "active", "")
    async with arenas.opened(settings(tmp_path, server, ("echo", "say:New."))) as services:
        assert await state(services, "elsewhere-1") is ModelState.PAUSED
    assert "elsewhere-1 was added earlier and is left out" in caplog.text
    for name, allowed in (("lab-b", False), ("default", True)):
        allowing = {"endpoints": {"workspaces": {name: ["127.0.0.9"]}}}
        async with arenas.opened(settings(tmp_path / name, server, ("echo", "say:New."), **allowing)) as services:
            with contextlib.nullcontext() if allowed else pytest.raises(InvalidValue, match="not on this arena's list"):
                await services.contestants.add(LAB, elsewhere, "active", "")
    with pytest.raises(SettingsError, match=r"\[endpoints\], allow"):
        async with arenas.opened(settings(tmp_path, server, endpoints={"allow": ["http://x"]})):
            pass


async def test_a_key_is_sent_where_the_configuration_sends_it_and_nowhere_else(
    tmp_path: Path, server: misbehaving.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", "canary-key")
    async with arenas.opened(keyed(tmp_path, server, endpoints={"allow": ["127.0.0.1"]})) as services:
        other = table(server, "other-1", api_key_env="LAB_KEY") | {"endpoint": "http://127.0.0.1:9/v1"}
        with pytest.raises(InvalidValue, match="no model of the configuration has this key at"):
            await services.contestants.add(LAB, other, "active", "")
        tried = await services.contestants.try_out(LAB, table(server, "same-1", "unauthorized", api_key_env="LAB_KEY"))
        assert tried.problem is not None
        assert "Bearer [key]" in tried.problem


async def test_a_key_reaches_no_server_by_another_spelling_or_beside_its_own(
    tmp_path: Path, server: misbehaving.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", "canary-key")
    port = server.endpoint.removesuffix("/v1").rpartition(":")[2]
    async with arenas.opened(keyed(tmp_path, server)) as services:
        for endpoint in (
            f"https://127.0.0.1:{port}/v1",
            "http://127.0.0.1/v1",
            f"http://127.0.0.1:{port}@127.0.0.9:{port}/v1",
            f"http://127.0.0.1.evil.example:{port}/v1",
            f"http://127.0.0.9:{port}/v1#@127.0.0.1:{port}",
            f"http://127.0.0.9:{port}\\@127.0.0.1:{port}/v1",
        ):
            for more in ({"endpoint": endpoint}, {"endpoints": [endpoint]}):
                with pytest.raises((InvalidValue, ValueError)):
                    await services.contestants.try_out(LAB, table(server, "other-1", api_key_env="LAB_KEY") | more)
        assert not keys(server), "nothing was sent"
        await services.contestants.try_out(LAB, table(server, "same-1", api_key_env="LAB_KEY"))
        assert keys(server) == {"Bearer canary-key"}, "positive control"


async def test_no_other_workspace_has_a_key_of_the_installation_sent_anywhere(
    tmp_path: Path, server: misbehaving.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to the server that the configuration sends it to either: it would be used up for another lab. A workspace
    that was brought from elsewhere with such a model has it left out."""
    monkeypatch.setenv("LAB_KEY", "canary-key")
    given = keyed(tmp_path, server, endpoints={"allow": ["127.0.0.1"]})
    asked = table(server, "theirs-1", api_key_env="LAB_KEY")
    lab = dataclasses.replace(LAB, workspace="lab-b")
    async with installation.opened(given) as arena:
        workspaces.make(given.data_dir, arena.instance, "lab-b", {}, "operator", clock.now())
        theirs = await arena.open("lab-b")
        for attempt in (theirs.contestants.try_out(lab, asked), theirs.contestants.add(lab, asked, "active", "")):
            with pytest.raises(InvalidValue, match="no model of the configuration has this key"):
                await attempt
        await theirs.contestants.add(lab, table(server, "open-1"), "active", "")
        assert (await theirs.contestants.try_out(lab, table(server, "open-2"))).answers
        model = roster.model(configuration.model(asked))
        change = ModelChange(
            change_id="mc_1",
            model=model.name,
            fingerprint=model.fingerprint(),
            added=True,
            state=ModelState.ACTIVE,
            reason="",
            changed_by="t_elsewhere",
            changed_at=clock.now(),
        )
        theirs.workspace.submit(AddModel(model=model, change=change)).result()
    async with installation.opened(given) as arena:
        again = arena.named("lab-b")
        assert again is not None
        assert set(drawn(again)) == {"open-1"}
        assert not keys(server), "nothing was sent with it"
        await arena.default.contestants.try_out(LAB, table(server, "same-1", api_key_env="LAB_KEY"))
        assert keys(server) == {"Bearer canary-key"}, "positive control"


def keyed(folder: Path, server: misbehaving.Server, **changes: Any) -> Settings:
    """Settings whose first model has a key. What the server was asked before is forgotten."""
    server.requests.clear()
    given = settings(folder, server, ("echo", "say:New."), **changes)
    first = given.models[0].model_copy(update={"api_key_env": "LAB_KEY"})
    return given.model_copy(update={"models": (first, given.models[1])})


def keys(server: misbehaving.Server) -> set[str]:
    """Every key that came with a question; what the arena asks by itself, whether a model is served, has no body."""
    asked = [one for one in server.requests if one.body]
    return {one.headers["authorization"] for one in asked if "authorization" in one.headers}


async def test_a_workspace_without_models_gets_them_while_it_runs(tmp_path: Path, server: misbehaving.Server) -> None:
    given = settings(tmp_path, server, (), endpoints={"allow": ["127.0.0.1"]})
    async with arenas.opened(given) as services:
        assert not services.battling.can_compare
        for name in ("first-1", "second-1"):
            await services.contestants.add(LAB, table(server, name), "active", "")
        assert services.battling.can_compare
        assert await services.health.answering() == 2
        assert (await fought(services)).state is BattleState.READY
        with pytest.raises(NotFound, match="no model third-1"):
            await services.contestants.change(LAB, "third-1", "paused", "x")
