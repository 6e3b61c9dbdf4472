"""News over HTTP: the feed as server-sent events, and webhooks that miss nothing and get nothing twice."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from arena.services import feed, made_by, paths, webhooks
from arena.settings import Endpoints
from arena.store.instance import Instance
from arena.webhooks import sender
from tests import arenas
from tests.api.people import GOOD, accept, browser, invited
from tests.api.people import change as change_role
from tests.arenas import Arena
from tests.inference import misbehaving
from tests.webhook_receiver import Receiver

MODELS = ("say:One.", "say:Two.")
Told = tuple[str, str, dict[str, Any]]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(webhooks, "FIRST_WAIT", 0.05)


@pytest.fixture
def own(tmp_path: Path, quick: None) -> Iterator[Arena]:
    with started(tmp_path) as arena:
        yield arena


@contextmanager
def started(data_dir: Path, **more: Any) -> Iterator[Arena]:
    with misbehaving.serve(listed=MODELS) as server:
        settings = arenas.settings_for(data_dir, server.endpoint, MODELS, **more)
        with arenas.hurried(), arenas.running(settings, pages=False) as arena:
            yield arena


@contextmanager
def listening(client: httpx.Client, after: str | None = None) -> Iterator[Iterator[Told]]:
    headers = {} if after is None else {"Last-Event-ID": after}
    with client.stream("GET", "/api/v1/events", headers=headers, timeout=20) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _told(response)


def _told(response: httpx.Response) -> Iterator[Told]:
    event: dict[str, str] = {}
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if name in ("id", "event", "data"):
            event[name] = value
        elif not line and "data" in event:
            yield event["id"], event["event"], json.loads(event["data"])
            event = {}


def until(told: Iterator[Told], fits: Callable[[Told], bool]) -> list[Told]:
    """What is told up to the first that fits."""
    found = []
    for one in told:
        found.append(one)
        if fits(one):
            return found
    raise AssertionError(f"it ended with {found}")


def vote(rater: httpx.Client) -> None:
    arenas.vote(rater, arenas.battle(rater)).raise_for_status()


def change(admin: httpx.Client, state: str) -> None:
    admin.patch("/api/v1/models/canary-1-say-two", json={"state": state, "reason": "So."}).raise_for_status()


def counted(votes: int) -> Callable[[Told], bool]:
    return lambda one: one[1:] == ("votes", {"counted": votes})


def arrived(receiver: Receiver) -> list[Any]:
    return [json.loads(body) for _, body in receiver.took]


def wait(fact: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.02)


def test_a_listener_is_told_how_it_stands_then_what_changes(own: Arena) -> None:
    with own.rater() as rater, own.admin() as admin, listening(rater) as told:
        first = until(told, lambda one: one[1] == "board")
        assert [one[1:] for one in first] == [
            ("votes", {"counted": 0}),
            ("board", {"board": "overall", "ledger_head": None}),
        ]
        vote(rater)
        newer = until(told, lambda one: one[1] == "board")
        assert counted(1)(newer[0])
        board = admin.get("/api/v1/leaderboards/overall").json()
        assert newer[-1][2] == {"board": "overall", "ledger_head": board["ledger_head"]}
        admin.patch(
            "/api/v1/models/canary-1-say-two", json={"state": "paused", "reason": "It rests."}
        ).raise_for_status()
        changed = until(told, lambda one: one[1] == "model")[-1]
        assert changed[2] == {"name": "canary-1-say-two", "state": "paused"}


def test_whoever_comes_back_misses_nothing_and_gets_nothing_twice(own: Arena, tmp_path: Path) -> None:
    with own.rater() as rater, own.admin() as admin:
        with listening(rater) as told:
            last = until(told, lambda one: one[1] == "board")[-1][0]
        vote(rater)
        admin.patch(
            "/api/v1/models/canary-1-say-two", json={"state": "paused", "reason": "It rests."}
        ).raise_for_status()
        change(admin, "active")
        vote(rater)
        with listening(rater, last) as told:
            seen = until(told, lambda one: one[1] == "board" and one[0] > last)
            seen += [] if any(counted(2)(one) for one in seen) else until(told, counted(2))
        kinds = [one[2]["state"] for one in seen if one[1] == "model"]
        assert kinds == ["paused", "active"]
        assert [one[2]["counted"] for one in seen if one[1] == "votes"][-1] == 2
        assert len({one[0] for one in seen}) == len(seen)


def test_votes_are_told_after_the_delay_of_a_campaign(tmp_path: Path, quick: None) -> None:
    with started(tmp_path, campaign={"feed_delay": 1.5}) as arena, arena.rater() as rater, listening(rater) as told:
        began = time.monotonic()
        until(told, counted(0))
        assert time.monotonic() - began >= 1.3
        vote(rater)
        voted = time.monotonic()
        until(told, counted(1))
        assert time.monotonic() - voted >= 1.3


def test_who_may_not_read_the_board_is_told_nothing(own: Arena) -> None:
    with own.rater() as rater, own.admin() as admin:
        admin.patch("/api/v1/workspace", json={"public_board": False}).raise_for_status()
        assert rater.get("/api/v1/events").status_code == 403
        assert rater.get("/api/v1/events", headers={"Last-Event-ID": "x"}).status_code == 403
        with listening(admin) as told:
            until(told, counted(0))
        for wrong in ("x", "1", "1-x", "-1-2", "9" * 30 + "-1"):
            assert admin.get("/api/v1/events", headers={"Last-Event-ID": wrong}).status_code == 422


def test_who_may_read_the_board_no_more_is_told_nothing_more(own: Arena) -> None:
    with (
        own.rater() as rater,
        own.rater() as voter,
        own.admin() as admin,
        listening(rater) as told,
        listening(admin) as control,
    ):
        until(told, lambda one: one[1] == "board")  # the last of how it stands now
        until(control, lambda one: one[1] == "board")
        admin.patch("/api/v1/workspace", json={"public_board": False}).raise_for_status()
        vote(voter)
        until(control, counted(1))
        assert list(told) == []


def test_a_webhook_gets_signed_events_in_order(own: Arena) -> None:
    receiver = Receiver()
    with receiver.up(), own.rater() as rater, own.admin() as admin:
        made = admin.post("/api/v1/webhooks", json={"url": receiver.url, "events": ["votes", "model"]}).json()
        vote(rater)
        wait(lambda: any(one["data"] == {"counted": 1} for one in arrived(receiver)))
        assert {one["event"] for one in arrived(receiver)} == {"votes"}
        for headers, body in receiver.took:
            signed = hmac.new(made["secret"].encode(), body, hashlib.sha256).hexdigest()
            assert headers["X-Arena-Signature"] == f"sha256={signed}"
            assert headers["X-Arena-Delivery"] == f"{made['webhook_id']}/{json.loads(body)['id']}"
        listed = admin.get("/api/v1/webhooks").json()["webhooks"]
        assert [one["webhook_id"] for one in listed] == [made["webhook_id"]]
        assert made["secret"] not in str(listed)
        log = f"/api/v1/webhooks/{made['webhook_id']}/deliveries"
        wait(lambda: admin.get(log).json()["deliveries"][0]["problem"] is None)
        assert admin.get(log).json()["deliveries"][0]["status"] == 204

        admin.delete(f"/api/v1/webhooks/{made['webhook_id']}").raise_for_status()
        assert admin.get(log).status_code == 404
        had = len(receiver.took)
        with listening(rater) as told:
            vote(rater)
            until(told, counted(2))
        assert len(receiver.took) == had


def test_an_address_that_was_down_misses_nothing_and_gets_nothing_twice(own: Arena) -> None:
    receiver = Receiver()
    with own.rater() as rater, own.admin() as admin:
        with receiver.up():
            url = {"url": receiver.url, "events": ["votes", "model", "board"]}
            made = admin.post("/api/v1/webhooks", json=url).json()
            wait(lambda: bool(receiver.took))
        for state in ("paused", "active"):
            change(admin, state)
        for _ in range(3):
            vote(rater)
        log = f"/api/v1/webhooks/{made['webhook_id']}/deliveries"
        wait(lambda: admin.get(log).json()["deliveries"][0]["attempts"] > 1)
        assert "ConnectError" in admin.get(log).json()["deliveries"][0]["problem"]
        receiver.status = 500
        with receiver.up():
            wait(lambda: receiver.refused > 0)
            receiver.status = 200
            wait(
                lambda: arrived(receiver)[-1:] != [] and any(one["data"] == {"counted": 3} for one in arrived(receiver))
            )
            wait(lambda: arrived(receiver)[-1]["event"] == "board")
        ids = [one["id"] for one in arrived(receiver)]
        assert len(set(ids)) == len(ids)
        assert [one["data"]["state"] for one in arrived(receiver) if one["event"] == "model"] == ["paused", "active"]


def test_a_restart_tells_a_webhook_nothing_again(tmp_path: Path, quick: None) -> None:
    receiver = Receiver()
    with receiver.up():
        with started(tmp_path) as arena, arena.rater() as rater, arena.admin() as admin:
            admin.post("/api/v1/webhooks", json={"url": receiver.url, "events": ["votes"]}).raise_for_status()
            vote(rater)
            wait(lambda: any(one["data"] == {"counted": 1} for one in arrived(receiver)))
            wait(lambda: admin.get("/api/v1/webhooks").json()["webhooks"][0]["told"] == arrived(receiver)[-1]["id"])
        had = len(receiver.took)
        with started(tmp_path) as arena, arena.rater() as rater:
            vote(rater)
            wait(lambda: len(receiver.took) > had)
        assert [one["data"] for one in arrived(receiver)[had:]] == [{"counted": 2}]


def test_a_webhook_ends_with_the_right_of_who_made_it(own: Arena) -> None:
    receiver = Receiver()
    made: dict[str, str] = {}
    with receiver.up(), own.rater() as rater, own.admin() as admin, ExitStack() as stack:
        clients = {
            name: stack.enter_context(browser(own))
            for name in ("lowered", "out", "closed", "disabled", "stays", "was-admin")
        }
        body = {"url": receiver.url, "events": ["votes"]}
        for name, client in clients.items():
            role = "admin" if name == "was-admin" else "lab"
            accept(client, invited(admin, role), f"{name}@lab.example").raise_for_status()
            made[name] = client.post("/api/v1/webhooks", json=body).raise_for_status().json()["webhook_id"]
        token = admin.post("/api/v1/tokens", json={"role": "lab"}).raise_for_status().json()
        with own.client(token["token"]) as program:
            made["token"] = program.post("/api/v1/webhooks", json=body).raise_for_status().json()["webhook_id"]
        wait(lambda: told_of(receiver, 0) == set(made.values()))

        change_role(admin, "lowered@lab.example", "rater").raise_for_status()
        change_role(admin, "was-admin@lab.example", "lab").raise_for_status()
        admin.post("/api/v1/accounts/removal", json={"email": "out@lab.example"}).raise_for_status()
        admin.post("/api/v1/accounts/disabling", json={"email": "disabled@lab.example"}).raise_for_status()
        clients["closed"].post("/api/v1/account/closure", json={"password": GOOD}).raise_for_status()
        admin.delete(f"/api/v1/tokens/{token['id']}").raise_for_status()
        left = {made.pop(name) for name in ("stays", "was-admin")}
        listed = admin.get("/api/v1/webhooks").json()["webhooks"]
        assert {one["webhook_id"] for one in listed} == left, "who still is of the lab keeps theirs"
        log = admin.get("/api/v1/audit-log?limit=500").json()["entries"]
        ended = {one["to"]: one["reason"] for one in log if one["did"] == "deleted webhook"}
        assert ended == dict.fromkeys(made.values(), "its maker has no right to it")
        vote(rater)
        wait(lambda: told_of(receiver, 1) >= left)
        assert told_of(receiver, 1) == left


def test_webhooks_of_who_lost_their_right_at_an_earlier_arena_are_told_nothing(
    tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such an arena let them stay, and told them of everything."""
    receiver = Receiver()
    with receiver.up(), ExitStack() as stack:
        body = {"url": receiver.url, "events": ["votes"]}
        with (
            started(tmp_path) as arena,
            arena.admin() as admin,
            arena.rater() as rater,
            monkeypatch.context() as earlier,
        ):
            earlier.setattr(made_by, "_end_webhooks", lambda *_: None)
            clients = {
                name: stack.enter_context(browser(arena)) for name in ("lowered", "out", "closed", "disabled", "stays")
            }
            for name, client in clients.items():
                accept(client, invited(admin, "lab"), f"{name}@lab.example").raise_for_status()
            tokens = {}
            for name in ("ended", "valid"):
                tokens[name] = admin.post("/api/v1/tokens", json={"role": "lab"}).raise_for_status().json()
                clients[name] = stack.enter_context(arena.client(tokens[name]["token"]))
            made = {
                name: client.post("/api/v1/webhooks", json=body).raise_for_status().json()["webhook_id"]
                for name, client in clients.items()
            }
            change_role(admin, "lowered@lab.example", "reader").raise_for_status()
            admin.post("/api/v1/accounts/removal", json={"email": "out@lab.example"}).raise_for_status()
            admin.post("/api/v1/accounts/disabling", json={"email": "disabled@lab.example"}).raise_for_status()
            clients["closed"].post("/api/v1/account/closure", json={"password": GOOD}).raise_for_status()
            admin.delete(f"/api/v1/tokens/{tokens['ended']['id']}").raise_for_status()
            vote(rater)
            wait(lambda: told_of(receiver, 1) == set(made.values()))
        left = {made.pop(name) for name in ("stays", "valid")}
        with Instance.open(paths.instance_path(tmp_path)) as instance:
            found = instance.webhooks.find(made["closed"])
            assert found is not None
            made["of nobody known"] = "wh_0"
            instance.webhooks.add(replace(found, webhook_id="wh_0", made_by="a closed account"))
        with started(tmp_path) as arena, arena.rater() as rater, arena.admin() as admin:
            listed = admin.get("/api/v1/webhooks").json()["webhooks"]
            assert {one["webhook_id"] for one in listed} == left
            log = admin.get("/api/v1/audit-log?limit=500").json()["entries"]
            assert {one["to"] for one in log if one["did"] == "deleted webhook"} == set(made.values())
            vote(rater)
            wait(lambda: told_of(receiver, 2) >= left)
            assert told_of(receiver, 2) == left


def told_of(receiver: Receiver, counted: int) -> set[str]:
    """Ids of the webhooks that were told of so many votes."""
    return {
        headers["X-Arena-Delivery"].partition("/")[0]
        for headers, body in receiver.took
        if json.loads(body)["data"] == {"counted": counted}
    }


NO_ADDRESSES = (
    *("https://lab.example:542*", "http://lab.example:99999/", "http://lab.example:0/", "http://lab.example:-1/"),
    *(
        "http://[::1",
        "http://[::1]x/",
        "http://999.1.1.1/",
        "http://a..b/",
        f"http://{'a' * 64}.example/",
        "http://a b/",
    ),
    *(
        "http:///x",
        "http://a\u2100b/",
        "http://a\u0001b/",
        "http://lab.example/\ud800",
        f"http://lab.example/{'x' * 2000}",
    ),
)


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"url": "ftp://lab.example/x", "events": ["votes"]}, 422, "http://"),
        ({"url": "http://me:secret@lab.example/", "events": ["votes"]}, 422, "password"),
        ({"url": "http://169.254.169.254/latest", "events": ["votes"]}, 422, "allowed hosts"),
        ({"url": "http://[::ffff:169.254.169.254]/", "events": ["votes"]}, 422, "allowed hosts"),
        ({"url": "http://0.0.0.0/", "events": ["votes"]}, 422, "allowed hosts"),
        ({"url": "https://lab.example/", "events": []}, 422, "accepted: model, votes, board"),
        *(({"url": url, "events": ["votes"]}, 422, "a port from 1 to 65535") for url in NO_ADDRESSES),
    ],
)
def test_what_no_webhook_can_be_is_refused(own: Arena, body: dict[str, Any], status: int, word: str) -> None:
    with own.admin() as admin, own.rater() as rater:
        sent = {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}  # half a character, too
        refused = admin.post("/api/v1/webhooks", **sent)
        assert (refused.status_code, word in refused.json()["detail"]) == (status, True)
        assert rater.post("/api/v1/webhooks", **sent).status_code == 403


LAN = (
    "10.1.2.3",
    "127.0.0.1",
    "192.168.0.9",
    "100.64.0.1",
    "[::1]",
    "[fd00::8]",
    "[::ffff:10.1.2.3]",
    "[64:ff9b::a01:203]",
)
CLOUD = (
    *(
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "[fd00:ec2::254]",
        "[fd20:ce::254]",
        "[fd00:42::42]",
        "[fe80::a9fe:a9fe%25eth0]",
    ),
    *("[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "[::169.254.169.254]", "[2002:a9fe:a9fe::1]"),
)
PUBLIC = ("8.8.8.8", "[2606:4700::1111]", "[64:ff9b::808:808]")


@pytest.mark.parametrize(
    ("reach", "open_ones", "closed"),
    [
        ("anywhere", (*PUBLIC, *LAN), (*CLOUD, "[::]", "224.0.0.1")),
        ("public", PUBLIC, (*LAN, *CLOUD)),
        ("listed", (), (*PUBLIC, *LAN, *CLOUD, "lab.example")),
    ],
)
def test_an_address_is_within_reach_or_not(
    reach: sender.Reach, open_ones: tuple[str, ...], closed: tuple[str, ...]
) -> None:
    assert [one for one in open_ones if sender.is_closed(one, reach)] == []
    assert [one for one in closed if not sender.is_closed(one, reach)] == []


@pytest.mark.parametrize("url", NO_ADDRESSES[:-1])
async def test_what_is_no_address_is_sent_nothing_and_no_delivery_ends_by_it(url: str) -> None:
    """One that was added before it was refused."""
    async with sender.WebhookSender() as sending:
        for reach in ("anywhere", None):
            status, problem = await sending.send(url, "s", "votes", "1", b"{}", reach=reach)
            assert (status, bool(problem)) == (None, True)


@pytest.mark.parametrize("url", ["http://bücher.example:8080/x", "https://lab.example./?a=1", "http://[fd00::8]:9/"])
def test_every_host_that_can_be_looked_up_is_an_address(url: str) -> None:
    assert sender.checked_url(url).raw_host


@pytest.mark.parametrize(("reach", "taken"), [("anywhere", True), ("public", False), ("listed", False)])
async def test_the_configuration_says_how_far_webhooks_reach(
    tmp_path: Path, quick: None, reach: sender.Reach, taken: bool
) -> None:
    receiver = Receiver()
    endpoints = Endpoints(webhooks=reach)
    with receiver.up(), started(tmp_path, endpoints=endpoints) as arena, arena.rater() as rater, arena.admin() as admin:
        body = {"url": receiver.url, "events": ["votes"]}
        assert admin.post("/api/v1/webhooks", json=body).status_code == (201 if taken else 422)
        vote(rater)
        if taken:
            wait(lambda: any(one["data"] == {"counted": 1} for one in arrived(receiver)))
        else:
            async with sender.WebhookSender() as sending:  # one that was added before the configuration said so
                status, problem = await sending.send(receiver.url, "s", "votes", "1", b"{}", reach=reach)
            assert (status, "unless [endpoints] lists it" in str(problem)) == (None, True)
            assert not receiver.took


async def test_a_name_that_leads_to_an_address_of_the_link_is_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = Receiver()
    with receiver.up():
        found = {"where": "127.0.0.1"}

        def looked(_: str, port: int, *__: Any, **___: Any) -> list[Any]:
            return [(2, 1, 6, "", (found["where"], port))]

        monkeypatch.setattr(sender.socket, "getaddrinfo", looked)
        url = f"http://told.example:{receiver.port}/"
        async with sender.WebhookSender() as sending:
            assert await sending.send(url, "s", "votes", "1", b"{}") == (204, None), "positive control"
            (headers, _body) = receiver.took[-1]
            assert headers["Host"] == f"told.example:{receiver.port}"
            found["where"] = "169.254.169.254"
            status, problem = await sending.send(url, "s", "votes", "2", b"{}")
        assert status is None
        assert "169.254.169.254" in str(problem)
        assert len(receiver.took) == 1
