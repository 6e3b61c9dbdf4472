"""Settling: what the contributors of a release earn of an amount, as lines of the ledger."""

import asyncio
import hashlib
import json
from typing import Any

from arena.domain import ids
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import NotFound
from arena.exports.folder import credit
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import releases
from arena.store.workspace import Workspace
from arena.store.writing.commands import Settle, Settled


class Settling:
    """Settlements of the releases of one workspace."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._here = here

    async def settle(self, principal: Principal, release: str, amount: int, unit: str) -> Settled:
        """Settle a release, named by the SHA-256 of its manifest; for the admin."""
        demand(principal, Permission.ADMINISTER)
        settled = await asyncio.to_thread(settle_once, self._here, release, amount, unit)
        await asyncio.to_thread(self._here.note, principal, told(amount, unit), release)
        return settled


def told(amount: int, unit: str) -> str:
    """What the audit log says of a settlement."""
    return f"settled a release at {amount:,} {credit.named(unit)}"


def settle_once(here: OpenWorkspace, release: str, amount: int, unit: str) -> Settled:
    """Settle a release recorded here. Raises `NotFound` for any other."""
    manifest = _recorded(here.store, release)
    proofs, now = manifest["proofs"], here.now()
    command = Settle(
        settlement_id=ids.mint("s", now, here.chance),
        release=release,
        root=None if proofs is None else proofs["root"],
        unit=credit.named(unit),
        parts=credit.settle(credit.read(manifest), amount),
        settled_at=now,
    )
    return here.store.submit(command).result()


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
