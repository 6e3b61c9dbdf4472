"""Credits: earned by votes alone, settled by a rule, held back with a reason, and paid once."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from arena import errors
from arena.domain.account import Member
from arena.domain.ids import AccountId
from arena.domain.principal import Principal, Role
from arena.domain.removal import RemovalKind
from arena.services.campaign_settling import CampaignSettling, SettlingCampaigns
from arena.services.campaigns import Campaigns
from arena.services.crediting import Crediting, CreditState, OwnCredits
from arena.services.open_workspace import OpenWorkspace
from arena.store.instance import Instance
from arena.store.workspace import Workspace
from arena.store.writing import commands
from tests.services import making as at_hand
from tests.services.tasking import Clock, principal, rater
from tests.store import making

LAB = principal("lab")
DAY = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Office:
    """A workspace with what this file is about."""

    here: OpenWorkspace
    clock: Clock
    campaigns: Campaigns
    crediting: Crediting
    settling: SettlingCampaigns
    instance: Instance

    async def vote(self, who: Principal, campaign: str = "default", edit: str | None = None) -> None:
        """A vote on a battle of its own."""
        record = making.completed(self.here.store, campaign=campaign, rater_id=who.rater_id, created_at=self.clock.now)
        vote = making.vote(record.battle.battle_id, who.rater_id, edit=edit, cast_at=self.clock.now)
        self.here.store.submit(commands.CastVote(vote=vote, record=record)).result()

    def remove(self, who: Principal, kind: RemovalKind) -> None:
        self.here.store.submit(
            commands.Remove(
                removal_id=f"x_{kind}_{who.id}", rater_id=who.rater_id, kind=kind, removed_at=self.clock.now
            )
        ).result()

    def name(self, who: Principal) -> str:
        return self.here.pseudonyms.name(who.rater_id)

    async def hold_back(self, who: Principal, amount: float, campaign: str = "law") -> Any:
        return await self.crediting.hold_back(LAB, self.name(who), campaign, amount, "A second person looks.")

    async def settle(self, amount: int, campaign: str = "law", **more: Any) -> CampaignSettling:
        return await self.settling.settle(LAB, campaign, amount, "EUR-cent", **more)


@asynccontextmanager
async def office(folder: Path, **keys: Any) -> AsyncIterator[Office]:
    """With a running campaign `law`, whose credits are held for a week after its close."""
    clock = Clock()
    with (
        Workspace.open(folder / "default.duckdb") as store,
        Instance.open(folder / "instance.duckdb") as instance,
    ):
        here = at_hand.here(store, folder, now=clock)
        store.submit(commands.AddModels(models=(making.model("smol-terse"), making.model("smol-plain")))).result()
        campaigns = Campaigns(here)
        accounts = instance.accounts
        if campaigns.find("law") is None:
            await campaigns.create(LAB, {"name": "law", "reward": 2, "audit_window": 7} | keys, start=True)
        yield Office(
            here=here,
            clock=clock,
            campaigns=campaigns,
            crediting=Crediting(here, campaigns, instance),
            settling=SettlingCampaigns(here, campaigns, accounts),
            instance=instance,
        )


def sums(own: OwnCredits) -> tuple[int, int, int, int]:
    """Earned, held, settled, held back."""
    found = own.balance
    assert found.earned == found.held + found.settled + found.held_back
    return found.earned, found.held, found.settled, found.held_back


async def test_a_vote_without_a_window_is_settled_at_once_and_writes_one_line(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        before = at.here.store.head.votes
        await at.vote(rater(1))
        assert at.here.store.head.votes == before + 1
        own = await at.crediting.own(rater(1))
        assert sums(own) == (100, 0, 100, 0)
        (entry,) = own.entries
        assert (entry.line, entry.what, entry.state, entry.balance) == (before + 1, "vote", CreditState.SETTLED, 100)
        assert sums(await at.crediting.own(rater(2))) == (0, 0, 0, 0)


async def test_with_a_window_a_credit_is_held_until_so_many_days_after_the_close(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        await at.vote(rater(1), "law")
        assert sums(await at.crediting.own(rater(1))) == (200, 200, 0, 0)
        at.clock.pass_by(30 * DAY)
        assert sums(await at.crediting.own(rater(1))) == (200, 200, 0, 0), "it is not closed"
        await at.campaigns.change(LAB, "law", {"state": "closed"})
        closed_at = at.clock.now
        own = await at.crediting.own(rater(1))
        assert own.campaigns[0].window_ends == closed_at + timedelta(days=7)
        at.clock.pass_by(7 * DAY - 1)
        assert sums(await at.crediting.own(rater(1))) == (200, 200, 0, 0)
        at.clock.pass_by(1)
        assert sums(await at.crediting.own(rater(1))) == (200, 0, 200, 0)


async def test_the_window_runs_from_the_end_that_was_said_where_nobody_closed_it_before(tmp_path: Path) -> None:
    async with office(tmp_path, ends="2026-03-05") as at:
        await at.vote(rater(1), "law")
        at.clock.pass_by(9 * DAY)
        assert sums(await at.crediting.own(rater(1))) == (200, 0, 200, 0)


async def test_a_turn_earns_by_the_terms_that_held_when_it_was_given(tmp_path: Path) -> None:
    async with office(tmp_path, reward_edit=1.5) as at:
        open_before = making.completed(at.here.store, campaign="law", created_at=at.clock.now)
        at.clock.pass_by(60)
        await at.campaigns.change(LAB, "law", {"reward": 1, "reward_edit": 0})
        at.clock.pass_by(60)
        vote = making.vote(open_before.battle.battle_id, rater(1).rater_id, cast_at=at.clock.now)
        at.here.store.submit(commands.CastVote(vote=vote, record=open_before)).result()
        await at.vote(rater(1), "law", edit="Better.")
        own = await at.crediting.own(rater(1))
        assert [(one.what, one.amount) for one in own.entries] == [("edit", 100), ("edit", 350)]


async def test_what_the_configuration_says_later_changes_nothing_that_was_earned(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.crediting.record_terms()
        assert at.here.store.head.votes == 1, "the usual terms need no line"
        await at.vote(rater(1))
        at.clock.pass_by(60)
        dearer = Campaigns(at.here, replace(at.campaigns.current(), reward=5.0))
        crediting = Crediting(at.here, dearer, at.instance)
        crediting.record_terms()
        crediting.record_terms()
        await at.vote(rater(1))
        assert [one.amount for one in (await crediting.own(rater(1))).entries] == [500, 100]
        assert at.here.store.head.votes == 4
    async with office(tmp_path) as at:
        assert [one.amount for one in (await at.crediting.own(rater(1))).entries] == [500, 100]


async def test_only_what_is_held_can_be_held_back_and_the_rater_is_told_why(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        for _ in range(3):
            await at.vote(rater(1), "law")
        await at.vote(rater(1))
        made = await at.hold_back(rater(1), 2.5)
        assert (made.balance.held, made.balance.held_back) == (350, 250)
        own = await at.crediting.own(rater(1))
        assert sums(own) == (700, 350, 100, 250)
        newest = own.entries[0]
        assert (newest.what, newest.amount, newest.reason) == ("held_back", -250, "A second person looks.")
        assert newest.balance == own.balance.held + own.balance.settled
        with pytest.raises(errors.Conflict, match=r"3\.5 are held"):
            await at.hold_back(rater(1), 3.51)
        with pytest.raises(errors.Conflict, match="0 are held"):
            await at.hold_back(rater(1), 1, "default")
        with pytest.raises(errors.Conflict, match=r"2\.5 are held back"):
            await at.hold_back(rater(1), -2.51)
        await at.hold_back(rater(1), -2.5)
        assert sums(await at.crediting.own(rater(1))) == (700, 600, 100, 0)
        assert at.here.store.verify().problems == ()


@pytest.mark.parametrize("amount", [0, 0.001, 1_000_001, float("nan"), float("inf")])
async def test_what_is_no_amount_of_credits_is_refused(tmp_path: Path, amount: float) -> None:
    async with office(tmp_path) as at:
        await at.vote(rater(1), "law")
        with pytest.raises(errors.InvalidValue, match="amount"):
            await at.hold_back(rater(1), amount)


async def test_nobody_holds_back_but_a_lab_and_of_nobody_that_is_not_there(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        await at.vote(rater(1), "law")
        for role in ("reader", "reviewer", "trainer"):
            with pytest.raises(errors.Forbidden):
                await at.crediting.hold_back(principal(role), at.name(rater(1)), "law", 1, "x")
            with pytest.raises(errors.Forbidden):
                await at.settling.settle(principal(role), "law", 1, "EUR-cent")
        for name in ("r_nobody", rater(1).id):
            with pytest.raises(errors.NotFound):
                await at.crediting.hold_back(LAB, name, "law", 1, "x")
        with pytest.raises(errors.NotFound):
            await at.crediting.hold_back(LAB, at.name(rater(1)), "none", 1, "x")
        with pytest.raises(errors.InvalidValue, match="reason"):
            await at.crediting.hold_back(LAB, at.name(rater(1)), "law", 1, " ")


async def test_a_settlement_pays_settled_credits_alone_and_each_once(tmp_path: Path) -> None:
    async with office(tmp_path, audit_window=0) as at:
        for who in (1, 1, 2):
            await at.vote(rater(who), "law")
        planned = await at.settle(1000, print_only=True)
        first = await at.settle(1000)
        assert first.planned == tuple(
            replace(one, settlement_id=first.planned[0].settlement_id) for one in planned.planned
        )
        assert [(one.contributor, one.credits, one.amount) for one in first.planned] == [
            (at.name(rater(1)), 400, 667),
            (at.name(rater(2)), 200, 333),
        ]
        assert (await at.settle(1000)).planned == ()
        await at.vote(rater(2), "law")
        assert (await at.settle(1000)).planned == (), "the amount is one in all"
        assert [(one.contributor, one.amount) for one in (await at.settle(1300)).planned] == [(at.name(rater(2)), 300)]
        own = await at.crediting.own(rater(2))
        assert [(one.what, one.paid) for one in own.entries if one.paid] == [("payment", 300), ("payment", 333)]
        assert own.unpaid == 0
        with pytest.raises(errors.Conflict, match="1300 EUR-cent in all"):
            await at.settle(1200)
        assert first.to_csv().splitlines()[:2] == [
            "contributor,credits,amount,unit,line",
            f"{at.name(rater(1))},4,667,EUR-cent,{first.paid[0].line.sequence}",
        ]
        assert at.here.store.verify().problems == ()


async def test_held_credits_are_not_paid(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        await at.vote(rater(1), "law")
        with pytest.raises(errors.Conflict, match="nobody to pay"):
            await at.settle(1000)


async def test_what_was_paid_stays_settled_though_the_campaign_would_be_extended(tmp_path: Path) -> None:
    async with office(tmp_path, ends="2026-03-05") as at:
        await at.vote(rater(1), "law")
        at.clock.pass_by(9 * DAY)
        assert [one.credits for one in (await at.settle(500)).planned] == [200]
        with pytest.raises(errors.Conflict, match="is closed"):
            await at.campaigns.change(LAB, "law", {"ends": "2026-12-01"})
        own = await at.crediting.own(rater(1))
        assert (sums(own), own.unpaid) == ((200, 0, 200, 0), 0)
        with pytest.raises(errors.Conflict, match="0 are held"):
            await at.hold_back(rater(1), 2)


async def test_what_was_paid_of_default_stays_settled_whatever_its_configuration_says_later(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        default = replace(at.campaigns.current(), audit_window=7, ends=at.clock.now + timedelta(days=1))
        for ends in (default.ends, at.clock.now + timedelta(days=90)):
            campaigns = Campaigns(at.here, replace(default, ends=ends))
            crediting = Crediting(at.here, campaigns, at.instance)
            settling = SettlingCampaigns(at.here, campaigns, at.instance.accounts)
            crediting.record_terms()
            await at.vote(rater(1))
            if ends == default.ends:
                at.clock.pass_by(9 * DAY)
                assert sums(await crediting.own(rater(1))) == (100, 0, 100, 0)
                await settling.settle(LAB, "default", 500, "EUR-cent")
        own = await crediting.own(rater(1))
        assert (sums(own), own.unpaid) == ((200, 100, 100, 0), 0), "the second vote waits for the new end"
        with pytest.raises(errors.Conflict, match="1 are held"):
            await crediting.hold_back(LAB, at.name(rater(1)), "default", 2, "What was paid is theirs.")
        assert (await settling.settle(LAB, "default", 500, "EUR-cent")).planned == (), "paid once"


@pytest.mark.parametrize("kind", [RemovalKind.WITHDRAWN, RemovalKind.ERASED])
async def test_who_leaves_after_default_had_its_votes_takes_nothing_back_from_others(
    tmp_path: Path, kind: RemovalKind
) -> None:
    async with office(tmp_path) as at:
        campaigns = Campaigns(at.here, replace(at.campaigns.current(), audit_window=7, target_votes=2))
        crediting = Crediting(at.here, campaigns, at.instance)
        crediting.record_terms()
        await at.vote(rater(1))
        waiting = (100, 100, 0, 0)
        at.clock.pass_by(30 * DAY)
        assert sums(await crediting.own(rater(1))) == waiting, "the control: one vote is wanted still"
        at.remove(rater(1), kind)
        await at.vote(rater(3))
        at.clock.pass_by(30 * DAY)
        assert sums(await crediting.own(rater(3))) == waiting, "the first has left before the second came"
        await at.vote(rater(2))
        at.clock.pass_by(8 * DAY)
        assert sums(await crediting.own(rater(3))) == (100, 0, 100, 0)
        at.remove(rater(2), kind)
        assert sums(await crediting.own(rater(3))) == (100, 0, 100, 0)
        with pytest.raises(errors.Conflict, match="0 are held"):
            await crediting.hold_back(LAB, at.name(rater(3)), "default", 1, "It is theirs.")


async def test_the_ids_of_one_account_are_one_person(tmp_path: Path) -> None:
    async with office(tmp_path, audit_window=0) as at:
        account = replace(rater(1), account=AccountId("acc_1"), others=(rater(2).rater_id,))
        for who in (1, 2, 2, 3):
            await at.vote(rater(who), "law")
        await at.settle(300)
        assert (await at.crediting.own(rater(2))).unpaid == 0
        member = Member(
            account_id=AccountId("acc_1"),
            workspace="default",
            role=Role.RATER,
            rater_id=rater(1).rater_id,
            others=(rater(2).rater_id,),
            since=making.NOW,
        )
        at.instance.accounts.join(member)
        own = await at.crediting.own(account)
        assert (sums(own), own.campaigns[0].balance.votes, own.unpaid) == ((600, 0, 600, 0), 3, 0)
        await at.vote(rater(1), "law")
        await at.vote(rater(2), "law")
        paid = (await at.settle(500)).planned
        assert {(one.contributor, one.amount) for one in paid} == {(at.name(rater(1)), 100)}
        assert len(paid) == 2
        at.instance.accounts.leave(AccountId("acc_1"), "default")
        assert (await at.settle(500)).planned == (), "nobody is paid again after an account is closed"


async def test_a_hold_back_reaches_all_ids_of_an_account(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        for who in (1, 2, 2):
            await at.vote(rater(who), "law")
        at.instance.accounts.join(
            Member(
                account_id=AccountId("acc_1"),
                workspace="default",
                role=Role.RATER,
                rater_id=rater(1).rater_id,
                others=(rater(2).rater_id,),
                since=making.NOW,
            )
        )
        made = await at.hold_back(rater(1), 5)
        assert sorted(one.decision.amount for one in made.made) == [100, 400]
        assert (made.balance.held, made.balance.held_back) == (100, 500)


async def test_withdrawing_and_erasing_take_nothing_of_what_was_earned(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        for who in (1, 2, 3):
            await at.vote(rater(who), "law", edit="canary-edit")
        await at.hold_back(rater(1), 0.5)
        at.remove(rater(1), RemovalKind.ERASED)
        at.remove(rater(2), RemovalKind.WITHDRAWN)
        await at.hold_back(rater(1), 0.5)
        await at.campaigns.change(LAB, "law", {"state": "closed"})
        at.clock.pass_by(7 * DAY)
        paid = (await at.settle(500)).planned
        assert {one.contributor: one.amount for one in paid} == {
            at.name(rater(1)): 100,
            at.name(rater(2)): 200,
            at.name(rater(3)): 200,
        }
        assert at.here.store.verify().problems == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_credits_add_up_whatever_happens(tmp_path: Path, seed: int) -> None:
    """Votes, edits, terms, holds back, settlements, withdrawals, erasures, a close, the end of a window: at random."""
    chance, votes, erased = random.Random(seed), dict.fromkeys(range(5), 0), set[int]()
    paid: dict[str, int] = {"law": 0, "default": 0}
    async with office(tmp_path, reward=1.25, reward_edit=0.1) as at:
        for step in range(60):
            at.clock.pass_by(chance.randrange(1, 3600))
            number, campaign = chance.randrange(5), chance.choice(["law", "default"])
            match chance.choice(["vote"] * 6 + ["hold", "give", "settle", "leave", "terms", "close"]):
                case "vote" if number not in erased:
                    await at.vote(rater(number), campaign, edit=chance.choice([None, "Better."]))
                    votes[number] += 1
                case "hold" | "give" as what:
                    amount = chance.randrange(1, 300) / 100
                    with suppress(errors.Conflict, errors.NotFound):
                        await at.hold_back(rater(number), amount if what == "hold" else -amount)
                case "settle":
                    amount = paid[campaign] + chance.randrange(1000)
                    try:
                        lines = (await at.settle(amount, campaign)).planned
                    except errors.Conflict:
                        continue
                    assert sum(one.amount for one in lines) == amount - paid[campaign]
                    paid[campaign] = amount
                case "leave" if number not in erased:
                    kind = chance.choice([RemovalKind.WITHDRAWN, RemovalKind.ERASED])
                    try:
                        at.remove(rater(number), kind)
                    except errors.Conflict:
                        continue
                    erased |= {number} if kind is RemovalKind.ERASED else set()
                case "terms":
                    try:
                        keys = {"reward": chance.randrange(300) / 100, "audit_window": chance.choice([0, 7, 14])}
                        await at.campaigns.change(LAB, "law", keys)
                    except errors.Conflict:
                        pass
                case "close" if step > 40:
                    try:
                        await at.campaigns.change(LAB, "law", {"state": "closed"})
                    except errors.Conflict:
                        at.clock.pass_by(7 * DAY)
        every = [await at.crediting.own(rater(number)) for number in range(5)]
        for number, own in enumerate(every):
            sums(own)
            assert min(own.balance.held, own.balance.settled, own.balance.held_back, own.unpaid) >= 0
            assert sum(one.balance.votes for one in own.campaigns) == votes[number], "credits are accepted votes"
            assert sum(one.amount for one in own.entries) == own.balance.earned - own.balance.held_back
            if own.entries:
                assert own.entries[0].balance == own.balance.held + own.balance.settled
        assert sum(one.paid or 0 for own in every for one in own.entries) == sum(paid.values())
        assert at.here.store.verify().problems == ()
