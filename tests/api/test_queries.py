"""Queries: what a route does not declare is refused, whatever the route."""

from types import SimpleNamespace
from typing import Any, cast

import fastapi
import httpx
import pytest
from fastapi.testclient import TestClient

from arena.api import app as api
from arena.api import problems, queries
from arena.services.installation import Installation
from tests import arenas
from tests.api.test_refusals import refused
from tests.api.test_walls import routes

BOARD = "/api/v1/leaderboards/overall"


def test_every_route_refuses_a_word_that_it_does_not_declare(arena: arenas.Arena) -> None:
    asked = 0
    for route in routes():
        method, _, path = route.partition(" ")
        if path in queries.FROM_ELSEWHERE:
            continue
        with arena.admin() as admin:
            answered = admin.request(method, path.replace("{", "x").replace("}", "x"), params={"colour": "red"})
        refused(answered, 400, "colour")
        asked += 1
    assert asked > 100


def test_what_is_declared_is_what_the_document_says() -> None:
    application = api.build(cast(Installation, SimpleNamespace()))
    found: dict[tuple[str, str], dict[str, bool]] = {}

    async def note(request: fastapi.Request) -> None:
        route = request.scope["route"]
        found[request.method.lower(), route.path_format] = dict(queries.declared(route))

    application.dependency_overrides[queries.refuse_unknown] = note
    told: dict[tuple[str, str], dict[str, bool]] = {}
    with TestClient(application, raise_server_exceptions=False) as client:
        for path, operations in application.openapi()["paths"].items():
            for method, operation in operations.items():
                told[method, path] = {
                    one["name"]: _takes_several(one["schema"])
                    for one in operation.get("parameters", [])
                    if one["in"] == "query"
                }
                client.request(method, path.replace("{", "x").replace("}", "x"))
    assert found == told
    assert sum(map(len, found.values())) > 30


def _takes_several(schema: dict[str, Any]) -> bool:
    return any(one.get("type") == "array" for one in (schema, *schema.get("anyOf", [])))


def test_a_word_that_is_no_list_stands_once(rater: httpx.Client) -> None:
    refused(rater.get(f"{BOARD}?language=de&language=en"), 400, "language", "once")
    assert rater.get(f"{BOARD}?language=de").status_code == 200, "positive control"
    assert rater.get("/api/v1/me/history?winner=tie&winner=model_a").status_code == 200, "a list"


@pytest.mark.parametrize(
    ("query", "status"),
    [("votes=some", 422), ("since=yesterday", 422), ("format=pdf", 422), ("campain=default", 400)],
)
def test_a_board_refuses_what_it_cannot_read(rater: httpx.Client, query: str, status: int) -> None:
    refused(rater.get(f"{BOARD}?{query}"), status)


def test_a_list_may_be_given_with_commas(admin: httpx.Client) -> None:
    found = [
        admin.get(f"/api/v1/votes?{query}") for query in ("measure=length,latency", "measure=length&measure=latency")
    ]
    assert found[0].raise_for_status().content == found[1].raise_for_status().content
    assert problems.WORDS[400] == admin.get("/api/v1/votes?measures=length").json()["code"]
