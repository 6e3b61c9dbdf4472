"""Workspaces of an installation that several processes share: each is a schema of the database, and which there are is
said beside the accounts. Made or removed at one process, it is so at the others within seconds.

A process has a folder of its own for each, with secrets that come from the database, and copies. Two workspaces that
had one name, one after the other, differ in their secret: by it a folder of the first is not taken for the second's.
"""

import logging
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from arena.errors import Conflict, NotFound, StoreError, Undecided
from arena.services import identity, moving, paths, secret_files, shared_secrets, unfinished, workspaces
from arena.services.auditing import Auditing
from arena.services.workspaces import WorkspaceSize
from arena.store import database, heads, opening
from arena.store.audit_entries import REMOVED_WORKSPACE
from arena.store.instance import Instance
from arena.store.instance_file import SharedInstallation, hashed

log = logging.getLogger(__name__)

STAYS = (
    "%s is of no workspace that this database has or that is known as removed. It is left as it is: `arena database "
    "copy` copies one that is a file; delete it if it is of another database"
)

STAYS_UNFINISHED = (
    "a process that was killed was making %s or taking it in, and this database has no such workspace. It holds more "
    "than secrets, so it is left as it is: unless this is a wrong database, delete it, and take the workspace in again"
)


def make(
    data_dir: Path,
    instance: Instance,
    name: str,
    rules: Mapping[str, Any],
    who: str,
    now: datetime,
    *,
    url: str,
    shared: SharedInstallation,
) -> Path:
    """Let there be a workspace, which whoever opens it first fills with tables; returns the file of its admin token.
    Raises `Conflict` for a name that is taken, here or at another process."""
    workspaces.refuse_name(name)
    path = paths.workspace_path(data_dir, name)
    with ExitStack() as undone, instance.transaction():
        if path.exists() or not shared.enter_workspace(name):
            raise Conflict(f"There is a workspace {name} already; choose another name.")
        if not put_aside_removed(data_dir, instance, name):
            raise Conflict(f"{path.parent} is of none that was removed; move it away, or choose another name.")
        undone.enter_context(_put_aside_on_failure(data_dir, name))
        shared.put_aside(name)  # where a removal ended halfway, its tables hold what another lab had
        database.make_folder(path.parent)
        unfinished.begin(path.parent)
        secret_files.kept(path.with_name(paths.SECRET), secrets.token_hex(32))
        shared_secrets.bring(data_dir, instance, name)
        made = workspaces.enter(data_dir, instance, name, rules, who, "made workspace", now)
        identity.tell_written_token(data_dir, instance, name)
    unfinished.end(path.parent)
    delete_aside(data_dir, url)
    return made


def take_in(
    data_dir: Path,
    instance: Instance,
    directory: Path,
    name: str | None,
    who: str,
    now: datetime,
    *,
    url: str,
    shared: SharedInstallation,
) -> tuple[str, Path]:
    """Take in a workspace that was exported elsewhere; returns its name and the file of its admin token.

    It is verified as a file, copied aside, compared row by row, and known to all at once. Raises `Conflict` for a name
    that is taken, and `StoreCorrupt` where something is wrong.
    """
    with opening.aside(url) as copied:
        with moving.arriving(data_dir, directory, name) as found:
            if found.name in shared.workspaces:
                raise Conflict(moving.taken(found.name))
            opening.copy_aside(found.path, copied, url)
            for file in (found.path, heads.beside(found.path)):
                file.unlink()
            unfinished.begin(found.path.parent)
            ours = _id_of(found.path)
        arrived = (data_dir, found.name, ours)  # put aside under the lock, and where the transaction's end fails
        with _put_aside_on_failure(*arrived), instance.transaction(), _put_aside_on_failure(*arrived):
            if not shared.enter_workspace(found.name):
                raise Conflict(moving.taken(found.name))
            if told_apart(data_dir, found.name) != ours:
                raise Conflict(f"Workspace {found.name} was made or removed meanwhile; take this one in again.")
            shared.settle_copy(copied, found.name)
            shared_secrets.bring(data_dir, instance, found.name)
            made = moving.entered(data_dir, instance, found, who, now)
            identity.tell_written_token(data_dir, instance, found.name)
        unfinished.end(paths.workspace_path(data_dir, found.name).parent)
    return found.name, made


@contextmanager
def _put_aside_on_failure(data_dir: Path, name: str, ours: str | None = None) -> Iterator[None]:
    """Put the folder of a workspace that is made or arrives aside when the block fails, unless another one has its name
    here; or nobody can say yet whether it is there: then the next start finds out."""
    try:
        yield
    except Undecided:
        raise
    except BaseException:
        if ours in (None, told_apart(data_dir, name)):
            put_aside(data_dir, name)
        raise


def sizes(shared: SharedInstallation, url: str) -> list[WorkspaceSize]:
    """Every workspace with the bytes of its tables."""
    found = opening.sizes(url)
    return [WorkspaceSize(name=name, bytes=found.get(name, 0)) for name in shared.workspaces]


def leave(instance: Instance, name: str, who: str, now: datetime, *, url: str, shared: SharedInstallation) -> None:
    """Let nobody find a workspace any more, at any process: its tokens, invitations, roles and audit log go. One that
    was left while its tables could not be deleted is left again. Raises `NotFound`."""
    tables = opening.sizes(url)
    with instance.transaction():
        known = shared.workspaces.get(name)
        if not shared.leave_workspace(name) and name not in tables:
            raise NotFound(f"There is no workspace {name}; `arena workspaces list` shows those there are.")
        workspaces.forget(instance, name)
        Auditing(instance).add(None, who, REMOVED_WORKSPACE, name, now, "", known or None)


def delete(data_dir: Path, instance: Instance, name: str, *, url: str, shared: SharedInstallation) -> None:
    """Delete the tables of a workspace that was left, and what this process has of it; nothing of one that was made
    since under its name."""
    with instance.transaction():  # meanwhile nobody makes one
        if name not in shared.workspaces:
            shared.put_aside(name)
            if not put_aside_removed(data_dir, instance, name):
                log.warning(STAYS, paths.workspace_path(data_dir, name).parent)
    delete_aside(data_dir, url)


def delete_aside(data_dir: Path, url: str) -> None:
    """Delete what was put aside, of this process and in the database."""
    workspaces.delete_aside(data_dir)
    opening.delete_aside(url)


def told_apart(data_dir: Path, name: str) -> str:
    """What tells the workspace that this process has of a name from others that have or had it; empty where it has
    nothing."""
    return _id_of(paths.workspace_path(data_dir, name))


def _id_of(path: Path) -> str:
    secret = path.with_name(paths.SECRET)
    return hashed(secret.read_text(encoding="ascii").strip()) if secret.exists() else ""


def is_other(known: str | None, here: str) -> bool:
    """Whether the workspace that the database has of a name, if it has one, is another one than what is here."""
    return known is None or (known != here and "" not in (known, here))


def bring(data_dir: Path, instance: Instance, name: str) -> bool:
    """Write the secrets of a workspace into the data folder. Returns False where there is no workspace of that name;
    raises `StoreError` where its folder belongs to another workspace that had the name."""
    with instance.transaction():  # meanwhile nobody makes or removes one
        known = {} if instance.shared is None else instance.shared.workspaces
        if name in known and is_other(known[name], told_apart(data_dir, name)):
            folder = paths.workspace_path(data_dir, name).parent
            raise StoreError(f"{folder} is of another workspace than the database has; move it away.")
        return shared_secrets.bring(data_dir, instance, name)


def delete_left(
    data_dir: Path, instance: Instance, shared: SharedInstallation, kept_open: Collection[str] = ()
) -> None:
    """Delete what this process has of workspaces that were removed while it was away, or could not open them; nothing
    of those that it has open still.

    Folders that the database knows nothing of are named in the log and stay: they may be an installation's that was
    not copied into it, or the database may be a wrong one.
    """
    folder = paths.workspaces_folder(data_dir)
    with instance.transaction():  # meanwhile nobody makes one
        known = shared.workspaces
        for one in sorted(folder.glob("[!.]*")):
            if one.name in kept_open:
                continue
            try:
                is_none = one.is_dir() and is_other(known.get(one.name), told_apart(data_dir, one.name))
                if one.is_dir() and unfinished.is_left(one):
                    _settle_left(data_dir, one, is_none=is_none)
                elif is_none:
                    _delete_left(data_dir, instance, one)
            except (OSError, UnicodeDecodeError) as error:
                log.warning("%s is left as it is, and not looked at: %s", one, error)
    workspaces.delete_aside(data_dir)


def _settle_left(data_dir: Path, folder: Path, *, is_none: bool) -> None:
    """What a process left that was killed while it made a workspace or took one in is nothing, or is whole. As the
    database may be a wrong one, nothing is deleted that is nowhere else."""
    if is_none and {one.name for one in folder.iterdir()} - workspaces.SECRETS - {unfinished.NOTE}:
        log.warning(STAYS_UNFINISHED, folder)
    elif is_none:
        put_aside(data_dir, folder.name)
        log.warning("removed %s: its workspace was not made to its end", folder)
    else:
        unfinished.end(folder)


def _delete_left(data_dir: Path, instance: Instance, folder: Path) -> None:
    name = folder.name
    if not paths.workspace_path(data_dir, name).exists() and put_aside_removed(data_dir, instance, name):
        log.warning("removed %s: its workspace was removed", folder)
    else:
        log.warning(STAYS, folder)


def put_aside_removed(data_dir: Path, instance: Instance, name: str) -> bool:
    """Put aside what this process has of a workspace that was removed. Returns whether nothing of it is left in place:
    a folder stays unless the audit log says that this very workspace was removed, and not another of its name."""
    folder = paths.workspace_path(data_dir, name).parent
    if folder.exists() and (name, told_apart(data_dir, name)) not in instance.audit.removed_workspaces():
        return False
    put_aside(data_dir, name)
    return True


def put_aside(data_dir: Path, name: str) -> None:
    """Put aside what this process has of a workspace; `workspaces.delete_aside` frees its room."""
    workspaces.put_aside(data_dir, name)
    identity.admin_token_path(data_dir, name).unlink(missing_ok=True)
