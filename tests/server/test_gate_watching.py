"""The gate lets an answer go no further than what let its reader in, and tells no names to who is not told them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from arena.api import cookies
from arena.domain.account import Account, Member, Session
from arena.domain.ids import AccountId
from arena.domain.principal import Principal, Role
from arena.domain.vote import RaterKind
from arena.server import gate
from arena.server.recognition import LONGEST_LANGUAGES, Recognised, client_of
from arena.services import clock
from arena.services.signing_in import Visitor
from arena.store.instance import Instance
from tests.server.lone_gate import Standing

START: Message = {"type": "http.response.start", "status": 200, "headers": []}
PATIENCE = 30.0
"""Seconds after which an answer that nobody cuts fails the test."""

Change = Callable[[], object]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with Instance.open(tmp_path / "instance.duckdb") as opened:
        yield opened


@pytest.fixture
def standing(instance: Instance) -> Standing:
    return Standing(instance, {})


def told(standing: Standing, token: str, app: Callable[[Send], Awaitable[None]]) -> list[bytes | None]:
    """The parts of the answer that a reader with this token is given; None for its beginning."""
    sent: list[bytes | None] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message.get("body"))

    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        await app(send)

    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/me",
        "headers": [(b"authorization", f"Bearer {token}".encode()), (b"host", b"127.0.0.1:7860")],
        "client": ("127.0.0.1", 4711),
        "scheme": "http",
        "query_string": b"",
    }

    async def served() -> None:
        await standing.gate(scope, receive, send)
        task = asyncio.current_task()
        assert task is not None
        assert not task.cancelling(), "the server's task goes on as if nothing had been cut"

    standing.gate._app = answers
    asyncio.run(asyncio.wait_for(served(), PATIENCE))
    return sent


def speaking(change: Change) -> Callable[[Send], Awaitable[None]]:
    """An application that says two things, between which something changes."""

    async def app(send: Send) -> None:
        await send(dict(START))
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        change()
        await send({"type": "http.response.body", "body": b"two", "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


def silent(change: Change) -> Callable[[Send], Awaitable[None]]:
    """An application that says one thing, after which something changes, and then nothing for ever."""

    async def app(send: Send) -> None:
        await send(dict(START))
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        change()
        await asyncio.Event().wait()

    return app


def shut(standing: Standing) -> None:
    """Let no rater without an account in any more."""
    default = cast(Any, standing.gate._installation.named("default"))
    default.rules = SimpleNamespace(anonymous=False)


@pytest.mark.parametrize("application", [speaking, silent])
def test_a_rater_reads_on_only_while_raters_without_an_account_are_let_in(
    standing: Standing, application: Callable[[Change], Callable[[Send], Awaitable[None]]]
) -> None:
    with mock.patch.object(gate, "WATCH_SECONDS", 0.01):
        assert told(standing, standing.token, application(lambda: shut(standing))) == [None, b"one", b""]


@pytest.mark.parametrize("application", [speaking, silent])
def test_a_token_reads_on_only_while_it_is_worth_something(
    standing: Standing, instance: Instance, application: Callable[[Change], Callable[[Send], Awaitable[None]]]
) -> None:
    token_id, token = instance.add_token(Role.READER, "default", clock.now(), made_by="a test")
    with mock.patch.object(gate, "WATCH_SECONDS", 0.01):
        assert told(standing, token, application(lambda: instance.revoke(token_id, clock.now()))) == [None, b"one", b""]


def test_who_is_still_let_in_reads_to_the_end(standing: Standing, instance: Instance) -> None:
    _, token = instance.add_token(Role.READER, "default", clock.now(), made_by="a test")
    for one in (standing.token, token):
        assert told(standing, one, speaking(lambda: None)) == [None, b"one", b"two", b""]


def test_an_answer_is_looked_at_again_and_again(standing: Standing) -> None:
    looks, often = 0, asyncio.Event()
    holds = standing.gate._holds

    def counted(asked: Recognised) -> bool:
        nonlocal looks
        looks += 1
        if looks == 4:
            often.set()
        return holds(asked)

    async def app(send: Send) -> None:
        await send(dict(START))
        await often.wait()
        shut(standing)
        await asyncio.Event().wait()

    with mock.patch.object(gate, "WATCH_SECONDS", 0.01), mock.patch.object(standing.gate, "_holds", counted):
        assert told(standing, standing.token, app) == [None, b""]
    assert looks == 5


def test_an_answer_that_has_ended_is_looked_at_no_more(standing: Standing) -> None:
    async def app(send: Send) -> None:
        await send(dict(START))
        await send({"type": "http.response.body", "body": b"one", "more_body": False})
        shut(standing)
        await asyncio.sleep(0.1)  # nothing cuts what goes on behind an answer

    ended = mock.Mock()
    with mock.patch.object(gate, "WATCH_SECONDS", 0.01):

        async def to_its_end(send: Send) -> None:
            await app(send)
            ended()

        assert told(standing, standing.token, to_its_end) == [None, b"one"]
    ended.assert_called_once()


def test_whoever_goes_away_ends_an_answer_and_nothing_is_said_behind_it(standing: Standing) -> None:
    """The gate tells the server so, as any application would: only what it cut itself it ends."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def leaves(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.Event().wait()

    headers = [(b"authorization", f"Bearer {standing.token}".encode()), (b"host", b"127.0.0.1:7860")]
    scope = {"type": "http", "method": "GET", "path": "/api/v1/me", "headers": headers, "client": None}
    standing.gate._app = leaves
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(asyncio.wait_for(standing.gate(scope | {"scheme": "http"}, receive, send), PATIENCE))
    assert [message.get("body") for message in sent] == [None, b"one"]


def test_what_lets_somebody_in_is_asked_for_as_they_came(standing: Standing, instance: Instance) -> None:
    """By a session, as nobody, as a rater, with a token."""
    services = cast(Any, SimpleNamespace(rules=SimpleNamespace(anonymous=True)))
    closed = cast(Any, SimpleNamespace(rules=SimpleNamespace(anonymous=False)))
    rater = Principal(id="r_1", role=Role.RATER, workspace="default")
    token_id, _ = instance.add_token(Role.READER, "default", clock.now(), made_by="a test")
    reader = Principal(id=token_id, role=Role.READER, workspace="default")
    session = cast(Session, object())

    def holds(**known: Any) -> bool:
        asked = Recognised(**{"workspace": "default", "services": services, "prefix": "", "path": "/"} | known)
        return standing.gate._holds(asked)

    for answer in (True, False):
        with mock.patch.object(standing.signing_in, "holds", return_value=answer) as asked:
            assert holds(session=session, principal=rater) is answer
        asked.assert_called_once_with(session, rater)
    assert holds()
    assert holds(principal=rater)
    assert not holds(principal=rater, services=closed)
    assert not holds(principal=rater, services=None)
    assert holds(principal=rater, services=closed, free=True)
    assert holds(principal=reader, services=closed)
    instance.revoke(token_id, clock.now())
    assert not holds(principal=reader)


def test_what_is_said_of_an_address_that_is_none(standing: Standing) -> None:
    of_gradio = standing.ask("GET", "/gradio_api/call/vote", headers=standing.bearer()).json()["detail"]
    assert of_gradio == (
        "There is nothing at /gradio_api/call/vote: nothing of the pages can be called by gradio_client. Programs use "
        "the HTTP API, which /reference shows and arena.client speaks."
    )
    other = standing.ask("GET", "/gradio_ap/call", headers=standing.bearer()).json()["detail"]
    assert other == "There is nothing at /gradio_ap/call. The pages are / and /leaderboard."


def test_being_sent_to_sign_in_is_kept_by_no_cache(standing: Standing) -> None:
    answer = standing.ask("GET", "/account", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")


def test_who_signed_in_is_a_member_of_the_workspaces_of_their_account(standing: Standing, instance: Instance) -> None:
    session = cast(Session, SimpleNamespace(account_id="acc_1"))
    known = {("acc_1", "default"): object()}
    with mock.patch.object(type(instance.accounts), "member", lambda _, account, where: known.get((account, where))):
        recognition = standing.gate._recognition
        assert recognition._is_member(session, "default")
        assert not recognition._is_member(session, "elsewhere")


def signed_in(standing: Standing, instance: Instance) -> tuple[str, Member]:
    """The token of a session of a new member of the default workspace."""
    now = clock.now()
    account_id = AccountId("acc_1")
    instance.accounts.add(Account(account_id=account_id, email="a@b.example", name="", password="", created_at=now))
    member = standing.memberships.join(account_id, "default", Role.RATER, {}, now)
    begun = standing.signing_in.begin(account_id, Visitor(address="", client="", raters={}), now)
    return begun.token, member


def test_whoever_is_recognised_comes_from_an_address_reads_languages_and_is_a_person_or_a_program(
    standing: Standing, instance: Instance
) -> None:
    session, _ = signed_in(standing, instance)
    of_a_reader = instance.add_token(Role.READER, "default", clock.now(), made_by="a test")[1]
    came = [
        ({"Cookie": f"{cookies.RATER}={standing.token}"}, RaterKind.PERSON),
        ({"Cookie": f"{cookies.SESSION}={session}"}, RaterKind.PERSON),
        *(({"Authorization": f"Bearer {one}"}, RaterKind.PROGRAM) for one in (standing.token, session, of_a_reader)),
    ]
    reads: list[tuple[dict[str, str], str]] = [
        ({}, ""),
        ({"Accept-Language": "ar, en;q=0.5"}, "ar, en;q=0.5"),
        ({"Accept-Language": "x" * (LONGEST_LANGUAGES + 1)}, "x" * LONGEST_LANGUAGES),
    ]
    for given, kind in came:
        for said, languages in reads:
            answer = standing.ask("GET", "/api/v1/me", sender="203.0.113.9", headers=given | said)
            assert answer.status_code == 200
            principal = standing.app.requests[-1]["state"]["principal"]
            assert (principal.kind, principal.address, principal.reads) == (kind, "203.0.113.9", languages)


def test_a_member_who_was_erased_is_let_in_as_another_rater(standing: Standing, instance: Instance) -> None:
    session, member = signed_in(standing, instance)
    erased = set[str]()
    cast(Any, standing.gate._installation.named("default")).withdrawing.gone = erased.__contains__

    def rater() -> str:
        answer = standing.ask("GET", "/api/v1/me", headers={"Authorization": f"Bearer {session}"})
        assert answer.status_code == 200
        return str(standing.app.requests[-1]["state"]["principal"].rater_id)

    assert rater() == member.rater_id
    erased.add(member.rater_id)
    renewed = rater()
    assert renewed != member.rater_id
    assert rater() == renewed


def test_a_secret_counts_only_where_it_belongs(standing: Standing, instance: Instance) -> None:
    """In its own cookie or as its own token, in its own workspace, while raters without an account are let in."""
    session, _ = signed_in(standing, instance)
    now = clock.now()
    elsewhere = instance.add_token(Role.READER, "elsewhere", now, made_by="a test")[1]

    def status(path: str, **headers: str) -> int:
        return standing.ask("GET", path, headers=headers).status_code

    for carried in (f"default={standing.token}", f"other={session}"):
        assert status("/api/v1/me", Cookie=carried) == 401
    for token in ("session_nobody", "r_nobody", "nobody"):
        assert status("/api/v1/me", Authorization=f"Bearer {token}") == 401
    told = standing.ask("GET", "/api/v1/me", headers={"Authorization": f"Bearer {elsewhere}"})
    assert (told.status_code, told.json()["detail"]) == (404, "There is no such workspace here.")
    with mock.patch.object(standing.gate._installation, "holder", wraps=standing.gate._installation.holder) as holder:
        assert status("/api/v1/invitations/x", Authorization=f"Bearer {elsewhere}") == 200, "a door is of no workspace"
    assert holder.call_args.args[1] >= now
    assert status("/api/v1/me", Authorization=f"Bearer {standing.token}") == 200
    shut(standing)
    assert status("/api/v1/me", Authorization=f"Bearer {standing.token}") == 401


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def test_what_a_browser_carries_says_who_knocks(standing: Standing, instance: Instance) -> None:
    """Its session goes before the rater it was, in the workspaces of its account, and where no workspace is asked."""
    session, member = signed_in(standing, instance)
    rater = standing.identity.rater(standing.token)
    assert rater is not None

    def visited(path: str, *carried: str) -> tuple[Any, Visitor]:
        headers = {"Cookie": "; ".join(carried), "User-Agent": FIREFOX}
        assert standing.ask("GET", path, sender="203.0.113.9", headers=headers).status_code == 200
        state = standing.app.requests[-1]["state"]
        assert state["session"] == state["visitor"].session
        assert state["services"] is standing.gate._installation.named("default")
        return state["principal"], state["visitor"]

    as_rater, as_member = f"{cookies.RATER}={standing.token}", f"{cookies.SESSION}={session}"
    found, visitor = visited("/api/v1/me", as_rater, as_member)
    begun = standing.signing_in.find(session, clock.now())
    raters = {"default": rater.rater_id}
    assert found.rater_id == member.rater_id
    assert visitor == Visitor(address="203.0.113.9", client="Firefox on Linux", raters=raters, session=begun)
    found, visitor = visited("/api/v1/me", as_rater)
    assert (found.rater_id, visitor.raters, visitor.session) == (rater.rater_id, raters, None)
    found, visitor = visited("/api/v1/me", as_member)
    assert (found.rater_id, visitor.raters, visitor.session) == (member.rater_id, {}, begun)
    instance.accounts.leave(member.account_id, "default")
    found, visitor = visited("/api/v1/me", as_rater, as_member)
    assert (found.rater_id, visitor.session) == (rater.rater_id, None)
    found, visitor = visited("/api/v1/account", as_rater, as_member)
    assert (found, visitor.session) == (None, begun)
    absent = standing.ask("GET", "/api/v1/me", headers={"Cookie": as_member})
    assert (absent.status_code, absent.json()["detail"]) == (404, "There is no such workspace here.")


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/128.0 Safari/537.36 Edg/128.0", "Edge on Windows"),
        ("Mozilla/5.0 Firefox/128.0", "Firefox"),
        ("curl/8.9", "curl"),
        ("Wget/1.24", "Wget"),
        ("(nothing)", "a program"),
        (None, "a program"),
    ],
)
def test_a_client_is_called_what_people_call_it(agent: str | None, called: str) -> None:
    headers = Headers({} if agent is None else {"User-Agent": agent})
    known = Recognised(workspace="default", services=None, prefix="", path="/")
    assert known.visitor("203.0.113.9", headers).client == called
    assert agent is None or client_of(agent) == called


def test_the_cookie_of_a_rater_names_its_workspace(standing: Standing) -> None:
    workspace_of = standing.gate._recognition._workspace_of
    assert (workspace_of("arena_rater"), workspace_of("arena_rater_clinic")) == ("default", "clinic")


class Hiding:
    """Aliases that hide one word from raters and from strangers."""

    def pattern_for(self, principal: Principal | None) -> re.Pattern[bytes] | None:
        return re.compile(b"reached") if principal is None or principal.is_rater else None

    def told(self, found: re.Match[bytes]) -> bytes:
        return b"disguised"


@pytest.mark.parametrize(
    ("path", "who", "said"),
    [
        ("/api/v1/me", "rater", "disguised"),
        ("/metrics", "rater", "disguised"),
        ("/api/v1/me", "reader", "reached"),
        ("/metrics", "reader", "reached"),
        ("/signin", "nobody", "disguised"),
        ("/metrics", "nobody", "reached"),
        ("/w/elsewhere/static/x.js", "nobody", "reached"),
    ],
)
def test_names_are_hidden_from_who_is_not_told_them_and_nothing_is_compressed_before_that(
    standing: Standing, instance: Instance, path: str, who: str, said: str
) -> None:
    cast(Any, standing.gate._installation.named("default")).aliases = Hiding()
    tokens = {"rater": standing.token}
    tokens["reader"] = instance.add_token(Role.READER, "default", clock.now(), made_by="a test")[1]
    given = {"Authorization": f"Bearer {tokens[who]}"} if who in tokens else {}
    answer = standing.ask("GET", path, headers=given | {"Accept-Encoding": "gzip", "X-Other": "1"})
    assert answer.text == said
    (request,) = standing.app.requests
    names = [name for name, _ in request["headers"]]
    assert (b"accept-encoding" in names) is (said == "reached")
    assert b"x-other" in names
