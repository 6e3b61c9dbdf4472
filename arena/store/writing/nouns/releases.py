"""Exported data sets that a transaction records, and the clusters of prompts that were found for them."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from arena import errors
from arena.domain.ids import BattleId
from arena.store import clusters, releases
from arena.store.connections import Connection
from arena.store.writing import commands
from arena.store.writing.writer_cache import WriterCache


class NewReleases:
    """Releases on top of those that are stored."""

    takes: ClassVar[tuple[type, ...]] = (commands.RecordRelease,)

    def __init__(self, known: WriterCache, has_work: Callable[[str], bool]) -> None:
        self._known = known
        self._has_work = has_work
        self._added: list[commands.RecordRelease] = []

    def decide(self, command: commands.RecordRelease) -> None:
        if command.work is not None and not self._has_work(command.work):
            raise errors.Conflict("This process stood still, and another exports meanwhile. Export again.")
        self._added.append(command)

    @property
    def empty(self) -> bool:
        return not self._added

    def write(self, connection: Connection) -> None:
        releases.append(connection, self._added)

    def remember(self) -> None:
        self._known.head = replace(self._known.head, releases=self._known.head.releases + len(self._added))


class NewClusters:
    """Founders of clusters; the first that is stored of a battle holds."""

    takes: ClassVar[tuple[type, ...]] = (commands.KeepClusters,)

    def __init__(self) -> None:
        self._founders: dict[BattleId, BattleId] = {}

    def decide(self, command: commands.KeepClusters) -> None:
        self._founders.update(command.founders)

    @property
    def empty(self) -> bool:
        return not self._founders

    def write(self, connection: Connection) -> None:
        clusters.append(connection, self._founders)

    def remember(self) -> None:
        pass
