"""Settlements that a transaction adds: for each contributor the difference to what was settled before."""

import secrets
from typing import ClassVar

from arena import errors
from arena.domain import ledger, settlement
from arena.domain.settlement import SettlementLine
from arena.store import settlements
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.lines import NewLines


class NewSettlements:
    """Parts on top of those that are stored; a release is settled once in a transaction."""

    takes: ClassVar[tuple[type, ...]] = (commands.Settle,)

    def __init__(self, looking: Connection, lines: NewLines) -> None:
        self._looking = looking
        self._lines = lines
        self._settled: dict[str, commands.Settled] = {}

    def decide(self, command: commands.Settle) -> commands.Settled:
        """What is missing to the parts wanted, and nothing when nothing is."""
        if command.release in self._settled:
            raise errors.Conflict("This release is being settled already; settle it again once that is done.")
        before = settlements.settled_before(self._looking, command.release)
        for unit, parts in before.items():
            if unit != command.unit and any(parts.values()):
                raise errors.Conflict(
                    f"This release was settled in {unit}: settle it in that unit, or at 0 there before it is settled "
                    f"in {command.unit}."
                )
        missing = settlement.corrections(before[command.unit], command.parts)
        added = [self._part(command, place, part) for place, part in enumerate(missing, start=1)]
        settled = commands.Settled(parts=tuple(added), settled_at=command.settled_at)
        if added:
            self._settled[command.release] = settled
        return settled

    @property
    def empty(self) -> bool:
        return not self._settled

    def write(self, connection: Connection) -> None:
        settlements.append(connection, list(self._settled.values()))

    def remember(self) -> None:
        pass

    def _part(self, command: commands.Settle, place: int, part: settlement.Part) -> commands.SettledPart:
        entry = SettlementLine(
            settlement_id=command.settlement_id,
            release=command.release,
            root=command.root,
            total=sum(one.amount for one in command.parts),
            unit=command.unit,
            part=part,
        )
        salt = secrets.token_hex(ledger.SALT_BYTES)
        line = self._lines.add(f"{command.settlement_id}-{place}", entry.commitment(salt))
        return commands.SettledPart(entry=entry, line=line, salt=salt)
