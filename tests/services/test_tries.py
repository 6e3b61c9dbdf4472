"""Tries to sign in: what fails is counted, what succeeds is not, and many at once guess no more often."""

import asyncio
from unittest import mock

import argon2
import pytest

from arena.errors import DoesNotFit, InvalidValue, Overloaded, TooMany, Unauthenticated
from arena.services.passwords import AT_ONCE, Passwords, refuse_weak
from arena.services.tries import Tries
from tests.services.test_fair_shares import Clock

LIMIT = 5
SECONDS = 900.0


def tries(clock: Clock, wait_seconds: float = 30.0) -> Tries:
    return Tries(LIMIT, clock, "Too many.", SECONDS, wait_seconds)


async def tried(counted: Tries, *, right: bool, key: str = "one") -> str:
    """What became of a try, which looks at its password in the middle."""
    try:
        async with counted.turn(key):
            await asyncio.sleep(0)
            if not right:
                raise Unauthenticated("Wrong.")
    except (Unauthenticated, TooMany, Overloaded) as refusal:
        return type(refusal).__name__
    return "in"


async def test_right_tries_are_all_let_in_however_many_come_at_once() -> None:
    counted = tries(Clock())
    assert await asyncio.gather(*(tried(counted, right=True) for _ in range(50))) == ["in"] * 50
    assert not counted._going
    assert not counted._waiting


async def test_wrong_tries_at_once_are_as_many_as_one_after_the_other() -> None:
    clock = Clock()
    counted = tries(clock)
    found = await asyncio.gather(*(tried(counted, right=False) for _ in range(50)))
    assert (found.count("Unauthenticated"), found.count("TooMany")) == (LIMIT, 45)
    assert await tried(counted, right=True) == "TooMany"
    assert await tried(counted, right=True, key="another") == "in"
    clock.now += SECONDS
    assert await tried(counted, right=True) == "in", "it begins anew after its time"


async def test_a_try_that_is_broken_off_counts() -> None:
    counted = tries(Clock())
    for _ in range(LIMIT):
        begun = asyncio.create_task(tried(counted, right=True))
        await asyncio.sleep(0)
        begun.cancel()
        with pytest.raises(asyncio.CancelledError):
            await begun
    assert await tried(counted, right=True) == "TooMany"


async def test_a_turn_that_does_not_come_is_told_so_and_counts_nothing() -> None:
    counted = tries(Clock(), wait_seconds=0.0)
    end = asyncio.Event()

    async def long() -> None:
        async with counted.turn("one"):
            await end.wait()

    going = [asyncio.create_task(long()) for _ in range(LIMIT)]
    await asyncio.sleep(0)
    assert await tried(counted, right=True) == "Overloaded"
    end.set()
    await asyncio.gather(*going)
    assert await tried(counted, right=True) == "in"
    assert counted.left("one") == LIMIT


async def test_passwords_wait_for_a_place_and_are_told_when_none_comes() -> None:
    places = Passwords(argon2.PasswordHasher(), wait_seconds=0.0)
    for _ in range(AT_ONCE):
        await places._places.acquire()
    with pytest.raises(Overloaded):
        await places.hashed("four quiet herons wade")
    places._places.release()
    assert (await places.hashed("four quiet herons wade")).startswith("$argon2id$")


async def test_the_first_comparison_makes_the_hash_of_nobody_whoever_it_is_about() -> None:
    """Commands compare none and start without it; no first sign-in takes longer because its account is absent."""
    hasher = argon2.PasswordHasher()
    stored = hasher.hash("four quiet herons wade")
    for known in (stored, ""):
        noted = mock.Mock(wraps=hasher)
        passwords = Passwords(noted)
        assert noted.method_calls == []
        assert await passwords.match(known, "four quiet herons wade") == bool(known)
        assert not await passwords.match(known, "a wrong one")
        assert [name for name, _, _ in noted.method_calls] == ["hash", "verify", "verify"]


@pytest.mark.parametrize(
    ("password", "fits_as_sent"),
    [("e\u0301" * 6, True), ("\ufdfa" * 74, True), ("a" * 11, False), ("a" * 1001, False)],
    ids=["shorter then", "longer then", "too short", "too long"],
)
def test_a_password_is_as_long_as_when_each_sign_is_spelled_in_one_way(password: str, *, fits_as_sent: bool) -> None:
    """The document counts what is sent; what is too short or too long only then, no document can know."""
    with pytest.raises(InvalidValue, match="it needs 12 to 1000") as refused:
        refuse_weak(password)
    assert isinstance(refused.value, DoesNotFit) is fits_as_sent
