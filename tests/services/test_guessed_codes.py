"""Codes of a second step that are guessed at once: no more are checked than one after the other."""

import asyncio
import random
import time
from datetime import datetime
from pathlib import Path
from unittest import mock

import argon2
import pyotp

from arena.domain.account import Account
from arena.domain.ids import AccountId, RaterId
from arena.errors import TooMany, Unauthenticated
from arena.services import fair_shares
from arena.services.fair_shares import FairShares
from arena.services.memberships import Memberships
from arena.services.passwords import Passwords
from arena.services.signing_in import SigningIn, Visitor
from arena.settings import Settings
from arena.store.instance import Instance
from arena.store.ways_in import SecondStep
from tests.store import making

EMAIL, PASSWORD = "ada@lab.example", "four quiet herons wade"
SECRET = pyotp.random_base32()
VISITOR = Visitor(address="192.0.2.1", client="", raters={})
AT_ONCE = 40


async def with_second_step(instance: Instance) -> SigningIn:
    """An installation with an account that needs a code."""
    shares = FairShares(Settings().limits, lambda _: True)
    quick = Passwords(argon2.PasswordHasher())
    memberships = Memberships(instance, lambda *_: RaterId("r_1"))
    signing_in = SigningIn(instance, memberships, "default", shares, random.Random(1), keep=quick)
    stored = await quick.hashed(PASSWORD)
    instance.accounts.add(
        Account(account_id=AccountId("a_1"), email=EMAIL, name="Ada", password=stored, created_at=making.NOW)
    )
    instance.second_steps.add(
        SecondStep(account_id=AccountId("a_1"), secret=SECRET, recovery=(), last_step=-1, since=making.NOW)
    )
    return signing_in


async def tried(signing_in: SigningIn, code: str) -> str:
    """What became of a sign-in with the right password."""
    try:
        await signing_in.sign_in(EMAIL, PASSWORD, VISITOR, making.NOW, code)
    except (Unauthenticated, TooMany) as refusal:
        return refusal.code
    return "in"


async def test_wrong_codes_at_once_are_as_many_as_one_after_the_other(tmp_path: Path) -> None:
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        signing_in = await with_second_step(instance)
        right = pyotp.TOTP(SECRET).at(int(making.NOW.timestamp()))
        assert await tried(signing_in, right) == "in", "the control"
        demand, checked = signing_in.second_factor.demand, []

        def slowly(account: Account, code: str | None, now: datetime) -> None:
            checked.append(code)
            time.sleep(0.02)  # so that tries come between a check and its count, where the two are not one
            demand(account, code, now)

        with mock.patch.object(signing_in.second_factor, "demand", slowly):
            found = await asyncio.gather(*(tried(signing_in, "000000") for _ in range(AT_ONCE)))
        assert len(checked) == fair_shares.SIGN_INS_OF_AN_EMAIL
        assert (found.count("second_step"), found.count("limit")) == (len(checked), AT_ONCE - len(checked))
        assert await tried(signing_in, pyotp.TOTP(SECRET).at(int(making.NOW.timestamp()) + 30)) == "limit"
