"""A rater's own history: their votes, searched and by pages, and the board that these votes alone make."""

import asyncio
from dataclasses import dataclass

import leaderboards
from arena.domain.battle import BattleRecord
from arena.domain.permission import Permission
from arena.domain.principal import Principal
from arena.domain.vote import Vote
from arena.errors import InvalidValue
from arena.services import board_fitting
from arena.services.open_workspace import OpenWorkspace
from arena.services.permitting import demand
from arena.services.ranking import Ranking
from arena.store import battles, history, tally, votes
from arena.store.history import HistorySearch

WORDS_LIMIT = 200
"""Characters that are searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Some of a rater's votes, newest first."""

    votes: tuple[tuple[int, Vote, BattleRecord], ...]
    """Each with the number of its line in the ledger and the battle it judged."""
    found: int
    """On all pages."""
    of: int
    """All votes of the rater."""
    more: bool


class OwnHistory:
    """What a rater sees of their own votes in one workspace."""

    def __init__(self, here: OpenWorkspace) -> None:
        self._store = here.store

    async def search(self, principal: Principal, wanted: HistorySearch, before: int | None, limit: int) -> HistoryPage:
        """The votes of this rater that fit, from before a line of the ledger on; nobody searches another's."""
        demand(principal, Permission.TAKE_PART)
        if len(wanted.words) > WORDS_LIMIT:
            raise InvalidValue(f"q has {len(wanted.words)} characters; {WORDS_LIMIT} is the limit.")
        return await asyncio.to_thread(self._search, principal, wanted, before, limit)

    async def board(self, principal: Principal) -> Ranking:
        """The board of this rater's votes that count or are held, and of nobody else's."""
        demand(principal, Permission.TAKE_PART)
        return await asyncio.to_thread(self._board, principal)

    def _search(self, principal: Principal, wanted: HistorySearch, before: int | None, limit: int) -> HistoryPage:
        with self._store.reading() as connection:
            page = history.search(connection, principal.raters, wanted, before, limit + 1)
            shown = page.sequences[:limit]
            listed = "sequence IN (SELECT unnest(CAST(? AS BIGINT[])))"
            cast = votes.stored(connection, listed, [list(shown)]) if shown else []
            judged = battles.records(connection, [one.vote.battle_id for one in cast])
        return HistoryPage(
            votes=tuple((one.sequence, one.vote, judged[one.vote.battle_id]) for one in reversed(cast)),
            found=page.found,
            of=page.of,
            more=len(page.sequences) > limit,
        )

    def _board(self, principal: Principal) -> Ranking:
        running = leaderboards.Running()
        with self._store.reading() as connection:
            for model_a, model_b, winner, count in tally.of_raters(connection, principal.raters):
                running.add(model_a, model_b, winner, count)
        return board_fitting.fitted(running, {}, self._store.head.hash)
