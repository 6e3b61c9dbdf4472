"""Settling: what the contributors of a release earn of an amount, as lines of the ledger."""

import asyncio
import hashlib
import json
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from arena.domain import ids
from arena.domain.principal import Principal
from arena.errors import NotFound
from arena.exports.folder import credit
from arena.services.identity import demand
from arena.store import releases
from arena.store.workspace import Workspace
from arena.store.writing.commands import Settle, Settled


class Settling:
    """Settlements of the releases of one workspace."""

    def __init__(self, workspace: Workspace, chance: random.Random, now: Callable[[], datetime]) -> None:
        self._workspace = workspace
        self._chance = chance
        self._now = now

    async def settle(self, principal: Principal, release: str, amount: int, unit: str) -> Settled:
        """Settle a release, named by the SHA-256 of its manifest; for the admin."""
        demand(principal)
        command = await asyncio.to_thread(settling, self._workspace, release, amount, unit, self._now(), self._chance)
        return await asyncio.wrap_future(self._workspace.submit(command))


def settling(
    workspace: Workspace, release: str, amount: int, unit: str, now: datetime, chance: random.Random
) -> Settle:
    """The command that settles a release recorded here. Raises `NotFound` for any other."""
    manifest = _recorded(workspace, release)
    proofs = manifest["proofs"]
    return Settle(
        settlement_id=ids.mint("s", now, chance),
        release=release,
        root=None if proofs is None else proofs["root"],
        unit=credit.named(unit),
        parts=credit.settle(credit.read(manifest), amount),
        settled_at=now,
    )


def _recorded(workspace: Workspace, release: str) -> dict[str, Any]:
    with workspace.reading() as connection:
        for one in releases.recorded(connection):
            if _sha256(one.manifest) == release:
                return one.manifest
    raise NotFound(
        f"This workspace recorded no release with the manifest {release[:80]}; settle a release it made, unchanged."
    )


def _sha256(manifest: dict[str, Any]) -> str:
    """Of the manifest as its file spells it."""
    return hashlib.sha256((json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()).hexdigest()
