"""Workspaces of an installation that several processes share: each is a schema of the database, and which there are is
said beside the accounts. Made or removed at one process, it is so at the others within seconds.

A process has a folder of its own for each, with secrets that come from the database, and copies.
"""

import secrets
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from arena.errors import Conflict, NotFound
from arena.services import identity, paths, secret_files, shared_secrets, workspaces
from arena.services.auditing import Auditing
from arena.services.workspaces import WorkspaceSize
from arena.store import database, opening
from arena.store.instance import Instance


def make(
    data_dir: Path, instance: Instance, name: str, rules: Mapping[str, Any], who: str, now: datetime, *, url: str
) -> Path:
    """Let there be a workspace, which whoever opens it first fills with tables; returns the file of its admin token.
    Raises `Conflict` for a name that is taken, here or at another process."""
    workspaces.refuse_name(name)
    path = paths.workspace_path(data_dir, name)
    with instance.transaction():
        if path.exists() or not instance.enter_workspace(name):
            raise Conflict(f"There is a workspace {name} already; choose another name.")
        opening.remove_workspace(name, url)  # where a removal ended halfway, its tables hold what another lab had
        shutil.rmtree(path.parent, ignore_errors=True)  # what this process had of one with this name
        database.make_folder(path.parent)
        secret_files.kept(path.with_name(paths.SECRET), secrets.token_hex(32))
        shared_secrets.bring(data_dir, instance, name)
        made = workspaces.enter(data_dir, instance, name, rules, who, "made workspace", now)
        identity.tell_written_token(data_dir, instance, name)
        return made


def sizes(instance: Instance, url: str) -> list[WorkspaceSize]:
    """Every workspace with the bytes of its tables."""
    found = opening.sizes(url)
    return [WorkspaceSize(name=name, bytes=found.get(name, 0)) for name in instance.shared_workspaces or ()]


def leave(instance: Instance, name: str, who: str, now: datetime, *, url: str) -> None:
    """Let nobody find a workspace any more, at any process: its tokens, invitations, roles and audit log go. One that
    was left while its tables could not be deleted is left again. Raises `NotFound`."""
    tables = opening.sizes(url)
    with instance.transaction():
        if not instance.leave_workspace(name) and name not in tables:
            raise NotFound(f"There is no workspace {name}; `arena workspaces list` shows those there are.")
        workspaces.forget(instance, name)
        Auditing(instance).add(None, who, "removed workspace", name, now, "")


def delete(data_dir: Path, name: str, url: str) -> None:
    """Delete the tables of a workspace that was left, and what this process has of it."""
    opening.remove_workspace(name, url)
    delete_copies(data_dir, name)


def delete_copies(data_dir: Path, name: str) -> None:
    """Delete what this process has of a workspace that was left."""
    shutil.rmtree(paths.workspace_path(data_dir, name).parent, ignore_errors=True)
    identity.admin_token_path(data_dir, name).unlink(missing_ok=True)
