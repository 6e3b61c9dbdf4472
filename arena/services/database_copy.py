"""An installation copied between a data folder and a database: its workspace, accounts, tokens and secrets.

Media, releases and stored selections are files on both sides, and are copied as files.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from arena.errors import StoreCorrupt, StoreError
from arena.services import installation_backup, paths, shared_secrets
from arena.store import backup, heads, ledger, opening
from arena.store import database as files
from arena.store.instance import Instance
from arena.store.workspace import Workspace

Told = Callable[[str, int], None]
BEGUN = "copying-"
"""How folders begin that hold a part of a copy; those of a command that was killed are removed by the next."""


def into_database(data_dir: Path, url: str, name: str, told: Told) -> int:
    """Copy what a data folder holds into a database, or go on with it; the lines of its ledger, which was verified.

    Raises `StoreError` where the database has a workspace or accounts already, `StoreCorrupt` for what differs.
    """
    path = paths.workspace_path(data_dir, name)
    if not path.exists():
        raise StoreError(f"{data_dir} has no workspace {name} to copy; name another with --workspace.")
    with paths.private_files(), Workspace.open(path) as source:
        with source.connection() as connection, opening.drivers():
            from arena.store.postgres import copying  # noqa: PLC0415 - of an extra

            copying.copy_into(connection, url, name, told)
        with (
            Instance.open(paths.instance_path(data_dir)) as accounts,
            opening.instance(paths.instance_path(data_dir), url) as shared,
        ):
            shared.take_in(accounts)
            shared_secrets.carry(data_dir, shared, name)
    with tempfile.TemporaryDirectory() as folder, opening.workspace(Path(folder) / "mirror", name, url) as copied:
        report = copied.verify()
    if report.problems:
        raise StoreCorrupt(f"The copy does not verify: {report.problems[0]}")
    return report.lines


def restore(directory: Path, data_dir: Path, url: str, told: Told) -> Path:
    """Put a backup of an installation back: into a data folder, and every workspace of it into a database. One that was
    killed goes on. Returns `data_dir`, from which an arena that starts on it brings releases and media along.

    Raises `StoreError` where something else is there already, and `StoreCorrupt` for what is not what was written.
    """
    note = data_dir / installation_backup.RESTORING
    if not note.is_file() or note.read_text() != installation_backup.mark(directory):
        installation_backup.restore(directory, data_dir, installation_backup.RESTORING)
    for name in paths.workspaces(data_dir):
        into_database(data_dir, url, name, told)
    paths.in_database(data_dir).touch()
    note.unlink()
    return data_dir


def into_folder(url: str, data_dir: Path, name: str) -> int:
    """Copy what a database holds into a data folder that has no such workspace; the lines of its verified ledger.

    The workspace appears whole, and last: one that was killed begins anew.
    """
    path = paths.workspace_path(data_dir, name)
    if path.exists():
        raise StoreError(f"{path} is there already and is not overwritten; name another folder.")
    with paths.private_files():
        files.make_folder(path.parent)
        for left in (*data_dir.glob(f"{BEGUN}*"), *path.parent.glob(f"{BEGUN}*")):
            shutil.rmtree(left)
        with opening.instance(paths.instance_path(data_dir), url) as shared:
            if not shared_secrets.bring(data_dir, shared, name):
                raise StoreError(f"The database has no workspace {name} to copy; name another with --workspace.")
            if not paths.instance_path(data_dir).exists():
                _aside(paths.instance_path(data_dir), shared.copy_to)
        with (
            tempfile.TemporaryDirectory(dir=path.parent, prefix=BEGUN) as folder,
            opening.workspace(Path(folder) / "mirror", name, url) as source,
        ):
            copy = Path(folder) / "copy" / path.name
            files.make_folder(copy.parent)
            backup.copy_to(source, copy)
            with Workspace.open(copy) as made, made.connection() as connection, opening.drivers():
                from arena.store.postgres import copying  # noqa: PLC0415 - of an extra

                copying.compare_with(connection, url, name)
            report = ledger.verify(copy)
            if report.problems:
                raise StoreCorrupt(f"The copy does not verify: {report.problems[0]}")
            heads.beside(copy).replace(heads.beside(path))
            files.settle(copy, path)
            paths.in_database(data_dir).unlink(missing_ok=True)
    return report.lines


def _aside(path: Path, write: Callable[[Path], None]) -> None:
    """Have a file written that appears whole."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=BEGUN) as folder:
        made = Path(folder) / path.name
        write(made)
        files.settle(made, path)
