"""Proving that a vote is in a release: to its rater, who is also given what opens it, and to whoever reads releases."""

import asyncio
from dataclasses import dataclass
from typing import Any

from arena.domain import ledger, permission
from arena.domain.ids import ReleaseId, VoteId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import NotFound
from arena.exports.folder.manifest import LedgerHead
from arena.exports.proofs import receipts
from arena.exports.proofs.receipts import Proof
from arena.exports.writing import pseudonyms
from arena.services.open_workspace import OpenWorkspace
from arena.store import battles, releases, votes
from arena.store.writing.commands import CastResult, RecordRelease

"""Who may read every release, and so may ask about any vote in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """A proof that a vote is in a release and, for its rater alone, what opens it."""

    proof: Proof
    contributor: str | None
    """The rater's pseudonym in this release: whose share in its credit is theirs."""
    salt: str | None
    content: dict[str, Any] | None
    """What was committed to: the commitment is the SHA-256 of the salt and this content's canonical JSON."""


class Proving:
    """Proofs from the releases that a workspace keeps."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._workspace = here.store
        self._folder = here.folder
        self._name_key = here.name_key

    async def prove(self, principal: Principal, release_id: str, vote_id: str) -> Inclusion:
        """The proof. `NotFound` says why there is none; another rater's vote is not found, as if absent."""
        return await asyncio.to_thread(self._prove, principal, ReleaseId(release_id), VoteId(vote_id))

    def _prove(self, principal: Principal, release_id: ReleaseId, vote_id: VoteId) -> Inclusion:
        cast = self._visible(principal, vote_id)
        with self._workspace.reading() as connection:
            recorded = releases.load(connection, release_id)
        if recorded is None:
            raise NotFound(f"There is no release {release_id}; ask for one that is finished.")
        directory = self._folder.ids(release_id)
        if not directory.is_dir():
            raise NotFound(
                f"Release {release_id} is not kept here; whoever holds its folder can prove the vote with "
                "`arena release prove DIR VOTE_ID`."
            )
        proof = receipts.prove(directory, vote_id)
        if cast is None or cast.vote.rater_id not in principal.raters:
            return Inclusion(proof=proof, contributor=None, salt=None, content=None)
        return self._opened(proof, cast, recorded)

    def _visible(self, principal: Principal, vote_id: VoteId) -> CastResult | None:
        """The vote, if this principal may ask about it; None for one that is gone from here."""
        try:
            with self._workspace.reading() as connection:
                cast = votes.result(connection, vote_id)
        except NotFound:
            if permission.may(principal, Permission.EXPORT):
                return None
            raise
        if not permission.may(principal, Permission.EXPORT) and cast.vote.rater_id not in principal.raters:
            raise NotFound(f"There is no vote {vote_id} here; check the id.")
        return cast

    def _opened(self, proof: Proof, cast: CastResult, recorded: RecordRelease) -> Inclusion:
        with self._workspace.reading() as connection:
            record = battles.load(connection, cast.vote.battle_id)
        position = recorded.manifest["ledger_head"]
        head = None if position is None else LedgerHead(**position)
        name = pseudonyms.keyed(self._name_key, recorded.manifest["selection"], head)
        return Inclusion(
            proof=proof,
            contributor=name(cast.vote.rater_id),
            salt=cast.salt,
            content=None if record is None else ledger.content(cast.vote, record, cast.version),
        )
