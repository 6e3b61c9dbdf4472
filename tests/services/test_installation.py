"""Several workspaces in one process: walls between them, and one without models that does all but battles."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import duckdb
import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.api import app as api
from arena.domain.principal import Principal, Role
from arena.errors import Conflict, NotFound, Overloaded, StoreError
from arena.services import clock, identity, installation, installation_backup, paths
from arena.services.installation import Installation
from arena.services.jobs import JobState
from arena.services.signing_in import Visitor
from arena.services.workspace_services import Services
from arena.settings import Settings
from tests import off_the_loop
from tests.imports import making as imported

NAMES = ("default", "lab-b")


@pytest.fixture
async def arena(tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation without models and with two workspaces, in each of them a vote, a release and a token."""
    async with installation.opened(Settings(data_dir=tmp_path / "data")) as opened:
        await opened.open("lab-b")
        for name in NAMES:
            await fill(opened.of(admin(name)), tmp_path, name)
        yield opened


def admin(workspace: str) -> Principal:
    return Principal(id=f"t_{workspace}", role=Role.ADMIN, workspace=workspace)


async def fill(services: Services, folder: Path, name: str) -> None:
    """One imported vote whose model and texts name the workspace, a release of it and a token."""
    row = imported.battles(model_a=f"canary-{name}", reason=f"canary-{name} says why", edit=f"canary-{name} edits")
    row |= {key: row[key][:-1] + str(NAMES.index(name)) for key in ("question_id", "conversation_id", "vote_id")}
    path = imported.write(folder / f"{name}.jsonl", [row])
    begun = await services.importing.start(admin(name), [path], None, None)
    await asyncio.gather(*services.importing._jobs._tasks)
    assert (begun.votes, begun.problem) == (1, None)
    made = await services.exporting.start(admin(name), "battles", {})
    await asyncio.gather(*services.exporting._jobs._tasks)
    assert (made.state, made.problem) == (JobState.DONE, None)
    services.identity.create_token(admin(name), Role.LAB, clock.now())


def ids(services: Services, name: str) -> dict[str, str]:
    """Of everything that is in a workspace: what stands in the address of a route."""
    with services.workspace.reading() as connection:
        battle, vote, rater = connection.execute("SELECT battle_id, vote_id, rater_id FROM votes").fetchall()[0]
    recorded, _ = services.exporting.all(admin(name))
    token = services.identity.tokens(admin(name))[0].token_id
    return {
        "battle_id": battle,
        "vote_id": vote,
        "rater_id": rater,
        "release_id": recorded[0].release_id,
        "token_id": token,
        "token": "invite_none",
        "name": "data/train.jsonl",
        "board": "overall",
    }


def sent_by(app: ASGIApp, principal: Principal) -> httpx.AsyncClient:
    """A client whose requests the gate has recognised as this principal's."""

    async def gate(scope: Scope, receive: Receive, send: Send) -> None:
        visitor = Visitor(address="", client="", raters={})
        scope["state"] = {"principal": principal, "place": None, "visitor": visitor}
        await app(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://arena")


async def test_no_route_shows_one_workspace_what_is_another_s(arena: Installation) -> None:
    """Every GET route, asked for the things of the other workspace by the admin of this one."""
    app = api.build(arena)
    services = arena.of(admin("default"))
    theirs: dict[str, str] = defaultdict(lambda: "none", ids(services, "default"))
    theirs["import_id"] = services.importing._jobs.all()[0].job_id
    routes = sorted(
        path for path, methods in app.openapi()["paths"].items() if "get" in methods and not path.endswith("/events")
    )
    seen = 0
    with off_the_loop.refused() as waited:
        async with sent_by(app, admin("lab-b")) as stranger, sent_by(app, admin("default")) as owner:
            for route in routes:
                path = route.format_map(theirs)
                for client, canary in ((stranger, "canary-default"), (owner, "canary-lab-b")):
                    assert canary not in (await client.get(path)).text, path
                seen += "canary-default" in (await owner.get(path)).text
                if "_id}" in route:
                    assert (await stranger.get(path)).status_code == 404, path
                    assert (await owner.get(path)).status_code in (200, 404), path
    assert waited == [], "asked in the thread of the loop"
    assert len(routes) > 20
    assert seen >= 5, "positive control: whose workspace it is sees its texts"


async def test_a_token_or_cookie_of_one_workspace_is_nobody_s_in_the_other(arena: Installation) -> None:
    ours, theirs = (arena.of(admin(name)) for name in NAMES)
    for made in (
        ours.identity.new_rater(clock.now()).token,
        ours.identity.create_token(admin("default"), Role.ADMIN, clock.now()).text,
    ):
        found = ours.identity.bearer(made)
        assert found is not None
        assert arena.of(found) is ours
        assert theirs.identity.bearer(made) is None


async def test_each_workspace_has_a_folder_a_key_and_releases_of_its_own(arena: Installation) -> None:
    data = arena.settings.data_dir
    ours, theirs = (arena.of(admin(name)) for name in NAMES)
    assert paths.workspaces(data) == NAMES
    assert ours.exporting.public_key != theirs.exporting.public_key
    for name in NAMES:
        folder = paths.releases_path(data, name)
        (release,) = (path for path in folder.iterdir() if path.name.startswith("rel_"))
        assert f"canary-{name}" in (release / "data" / "train.jsonl").read_text()
        assert identity.release_signer(data, name).public_key == arena.of(admin(name)).exporting.public_key


async def test_a_workspace_that_is_not_open_is_as_if_absent(arena: Installation) -> None:
    with pytest.raises(NotFound, match="There is no such workspace here"):
        arena.of(admin("lab-c"))
    with pytest.raises(NotFound, match="There is no such workspace here"):
        arena.of(admin("default/../lab-b"))


async def test_a_workspace_without_models_does_all_but_battles(arena: Installation) -> None:
    services = arena.default
    rater = services.identity.rater(services.identity.new_rater(clock.now()).token)
    assert rater is not None
    with pytest.raises(
        Conflict, match=r"nothing to compare yet: this workspace has no models.*adds \[\[models\]\]"
    ) as no:
        await services.battling.open(rater, "Why?")
    assert no.value.code == "nothing_to_compare"
    with pytest.raises(Overloaded, match="There is nothing to compare yet"):
        services.health.refuse_unready(await services.health.answering())
    assert (await services.boards.overall(rater)).votes == 1
    app = api.build(arena)
    async with sent_by(app, rater) as client:
        assert (await client.get("/api/v1/me")).json()["can_compare"] is False
        page = await client.get("/metrics")
        assert "arena_models 0.0" in page.text


async def test_stored_selections_are_a_workspaces_own(arena: Installation) -> None:
    """They name unreleased models."""
    data = arena.settings.data_dir
    for name in NAMES:
        folder = paths.selections_path(data, name)
        folder.mkdir(parents=True)
        (folder / f"plan-of-{name}.toml").write_text("test_share = 0.1\n")
    for name in NAMES:
        stored = {one.name for one in await arena.of(admin(name)).selecting.stored(admin(name))}
        assert {one for one in stored if one.startswith("plan")} == {f"plan-of-{name}"}
        assert "strict" in stored


async def test_a_workspace_that_holds_what_no_arena_writes_stays_closed_and_no_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    async with installation.opened(settings) as arena:
        await arena.open("lab-b")
        await arena.of(admin("lab-b")).campaigns.create(admin("lab-b"), {"name": "writing"})
    async with installation.opened(settings) as arena:
        assert arena.named("lab-b") is not None, "the control"
    with duckdb.connect(paths.workspace_path(settings.data_dir, "lab-b")) as connection:
        connection.execute("UPDATE campaigns SET keys = '{'")
    async with installation.opened(settings) as arena:
        assert arena.named("default") is not None
        assert arena.named("lab-b") is None
    assert "workspace lab-b stays closed: it holds what no arena writes" in caplog.text


async def test_a_workspace_whose_accounts_cannot_be_gathered_is_not_left_half_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with installation.opened(Settings(data_dir=tmp_path / "data")) as arena:
        gather, failed = arena.memberships.gather, []

        def fail(*_: object) -> None:
            failed.append(arena.named("lab-b"))
            raise StoreError("The database is away.")

        monkeypatch.setattr(arena.memberships, "gather", fail)
        await arena.open_other("lab-b")
        assert (len(failed), arena.named("lab-b")) == (1, None)
        monkeypatch.setattr(arena.memberships, "gather", gather)
        await arena.open_other("lab-b")
        assert arena.named("lab-b") not in (None, failed[0]), "it can be opened: nothing is held by the first try"


async def test_who_asks_a_database_in_the_thread_of_the_loop_is_refused(arena: Installation) -> None:
    """The positive control of what routes are walked through with."""
    exporting = arena.of(admin("default")).exporting
    with off_the_loop.refused() as waited:
        with pytest.raises(AssertionError, match=r"Workspace\.connection in the thread"):
            exporting.all(admin("default"))
        await asyncio.to_thread(exporting.all, admin("default"))
    assert len(waited) == 1


async def test_a_data_folder_that_was_restored_in_part_is_not_opened(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    note = settings.data_dir / installation_backup.RESTORING
    note.write_text("the digest of a backup")
    with pytest.raises(StoreError, match=f"arena restore BACKUP --installation --data-dir {settings.data_dir}"):
        async with installation.opened(settings):
            pass
    assert [*settings.data_dir.iterdir()] == [note], "nothing was made in it"
    note.unlink()
    async with installation.opened(settings) as opened:
        assert opened.named("default") is not None
