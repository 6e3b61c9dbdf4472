"""The OpenAPI document is true: a public fuzzer sends what it allows, as each role, and no answer is one that it does
not declare."""

import copy
import http.client
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from arena.api import app as api_app
from tests import arenas
from tests.api import fuzzing
from tests.inference import misbehaving

MODELS = ("echo", "say:No.", "say:Rivers bend.")
ROLES = ("admin", "lab", "trainer")
"""Beside raters, who make their tokens themselves."""
LIMITS = {
    "failed_tokens_per_minute": 100_000,
    "raters_per_minute": 100_000,
    "live_battles": 500,
    "battles_per_address": 400,
}


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[arenas.Arena]:
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(tmp_path_factory.mktemp("fuzzed"), server.endpoint, MODELS, limits=LIMITS)
        with arenas.hurried(), arenas.running(settings, pages=False) as running:
            yield running


@pytest.fixture(scope="module")
def document(arena: arenas.Arena) -> dict[str, Any]:
    with arena.client() as nobody:
        found: dict[str, Any] = nobody.get("/api/openapi.json").raise_for_status().json()
    return found


def tokens(arena: arenas.Arena) -> dict[str, str]:
    """New ones, of every role. Whoever was let in by the rules that requests left is let in again."""
    with arena.client() as nobody, arena.admin() as admin:
        admin.patch("/api/v1/workspace", json={"anonymous": True}).raise_for_status()
        made = {"rater": nobody.post("/api/v1/raters").raise_for_status().json()["token"]}
        for role in ROLES:
            made[role] = admin.post("/api/v1/tokens", json={"role": role}).raise_for_status().json()["token"]
    return made


@pytest.fixture(scope="module")
def ids(arena: arenas.Arena) -> dict[str, str]:
    """What is there, so that requests find something."""
    with arena.rater() as rater, arena.admin() as admin:
        battle = arenas.battle(rater)
        vote = arenas.vote(rater, battle).raise_for_status().json()["vote_id"]
        admin.post("/api/v1/campaigns", json={"name": "fuzzed"}).raise_for_status()
        release = admin.post("/api/v1/exports", json={"format": "battles"}).raise_for_status().json()["release_id"]
        model = admin.get("/api/v1/models").json()["models"][0]["name"]
        rater_id = rater.get("/api/v1/me").json()["id"]
    return {
        "battle_id": battle,
        "vote_id": vote,
        "name": "fuzzed",
        "release_id": release,
        "board": "overall",
        "model": model,
        "rater_id": rater_id,
    }


@pytest.mark.slow(seconds=30)
def test_no_answer_is_one_that_the_document_does_not_declare(
    arena: arenas.Arena, document: dict[str, Any], ids: dict[str, str]
) -> None:
    """What it allows; test_odd_values sends what it forbids, and `make soak` more of both."""
    found = fuzzing.fuzz(document, arena.url, lambda: tokens(arena), ids, examples=1)
    assert not found.faults, told(found)
    assert min(found.sent.values()) > 100, found.sent
    assert min(found.accepted.values()) > 15, "positive control: much of what it allows is done"


@pytest.mark.soak
def test_more_requests_find_no_more(arena: arenas.Arena, document: dict[str, Any], ids: dict[str, str]) -> None:
    found = fuzzing.fuzz(document, arena.url, lambda: tokens(arena), ids, examples=40)
    assert not found.faults, told(found)


def told(found: fuzzing.Found) -> str:
    """Every fault, with what was sent."""
    return "\n".join(f"{name}\n    {detail}" for name, detail in sorted(found.faults.items()))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("GET /api/v1/me", "UndefinedStatusCode 200"),
        ("GET /api/v1/ledger", "UndefinedContentType 200"),
        ("PUT /api/v1/me/consent", "allowed and refused 422"),
        ("GET /api/v1/models", "JsonSchemaError 200"),
    ],
)
def test_a_document_that_is_not_true_is_found(
    arena: arenas.Arena, document: dict[str, Any], ids: dict[str, str], operation: str, kind: str
) -> None:
    """Positive control: each fault is planted in the document."""
    planted = copy.deepcopy(document)
    paths, parts = planted["paths"], planted["components"]["schemas"]
    paths["/api/v1/me"]["get"]["responses"]["299"] = paths["/api/v1/me"]["get"]["responses"].pop("200")
    paths["/api/v1/ledger"]["get"]["responses"]["200"]["content"] = {"text/plain": {}}
    parts["ScopeRequest"]["properties"]["scope"].pop("enum")
    parts["ModelList"]["required"] = ["models", "next", "colour"]
    found = fuzzing.fuzz(planted, arena.url, lambda: tokens(arena), ids, examples=3, only=operation)
    assert kind in {name.partition(": ")[2] for name in found.faults}, found.faults


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/battles", "POST"),
        ("HEAD", "/api/v1/me", "GET, DELETE"),
        ("POST", "/api/v1/exports/x/files/a/b", "GET"),
        ("OPTIONS", "/api/v1/invitations/x", "DELETE, GET"),
        ("PATCH", "/healthz", "GET, HEAD"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_405_with_those_that_it_takes(
    admin: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = admin.request(method, path)
    assert (answer.status_code, answer.headers.get("allow")) == (405, allowed)
    assert admin.request(method, "/api/v1/nothing").status_code == 404, "positive control"


@pytest.fixture
def admin(arena: arenas.Arena) -> Iterator[httpx.Client]:
    with arena.admin() as client:
        yield client


def test_the_document_says_of_fields_what_stands_under_them() -> None:
    schemas = api_app.build(None).openapi()["components"]["schemas"]  # type: ignore[arg-type] - no route is called
    for body, field, words in (
        ("TrialRequest", "models", "Names, each once."),
        ("BusyModel", "exposure", "The share of all such battles that it was in"),  # of what it is made from
        ("NewModel", "try", "Ask it one question and keep nothing."),  # by its alias
    ):
        assert schemas[body]["properties"][field]["description"].startswith(words), (body, field)


WEBHOOK = {"events": ["votes"]}
CHAT = {"name": "chat-1", "served_name": "echo", "endpoint": "http://127.0.0.1:9/v1"}


@pytest.mark.parametrize(
    ("path", "body", "code", "words"),
    [
        ("battles", {"prompt": "Why?", "campaign": "nowhere"}, "unknown_name", "no campaign 'nowhere'"),
        ("selections/counts", {"select": {"models": ["nobody"]}}, "unknown_name", "models names 'nobody'"),
        ("invitations", {"role": "rater", "qualifications": ["law"]}, "does_not_fit", "need a reason"),
        (
            "invitations",
            {"role": "rater", "qualifications": ["law"], "reason": " "},
            "out_of_range",
            "reason has to be",
        ),
        ("models", CHAT | {"plain_template": "dialogue"}, "does_not_fit", 'for api = "completions"'),
        ("models", CHAT | {"extra_body": {"messages": []}}, "does_not_fit", "extra_body holds messages"),
        ("models", CHAT | {"extra_body": {"a": ["\0"]}}, "does_not_fit", "holds NUL"),
        ("models", CHAT | {"system_prompt": "\0"}, "out_of_range", "holds NUL"),
        ("models", CHAT | {"sampling": {"temperature": 3}}, "out_of_range", "sampling.temperature"),
        ("qualifications", {"field": "general", "gold_set": "gold"}, "does_not_fit", "not 'general'"),
        ("qualifications", {"field": "law", "gold_set": "gold", "title": ""}, "out_of_range", "leave it out"),
        ("webhooks", WEBHOOK | {"url": "http://0.0.0.0/"}, "does_not_fit", "allowed hosts"),
        ("webhooks", WEBHOOK | {"url": "http://lab.example:99999/"}, "out_of_range", "a port from 1 to 65535"),
        ("imports", {"files": ["/none/votes.jsonl"]}, "does_not_fit", "votes.jsonl"),
        ("imports", {"files": ["/none/votes.jsonl"], "outcomes": {"A": "first"}}, "does_not_fit", "first"),
        ("imports", {"files": ["/none/votes.jsonl"], "shape": "cube"}, "out_of_range", "'cube' is no shape"),
        ("imports", {"files": ["/none/votes.jsonl"], "source": "a b"}, "out_of_range", "source is 'a b'"),
        ("imports", {"files": ["votes.jsonl"]}, "out_of_range", "not a whole path"),
        ("backups", {"directory": "/tmp"}, "does_not_fit", "/tmp exists already"),  # noqa: S108 - nothing is written
    ],
)
def test_what_no_document_can_know_is_told_from_what_it_says(
    admin: httpx.Client, path: str, body: dict[str, Any], code: str, words: str
) -> None:
    refused = admin.post(f"/api/v1/{path}", json=body)
    told = refused.json()
    assert (refused.status_code, told["code"], words in told["detail"]) == (422, code, True), told


def test_the_document_says_what_a_text_that_may_be_left_out_has_to_be(document: dict[str, Any]) -> None:
    title = document["components"]["schemas"]["QualificationRequest"]["properties"]["title"]["anyOf"][0]
    assert title["minLength"] == 1
    passwords = {"NewAccount": "password", "SetUp": "password", "NewPassword": "password", "PasswordChange": "new"}
    for body, field in passwords.items():
        told = document["components"]["schemas"][body]["properties"][field]
        assert (told["minLength"], told["maxLength"]) == (12, 1000), body


def test_whatever_an_organisation_may_answer_fits_into_one_address(
    arena: arenas.Arena, document: dict[str, Any]
) -> None:
    route = "/api/v1/organisation/answer"
    told = {one["name"]: one["schema"] for one in document["paths"][route]["get"]["parameters"] if one["in"] == "query"}
    assert {one["pattern"] for one in told.values()} == {"^[ -~]*$"}
    longest = "&".join(f"{name}={'%7E' * one['maxLength']}" for name, one in told.items())
    with arena.client() as nobody:
        assert nobody.get(f"{route}?{longest}").json()["code"] == "not_found", "there is no organisation here"
    line = http.client.HTTPConnection(arena.url.removeprefix("http://"), timeout=30)
    for length, status, media_type in (
        (fuzzing.LONGEST_ADDRESS, 404, "application/problem+json"),
        (fuzzing.LONGEST_ADDRESS + 1, 400, "text/plain; charset=utf-8"),  # of the server, before the arena is asked
    ):
        line.request("GET", f"{route}?".ljust(length, "x"))
        answer = line.getresponse()
        assert (answer.status, answer.headers["content-type"], bool(answer.read())) == (status, media_type, True)
    line.close()


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        *(("http://127.0.0.1:9/", True), ("https://3com.example/x?a=1", True), ("http://gpu-7:8001", True)),
        ("https://hooks.eu-1.prod.lab.example.com/x", True),
        *(
            ("http://999.1.1.1/", False),
            ("http://a..b/", False),
            ("http://lab.example:0/", False),
            ("http://1.2/", False),
        ),
    ],
)
def test_the_document_allows_no_webhook_whose_host_cannot_be_one(
    document: dict[str, Any], url: str, allowed: bool
) -> None:
    pattern = document["components"]["schemas"]["NewWebhook"]["properties"]["url"]["pattern"]
    assert (re.search(pattern, url) is not None) == allowed
