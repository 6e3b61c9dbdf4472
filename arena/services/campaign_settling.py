"""Settling a campaign: an amount shared out over its settled credits, as lines of the ledger and as a list."""

import asyncio
from dataclasses import dataclass

from arena.domain import campaign_settlement, ids
from arena.domain import credit as credits_of
from arena.domain.campaign import Campaign
from arena.domain.campaign_settlement import PaymentLine, ReceivedPayment, SettledCredits
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.removal import hashed
from arena.exports.folder import credit
from arena.services import earnings
from arena.services.campaigns import Campaigns
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import campaign_payments
from arena.store.accounts import Accounts
from arena.store.writing.commands import PaidLine, SettleCampaign


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSettling:
    """What a settlement of a campaign comes to."""

    campaign: str
    amount: int
    """In all."""
    unit: str
    planned: tuple[PaymentLine, ...]
    """Everybody's part of what is to be paid now; nothing where the amount was settled before."""
    paid: tuple[PaidLine, ...]
    """The same as lines of the ledger; none where it was only to be printed."""

    def told(self) -> str:
        """What the audit log says of it."""
        return f"settled a campaign at {self.amount:,} {self.unit}"

    def to_csv(self) -> str:
        """One row a part, for whoever pays."""
        return credit.payments_to_csv(self.rows(), self.unit)

    def rows(self) -> list[tuple[str, int | float, int, int | None]]:
        """Contributor, credits, amount and line of each part."""
        written: list[int | None] = [one.line.sequence for one in self.paid]
        lines = written or [None] * len(self.planned)
        return [
            (one.contributor, credits_of.told(one.credits), one.amount, line)
            for one, line in zip(self.planned, lines, strict=True)
        ]


class SettlingCampaigns:
    """Settlements of the campaigns of one workspace."""

    def __init__(self, here: OpenWorkspace, campaigns: Campaigns, accounts: Accounts) -> None:
        self._here = here
        self._campaigns = campaigns
        self._accounts = accounts

    async def settle(
        self, principal: Principal, name: str, amount: int, unit: str, *, print_only: bool = False
    ) -> CampaignSettling:
        """Bring what is paid for a campaign to an amount in all; for labs. `print_only` writes nothing."""
        demand(principal, Permission.CONDUCT)
        campaign, default = self._campaigns.named(name), self._campaigns.current()
        settled = await asyncio.to_thread(
            settle_once, self._here, self._accounts, default, campaign.name, amount, unit, print_only=print_only
        )
        if not print_only:
            await asyncio.to_thread(self._here.note, principal, settled.told(), campaign.name)
        return settled

    async def paid(self, principal: Principal, name: str, after: int, most: int) -> list[ReceivedPayment]:
        """What was paid for a campaign by lines of the ledger after one, the oldest first; for labs."""
        demand(principal, Permission.CONDUCT)
        campaign = self._campaigns.named(name)

        def load() -> list[ReceivedPayment]:
            with self._here.store.reading() as connection:
                return campaign_payments.of_campaign(connection, campaign.name, after, most)

        return await asyncio.to_thread(load)


def settle_once(
    here: OpenWorkspace,
    accounts: Accounts,
    default: Campaign,
    name: str,
    amount: int,
    unit: str,
    *,
    print_only: bool = False,
) -> CampaignSettling:
    """Settle a campaign that is known here. `default` is what the configuration says."""
    now, unit = here.now(), credit.named(unit)
    payees = {hashed(one): member.rater_id for member in accounts.members_of(here.name) for one in member.raters}
    with here.store.reading() as connection:
        rates = earnings.rates(connection, default, name)
        shares = tuple(
            SettledCredits(
                rater_sha256=digest,
                contributor=here.pseudonyms.of_digest(hashed(payees[digest]) if digest in payees else digest),
                credits=balance.settled,
            )
            for digest, balance in sorted(earnings.balances(connection, rates, now).items())
        )
        before = campaign_payments.paid_before(connection, name)
    settlement_id = ids.mint("s", now, here.chance)
    if print_only:
        planned = campaign_settlement.added(settlement_id, name, amount, unit, shares, before)
        return CampaignSettling(campaign=name, amount=amount, unit=unit, planned=planned, paid=())
    command = SettleCampaign(
        settlement_id=settlement_id, campaign=name, amount=amount, unit=unit, shares=shares, settled_at=now
    )
    paid = here.store.submit(command).result().lines
    planned = tuple(one.entry for one in paid)
    return CampaignSettling(campaign=name, amount=amount, unit=unit, planned=planned, paid=paid)
