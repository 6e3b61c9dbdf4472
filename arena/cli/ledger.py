"""`arena ledger export|verify`: the chain of commitments as a file that anyone can keep and check."""

from pathlib import Path
from typing import Annotated

import typer

from arena import settings as configuration
from arena.cli import local, release, remote
from arena.cli.options import DataDir, Workspace
from arena.domain import wording
from arena.errors import InvalidValue
from arena.exports.proofs import chain, signing
from arena.services import backups


def export(
    out: Annotated[Path, typer.Argument(metavar="FILE")],
    data_dir: DataDir = None,
    workspace: Workspace = "default",
) -> None:
    """Write the ledger to a file that does not exist yet."""
    directory = configuration.data_dir(data_dir)
    if out.exists():
        raise InvalidValue(f"{out} exists already; name a file that does not.")
    aside = out.with_name(f".{out.name}.aside")
    try:
        if running := remote.find(directory, workspace):
            running.download("/api/v1/ledger", aside)
        else:
            with local.workspace(directory, workspace) as opened, aside.open("wb") as file:
                file.writelines(backups.exported_ledger(opened.store, opened.signer))
        aside.rename(out)
    finally:
        aside.unlink(missing_ok=True)


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    key: release.Key = None,
) -> None:
    """Find any change to an exported ledger, offline."""
    found = chain.check(file, None if key is None else signing.public_key(key))
    release.tell(found.checked, f"{file}: {wording.counted(found.lines, 'line')}, each follows from the one before")
