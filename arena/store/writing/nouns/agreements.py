"""What raters agree to, in a transaction, before their first item of a campaign."""

from typing import ClassVar

from arena.store import agreements
from arena.store.agreements import Agreement
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.nouns.leavers import Leavers


class NewAgreements:
    """Agreements on top of those that are stored; the same one again adds nothing."""

    takes: ClassVar[tuple[type, ...]] = (commands.Agree,)

    def __init__(self, looking: Connection, leavers: Leavers) -> None:
        self._looking = looking
        self._leavers = leavers
        self._added: list[Agreement] = []

    def decide(self, command: commands.Agree) -> None:
        made = command.agreement
        self._leavers.refuse(made.rater_id)
        if not agreements.agreed(self._looking, [made.rater_id], made.campaign, made.text_sha256):
            self._added.append(made)

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        agreements.append(connection, self._added)

    def remember(self) -> None:
        pass
