"""Lines of the ledger that a transaction adds: whatever noun they are about, in the order decided."""

from dataclasses import replace
from typing import ClassVar

from arena.domain import ledger
from arena.store import ledger_rows
from arena.store.connections import Connection
from arena.store.writing.writer_cache import WriterCache


class NewLines:
    """The end of the chain. The other nouns add to it once nothing can be refused any more."""

    takes: ClassVar[tuple[type, ...]] = ()

    def __init__(self, known: WriterCache) -> None:
        self._known = known
        self._last = known.line
        self._added: list[ledger.Line] = []

    def decide(self, command: object) -> None:
        raise TypeError(f"{command!r} is about no line alone")

    def add(self, subject: str, commitment: str) -> ledger.Line:
        """The line that follows the last one."""
        self._last = ledger.follow(self._last, subject, commitment)
        self._added.append(self._last)
        return self._last

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        ledger_rows.append(connection, self._added)

    def remember(self) -> None:
        if self._last is not None:
            self._known.line = self._last
            self._known.head = replace(self._known.head, votes=self._last.sequence, hash=self._last.hash)
