"""Workspaces as such: making one, telling how large each is, and removing one. For the operator, who sees no content.

A new workspace has a secret of its own beside its database, so that the values of its raters do not hang on the
installation it was made in.
"""

import contextlib
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from arena.domain.model import SLUG
from arena.errors import Conflict, InvalidValue, NotFound
from arena.services import identity, open_workspace, paths, secret_files
from arena.services.auditing import Auditing
from arena.store import database
from arena.store.audit_entries import REMOVED_WORKSPACE
from arena.store.instance import Instance

ASIDE = "removed"
"""How names of folders end that are deleted."""
SECRETS = {paths.SECRET, paths.NAMES, paths.RELEASE_KEY}
"""What is made in a folder before there is a workspace in it."""
CLOSED = {"anonymous": False, "public_board": False}
"""The rules of a workspace for which nothing else was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceSize:
    """What an operator sees of a workspace."""

    name: str
    bytes: int


def make(data_dir: Path, instance: Instance, name: str, rules: Mapping[str, Any], who: str, now: datetime) -> Path:
    """Make a workspace; returns the file of its admin token. Raises `Conflict` for a name that is taken."""
    refuse_name(name)
    folder = paths.workspace_path(data_dir, name).parent
    database.make_folder(folder.parent)
    with secret_files.locked(folder.parent):  # what another request has made of one is not what a kill left
        if folder.exists() and {one.name for one in folder.iterdir()} - SECRETS:
            raise Conflict(f"There is a workspace {name} already; choose another name.")
        database.make_folder(folder)
        secret_files.kept(folder / paths.SECRET, secrets.token_hex(32))
        with open_workspace.opened(data_dir, name):
            pass
        return enter(data_dir, instance, name, rules, who, "made workspace", now)


def refuse_name(name: str) -> None:
    """Raise `InvalidValue` for what can name no workspace."""
    if SLUG.fullmatch(name) is None:
        raise InvalidValue(f"{name!r} cannot name a workspace; it is 3 to 64 of a-z, 0-9, dot, dash and underscore.")


def enter(
    data_dir: Path,
    instance: Instance,
    name: str,
    rules: Mapping[str, Any],
    who: str,
    did: str,
    now: datetime,
    reason: str | None = None,
) -> Path:
    """Let the installation know of a new workspace; returns the file of its admin token."""
    with instance.transaction():
        forget(instance, name)  # of one with this name whose removal a kill ended halfway
        identity.first_admin_token(data_dir, instance, name, now)
        instance.workspaces.change(name, rules, now)
        Auditing(instance).add(name, who, did, name, now, "", reason)
    return identity.admin_token_path(data_dir, name)


def sizes(data_dir: Path) -> list[WorkspaceSize]:
    """Every workspace with the bytes of its folder."""
    return [
        WorkspaceSize(
            name=name,
            bytes=sum(
                file.stat().st_size for file in paths.workspace_path(data_dir, name).parent.rglob("*") if file.is_file()
            ),
        )
        for name in paths.workspaces(data_dir)
    ]


def remove(data_dir: Path, instance: Instance, name: str, who: str, now: datetime) -> None:
    """Delete a workspace that nobody has open, with its tokens, invitations, roles and audit log. Accounts stay."""
    if name not in paths.workspaces(data_dir):
        raise NotFound(f"There is no workspace {name}; `arena workspaces list` shows those there are.")
    put_aside(data_dir, name)
    with instance.transaction():
        forget(instance, name)
        Auditing(instance).add(None, who, REMOVED_WORKSPACE, name, now, "")
    identity.admin_token_path(data_dir, name).unlink(missing_ok=True)
    delete_aside(data_dir)


def put_aside(data_dir: Path, name: str) -> None:
    """Let the folder of a workspace be gone at once, whatever ends this process."""
    folder = paths.workspace_path(data_dir, name).parent
    going = folder.with_name(f".{name}.{ASIDE}")
    shutil.rmtree(going, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        folder.rename(going)
        database.sync(folder.parent)


def delete_aside(data_dir: Path) -> None:
    """Delete the folders that were put aside, those that an earlier process left too."""
    for folder in paths.workspaces_folder(data_dir).glob(f".*.{ASIDE}"):
        shutil.rmtree(folder, ignore_errors=True)


def forget(instance: Instance, name: str) -> None:
    """Drop what the installation keeps of a workspace, so that the next lab under this name reads nothing of it."""
    for member in instance.accounts.members_of(name):
        instance.accounts.leave(member.account_id, name)
    instance.invitations.forget(name)
    instance.forget_tokens(name)
    instance.workspaces.forget(name)
    instance.webhooks.forget(name)
    instance.audit.forget(name)
