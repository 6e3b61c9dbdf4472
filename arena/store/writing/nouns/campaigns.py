"""What a transaction does to campaigns: made, started, paused, closed, given other keys."""

import secrets
from typing import ClassVar

from arena import errors
from arena.domain import ledger
from arena.domain.campaign import FOLLOWING, CampaignState
from arena.domain.campaign_change import CampaignChange
from arena.store import campaigns
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.lines import NewLines


class NewCampaigns:
    """Changes on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.AddCampaign, commands.ChangeCampaign)

    def __init__(self, looking: Connection, lines: NewLines) -> None:
        self._looking = looking
        self._lines = lines
        self._added: list[tuple[CampaignChange, str, ledger.Line]] = []

    def decide(self, command: commands.AddCampaign | commands.ChangeCampaign) -> commands.CampaignChanged:
        change = command.change
        last = self._last(change.name)
        if isinstance(command, commands.AddCampaign):
            if last is not None:
                raise errors.Conflict(f"There is a campaign {change.name} already; give this one another name.")
            return self._record(change)
        if last is None:
            raise errors.NotFound(f"There is no campaign {change.name} here; GET /api/v1/campaigns lists them.")
        if (change.keys, change.state) == (last.keys, last.state):
            return commands.CampaignChanged(change=last, line=None)
        if last.state is CampaignState.CLOSED:
            raise errors.Conflict(f"Campaign {change.name} is closed, and stays as it is; make a new one.")
        if change.version != last.version + (change.keys != last.keys):
            raise errors.Conflict(f"Somebody else changed campaign {change.name} meanwhile; read it again.")
        if change.state is not last.state and change.state not in FOLLOWING[last.state]:
            possible = " or ".join(sorted(FOLLOWING[last.state]))
            raise errors.Conflict(
                f"Campaign {change.name} is {last.state} and cannot become {change.state}. It can become {possible}."
            )
        return self._record(change)

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        campaigns.append(connection, self._added)

    def remember(self) -> None:
        pass

    def _last(self, name: str) -> CampaignChange | None:
        made = [change for change, _, _ in self._added if change.name == name]
        return made[-1] if made else campaigns.last(self._looking, name)

    def _record(self, change: CampaignChange) -> commands.CampaignChanged:
        salt = secrets.token_hex(ledger.SALT_BYTES)
        line = self._lines.add(change.change_id, change.commitment(salt))
        self._added.append((change, salt, line))
        return commands.CampaignChanged(change=change, line=line)
