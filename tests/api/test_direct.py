"""Direct answers: the same bytes as through FastAPI, which alone says what is wrong with a request."""

import asyncio
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from arena.api import app as api_app
from arena.api import bodies, direct, problems, queries
from arena.api.bodies import Body
from arena.api.who import MaybeKey, Who
from arena.domain.ids import RaterId
from arena.domain.principal import Principal, Role
from arena.errors import NotFound

KIND = "application/json"
JSON = {"content-type": KIND}
router = APIRouter(prefix="/api/v1")


class Told(Body):
    """An answer with what was asked."""

    said: str
    key: str | None = None
    numbers: list[float] | None = None


class Asking(Body):
    """A body to ask with."""

    text: str
    numbers: list[float] | None = None


@router.get("/things/newest", response_model=Told, responses={204: {}})
async def newest(who: Who) -> Told | Response:
    return Response(status_code=204)


@router.get("/things/{name}")
async def thing(who: Who, name: str) -> Told:
    if name == "none":
        raise NotFound("There is none.")
    return Told(said=f"{who.id} \u00fc {name}")


@router.get("/things")
async def things(who: Who, after: Annotated[str, Query(max_length=3)] = "") -> Told:
    return Told(said=after)


@router.post("/things/{name}", status_code=201)
async def ask(
    who: Who, name: str, body: Asking, key: MaybeKey = None, last_event_id: Annotated[str | None, Header()] = None
) -> Told:
    return Told(said=f"{name}{body.text}{last_event_id}", key=key, numbers=body.numbers)


@router.post("/counts/{number}")
async def count(number: int) -> Told:
    return Told(said=str(number))


class Noting(FastAPI):
    """FastAPI, and the paths that it was asked for."""

    def __init__(self) -> None:
        super().__init__(dependencies=[Depends(bodies.demand_keys_once), Depends(queries.refuse_unknown)])
        problems.install(self)
        self.include_router(router)
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        await super().__call__(scope, receive, send)


def answered(method: str, path: str, *, directly: bool, **sent: Any) -> tuple[httpx.Response, bool]:
    """The answer to a request, and whether FastAPI gave it."""
    api = Noting()
    layer = direct.Direct(api, [router]) if directly else api

    async def known(scope: Scope, receive: Receive, send: Send) -> None:
        who = Principal(id=RaterId("r_1"), role=Role.RATER, workspace="default")
        scope.setdefault("state", {}).update(principal=who)
        await layer(scope, receive, send)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(known), base_url="http://arena") as client:
            return await client.request(method, f"/api/v1{path}", **sent)

    return asyncio.run(ask()), bool(api.asked)


TEXT = b'{"text": "Say \\u00e9.", "numbers": [1.5, 2e3]}'
USUAL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a part of the path": ("GET", "/things/one%20two", {}),
    "no content": ("GET", "/things/newest", {}),
    "a refusal": ("GET", "/things/none", {}),
    "no query": ("GET", "/things", {}),
    "a body": ("POST", "/things/a", {"content": TEXT, "headers": JSON}),
    "a body of a named charset": (
        "POST",
        "/things/a",
        {"content": TEXT, "headers": {"content-type": f"{KIND}; charset=utf-8"}},
    ),
    "a header of another name": ("POST", "/things/a", {"content": TEXT, "headers": JSON | {"Idempotency-Key": "k"}}),
    "a header": ("POST", "/things/a", {"content": TEXT, "headers": JSON | {"Last-Event-ID": "1-2", "key": "no"}}),
    "a key twice": ("POST", "/things/a", {"content": b'{"text": "a", "text": "b"}', "headers": JSON}),
}
UNUSUAL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "an unknown path": ("GET", "/nothing", {}),
    "a path with a slash more": ("GET", "/things/", {}),
    "another method": ("DELETE", "/things/one", {}),
    "HEAD": ("HEAD", "/things/one", {}),
    "a query": ("GET", "/things?after=x", {}),
    "a query that nobody reads": ("GET", "/things/one?after=x", {}),
    "a query out of range": ("GET", "/things?after=long", {}),
    "no body": ("POST", "/things/a", {"headers": JSON}),
    "no JSON": ("POST", "/things/a", {"content": b"{", "headers": JSON}),
    "half a character": ("POST", "/things/a", {"content": b'{"text": "\xff"}', "headers": JSON}),
    "nested beyond reading": ("POST", "/things/a", {"content": b"[" * 100_000, "headers": JSON}),
    "another type": ("POST", "/things/a", {"content": b'{"text": 1}', "headers": JSON}),
    "a key too many": ("POST", "/things/a", {"content": b'{"text": "a", "more": 1}', "headers": JSON}),
    "a form": ("POST", "/things/a", {"content": TEXT, "headers": {"content-type": "text/plain"}}),
    "JSON of another name": ("POST", "/things/a", {"content": TEXT, "headers": {"content-type": "application/x+json"}}),
    "no type": ("POST", "/things/a", {"content": TEXT}),
    "a number in the path": ("POST", "/counts/3", {}),
}


@pytest.mark.parametrize("name", USUAL)
def test_a_usual_request_is_answered_without_fastapi_and_with_the_same_bytes(name: str) -> None:
    method, path, sent = USUAL[name]
    given, by_fastapi = answered(method, path, directly=True, **sent)
    expected, _ = answered(method, path, directly=False, **sent)
    assert not by_fastapi
    assert (given.status_code, given.headers.raw, given.content) == (
        expected.status_code, expected.headers.raw, expected.content,
    )  # fmt: skip


@pytest.mark.parametrize("name", UNUSUAL)
def test_fastapi_answers_what_is_not_usual(name: str) -> None:
    method, path, sent = UNUSUAL[name]
    given, by_fastapi = answered(method, path, directly=True, **sent)
    expected, _ = answered(method, path, directly=False, **sent)
    assert by_fastapi
    assert (given.status_code, given.headers.raw, given.content) == (
        expected.status_code, expected.headers.raw, expected.content,
    )  # fmt: skip


def test_what_raters_and_programs_ask_most_is_answered_directly() -> None:
    routes = [route for each in api_app.ROUTERS for route in each.routes if isinstance(route, APIRoute)]
    found = {f"{method} {route.path}" for route in routes for method in route.methods or () if direct.planned(route)}
    assert found >= {
        "GET /api/v1/me",
        "POST /api/v1/raters",
        "POST /api/v1/battles",
        "GET /api/v1/battles/latest",
        "GET /api/v1/battles/{battle_id}",
        "GET /api/v1/battles/{battle_id}/stream",
        "POST /api/v1/battles/{battle_id}/votes",
        "POST /api/v1/campaigns/{name}/tasks",
    }
