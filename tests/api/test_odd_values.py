"""Odd values in every field, query and path of the API: each is answered, as the OpenAPI document declares it, and none
as if the arena had failed.

What is sent is made from the OpenAPI document: halves of characters, NUL, times at both ends of the calendar, numbers
that no column holds, NaN and Infinity, and things nested deeper than anybody writes.
"""

import gc
import http.client
import json
import re
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import arenas
from tests.api.fuzzing import LASTING
from tests.api.people import accept, invited, program
from tests.inference import misbehaving
from tests.lengths import at_length
from tests.services import qualifying_made

MODELS = ("echo", "say:No.", "say:Rivers bend.")
LIMITS = {"failed_tokens_per_minute": 100_000, "raters_per_minute": 100_000, "live_battles": 2000}
LEAVING = (
    *("DELETE /api/v1/me", "POST /api/v1/me/withdrawal", "DELETE /api/v1/raters/{rater_id}"),
    *("DELETE /api/v1/sessions", "POST /api/v1/account/closure"),
)
"""Whoever asks would be somebody else afterwards."""

NUMBERS = ("-1", "2147483648", "9223372036854775808", f"1{'0' * 30}", "1" * 5000, "1e308", "1e-320", "1e400")
TIMES = (
    *('"0001-01-01"', '"0001-01-01T00:00:00+23:59"', '"9999-12-31"', '"9999-12-31T23:59:59.999999-23:59"'),
    *('"10000-01-01"', '"2026-01-01T00:00:00"'),
)
LONG = "x" * 5000
TEXTS = (f'"{LONG}"', r'"\ud800"', r'"a\u0000b"', '""', '"../../etc/passwd"', '"{}{0}"')
SHAPES = ("null", "{}", r'["\ud800"]', r'[["\ud800", "a\u0000"]]', r'{"\ud800": "\u0000"}', "[" * 3000 + "]" * 3000)
OF_TEXT = (*TIMES, *TEXTS, "[" * 3000 + "]" * 3000, f"1{'0' * 30}")
OF_NUMBER = (*NUMBERS, "NaN", "Infinity", '""')
OF_REST = (*SHAPES, "1")
"""In the place of a text, of a number, and of all else: as JSON, or what passes for it."""
BODIES = ("", "[", "null", "[]", '{"a":' * 20_000, "[" * 100_000, r'{"\ud800": 1}', '{"a": 1, "a": 2}', '{"a": NaN}')
"""In the place of a whole body."""
QUERIES = (
    *("%00", "%ed%a0%80", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "-1", "9" * 20, "1" * 5000),
    *("NaN", "inf", "1e400", "x%00y=1000"),
)
PATHS = ("%00", "%ed%a0%80", "x" * 2000, "%2e%2e%2f", "%20", "9" * 30)
ODD = "the odd value"


class Line:
    """A connection of one who asks: a client of httpx takes a third of the time of these thousands of requests."""

    def __init__(self, client: httpx.Client) -> None:
        self._headers = {"Authorization": client.headers["Authorization"], "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port, timeout=240)

    def request(self, method: str, address: str, body: str | None) -> tuple[int, str | None, str]:
        """Status, media type and text of the answer."""
        headers = self._headers | {"Idempotency-Key": uuid.uuid4().hex}
        try:
            answer = self._answer(method, address, body, headers)
        except (http.client.RemoteDisconnected, ConnectionError):  # nobody asked for a while; a new one is not given up
            self._connection.close()
            answer = self._answer(method, address, body, headers)
        return answer.status, answer.headers.get("content-type"), answer.read().decode(errors="replace")

    def _answer(self, method: str, address: str, body: str | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        self._connection.request(method, address, body=None if body is None else body.encode(), headers=headers)
        return self._connection.getresponse()

    def close(self) -> None:
        self._connection.close()


class Asked:
    """A running arena with something of everything in it, and whoever asks."""

    def __init__(self, arena: arenas.Arena, endpoint: str, folder: Path) -> None:
        self.admin, self.rater = arena.admin(), arena.rater()
        with program(arena) as client:
            made = accept(client, invited(self.admin, "admin"), "odd@lab.example").raise_for_status().json()
        self.signed = arena.client(made["token"])
        self.lines = {client: Line(client) for client in (self.admin, self.rater, self.signed)}
        battle = arenas.battle(self.rater)
        vote = arenas.vote(self.rater, battle).raise_for_status().json()["vote_id"]
        report = self.rater.post(f"/api/v1/battles/{battle}/reports", json={"reason": "Odd."}).json()["report_id"]
        qualifying_made.fill(arena.services.workspace, 6)
        self.admin.post("/api/v1/campaigns", json={"name": "odd", "criteria": ["clarity"]}).raise_for_status()
        self.admin.patch("/api/v1/campaigns/odd", json={"state": "running"}).raise_for_status()
        release = self.admin.post("/api/v1/exports", json={"format": "battles"}).json()["release_id"]
        model = self.admin.get("/api/v1/models").json()["models"][0]["name"]
        rater = self.rater.get("/api/v1/me").json()["id"]
        self.names = {"battle_id": battle, "vote_id": vote, "report_id": report, "release_id": release}
        self.names |= {"name": "odd", "board": "overall", "rater_id": rater, "field": "odd", "model": model}
        self.known = {"campaign": "odd", "prompt": "Why?", "gold_set": qualifying_made.GOLD_SET, "model": model}
        self.known |= {"endpoint": endpoint, "served_name": "echo", "standing": "probation", "reason": "Because."}
        self.known |= {"format": "battles", "role": "reader", "url": "http://127.0.0.1:9/", "unit": "EUR-cent"}
        self.known |= {"email": "nobody@lab.example", "query": "SELECT 1", "scope": "public", "field": "odd"}
        self.known |= {"file": str(folder / "no.jsonl"), "directory": str(folder / "none" / "here")}
        found = self.admin.get("/api/openapi.json").raise_for_status().json()
        self.paths, self.schemas = found["paths"], found["components"]["schemas"]

    def who(self, path: str) -> httpx.Client:
        """Whoever gets furthest with a path."""
        if path.startswith(("/api/v1/account", "/api/v1/sessions")):
            return self.signed
        return self.rater if re.search(r"/me\b|/battles|/tasks|/consent", path) else self.admin

    def filled(self, path: str) -> str:
        """A path with names of what is there."""
        if path.startswith("/api/v1/models/"):
            path = path.replace("{name}", self.names["model"])
        for name, value in self.names.items():
            path = path.replace(f"{{{name}}}", value)
        return re.sub(r"\{[^}]+\}", "none", path)

    def sample(self, shape: dict[str, Any], depth: int = 0) -> Any:
        """A value of a shape, with every key."""
        if not isinstance(shape, dict):
            return "x"  # `true`: anything goes
        while "$ref" in shape:
            shape = self.schemas[shape["$ref"].rpartition("/")[2]]
        if shape.get("anyOf"):
            return self.sample(next(one for one in shape["anyOf"] if one.get("type") != "null"), depth)
        if shape.get("enum"):
            return shape["enum"][0]
        if isinstance(kinds := shape.get("type"), list):
            return self.sample({**shape, "type": next(one for one in kinds if one != "null")}, depth)
        match kinds if depth < 4 else "deep":
            case "object":
                found = {name: self.sample(one, depth + 1) for name, one in shape.get("properties", {}).items()}
                return {name: self.known.get(name, value) for name, value in found.items()}
            case "array":
                return [self.sample(shape.get("items", {}), depth + 1)]
            case "integer" | "number":
                return shape.get("minimum", 1)
            case "boolean":
                return False
        return "x"

    def bodies(self, shape: dict[str, Any]) -> Iterator[str]:
        """Bodies of a shape with one odd value each, beside what the shape demands."""
        yield from BODIES
        whole = self.sample(shape)
        while "$ref" in shape:
            shape = self.schemas[shape["$ref"].rpartition("/")[2]]
        least = {name: value for name, value in whole.items() if name in shape.get("required", ())}
        for path in _leaves(whole):
            text = json.dumps(_with_odd({**least, path[0]: whole[path[0]]}, path))
            for value in _odd(_at(whole, path)):
                yield text.replace(f'"{ODD}"', value)

    def requests(self, path: str, operation: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
        """Addresses with bodies to send to them."""
        filled = self.filled(path)
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        for body in [None] if content is None else self.bodies(content["schema"]):
            yield filled, body
        for one in operation.get("parameters", ()):
            if one["in"] == "query":
                yield from ((f"{filled}?{one['name']}={value}", None) for value in QUERIES)
            if one["in"] == "path":
                yield from ((self.filled(path.replace(f"{{{one['name']}}}", value)), None) for value in PATHS)


def _leaves(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a value, and in what stands there."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inside:
        yield (*before, name)
        yield from _leaves(one, (*before, name))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def _odd(usual: Any) -> tuple[str, ...]:
    """What is sent in the place of a value."""
    if isinstance(usual, str):
        return OF_TEXT
    return OF_NUMBER if isinstance(usual, int | float) and not isinstance(usual, bool) else OF_REST


def _with_odd(value: Any, path: tuple[Any, ...]) -> Any:
    copied = json.loads(json.dumps(value))
    _at(copied, path[:-1])[path[-1]] = ODD
    return copied


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder: Path = tmp_path_factory.mktemp("odd")
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(folder / "data", server.endpoint, MODELS, limits=LIMITS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            made = Asked(running, server.endpoint, folder)
            yield made
            for client, line in made.lines.items():
                client.close()
                line.close()


@pytest.fixture
def collecting_nothing() -> Iterator[None]:
    """Where a value is nested as deep as the stack goes, what a collection there finalizes fails for want of stack."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.slow(seconds=40)
@pytest.mark.usefixtures("collecting_nothing")
@pytest.mark.parametrize("of", [2, *at_length(1)])
def test_no_odd_value_is_answered_as_a_failure(asked: Asked, of: int) -> None:
    """One of so many requests is sent."""
    failed: dict[str, str] = {}
    sent = refused = 0
    for path, methods in asked.paths.items():
        for method, operation in methods.items():
            label = f"{method.upper()} {path}"
            if path.endswith(LASTING) or label in LEAVING:
                continue
            for address, body in asked.requests(path, operation):
                if zlib.crc32(f"{label} {address} {body}".encode()) % of:
                    continue
                status, media_type, text = asked.lines[asked.who(path)].request(method.upper(), address, body)
                if label == "POST /api/v1/battles" and status < 300:  # a rater has places for a few only
                    asked.rater.post(f"{address}/{json.loads(text)['battle_id']}/stop").raise_for_status()
                sent += 1
                if sent % 500 == 0:
                    gc.collect()
                refused += status in (400, 422)
                told = media_type == "application/problem+json"
                declared = str(status) in operation["responses"]
                if status >= 500 or not declared or (status >= 400 and not told and method != "head"):
                    said = f"{status} {text[:100]}"
                    failed.setdefault(f"{label}: {said}", f"{address[:120]} {(body or '')[:200]}")
    assert not failed, "\n".join(f"{name}\n    {what}" for name, what in failed.items())
    assert sent > 6000 / of
    assert refused > 3000 / of, "positive control: most are refused for what they are"


def test_a_campaign_that_ends_with_the_calendar_pays_and_is_on_boards(asked: Asked) -> None:
    keys = {"name": "for-ever", "ends": "9999-12-31", "audit_window": 3650, "reward": 1}
    asked.admin.post("/api/v1/campaigns", json=keys).raise_for_status()
    asked.admin.patch("/api/v1/campaigns/for-ever", json={"state": "running"}).raise_for_status()
    arenas.vote(asked.rater, arenas.battle(asked.rater, campaign="for-ever")).raise_for_status()
    (earned,) = [
        one
        for one in asked.rater.get("/api/v1/me/credits").raise_for_status().json()["campaigns"]
        if one["campaign"] == "for-ever"
    ]
    assert (earned["held"], earned["window_ends"][:4]) == (1, "9999")
    assert asked.admin.get("/api/v1/campaigns/for-ever").status_code == 200


def test_a_board_moves_at_most_once_a_second(asked: Asked) -> None:
    for hours, status in ((1e-320, 422), (1e-9, 422), (1 / 3600, 201), (0, 201)):
        made = asked.admin.post("/api/v1/campaigns", json={"name": f"batch-{uuid.uuid4().hex}", "board_batch": hours})
        assert made.status_code == status, made.text
    assert asked.admin.get("/api/v1/leaderboards/overall").status_code == 200
