"""Backups while the arena runs, and the check of the ledger."""

import asyncio
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import DoesNotFit, InvalidValue
from arena.exports.proofs import chain
from arena.exports.proofs.signing import Signer
from arena.services import moving
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import backup, ledger, ledger_rows
from arena.store.ledger import VerifyReport
from arena.store.workspace import Workspace

LINES_AT_A_TIME = 1000
"""How many lines of the ledger are sent together."""


class Backups:
    """Backups, verification and the exported ledger of one workspace, for an admin."""

    def __init__(self, here: OpenWorkspace, selections: Path) -> None:
        """`selections` is where the stored ones are."""
        self._here = here
        self._workspace = here.store
        self._signer = here.signer
        self._selections = selections

    async def verify(self, principal: Principal) -> VerifyReport:
        """Recompute the whole ledger against the votes."""
        demand(principal, Permission.ADMINISTER)

        def report() -> VerifyReport:
            with self._workspace.reading() as connection:
                return ledger.report(connection, self._workspace.path)

        return await asyncio.to_thread(report)

    def ledger(self) -> Iterator[bytes]:
        """The ledger at one moment as a signed file. Everybody may have it: it holds no text, no rater and no
        outcome."""
        return exported_ledger(self._workspace, self._signer)

    async def backup(self, principal: Principal, directory: Path) -> Path:
        """Write a consistent copy into a new folder."""
        demand(principal, Permission.ADMINISTER)
        refuse_folder(directory)
        written = await asyncio.to_thread(backup.backup, self._workspace, directory, principal.workspace)
        await asyncio.to_thread(self._here.note, principal, "backed up the workspace", str(written))
        return written

    async def export(self, principal: Principal, directory: Path) -> Path:
        """Write all of the workspace into a new folder, for another installation; keep releases from changing."""
        demand(principal, Permission.ADMINISTER)
        refuse_folder(directory)
        written = await asyncio.to_thread(moving.write, self._here, directory, self._selections)
        await asyncio.to_thread(self._here.note, principal, "exported the workspace", str(written))
        return written


def refuse_folder(directory: Path) -> None:
    """Raise unless a backup may be written there: the path must be absolute, and the folder must not exist yet."""
    if not directory.is_absolute() or "\0" in str(directory):
        raise InvalidValue(f"{str(directory)!r} is not a whole path on the arena's machine, such as /backups/monday.")
    try:
        taken = os.path.lexists(directory)
    except (OSError, ValueError) as error:
        raise DoesNotFit(f"{str(directory)!r} cannot be a folder ({error}); name another.") from error
    if taken:
        raise DoesNotFit(f"{directory} exists already; name a folder that does not.")


def exported_ledger(workspace: Workspace, signer: Signer) -> Iterator[bytes]:
    """The ledger of a workspace as a signed file, many lines at a time."""
    with workspace.reading() as connection:
        rest = chain.text(ledger_rows.lines(connection), signer)
        while some := b"".join(itertools.islice(rest, LINES_AT_A_TIME)):
            yield some
