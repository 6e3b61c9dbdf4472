"""The installation: one data folder and the workspaces of it that this process has open.

    async with installation.opened(settings) as arena:
        services = arena.of(principal)

Every request is answered by the services of its principal's workspace, so nobody reaches into another one's.
"""

import asyncio
import functools
import logging
import math
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from arena.domain.account import Invitation, Member
from arena.domain.ids import BattleId, RaterId
from arena.domain.model import Model
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import Conflict, Forbidden, NotFound, StoreError
from arena.exports.writing import atomic_folder
from arena.services import (
    asking_sql,
    clock,
    identity,
    installation_backup,
    moving,
    old_layout,
    paths,
    roster,
    shared_secrets,
    shared_workspaces,
    workspace_services,
    workspaces,
)
from arena.services import organisation as organisations
from arena.services.backups import refuse_folder
from arena.services.fair_shares import FairShares
from arena.services.inviting import Inviting
from arena.services.memberships import Memberships
from arena.services.organisation import Organisation
from arena.services.permitting import demand
from arena.services.signing_in import SigningIn
from arena.services.workspace_services import Services
from arena.services.workspaces import WorkspaceSize
from arena.settings import Settings
from arena.store import opening, process_names
from arena.store.instance import Instance

log = logging.getLogger(__name__)

FOLLOW_SECONDS = 1.0
"""How often a process looks which workspaces others made and removed."""
CLOSED_SECONDS = 10.0
"""How long a workspace that could not be opened is left alone: to try, all of it is read."""
EVERY_WORKSPACE = "This concerns every workspace of the installation."


class Installation:
    """The open workspaces of a data folder. Made by `opened`."""

    def __init__(self, settings: Settings, instance: Instance) -> None:
        self.settings = settings
        self.instance = instance
        self.process = process_names.made()
        """What this process is called: by others that share its database, and by whoever watches it."""
        self.shares = FairShares(settings.limits, self._is_live)
        self.new_admin_token: Path | None = None
        """Where the admin token was written, on first start only."""
        self._exits: dict[str, AsyncExitStack] = {}
        self._open: dict[str, Services] = {}
        self._ids: dict[str, str] = {}
        """What tells each from others that had its name, or will have it."""
        self._known: Mapping[str, str] | None = None
        """Which workspaces the database had at the last look."""
        self._opening = asyncio.Lock()
        self._queries = asyncio.Semaphore(asking_sql.AT_ONCE)
        self._tried: dict[str, float] = {}
        """When workspaces that stay closed were tried last."""
        self.memberships = Memberships(instance, self._new_rater, self._brought, self._renewed)
        self.signing_in = SigningIn(instance, self.memberships, settings.workspace, self.shares, random.SystemRandom())
        entering = instance, self.signing_in, self.memberships, self.shares
        self.inviting = Inviting(*entering, self._has_campaign, self._entered)
        self._organisation = organisations.configured(settings, *entering)

    @property
    def default(self) -> Services:
        """The services of the workspace that answers who has no identity yet."""
        return self._open[self.settings.workspace]

    @property
    def organisation(self) -> Organisation:
        """Sign-in with the organisation of the configuration; `NotFound` where there is none."""
        if self._organisation is None:
            raise NotFound("This arena knows no organisation to sign in with. Sign in with e-mail and password.")
        return self._organisation

    def of(self, principal: Principal) -> Services:
        """The services of a principal's workspace; `NotFound`, as if absent, for one that is not open here."""
        found = self._open.get(principal.workspace)
        if found is None:
            raise NotFound("There is no such workspace here.")
        return found

    def named(self, name: str) -> Services | None:
        """The services of a workspace by its name, for whoever has found out that they may know of it."""
        return self._open.get(name)

    def find_rater(self, value: str) -> tuple[Services, Principal] | None:
        """The rater a signed value belongs to, and the workspace it was signed for."""
        for one in self._open.values():
            found = one.identity.bearer(value)
            if found is not None:
                return one, found
        return None

    def holder(self, token: str, now: datetime) -> Principal | None:
        """Whoever carries a token, as what they rate; None where it is unknown or revoked."""
        found = self.instance.find_token(token)
        of = None if found is None else self._open.get(found.workspace)
        return found if found is None or of is None else self.memberships.holder(found, now, of.withdrawing.gone)

    async def open(self, name: str, models: Sequence[Model] = ()) -> Services:
        """Open a workspace, made where there is none, with the models that are compared in it; what is open stays."""
        async with self._opening:
            return self._open[name] if name in self._open else await self._opened(name, models)

    async def _opened(self, name: str, models: Sequence[Model]) -> Services:
        exits = AsyncExitStack()
        self._ids[name] = await asyncio.to_thread(shared_workspaces.told_apart, self.settings.data_dir, name)
        opening = workspace_services.opened(self.settings, self.instance, name, models, self._queries, self.process)
        found = self._open[name] = await exits.enter_async_context(opening)
        self._exits[name] = exits
        try:
            await asyncio.to_thread(self.memberships.gather, name, found.withdrawing.rated)
        except BaseException:
            del self._open[name], self._exits[name]
            await exits.aclose()
            raise
        return found

    async def open_other(self, name: str) -> None:
        """Open one workspace more; where that fails, whatever it holds, the others go on, and the log says why. One
        that never had an admin token, because it is a copy or what made it was killed, gets one."""
        try:
            if await asyncio.to_thread(shared_workspaces.bring, self.settings.data_dir, self.instance, name):
                await self.open(name)
                first = functools.partial(identity.first_admin_token, self.settings.data_dir, self.instance)
                if (written := await asyncio.to_thread(first, name, clock.now())) is not None:
                    log.warning("workspace %s had no admin token; one is in %s", name, written)
        except StoreError as error:
            log.error("workspace %s stays closed: %s", name, error)
        except Exception:
            log.exception("workspace %s stays closed: it holds what no arena writes", name)

    async def close(self, name: str) -> None:
        """Close a workspace, if it is open; nobody finds it any more."""
        async with self._opening:
            if self._open.pop(name, None) is not None:
                await self._exits.pop(name).aclose()

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Inside it, workspaces that other processes make are opened here, and those that they remove are closed."""
        if self.settings.database is None:
            yield
            return
        following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            try:
                await self.open_shared()
                await asyncio.to_thread(self._tell_tokens)
            except Exception:  # the next look tries again
                log.exception("which workspaces there are is not known for now")

    def _tell_tokens(self) -> None:
        """Let the others know of admin tokens that somebody put into this data folder."""
        for name in [*self._open]:
            identity.tell_written_token(self.settings.data_dir, self.instance, name)

    async def open_shared(self) -> None:
        """Have those workspaces open that the database has, and no others."""
        shared, data_dir = self.instance.shared, self.settings.data_dir
        if shared is None:
            return
        known = shared.workspaces
        for name in [*self._open]:
            if name != self.settings.workspace and shared_workspaces.is_other(known.get(name), self._ids[name]):
                await self.close(name)
        if known != self._known:
            own = self.settings.workspace
            if own in self._open and shared_workspaces.is_other(known.get(own), self._ids[own]):
                log.error("workspace %s, which the configuration names, was removed: start this process anew", own)
            await asyncio.to_thread(shared_workspaces.delete_left, data_dir, self.instance, shared, set(self._open))
            self._known = known
        for name in known:
            if name not in self._open and time.monotonic() - self._tried.get(name, -math.inf) >= CLOSED_SECONDS:
                await self.open_other(name)
                if name not in self._open:
                    self._tried[name] = time.monotonic()

    async def close_all(self) -> None:
        """Close every workspace, the last one opened first."""
        for name in reversed(list(self._open)):
            await self.close(name)

    async def workspaces(self, principal: Principal) -> list[WorkspaceSize]:
        """Every workspace with its size, for the operator."""
        self.demand_operator(principal)
        if self.settings.database is not None and (shared := self.instance.shared) is not None:
            return await asyncio.to_thread(shared_workspaces.sizes, shared, self.settings.database)
        return await asyncio.to_thread(workspaces.sizes, self.settings.data_dir)

    async def make(self, principal: Principal, name: str, rules: Mapping[str, bool], now: datetime) -> Path:
        """Make a workspace and open it; returns the file of its admin token. For the operator."""
        self.demand_operator(principal)
        data_dir, url, shared = self.settings.data_dir, self.settings.database, self.instance.shared
        make: Callable[..., Path] = workspaces.make
        if url is not None and shared is not None:
            make = functools.partial(shared_workspaces.make, url=url, shared=shared)
        made = await asyncio.to_thread(make, data_dir, self.instance, name, rules, principal.id, now)
        await self.close(name)  # one of this name that another process removed a moment ago
        await self.open(name)
        return made

    async def export(self, principal: Principal, directory: Path) -> Path:
        """Write a workspace into a new folder on the machine, for another installation. For its admin, where they may
        name files there."""
        self.demand_machine(principal, [directory])
        services = self.of(principal)
        async with services.exporting.between():
            await services.exporting.bring_all()
            return await services.backups.export(principal, directory)

    async def take_in(self, principal: Principal, directory: Path, name: str | None, now: datetime) -> tuple[str, Path]:
        """Take in a workspace that another installation wrote, and open it; returns its name and the file of its admin
        token. For the operator."""
        self.demand_operator(principal)
        data_dir, url, shared = self.settings.data_dir, self.settings.database, self.instance.shared
        take_in: Callable[..., tuple[str, Path]] = moving.take_in
        if url is not None and shared is not None:
            take_in = functools.partial(shared_workspaces.take_in, url=url, shared=shared)
        found = await asyncio.to_thread(take_in, data_dir, self.instance, directory, name, principal.id, now)
        await self.open(found[0])
        return found

    async def remove(self, principal: Principal, name: str, now: datetime) -> None:
        """Close a workspace and delete everything in it. For the operator."""
        self.demand_operator(principal)
        if name == self.settings.workspace:
            raise Conflict("This workspace is the one of the configuration, and is not removed while the arena runs.")
        data_dir = self.settings.data_dir
        if (url := self.settings.database) is not None and (shared := self.instance.shared) is not None:
            leave = functools.partial(shared_workspaces.leave, url=url, shared=shared)
            await asyncio.to_thread(leave, self.instance, name, principal.id, now)
            await self.close(name)
            delete = functools.partial(shared_workspaces.delete, url=url, shared=shared)
            await asyncio.to_thread(delete, data_dir, self.instance, name)
            return
        await self.close(name)
        await asyncio.to_thread(workspaces.remove, data_dir, self.instance, name, principal.id, now)

    def demand_machine(self, principal: Principal, named: Iterable[Path]) -> None:
        """Raise `Forbidden` where somebody who may not use these files of the machine names them: they may be another
        lab's.

        In the default workspace its admins may name any outside the data folder; all else is for the token that was
        written when the workspace was made.
        """
        self.demand_admin(principal)
        data_dir = self.settings.data_dir.resolve()
        ours = any(_inside(path, data_dir) for path in named)
        if ours or principal.workspace != self.settings.workspace:
            self._demand_written(principal, "Files on the arena's machine may belong to another workspace.")

    def demand_admin(self, principal: Principal) -> None:
        """Raise `Forbidden` for everybody but an admin of the workspace."""
        demand(principal, Permission.ADMINISTER)

    def change_rules(self, principal: Principal, changes: Mapping[str, bool | int | str], now: datetime) -> None:
        """Change who may enter a workspace, what it shows, and what it takes on. For its admin."""
        self.demand_admin(principal)
        with self.instance.transaction():
            self.instance.workspaces.change(principal.workspace, changes, now)
            said = ", ".join(f"{name} = {str(value).lower()}" for name, value in changes.items())
            self.signing_in.auditing.note(principal, "changed settings", said, now)

    async def backup(self, principal: Principal, directory: Path) -> Path:
        """Write all of the installation into a new folder, its secrets too; for whoever holds the token that the first
        start wrote. No release is written and no text of an erased rater taken out of one meanwhile."""
        self.demand_operator(principal)
        refuse_folder(directory)
        served = {name: one.workspace for name, one in self._open.items()}
        async with AsyncExitStack() as held:
            for one in list(self._open.values()):  # meanwhile others make and remove some
                await held.enter_async_context(one.exporting.between())
                await one.exporting.bring_all()
            data_dir = self.settings.data_dir
            written = await asyncio.to_thread(installation_backup.write, data_dir, directory, self.instance, served)
        await asyncio.to_thread(
            self.signing_in.auditing.note, principal, "backed up the installation", str(written), clock.now()
        )
        return written

    def demand_operator(self, principal: Principal) -> None:
        """Raise `Forbidden` for everybody but the holder of the token that the first start wrote."""
        if principal.workspace != self.settings.workspace:
            raise Forbidden(f"{EVERY_WORKSPACE} It is for its operator.")
        self._demand_written(principal, EVERY_WORKSPACE)

    def _demand_written(self, principal: Principal, why: str) -> None:
        """Raise `Forbidden` for everybody but the holder of the token that lies in the data folder."""
        path = identity.admin_token_path(self.settings.data_dir, principal.workspace)
        if identity.written_token(self.settings.data_dir, self.instance, principal.workspace) != principal.id:
            raise Forbidden(f"{why} This is for its operator, who holds the token in {path.name} of the data folder.")

    async def drain(self, seconds: float) -> None:
        """Open no battle any more, and let those being written finish; what has not after so long is void."""
        await asyncio.gather(*(one.battling.writing.drain(seconds) for one in self._open.values()))
        await asyncio.gather(*(one.feed.close() for one in self._open.values()))

    def _new_rater(self, workspace: str, now: datetime) -> RaterId:
        return self._open[workspace].identity.unsigned_rater(now)

    def _has_campaign(self, workspace: str, campaign: str) -> bool:
        of = self._open.get(workspace)
        return of is not None and of.campaigns.find(campaign) is not None

    def _brought(self, member: Member, rater_id: RaterId) -> None:
        if (of := self._open.get(member.workspace)) is not None:
            of.withdrawing.bring(member, rater_id)
            of.standing.bring((*member.raters, rater_id))

    def _renewed(self, member: Member) -> None:
        if (of := self._open.get(member.workspace)) is not None:
            of.standing.carry(member.former, member.rater_id)

    def _entered(self, member: Member, invitation: Invitation) -> None:
        if (of := self._open.get(member.workspace)) is not None:
            principal = Principal(
                id=member.rater_id,
                role=member.role,
                workspace=member.workspace,
                account=member.account_id,
                others=member.others,
            )
            of.standing.grant(RaterId(invitation.invitation_id), principal)

    def _is_live(self, battle_id: BattleId) -> bool:
        return any(one.battling.writing.is_live(battle_id) for one in self._open.values())


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Installation]:
    """Open the data folder and the workspace of the settings with its models; close it all on the way out."""
    models = roster.configured(settings)
    data_dir = settings.data_dir
    _refuse_files(settings)
    installation_backup.refuse_unfinished(data_dir)
    paths.make_private(data_dir)
    old_layout.bring_over(data_dir)
    atomic_folder.remove_unfinished(paths.workspaces_folder(data_dir))  # workspaces that were being taken in
    workspaces.delete_aside(data_dir)
    async with AsyncExitStack() as exits:
        instance = exits.enter_context(opening.instance(paths.instance_path(data_dir), settings.database))
        if settings.database is not None:
            paths.in_database(data_dir).touch()
            opening.delete_aside(settings.database)
        if instance.shared is not None:
            instance.shared.enter_workspace(settings.workspace)
            shared_secrets.bring(data_dir, instance, settings.workspace)
        arena = Installation(settings, instance)
        exits.push_async_callback(arena.close_all)
        await arena.open(settings.workspace, models)
        await arena.open_shared()
        for name in () if settings.database else paths.workspaces(data_dir):
            if name != settings.workspace:
                await arena.open_other(name)
        await exits.enter_async_context(arena.following())
        arena.new_admin_token = identity.first_admin_token(data_dir, instance, settings.workspace, clock.now())
        identity.tell_written_token(data_dir, instance, settings.workspace)
        yield arena


def _refuse_files(settings: Settings) -> None:
    """Raise `StoreError` for files of a folder whose installation is in a database: an arena that lost the setting
    would make an empty installation, with a new admin token, and take votes into it."""
    note = paths.in_database(settings.data_dir)
    if settings.database is None and note.exists():
        raise StoreError(
            f"This installation is in a database ({note} says so), and none is set. Set `database` in the "
            f"configuration or ARENA_DATABASE; if the files of {settings.data_dir} are meant, remove {note} first."
        )


def _inside(path: Path, folder: Path) -> bool:
    """Whether a path leads into a folder. What can be no path leads nowhere; whoever opens it says so."""
    try:
        return path.resolve().is_relative_to(folder)
    except (ValueError, OSError):
        return False
