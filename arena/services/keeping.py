"""Keeping the data: check the ledger, back it up while the arena runs."""

import asyncio
from pathlib import Path

from arena.domain.principal import Principal
from arena.services.identity import demand
from arena.store import backup, ledger
from arena.store.ledger import VerifyReport
from arena.store.workspace import Workspace


class Keeping:
    """What an admin does to be sure that nothing is lost."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def verify(self, principal: Principal) -> VerifyReport:
        """Recompute the whole ledger against the votes."""
        demand(principal)

        def report() -> VerifyReport:
            with self._workspace.reading() as connection:
                return ledger.report(connection, self._workspace.path)

        return await asyncio.to_thread(report)

    async def backup(self, principal: Principal, directory: Path) -> Path:
        """Write a consistent copy into a new folder."""
        demand(principal)
        return await asyncio.to_thread(backup.backup, self._workspace, directory)
