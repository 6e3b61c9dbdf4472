"""Settlements of campaigns that a transaction adds: what an amount adds to what was paid before."""

import secrets
from typing import ClassVar

from arena import errors
from arena.domain import campaign_settlement, ledger
from arena.store import campaign_payments
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.lines import NewLines


class NewCampaignPayments:
    """Payments on top of those that are stored; a campaign is settled once in a transaction."""

    takes: ClassVar[tuple[type, ...]] = (commands.SettleCampaign,)

    def __init__(self, looking: Connection, lines: NewLines) -> None:
        self._looking = looking
        self._lines = lines
        self._settled: dict[str, commands.CampaignSettled] = {}

    def decide(self, command: commands.SettleCampaign) -> commands.CampaignSettled:
        if command.campaign in self._settled:
            raise errors.Conflict("This campaign is being settled already; settle it again once that is done.")
        before = campaign_payments.paid_before(self._looking, command.campaign)
        paid = []
        for place, entry in enumerate(
            campaign_settlement.added(
                command.settlement_id, command.campaign, command.amount, command.unit, command.shares, before
            ),
            start=1,
        ):
            salt = secrets.token_hex(ledger.SALT_BYTES)
            line = self._lines.add(f"{command.settlement_id}-{place}", entry.commitment(salt))
            paid.append(commands.PaidLine(entry=entry, line=line, salt=salt))
        settled = commands.CampaignSettled(lines=tuple(paid), settled_at=command.settled_at)
        if paid:
            self._settled[command.campaign] = settled
        return settled

    @property
    def empty(self) -> bool:
        return not self._settled

    def write(self, connection: Connection) -> None:
        campaign_payments.append(connection, list(self._settled.values()))

    def remember(self) -> None:
        pass
