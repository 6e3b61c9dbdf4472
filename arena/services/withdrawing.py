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
from pathlib import Path
from typing import Self

from arena.domain import ids
from arena.domain.ids import RaterId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.removal import RemovalKind
from arena.errors import Conflict, Forbidden, NotFound
from arena.exports.folder import id_tables
from arena.exports.proofs import kept
from arena.exports.writing import atomic_folder
from arena.services.exporting import Exporting
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import removals
from arena.store.writing.commands import DurableRemoval, Remove

log = logging.getLogger(__name__)


class Withdrawing:
    """Raters who leave."""

    def __init__(self, here: OpenWorkspace, exporting: Exporting) -> None:
        self._here = here
        self._exporting = exporting
        with here.store.reading() as connection:
            self._withdrawn = set(removals.withdrawn(connection))

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(sweep, self._here)
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    def gone(self, rater_id: str) -> bool:
        """Whether this rater was erased: their old cookie and token then identify nobody."""
        return self._here.store.was_erased(RaterId(rater_id))

    def withdrawn(self, principal: Principal) -> bool:
        """Whether this rater withdrew: later votes of theirs do not count either."""
        return principal.rater_id in self._withdrawn

    async def withdraw(self, principal: Principal) -> DurableRemoval:
        """Take all votes and prompts of a rater out of everything that is counted or released from now on."""
        _demand_rater(principal)
        return await self._leave(principal, RemovalKind.WITHDRAWN)

    async def erase(self, principal: Principal, name: str | None = None) -> DurableRemoval:
        """Erase the rater who asks or, for an admin, any rater of whom anything is stored here."""
        if name is None or (principal.is_rater and name == self._here.pseudonyms.name(principal.rater_id)):
            _demand_rater(principal)
            return await self._leave(principal, RemovalKind.ERASED)
        demand(principal, Permission.ADMINISTER)
        return await self._remove(await asyncio.to_thread(find, self._here, name), RemovalKind.ERASED)

    async def _leave(self, principal: Principal, kind: RemovalKind) -> DurableRemoval:
        """Remove everybody that a principal was: what their browsers gave before they signed in leaves first."""
        for rater_id in principal.others:
            with contextlib.suppress(Conflict):  # it left before
                await self._remove(rater_id, kind)
        return await self._remove(principal.rater_id, kind)

    async def _remove(self, rater_id: RaterId, kind: RemovalKind) -> DurableRemoval:
        removed = await asyncio.to_thread(remove_once, self._here, rater_id, kind)
        if kind is RemovalKind.WITHDRAWN:
            self._withdrawn.add(rater_id)
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


def erase_once(here: OpenWorkspace, name: str) -> DurableRemoval:
    """Erase a rater by their name, their texts in kept releases too, where nobody writes a release meanwhile."""
    removed = remove_once(here, find(here, name), RemovalKind.ERASED)
    sweep(here)
    return removed


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
    swept = []
    for folder in sorted(here.releases.glob("rel_*")) if erased else ():
        if (folder / "data").exists() and any(item.vote_id in erased for item in id_tables.items(folder)):
            kept.forget_texts(folder, here.signer, kept.ERASED)
            swept.append(folder)
            log.warning("took the texts out of release %s: it held erased votes", folder.name)
    return tuple(swept)
