"""What a rater gave, and what became of it: their votes with receipts, and the releases that used them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arena.domain.battle import BattleRecord
from arena.domain.consent import Scope
from arena.domain.ids import VoteId
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.errors import NotFound
from arena.exports.folder import id_tables
from arena.exports.proofs import statements
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.store import battles, consent_choices, ledger_rows, releases, removals, votes
from arena.store.releases import ReleaseSummary
from arena.store.writing.commands import CastResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One vote with its receipt, and the battle it judged."""

    cast: CastResult
    record: BattleRecord
    signature: Mapping[str, Any]
    """Over what the receipt says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A release kept here that holds votes of the rater."""

    release: ReleaseSummary
    vote_ids: tuple[str, ...]
    of: int
    """Votes in the release, of everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """Everything of one rater."""

    given: tuple[Contribution, ...]
    """Newest first."""
    uses: tuple[Use, ...]
    """Newest release first."""
    withdrawn: bool
    """Whether the rater withdrew consent: nothing of theirs counts or is released any more."""
    scope: Scope
    """What their prompts and votes may be used for."""


class Contributing:
    """Contributions to one workspace."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._workspace = here.store
        self._signer = here.signer
        self._folder = here.folder

    async def own(self, principal: Principal) -> Contributions:
        """What this rater gave; nobody sees another's."""
        demand(principal, Permission.TAKE_PART)
        return await asyncio.to_thread(self._own, principal)

    def _own(self, principal: Principal) -> Contributions:
        with self._workspace.reading() as connection:
            mine = "rater_id IN (SELECT unnest(CAST(? AS VARCHAR[])))"
            cast = votes.stored(connection, mine, [list(principal.raters)])
            found = ledger_rows.of_votes(connection, [one.vote.vote_id for one in cast])
            judged = battles.records(connection, [one.vote.battle_id for one in cast])
            listed = releases.listed(connection)
            withdrawn = principal.rater_id in removals.withdrawn(connection)
            scope = consent_choices.scope_of(connection, principal.rater_id)
        given = [
            self._given(
                CastResult(vote=one.vote, line=found[one.vote.vote_id], **one.opener._asdict(), replayed=False),
                judged[one.vote.battle_id],
            )
            for one in cast
        ]
        own = {str(one.vote.vote_id) for one in cast}
        uses = [use for release in listed if own and (use := self._use(release, own)) is not None]
        return Contributions(given=tuple(reversed(given)), uses=tuple(reversed(uses)), withdrawn=withdrawn, scope=scope)

    async def receipt(self, principal: Principal, vote_id: str) -> Contribution:
        """One vote of this rater, to keep what opens its commitment. Another's is not found, as if absent."""
        demand(principal, Permission.TAKE_PART)

        def load() -> Contribution:
            with self._workspace.reading() as connection:
                cast = votes.result(connection, VoteId(vote_id))
                record = battles.load(connection, cast.vote.battle_id)
            if record is None or cast.vote.rater_id not in principal.raters:
                raise NotFound(f"There is no vote {vote_id} of yours; GET /api/v1/me/contributions lists them.")
            return self._given(cast, record)

        return await asyncio.to_thread(load)

    def _given(self, cast: CastResult, record: BattleRecord) -> Contribution:
        signed = self._signer.sign(statements.receipt(cast.vote.vote_id, cast.line))
        return Contribution(cast=cast, record=record, signature=signed.to_dict())

    def _use(self, release: ReleaseSummary, own: set[str]) -> Use | None:
        """What a release holds of these votes; None where that is nothing, or the release is not kept here."""
        try:
            held = id_tables.vote_ids(self._folder.ids(release.release_id))
        except FileNotFoundError:
            return None
        mine = tuple(vote_id for vote_id in held if vote_id in own)
        return Use(release=release, vote_ids=mine, of=len(held)) if mine else None
