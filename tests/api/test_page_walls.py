"""The walls of pages and of Gradio's handlers: each asked by everybody of this workspace, of another, and by nobody.

A page that is mounted and has no row in `ROWS` fails, and so does a handler without one in `HANDLERS`.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastapi
import gradio as gr
import httpx
import pytest
from starlette.routing import Mount, Route

from arena.domain.permission import PERMISSIONS, Permission
from arena.domain.principal import Role
from arena.server import gate, recognition
from arena.ui import app as ui_app
from arena.ui import plain_pages
from arena.ui.plain_pages import Page
from tests import arenas
from tests.api import test_walls as walls
from tests.inference import misbehaving

DOOR, ANYBODY, SIGNED = walls.DOOR, walls.ANYBODY, walls.SIGNED
P = Permission
ROWS: dict[str, str] = {
    "/": ANYBODY,
    "/leaderboard": ANYBODY,
    "/data": ANYBODY,
    "/me": ANYBODY,
    "/leaderboard/model": ANYBODY,
    "/leaderboard/compare": ANYBODY,
    "/leaderboard/history": ANYBODY,
    "/leaderboard/change": ANYBODY,
    "/leaderboard/prompts": ANYBODY,
    "/leaderboard/transparency": ANYBODY,
    "/signin": DOOR,
    "/setup": DOOR,
    "/reference": DOOR,
    "/invite/{token}": DOOR,
    "/account": SIGNED,
    "/work": P.TAKE_PART,
    "/campaigns/{campaign}": P.TAKE_PART,
    "/qualify/{field}": P.TAKE_PART,
    "/lab": P.CONDUCT,
    "/lab/models": P.CONDUCT,
    "/lab/trials": P.CONDUCT,
    "/lab/releases": P.CONDUCT,
    "/lab/new-model": P.CONDUCT,
    "/lab/campaigns": P.CONDUCT,
    "/lab/new-campaign": P.CONDUCT,
    "/lab/campaigns/{name}": P.CONDUCT,
    "/lab/raters": P.REVIEW,
    "/lab/findings/{finding_id}": P.REVIEW,
    "/lab/review": P.REVIEW,
    "/lab/people": P.ADMINISTER,
    "/me/board": P.TAKE_PART,
    "/me/credits": P.TAKE_PART,
    "/me/history": P.TAKE_PART,
    "/me/standing": P.TAKE_PART,
}
"""Who may open each page."""
HANDLERS = {("/leaderboard", "load"): P.READ_BOARDS, ("/leaderboard", "submit"): P.READ_BOARDS}
"""Handlers that Gradio runs, by page and event, and what whoever is told more than a refusal may do."""
LOOKING = {"Accept": "text/html"}


class Mounted:
    """The pages of an installation, as the server mounts them."""

    def __init__(self, arena: arenas.Arena) -> None:
        asyncio.run(self._mount(arena))  # Gradio opens loops of its own where there is none

    async def _mount(self, arena: arenas.Arena) -> None:
        app = fastapi.FastAPI()
        ui_app.mount(app, arena.installation)
        self.plain = {route.path for route in app.routes if isinstance(route, Route) and route.path not in OF_FASTAPI}
        (mount,) = [route for route in app.routes if isinstance(route, Mount)]
        gradio: Any = mount.app
        while not isinstance(gradio, gr.routes.App):
            gradio = gradio.app
        self.config: dict[str, Any] = dict(gradio.get_blocks().get_config_file())
        self.gradio = {"/" + path for path, _, _ in self.config["pages"]}
        self.of_gradio = {
            (method, route.path)
            for route in gradio.routes
            if isinstance(route, Route)
            for method in route.methods or ()
            if method in ("GET", "POST")
        }


OF_FASTAPI = {route.path for route in fastapi.FastAPI().routes if isinstance(route, Route)}


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[walls.Walled]:
    """Two labs in one process, with their pages."""
    folder = tmp_path_factory.mktemp("page-walls")
    with misbehaving.serve(listed=walls.MODELS) as server:
        limits = {"failed_tokens_per_minute": 100_000, "raters_per_minute": 100_000}
        settings = arenas.settings_for(folder / "data", server.endpoint, walls.MODELS, limits=limits)
        with arenas.hurried(), arenas.running(settings) as running:
            yield walls.Walled(running, folder)


@pytest.fixture(scope="module")
def mounted(walled: walls.Walled) -> Mounted:
    return Mounted(walled.arena)


def look(asking: httpx.Client, prefix: str, page: str, ids: dict[str, str] | None = None) -> httpx.Response:
    """A page, opened as a browser does; ids that nobody has, unless they are given."""
    path = re.sub(r"\{(\w+)\}", lambda found: (ids or {}).get(found[1], "none").replace("/", "-"), page)
    return asking.get(prefix + path, headers=LOOKING)


def role_of(name: str) -> Role:
    if name == "token written":
        return Role.ADMIN
    return Role(name.rsplit(maxsplit=1)[-1])


def opens(page: str, name: str) -> bool:
    """Whether a page opens to somebody, as its row says."""
    who = ROWS[page]
    if who in (DOOR, ANYBODY):
        return True
    return name.startswith("account") if who == SIGNED else who in PERMISSIONS[role_of(name)]


@pytest.mark.slow
def test_every_page_has_a_row_and_every_row_a_page(mounted: Mounted) -> None:
    assert mounted.plain | mounted.gradio == set(ROWS)


@pytest.mark.slow
def test_every_handler_of_gradio_has_a_row(mounted: Mounted) -> None:
    pages = {part: "/" + path for path, found in mounted.config["page"].items() for part in found["components"]}
    found = set()
    for handler in mounted.config["dependencies"]:
        (output,) = handler["outputs"]
        found |= {(pages[output], event) for _, event in handler["targets"]}
        assert handler["api_visibility"] == "private"
    assert found == set(HANDLERS)


@pytest.mark.slow
@pytest.mark.parametrize("workspace", ["default", "lab-b"])
def test_each_role_opens_its_pages_and_any_other_is_as_if_it_were_absent(walled: walls.Walled, workspace: str) -> None:
    prefix = "" if workspace == "default" else f"/w/{workspace}"
    opened = closed = 0
    for name, token in walled.tokens[workspace].items():
        with walls.client(walled.url, token) as asking:
            absent = asking.get(f"{prefix}/no-such-page", headers=LOOKING)
            assert absent.status_code == 404
            for page, who in ROWS.items():
                seen = look(asking, prefix, page)
                if opens(page, name):
                    opened += 1
                    assert (seen.status_code, seen.headers["content-type"][:9]) == (200, "text/html"), (name, page)
                elif who == SIGNED:
                    assert (seen.status_code, seen.headers["location"]) == (303, "/signin"), (name, page)
                else:
                    closed += 1
                    assert seen.status_code == 404, (name, page)
                    path = str(seen.request.url.path).removeprefix(prefix)
                    assert seen.text.replace(path, "/no-such-page") == absent.text, (name, page)
    assert opened > 50, "positive control"
    assert closed > 3, "positive control"


@pytest.mark.slow
def test_a_page_of_another_workspace_is_told_as_if_it_were_absent(walled: walls.Walled) -> None:
    """Byte for byte, headers and all."""
    asked = 0
    for home, other in (("default", "lab-b"), ("lab-b", "default")):
        for name, token in walled.tokens[home].items():
            with walls.client(walled.url, token) as stranger:
                for page, who in ROWS.items():
                    if who in (DOOR, SIGNED):
                        continue
                    theirs, absent = (look(stranger, f"/w/{one}", page, walled.ids) for one in (other, "no-such-lab"))
                    assert theirs.status_code == 404, (name, page)
                    assert (theirs.content, walls.seen(theirs)) == (absent.content, walls.seen(absent)), (name, page)
                    asked += 1
    assert asked > 100
    with walls.client(walled.url) as nobody:
        for page, who in ROWS.items():
            theirs, absent = (look(nobody, f"/w/{one}", page, walled.ids) for one in ("lab-b", "no-such-lab"))
            assert (theirs.content, walls.seen(theirs)) == (absent.content, walls.seen(absent)), page
            assert (theirs.status_code == 200) == (who == DOOR), page
            if who != DOOR:
                assert (theirs.status_code, theirs.headers["location"]) == (303, "/signin"), page


@pytest.mark.slow
def test_nobody_is_made_a_rater_by_a_page_that_raters_do_not_open(walled: walls.Walled) -> None:
    made = 0
    with walls.client(walled.url) as nobody:
        for page, who in ROWS.items():
            seen = look(nobody, "", page)
            for_raters = who in (ANYBODY, P.TAKE_PART)
            made += for_raters
            assert ("set-cookie" in seen.headers) == for_raters, page
            if not for_raters and who != DOOR:
                assert (seen.status_code, seen.headers["location"]) == (303, "/signin"), page
    assert made > 3, "positive control"


@pytest.mark.slow
def test_what_gradio_offers_beside_our_handlers_is_closed_to_everybody(walled: walls.Walled, mounted: Mounted) -> None:
    folders = (*gate.OURS, *gate.OF_GRADIO_FOLDERS)
    closed = 0
    for name in ("token written", "account of lab", "anonymous"):
        with walls.client(walled.url, walled.tokens["default"][name]) as asking:
            for method, path in sorted(mounted.of_gradio):
                if path in (*mounted.gradio, *recognition.OPEN, *gate.OF_GRADIO) or path.startswith(folders):
                    continue
                asked = re.sub(r"\{[^}]+\}", "none", path)
                if asked.rstrip("/") in ("", *ROWS) or "{page}" in path:
                    continue
                response = asking.request(method, asked)
                assert response.status_code in (403, 404), (name, method, path, response.status_code)
                closed += 1
    assert closed > 30, "positive control: Gradio offers that much"


def handled(asking: httpx.Client, prefix: str, number: int) -> str:
    """What a handler of Gradio answers; the refusal's text where it is refused."""
    body = {"data": [], "fn_index": number, "session_hash": "canary", "trigger_id": None, "event_data": None}
    answered = asking.post(f"{prefix}{gate.HANDLER}", json=body)
    return answered.text if answered.status_code == 200 else f"{answered.status_code} {answered.text}"


@pytest.mark.slow
def test_a_handler_tells_whoever_may_not_read_a_board_nothing_of_it(walled: walls.Walled, mounted: Mounted) -> None:
    (handler,) = mounted.config["dependencies"]
    told = 0
    for home in ("default", "lab-b"):
        for name, token in walled.tokens[home].items():
            with walls.client(walled.url, token) as asking:
                there = handled(asking, "/w/lab-b", handler["id"])
                if home != "lab-b":
                    assert there == handled(asking, "/w/no-such-lab", handler["id"]), name
                    assert there.startswith("404 "), name
                elif P.READ_BOARDS in PERMISSIONS[role_of(name)]:
                    told += "canary-model" in there
                else:
                    assert "canary" not in there, name
                    assert "There is no board to show you." in there, name
    assert told >= 8, "positive control"
    with walls.client(walled.url) as nobody:
        assert handled(nobody, "/w/lab-b", handler["id"]).startswith("401 ")


@pytest.mark.slow
def test_no_page_tells_anything_of_another_lab(walled: walls.Walled) -> None:
    """Every page with the ids of the other lab's things: no page holds anything of anybody, its own lab's neither."""
    for home in ("default", "lab-b"):
        for name, token in walled.tokens[home].items():
            with walls.client(walled.url, token) as asking:
                for page in ROWS:
                    for prefix in ("", "/w/lab-b"):
                        assert not walls.CANARY.search(look(asking, prefix, page, walled.ids).content), (name, page)
    assert walls.CANARY.search(b"canary-model"), "positive control; the API's crawl finds what its own lab sees"


def test_a_page_without_a_row_would_be_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = Page(name="x", address="/lab/unlisted", title="X", needs=P.CONDUCT, content=lambda: "")
    monkeypatch.setattr(plain_pages, "PAGES", (*plain_pages.PAGES, page))
    with arenas.running(arenas.settings_for(tmp_path, "http://127.0.0.1:9/v1", ()), pages=False) as running:
        found = Mounted(running)
    assert (found.plain | found.gradio) - set(ROWS) == {"/lab/unlisted"}
