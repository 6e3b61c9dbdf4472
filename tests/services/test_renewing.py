"""An account that erased itself goes on as one other rater, however many of its requests come at once."""

import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from arena.domain.account import Account, Member, Session
from arena.domain.ids import AccountId, RaterId
from arena.domain.principal import Role
from arena.domain.removal import hashed
from arena.domain.vote import RaterKind
from arena.services.fair_shares import FairShares
from arena.services.memberships import ErasedMember, Memberships
from arena.services.signing_in import SigningIn, Visitor
from arena.settings import Settings
from arena.store.instance import Instance
from tests.store import making

ACCOUNT, ERASED = AccountId("a_1"), RaterId("r_erased")
SHARES = FairShares(Settings().limits, lambda _: True)
REQUESTS = 4


class Process:
    """What one process has of an installation's accounts."""

    def __init__(self, instance: Instance, names: str) -> None:
        made = (RaterId(f"r_{names}_{number}") for number in itertools.count())
        self.instance = instance
        self.told: list[Member] = []
        self.found_erased = 0
        self.memberships = Memberships(instance, lambda *_: next(made), renewed=self.told.append)
        self.signing_in = SigningIn(instance, self.memberships, "default", SHARES, random.Random(1))

    def acts_as(self, session: Session, met: threading.Barrier) -> RaterId:
        """Whom a request acts as, each of which finds out that the rater was erased before any goes on."""
        first = True

        def gone(rater_id: str) -> bool:
            nonlocal first
            if first:
                first = False
                self.found_erased += rater_id == ERASED
                met.wait(30)
            return rater_id == ERASED

        try:
            self.memberships.principal(session, "default", RaterKind.PERSON, gone)
        except ErasedMember as erased:
            self.memberships.renew(erased)
        return self.memberships.principal(session, "default", RaterKind.PERSON, gone).rater_id


def begun(process: Process) -> Session:
    """A session of an account that erased itself."""
    process.instance.accounts.add(
        Account(account_id=ACCOUNT, email="ada@lab.example", name="Ada", password="", created_at=making.NOW)
    )
    process.instance.accounts.join(
        Member(account_id=ACCOUNT, workspace="default", role=Role.RATER, rater_id=ERASED, since=making.NOW)
    )
    visitor = Visitor(address="", client="", raters={})
    return process.signing_in.begin(ACCOUNT, visitor, making.NOW).session


def acting(processes: list[Process], session: Session) -> list[RaterId]:
    """Whom requests at these processes act as, that come at once."""
    met = threading.Barrier(len(processes))
    with ThreadPoolExecutor(len(processes)) as pool:
        return list(pool.map(lambda one: one.acts_as(session, met), processes))


def test_requests_that_come_at_once_make_one_rater(tmp_path: Path) -> None:
    with Instance.open(tmp_path / "instance.duckdb") as instance:
        process = Process(instance, "one")
        session = begun(process)
        found = acting([process] * REQUESTS, session)
        assert process.found_erased == REQUESTS, "positive control: each found the rater erased"
        assert set(found) == {RaterId("r_one_0")}
        assert len(process.told) == 1, "what was decided is carried over once"
        member = instance.accounts.member(ACCOUNT, "default")
        assert member is not None
        assert (member.rater_id, member.former) == (RaterId("r_one_0"), (hashed(ERASED),))
