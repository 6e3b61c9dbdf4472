"""Leaving: a rater erases themselves, or withdraws the consent to what they gave.

Erased: the rater's prompts, the answers to them, their votes, reasons and edits are gone, and their identity is no
longer known here. Withdrawn: nothing is deleted, but nothing of theirs counts or is released from now on, later votes
included. Either way the ledger stays a valid chain, later releases leave these votes out, and the ids of the votes that
left are published with the next release, for the holders of earlier ones. Releases that are kept here lose their texts
when one of their votes was erased; their ids and signature stay, so that everybody else's proof stays valid.

In a running arena, freed parts of the database file and its log hold what was erased, where no query reaches, until the
arena opens the file the next time and writes it anew; the log says so to the admin.

Copies that others hold, and backups made before, are out of reach. Whoever keeps those has to delete them.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from arena.domain import ids
from arena.domain.account import Member
from arena.domain.ids import RaterId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.removal import RemovalKind
from arena.errors import Conflict, Forbidden, NotFound
from arena.exports.folder import id_tables
from arena.exports.proofs import kept
from arena.exports.writing import atomic_folder
from arena.services import sole_work
from arena.services.auditing import Auditing
from arena.services.exporting import WORK, Exporting
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand, demand_fresh
from arena.store import removals
from arena.store.accounts import Accounts
from arena.store.instance import Instance
from arena.store.writing.commands import DurableRemoval, Remove

log = logging.getLogger(__name__)

FOLLOW_SECONDS = 5.0
"""How often a process looks whether another took texts out of a release."""
ERASED = "erased rater"
"""What the audit log says of it."""


class Withdrawing:
    """Raters who leave."""

    def __init__(self, here: OpenWorkspace, exporting: Exporting, accounts: Accounts) -> None:
        self._here = here
        self._exporting = exporting
        self._accounts = accounts
        self._mark: object = None
        self._known: frozenset[str] = frozenset()
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(sweep, self._here)
        if self._here.store.shared:
            self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    async def _follow(self) -> None:
        """Remove from this folder what other processes took out of releases."""
        seen = 0
        while True:
            try:
                seen = await asyncio.to_thread(self._here.folder.follow, seen)
            except Exception:  # the next look tries again
                log.exception("copies of releases of workspace %s may hold what was erased for now", self._here.name)
            await asyncio.sleep(FOLLOW_SECONDS)

    def gone(self, rater_id: str) -> bool:
        """Whether this rater was erased: their old cookie and token then identify nobody."""
        return self._here.store.was_erased(RaterId(rater_id))

    def rated(self, rater_id: RaterId) -> bool:
        """Whether there is something here that this rater gave."""
        with self._here.store.reading() as connection:
            return removals.concerns(connection, rater_id) and not self.gone(rater_id)

    def withdrawn(self, principal: Principal) -> bool:
        """Whether this rater withdrew: later votes of theirs do not count either."""
        return principal.rater_id in self._withdrawn()

    async def withdraw(self, principal: Principal) -> DurableRemoval:
        """Take all votes and prompts of a rater out of everything that is counted or released from now on."""
        _demand_rater(principal)
        return await self._leave(principal, RemovalKind.WITHDRAWN)

    async def erase(self, principal: Principal, name: str | None = None) -> DurableRemoval:
        """Erase the rater who asks or, for an admin, any rater of whom anything is stored here."""
        if name is None or (principal.is_rater and name == self._here.pseudonyms.name(principal.rater_id)):
            _demand_rater(principal)
            demand_fresh(principal, self._here.now())
            return await self._leave(principal, RemovalKind.ERASED)
        demand(principal, Permission.ADMINISTER)
        demand_fresh(principal, self._here.now())
        member = member_named(self._here, self._accounts, name)
        found = (await asyncio.to_thread(find, self._here, name),) if member is None else member.raters
        removed = await self._remove_all(found, RemovalKind.ERASED)
        await asyncio.to_thread(self._here.note, principal, ERASED, self._here.pseudonyms.name(found[-1]))
        return removed

    def bring(self, member: Member, rater_id: RaterId) -> None:
        """Let a rater whom a member brings along leave as well, where the member has withdrawn."""
        if self._withdrawn().isdisjoint(member.raters):
            return
        with contextlib.suppress(Conflict):  # it left before
            remove_once(self._here, rater_id, RemovalKind.WITHDRAWN)

    def _withdrawn(self) -> frozenset[str]:
        """Who withdrew, here or at another process; read when somebody left since."""
        mark = self._here.store.marks.of("removals")
        if mark is not self._mark:
            with self._here.store.reading() as connection:
                self._known = frozenset(removals.withdrawn(connection))
            self._mark = mark
        return self._known

    async def _leave(self, principal: Principal, kind: RemovalKind) -> DurableRemoval:
        """Remove everybody that a principal was: what their browsers gave before they signed in leaves first."""
        return await self._remove_all((*principal.others, principal.rater_id), kind)

    async def _remove_all(self, raters: Sequence[RaterId], kind: RemovalKind) -> DurableRemoval:
        """Remove raters, all of them one person. `Conflict` where every one had left before."""
        removed = []
        for rater_id in raters:
            try:
                removed.append(await self._remove(rater_id, kind))
            except Conflict:
                if not removed and rater_id == raters[-1]:
                    raise
        return together(removed)

    async def _remove(self, rater_id: RaterId, kind: RemovalKind) -> DurableRemoval:
        removed = await asyncio.to_thread(remove_once, self._here, rater_id, kind)
        if kind is RemovalKind.WITHDRAWN:
            return removed
        log.warning(
            "removal %s erased a rater; freed parts of the database file and its log hold their texts until the "
            "arena starts the next time: restart it to finish",
            removed.removal.removal_id,
        )
        async with self._exporting.between():  # a release that is being written may have been read before the erasure
            await asyncio.to_thread(sweep, self._here)
        return removed


def _demand_rater(principal: Principal) -> None:
    """Raise `Forbidden` for the token of a lab, a trainer or an admin: nobody left with it."""
    if not principal.is_rater:
        raise Forbidden(
            f"Leaving is for raters, and this is the token of a role, {principal.role}. An admin erases a rater with "
            "DELETE /api/v1/raters/RATER_ID, and ends a token with DELETE /api/v1/tokens/TOKEN_ID."
        )


def erase_once(here: OpenWorkspace, instance: Instance, who: str, name: str) -> DurableRemoval:
    """Erase a rater by their name, their texts in kept releases too, once nobody writes a release. One of an
    account leaves with all that the account is here. The audit log says that `who` did it."""
    member = member_named(here, instance.accounts, name)
    removed = []
    raters = (find(here, name),) if member is None else member.raters
    for rater_id in raters:
        with contextlib.suppress(Conflict):  # it left before
            removed.append(remove_once(here, rater_id, RemovalKind.ERASED))
    if not removed:
        raise Conflict(f"Rater {name} is erased already; nothing more is to be done.")
    Auditing(instance).add(here.name, who, ERASED, here.pseudonyms.name(raters[-1]), here.now(), "")
    with sole_work.held(here.store.others, WORK):  # a release that another process writes may have been read before
        sweep(here)
    return together(removed)


def together(removed: Sequence[DurableRemoval]) -> DurableRemoval:
    """The removals of one person as they are told: the last one, with the votes of all."""
    votes = tuple(sorted({vote for one in removed for vote in one.removal.votes}, key=lambda vote: vote[1]))
    return replace(removed[-1], removal=replace(removed[-1].removal, votes=votes))


def member_named(here: OpenWorkspace, accounts: Accounts, name: str) -> Member | None:
    """Whose account a rater belongs to, by their name or stored id, if to any."""
    return accounts.member_of(here.name, lambda rater_id: name in (rater_id, here.pseudonyms.name(rater_id)))


def find(here: OpenWorkspace, name: str) -> RaterId:
    """The stored id of a rater by the name that answers show, or by that id itself.

    Raises `NotFound` for somebody of whom nothing is stored, so that a misspelt name erases nobody.
    """
    with here.store.reading() as connection:
        if name and removals.concerns(connection, RaterId(name)):
            return RaterId(name)
        found = here.pseudonyms.find(name, removals.raters(connection))
        if found is not None:
            return found
        if here.pseudonyms.is_among(name, removals.erased(connection)):
            raise Conflict(f"Rater {name} is erased already; nothing more is to be done.")
    raise NotFound(
        f"Rater {name} has no battle and no vote here, so nothing was erased; check the id, or the names of the "
        "source and the judge it stands for."
    )


def remove_once(here: OpenWorkspace, rater_id: RaterId, kind: RemovalKind) -> DurableRemoval:
    """Remove a rater from the workspace; kept releases are another matter (`sweep`)."""
    now = here.now()
    removal_id = ids.mint("x", now, here.chance)
    return here.store.submit(Remove(removal_id=removal_id, rater_id=rater_id, kind=kind, removed_at=now)).result()


def sweep(here: OpenWorkspace) -> tuple[Path, ...]:
    """Delete the texts of every kept release that holds an erased vote, and the remains of dead exports. Returns those
    releases."""
    atomic_folder.remove_unfinished(here.releases)
    with here.store.reading() as connection:
        erased = removals.erased_votes(connection)
    if erased:
        here.folder.bring_erased(erased)
    swept = []
    for folder in sorted(here.releases.glob("rel_*")) if erased else ():
        if (folder / "data").exists() and any(item.vote_id in erased for item in id_tables.items(folder)):
            kept.forget_texts(folder, here.signer, kept.ERASED)
            swept.append(folder)
            log.warning("took the texts out of release %s: it held erased votes", folder.name)
    here.folder.drop_texts()
    return tuple(swept)
