"""Opening the data directly, when no arena runs on it.

What is in a database is opened as by one more process of the installation, which is there for a moment: for the few
commands that are needed where no arena runs. All others refuse it.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from arena import settings as configuration
from arena.domain.campaign import DEFAULT
from arena.domain.principal import BY_COMMAND, Principal, Role
from arena.errors import NotFound, StoreError
from arena.exports.personal import Recogniser
from arena.services import clock, old_layout, open_workspace, paths, shared_workspaces
from arena.services import identity as identities
from arena.services.auditing import Auditing
from arena.services.fair_shares import FairShares
from arena.services.identity import Identity
from arena.services.inviting import Inviting
from arena.services.memberships import Memberships
from arena.services.open_workspace import OpenWorkspace
from arena.services.signing_in import SigningIn
from arena.settings import Settings
from arena.store import campaigns, opening
from arena.store.instance import Instance


def refuse_database(data_dir: Path, configured: str | None = None) -> None:
    """Raise `StoreError` where the installation is in a database: files of the folder are not it. `configured` is what
    a configuration that the command reads names."""
    note = paths.in_database(data_dir)
    if configuration.database(configured) is not None:
        says = "`database` or ARENA_DATABASE names it"
    elif note.exists():
        says = f"{note} says so"
    else:
        return
    raise StoreError(
        f"This installation is in a database ({says}), which a command reaches through an arena that runs on "
        f"{data_dir}, and none does; start one with `arena serve`, then try again."
    )


@contextmanager
def identity(data_dir: Path, workspace: str) -> Iterator[tuple[Identity, Principal, datetime]]:
    """The tokens of a data directory, with the admin who may read it: whoever may read the files."""
    refuse_database(data_dir)
    paths.make_private(data_dir)
    old_layout.bring_over(data_dir)
    with paths.private_files(), Instance.open(paths.instance_path(data_dir)) as instance:
        identities.first_admin_token(data_dir, instance, workspace, clock.now())
        yield _identity(data_dir, instance, workspace)


@contextmanager
def tokens(data_dir: Path, workspace: str) -> Iterator[tuple[Identity, Principal, datetime]]:
    """The same, or the tokens of the database that is named: whoever has its password may do all."""
    url = configuration.database()
    if url is None:
        with identity(data_dir, workspace) as found:
            yield found
    else:
        with in_database(data_dir, workspace, url) as instance:
            yield _identity(data_dir, instance, workspace)


def _identity(data_dir: Path, instance: Instance, workspace: str) -> tuple[Identity, Principal, datetime]:
    secret = identities.workspace_secret(data_dir, workspace)
    admin = Principal(id=BY_COMMAND, role=Role.ADMIN, workspace=workspace)
    return Identity(instance, secret, workspace, random.SystemRandom()), admin, clock.now()


@contextmanager
def in_database(data_dir: Path, name: str, url: str) -> Iterator[Instance]:
    """An installation in a database, with the secrets of one of its workspaces in the data folder. Raises `NotFound`
    where there is no such workspace: a command makes no empty one by mistake."""
    with paths.private_files(), opening.instance(paths.instance_path(data_dir), url) as instance:
        known = {} if instance.shared is None else instance.shared.workspaces
        if name not in known or not shared_workspaces.bring(data_dir, instance, name):
            raise NotFound(f"The database has no workspace {name}; name another with --workspace.")
        yield instance


@contextmanager
def shared_workspace(data_dir: Path, name: str, url: str) -> Iterator[tuple[OpenWorkspace, Instance]]:
    """A workspace of an installation in a database, beside those who write to it, with the installation."""
    with (
        in_database(data_dir, name, url) as instance,
        open_workspace.opened(data_dir, name, database=url) as opened,
    ):
        yield opened, instance


@contextmanager
def installation(data_dir: Path) -> Iterator[Instance]:
    """Everything of a data directory that is of no workspace."""
    refuse_database(data_dir)
    with paths.private_files(), Instance.open(paths.instance_path(data_dir)) as instance:
        yield instance


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """What commands do with accounts."""

    signing_in: SigningIn
    inviting: Inviting


@contextmanager
def people(data_dir: Path, workspace: str) -> Iterator[tuple[People, Principal]]:
    """The accounts of a data directory, with the admin of a workspace who may read it: whoever may read the files."""
    if workspace != paths.DEFAULT_WORKSPACE:
        existing(data_dir, workspace)
    with identity(data_dir, workspace) as (found, admin, _):
        settings = Settings()
        shares = FairShares(settings.limits, lambda _: False)
        memberships = Memberships(found.instance, lambda _, now: found.unsigned_rater(now))
        signing_in = SigningIn(found.instance, memberships, workspace, shares, random.SystemRandom())
        inviting = Inviting(
            found.instance, signing_in, memberships, shares, lambda name, of: _has_campaign(data_dir, name, of)
        )
        yield People(signing_in=signing_in, inviting=inviting), admin


def _has_campaign(data_dir: Path, name: str, campaign: str) -> bool:
    if campaign == DEFAULT:
        return True
    with workspace(data_dir, name) as here, here.store.reading() as connection:
        return any(change.name == campaign for change in campaigns.changes(connection))


def usual_address() -> str:
    """Where an arena is reached that is told nothing else."""
    settings = Settings()
    return f"http://{settings.host}:{settings.port}"


@contextmanager
def workspace(data_dir: Path, name: str, recogniser: Recogniser | None = None) -> Iterator[OpenWorkspace]:
    """An existing workspace. Raises `NotFound` when there is none: a command makes no empty one by mistake."""
    existing(data_dir, name)
    with paths.private_files(), open_workspace.opened(data_dir, name, recogniser) as opened:
        yield opened


def note(data_dir: Path, workspace: str, did: str, subject: str, reason: str | None = None) -> None:
    """Add to the audit log what a command did in a workspace, as an arena that runs adds what a route did. Where the
    data folder has no accounts yet, there is no log. For what is noted before it is done; else there is `noting`."""
    if paths.instance_path(data_dir).exists():
        with installation(data_dir) as instance:
            add_note(instance, workspace, did, subject, reason)


@contextmanager
def noting(data_dir: Path, workspace: str) -> Iterator[Callable[[str, str], None]]:
    """The same for what is noted once it is done: the log is open from the start, so that a command which cannot open
    it does nothing."""
    refuse_database(data_dir)
    old_layout.bring_over(data_dir)
    if not paths.instance_path(data_dir).exists():
        yield lambda _did, _subject: None
        return
    with installation(data_dir) as instance:
        yield lambda did, subject: add_note(instance, workspace, did, subject)


def add_note(instance: Instance, workspace: str, did: str, subject: str, reason: str | None = None) -> None:
    """Add to an audit log that is open what a command did in a workspace."""
    Auditing(instance).add(workspace, BY_COMMAND, did, subject, clock.now(), "", reason)


@contextmanager
def made(data_dir: Path, name: str) -> Iterator[OpenWorkspace]:
    """A workspace, made where there is none."""
    refuse_database(data_dir)
    paths.make_private(data_dir)
    old_layout.bring_over(data_dir)
    with paths.private_files(), open_workspace.opened(data_dir, name) as opened:
        yield opened


def existing(data_dir: Path, name: str) -> Path:
    """The file of a workspace that exists; `NotFound` otherwise. An earlier arena's is moved first."""
    refuse_database(data_dir)
    old_layout.bring_over(data_dir)
    path = paths.workspace_path(data_dir, name)
    if not path.exists():
        raise NotFound(
            f"{data_dir} has no workspace {name}. Start an arena on it or import votes, or name another with "
            "--data-dir or --workspace."
        )
    return path
