"""What one address may have at once at the gate, and how often a minute, so that others get theirs."""

import asyncio

import httpx

from arena.services import clock
from tests.server.lone_gate import OUTSIDE, Make, Standing


def limited(response: httpx.Response) -> bool:
    """Whether it is the refusal of a share: the status, the header, the word for programs and a sentence."""
    if response.status_code != 429:
        assert response.status_code == 200
        return False
    wait = int(response.headers["retry-after"])
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["code"]) == (429, "limit")
    assert problem["detail"].endswith("in a second." if wait == 1 else f"in {wait} seconds.")
    return True


def at_once(arena: Standing, asked: list[tuple[str, str, str, dict[str, str]]]) -> list[bool]:
    """Which of these requests (address, method, path, headers) are refused while those before are being answered."""

    async def ask() -> list[bool]:
        arena.app.go = asyncio.Event()
        answers: list[asyncio.Task[httpx.Response]] = []
        async with asyncio.TaskGroup() as group:
            for address, method, path, headers in asked:
                client = arena.client(address)
                answers.append(group.create_task(client.request(method, path, headers=headers)))
                for _ in range(20):
                    await asyncio.sleep(0)
            arena.app.go.set()
        return [limited(answer.result()) for answer in answers]

    return asyncio.run(ask())


def test_an_address_has_so_many_requests_open_and_others_theirs(standing: Make) -> None:
    arena = standing(limits={"requests_per_address": 2})
    mine = ("127.0.0.1", "GET", "/api/v1/me", arena.bearer())
    other = (OUTSIDE, "GET", "/api/v1/me", arena.bearer())
    listening = ("127.0.0.1", "GET", "/api/v1/events", arena.bearer())
    assert at_once(arena, [mine, mine, mine, other, listening]) == [False, False, True, False, False]
    assert at_once(arena, [mine, mine, mine]) == [False, False, True]
    assert not arena.shares.requests._taken


def test_listeners_have_a_share_of_their_own(standing: Make) -> None:
    arena = standing(limits={"listeners_per_address": 1})
    heartbeat = ("127.0.0.1", "GET", "/api/v1/events", arena.bearer())
    events = ("127.0.0.1", "GET", "/api/v1/events", arena.bearer())
    asking = ("127.0.0.1", "GET", "/api/v1/me", arena.bearer())
    assert at_once(arena, [heartbeat, events, asking]) == [False, True, False]
    assert at_once(arena, [events, heartbeat, asking]) == [False, True, False]


def test_a_rater_reads_a_battle_in_so_many_places_and_a_stranger_takes_none_of_them(standing: Make) -> None:
    arena = standing(limits={"streams_per_battle": 2})
    stranger = {"Authorization": f"Bearer {arena.identity.new_rater(clock.now()).token}"}
    stream, other = "/api/v1/battles/b_1/stream", "/api/v1/battles/b_2/stream"
    mine = [("127.0.0.1", "GET", stream, arena.bearer())] * 3
    theirs = [("127.0.0.1", "GET", stream, stranger)] * 3
    assert at_once(arena, theirs + mine) == [False, False, True] * 2
    assert at_once(arena, [*mine, ("127.0.0.1", "GET", other, arena.bearer())]) == [False, False, True, False]
    assert at_once(arena, [("127.0.0.1", "GET", "/api/v1/battles/b_1", arena.bearer())] * 3) == [False] * 3


def test_an_address_asks_for_so_many_battles_at_once_and_others_still_get_in(standing: Make) -> None:
    arena = standing(limits={"battles_per_address": 2})
    mine = ("127.0.0.1", "POST", "/api/v1/battles", arena.bearer())
    other = (OUTSIDE, "POST", "/api/v1/battles", arena.bearer())
    reading = ("127.0.0.1", "GET", "/api/v1/battles", arena.bearer())
    assert at_once(arena, [mine, mine, mine, other, reading]) == [False, False, True, False, False]
    assert at_once(arena, [mine, mine]) == [False, False]


def test_new_raters_of_an_address_are_so_many_a_minute_by_page_and_by_program(standing: Make) -> None:
    arena = standing(limits={"raters_per_minute": 3})
    assert arena.ask("GET", "/").status_code == 200
    assert arena.ask("POST", "/api/v1/raters").status_code == 200
    assert arena.ask("POST", "/api/v1/raters", headers=arena.bearer()).status_code == 200
    assert limited(arena.ask("GET", "/"))
    assert limited(arena.ask("POST", "/api/v1/raters"))
    assert limited(arena.ask("POST", "/api/v1/raters", headers=arena.bearer()))
    assert arena.ask("GET", "/", headers=arena.cookie()).status_code == 200
    assert arena.ask("GET", "/", sender=OUTSIDE).status_code == 200
    assert len(arena.app.requests) == 5


def test_failed_tokens_are_so_many_a_minute_and_keep_nobody_else_out(standing: Make) -> None:
    arena = standing(limits={"failed_tokens_per_minute": 2})
    wrong = {"Authorization": "Bearer arena_wrong"}
    assert [arena.ask("GET", "/api/v1/me", headers=wrong).status_code for _ in range(2)] == [401, 401]
    assert limited(arena.ask("GET", "/api/v1/me", headers=wrong))
    assert arena.ask("GET", "/api/v1/me", headers=arena.bearer()).status_code == 200
    assert arena.ask("GET", "/api/v1/me", headers=wrong, sender=OUTSIDE).status_code == 401


def test_shares_go_by_the_address_a_trusted_proxy_names_and_by_no_other(standing: Make) -> None:
    trusting = standing(limits={"raters_per_minute": 1}, trusted_proxies=["127.0.0.1"])
    for address in ("198.51.100.1", "198.51.100.2", f"{OUTSIDE}, 198.51.100.3"):
        assert trusting.ask("GET", "/", headers={"X-Forwarded-For": address}).status_code == 200
    assert limited(trusting.ask("GET", "/", headers={"X-Forwarded-For": "192.0.2.1, 198.51.100.1"}))
    wary = standing(limits={"raters_per_minute": 1})
    assert wary.ask("GET", "/", headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 200
    assert limited(wary.ask("GET", "/", headers={"X-Forwarded-For": "198.51.100.2"}))
