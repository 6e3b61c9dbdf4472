"""An account that is closed while another request of its owner is on the way: the request comes too late, and brings
back neither the account nor anything that leads to its owner."""

import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import argon2
import pyotp
import pytest

from arena.domain.account import Account, Session
from arena.domain.ids import AccountId, RaterId
from arena.domain.principal import Principal, Role
from arena.errors import ArenaError, Conflict, Ended, Unauthenticated
from arena.services.auditing import Auditing
from arena.services.fair_shares import FairShares
from arena.services.inviting import Inviting
from arena.services.memberships import Memberships
from arena.services.passwords import Passwords
from arena.services.signing_in import SigningIn, Visitor
from arena.settings import Settings
from arena.store.instance import Instance
from arena.store.ways_in import SecondStep
from tests.conftest import COSTLY
from tests.store import making

GONE, EMAIL, PASSWORD, OTHER = (
    AccountId("acc_1"),
    "ada@lab.example",
    "four quiet herons wade",
    "seven loud kettles rust",
)
VISITOR = Visitor(address="192.0.2.1", client="", raters={})
SECRET = pyotp.random_base32()
CODE = pyotp.TOTP(SECRET).at(int(making.NOW.timestamp()))
ADMIN = Principal(id="r_other", role=Role.ADMIN, workspace="default")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An installation with an account and a session of it."""

    instance: Instance
    signing_in: SigningIn
    inviting: Inviting
    session: Session

    def link(self) -> str:
        """A link that sets a new password."""
        return self.signing_in.password_link(EMAIL, "operator", making.NOW)

    def invitation(self, role: str = "rater") -> str:
        return self.inviting.invite(ADMIN, role, making.NOW).token

    def with_second_step(self) -> None:
        self.instance.second_steps.add(
            SecondStep(account_id=GONE, secret=SECRET, recovery=(), last_step=-1, since=making.NOW)
        )

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        return self.instance._file.fetched(f"SELECT * FROM {table}")

    def close(self) -> None:
        account = self.instance.accounts.get(GONE)
        self.signing_in._close(account, VISITOR, making.NOW)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        shares = FairShares(Settings().limits, lambda _: True)
        memberships = Memberships(instance, lambda *_: RaterId("r_1"))
        quick = argon2.PasswordHasher()
        signing_in = SigningIn(instance, memberships, "default", shares, random.Random(1), keep=Passwords(quick))
        inviting = Inviting(instance, signing_in, memberships, shares, lambda *_: True)
        instance.accounts.add(
            Account(account_id=GONE, email=EMAIL, name="Ada", password=quick.hash(PASSWORD), created_at=making.NOW)
        )
        memberships.join(GONE, "default", Role.RATER, {}, making.NOW)
        session = signing_in.begin(GONE, VISITOR, making.NOW).session
        yield World(instance=instance, signing_in=signing_in, inviting=inviting, session=session)


Request = Callable[[], Awaitable[object]]


def accepting(world: World) -> Request:
    token = world.invitation()
    return lambda: world.inviting.accept(token, EMAIL, PASSWORD, "Ada", VISITOR, making.NOW)


def signing_in(world: World) -> Request:
    return lambda: world.signing_in.sign_in(EMAIL, PASSWORD, VISITOR, making.NOW)


def signing_in_with_an_old_hash(world: World) -> Request:
    world.signing_in._passwords = Passwords(COSTLY(time_cost=2, memory_cost=1024, parallelism=1))
    return signing_in(world)


def changing_the_password(world: World) -> Request:
    return lambda: world.signing_in.change_password(world.session, PASSWORD, OTHER, VISITOR, making.NOW)


def using_a_link(world: World) -> Request:
    token = world.link()
    return lambda: world.signing_in.use_link(token, OTHER, VISITOR, making.NOW)


def adding_a_second_step(world: World) -> Request:
    secret = world.signing_in.offer_second_step(world.session).secret
    code = pyotp.TOTP(secret).at(int(making.NOW.timestamp()))
    return lambda: world.signing_in.confirm_second_step(world.session, PASSWORD, code, VISITOR, making.NOW)


def taking_the_second_step_away(world: World) -> Request:
    world.with_second_step()
    return lambda: world.signing_in.switch_off_second_step(world.session, PASSWORD, CODE, VISITOR, making.NOW)


def closing(world: World) -> Request:
    return lambda: world.signing_in.close(world.session, PASSWORD, VISITOR, making.NOW)


LATE: dict[Callable[[World], Request], type[ArenaError]] = {
    accepting: Conflict,
    signing_in: Unauthenticated,
    signing_in_with_an_old_hash: Unauthenticated,
    changing_the_password: Conflict,
    using_a_link: Ended,
    adding_a_second_step: Conflict,
    taking_the_second_step_away: Conflict,
    closing: Conflict,
}
"""Requests, with how one that comes too late is refused."""


@pytest.mark.parametrize("request_of", LATE, ids=lambda one: one.__name__)
async def test_a_request_that_comes_too_late_brings_nothing_back(
    world: World, request_of: Callable[[World], Request]
) -> None:
    request, demand = request_of(world), world.signing_in.demand_code

    async def demand_and_close(*given: Any) -> None:
        await demand(*given)
        world.close()

    with mock.patch.object(world.signing_in, "demand_code", demand_and_close), pytest.raises(LATE[request_of]):
        await request()
    gone = world.instance.accounts.get(GONE)
    assert (gone.email, gone.name, gone.password, gone.usable) == ("", "", "", False)
    assert world.instance.accounts.find(EMAIL) is None
    assert len(world.rows("accounts")) == 1
    assert all(world.rows(one) == [] for one in ("sessions", "password_links", "members", "second_steps"))
    assert VISITOR.address not in repr(world.rows("audit_entries"))


@pytest.mark.parametrize("request_of", LATE, ids=lambda one: one.__name__)
async def test_the_same_request_is_granted_while_the_account_is_there(
    world: World, request_of: Callable[[World], Request]
) -> None:
    """The control."""
    await request_of(world)()


async def test_a_new_account_is_still_made_where_none_had_the_e_mail(world: World) -> None:
    made = await world.inviting.accept(world.invitation(), "new@lab.example", OTHER, "New", VISITOR, making.NOW)
    assert world.instance.accounts.named("new@lab.example").account_id == made.session.account_id


def test_whoever_closed_their_account_invites_nobody(world: World) -> None:
    own = Principal(id="r_1", role=Role.ADMIN, workspace="default", account=GONE)
    world.inviting.invite(own, "rater", making.NOW)
    world.close()
    with pytest.raises(Conflict, match="ended meanwhile"):
        world.inviting.invite(own, "rater", making.NOW)
    assert len(world.rows("invitations")) == 1


def test_a_token_that_was_revoked_meanwhile_invites_nobody(world: World) -> None:
    token_id, _ = world.instance.add_token(Role.ADMIN, "default", making.NOW, made_by=GONE)
    own = replace(ADMIN, id=token_id)
    world.inviting.invite(own, "rater", making.NOW)
    world.close()
    with pytest.raises(Conflict, match="ended meanwhile"):
        world.inviting.invite(own, "rater", making.NOW)


@pytest.mark.parametrize("with_token", [False, True])
def test_what_is_noted_after_closing_does_not_say_from_where(world: World, with_token: bool) -> None:
    who: str = GONE
    if with_token:
        own, _ = world.instance.add_token(Role.ADMIN, "default", making.NOW, made_by=GONE)
        who, _ = world.instance.add_token(Role.ADMIN, "default", making.NOW, made_by=own)
    auditing = Auditing(world.instance)
    auditing.add("default", who, "before", "", making.NOW, VISITOR.address)
    assert VISITOR.address in repr(world.rows("audit_entries")), "the control"
    world.close()
    auditing.add("default", who, "after", "", making.NOW, VISITOR.address)
    assert VISITOR.address not in repr(world.rows("audit_entries"))
